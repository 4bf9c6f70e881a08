#include "services/session/log/sql_event_log.h"

#include <stdlib.h>

#include <filesystem>
#include <stdexcept>

#include "services/session/log/event_log_contract.h"

namespace greenroom::session {
namespace {

std::string NewDirectory() {
  std::string path = testing::TempDir() + "event_log_XXXXXX";
  if (mkdtemp(path.data()) == nullptr) throw std::runtime_error("no directory " + path);
  return path;
}

// Two databases of one file, as two processes have.
class SqliteUnderTest : public EventLogUnderTest {
 public:
  SqliteUnderTest() : directory_(NewDirectory()), first_(directory_), second_(directory_) {}
  ~SqliteUnderTest() override { std::filesystem::remove_all(directory_); }
  EventLog& log() override { return *first_.log; }
  EventLog& other_handle() override { return *second_.log; }

 private:
  struct Handle {
    explicit Handle(const std::string& directory) {
      database = sql::Database::Open("sqlite:" + directory + "/log.db").value();
      log = SqlEventLog::Open(*database).value();
    }
    std::unique_ptr<sql::Database> database;
    std::unique_ptr<SqlEventLog> log;
  };

  std::string directory_;
  Handle first_;
  Handle second_;
};

INSTANTIATE_TEST_SUITE_P(Sqlite, EventLogContract,
                         testing::Values(EventLogMaker([] { return std::make_unique<SqliteUnderTest>(); })));

class SqlEventLogTest : public testing::Test {
 protected:
  SqlEventLogTest() : directory_(NewDirectory()) { Open(); }
  ~SqlEventLogTest() override {
    log_.reset();
    database_.reset();
    std::filesystem::remove_all(directory_);
  }

  void Open() {
    log_.reset();
    database_.reset();
    auto opened = sql::Database::Open("sqlite:" + directory_ + "/log.db");
    ASSERT_TRUE(opened.ok()) << opened.status();
    database_ = *std::move(opened);
    auto made = SqlEventLog::Open(*database_);
    ASSERT_TRUE(made.ok()) << made.status();
    log_ = *std::move(made);
  }
  void Execute(const std::string& sql) {
    auto connection = database_->Connect();
    ASSERT_TRUE(connection.ok()) << connection.status();
    auto changed = (*connection)->Execute(sql);
    ASSERT_TRUE(changed.ok()) << changed.status();
    ASSERT_EQ(*changed, 1);
  }
  void AppendOne() {
    Event event;
    event.learner = {"acme", "ada"};
    event.seq = 1;
    event.event_id = TestId(1);
    event.session = TestId(1);
    event.occurred_time = event.received_time = TestTime(0);
    event.payload.mutable_created()->set_revision("tenants/acme/packs/p/revisions/r1");
    event.kind = KindOf(event.payload);
    auto outcome = SyncWait(log_->Append({event}, absl::Now() + absl::Seconds(10)));
    ASSERT_TRUE(outcome.ok()) << outcome.status();
    ASSERT_EQ(*outcome, AppendOutcome::kWritten);
  }
  absl::StatusOr<std::optional<Event>> Find() {
    return SyncWait(log_->FindEvent({"acme", "ada"}, TestId(1), absl::Now() + absl::Seconds(10)));
  }

  std::string directory_;
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<SqlEventLog> log_;
};

TEST_F(SqlEventLogTest, KeepsEventsOverAReopen) {
  AppendOne();
  Open();
  auto found = Find();
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_TRUE(found->has_value());
  EXPECT_EQ((*found)->payload.created().revision(), "tenants/acme/packs/p/revisions/r1");
}

TEST_F(SqlEventLogTest, KeepsAndSkipsAKindItDoesNotKnow) {
  AppendOne();
  Execute(R"sql(UPDATE events SET kind = 'dreamt', payload = '{"dreamt": {"of": "sheep"}}')sql");
  auto found = Find();
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ((*found)->kind, "dreamt");
  EXPECT_EQ((*found)->payload.kind_case(), v1::EventPayload::KIND_NOT_SET);
}

TEST_F(SqlEventLogTest, SkipsAFieldItDoesNotKnow) {
  AppendOne();
  Execute(R"sql(UPDATE events SET payload = '{"created": {"revision": "r", "mood": "fine"}}')sql");
  auto found = Find();
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ((*found)->payload.created().revision(), "r");
}

TEST_F(SqlEventLogTest, SaysDataLossOfAPayloadThatIsNoJson) {
  AppendOne();
  Execute("UPDATE events SET payload = '{\"created\": '");
  EXPECT_EQ(Find().status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(SqlEventLogTest, MessagesHoldNoPayload) {
  AppendOne();
  Execute("UPDATE events SET payload = '{\"created\": secret words'");
  EXPECT_THAT(std::string(Find().status().message()), testing::Not(testing::HasSubstr("secret")));
}

}  // namespace
}  // namespace greenroom::session
