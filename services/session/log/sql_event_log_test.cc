#include "services/session/log/sql_event_log.h"

#include <algorithm>

#include "services/base/sql/migrations.h"
#include "services/base/sql/test_store.h"
#include "services/session/log/event_log_contract.h"
#include "services/session/log/sql_log_schema.h"

namespace greenroom::session {
namespace {

using sql::DialectName;

// Two databases of one store, as two processes have.
class SqlUnderTest : public EventLogUnderTest {
 public:
  explicit SqlUnderTest(DialectName driver) : store_(driver), first_(store_.url()), second_(store_.url()) {}
  EventLog& log() override { return *first_.log; }
  EventLog& other_handle() override { return *second_.log; }

 private:
  struct Handle {
    explicit Handle(const std::string& url) {
      database = sql::Database::Open(url).value();
      log = SqlEventLog::Open(*database).value();
    }
    std::unique_ptr<sql::Database> database;
    std::unique_ptr<SqlEventLog> log;
  };

  sql::TestStore store_;
  Handle first_;
  Handle second_;
};

INSTANTIATE_TEST_SUITE_P(Sqlite, EventLogContract, testing::Values(EventLogMaker([] {
                           return std::make_unique<SqlUnderTest>(DialectName::kSqlite);
                         })));
INSTANTIATE_TEST_SUITE_P(Postgres, EventLogContract, testing::Values(EventLogMaker([] {
                           return std::make_unique<SqlUnderTest>(DialectName::kPostgres);
                         })));

class SqlEventLogTest : public testing::TestWithParam<DialectName> {
 protected:
  SqlEventLogTest() { Open(); }

  void Open() {
    log_.reset();
    database_.reset();
    auto opened = sql::Database::Open(store_.url());
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

  sql::TestStore store_{GetParam()};
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<SqlEventLog> log_;
};

INSTANTIATE_TEST_SUITE_P(Drivers, SqlEventLogTest, sql::Drivers(), sql::DriverName);

TEST_P(SqlEventLogTest, KeepsEventsOverAReopen) {
  AppendOne();
  Open();
  auto found = Find();
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_TRUE(found->has_value());
  EXPECT_EQ((*found)->payload.created().revision(), "tenants/acme/packs/p/revisions/r1");
}

TEST_P(SqlEventLogTest, WorksOnTablesThatTheNextReleaseHasExpanded) {
  auto connection = database_->Connect();
  ASSERT_TRUE(connection.ok()) << connection.status();
  const char* history = GetParam() == DialectName::kSqlite ? "schema_migrations" : "log_schema_migrations";
  for (const std::string& statement :
       {store_.Ddl("ALTER TABLE events ADD COLUMN next {integer} NOT NULL DEFAULT 0"),
        store_.Ddl("ALTER TABLE pending_grades ADD COLUMN next {integer} NOT NULL DEFAULT 0"),
        // As Migrate writes a step that only expands.
        absl::StrCat("INSERT INTO ", history, " (version, name, checksum, applied_time, compatible_since) ",
                     "SELECT max(version) + 1, 'next', 'checksum', 0, 1 FROM ", history)}) {
    auto done = (*connection)->Execute(statement);
    ASSERT_TRUE(done.ok()) << done.status();
  }
  Open();
  AppendOne();
  auto found = Find();
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ((*found)->payload.created().revision(), "tenants/acme/packs/p/revisions/r1");
}

TEST_P(SqlEventLogTest, AnotherEpochBeginsWhereAnOperatorSaysSo) {
  const auto epoch = [&] {
    return SyncWait(log_->Epoch({"acme", "ada"}, absl::Now() + absl::Seconds(10))).value();
  };
  const std::string before = epoch();
  Open();
  EXPECT_EQ(epoch(), before);
  ASSERT_TRUE(BeginEpoch(*database_, "another").ok());
  EXPECT_EQ(epoch(), "another");
  Open();
  EXPECT_EQ(epoch(), "another");
}

TEST_P(SqlEventLogTest, DecisionsFromBeforeTheyHadAQuestionAreListedUnderTheirs) {
  const sql::TestStore made(GetParam());
  const auto database = sql::Database::Open(made.url()).value();
  const auto connection = database->Connect().value();
  const std::vector<sql::Migration> steps = LogMigrations(GetParam());
  const auto step = std::find_if(steps.begin(), steps.end(), [](const sql::Migration& one) {
    return one.name == "decisions by question";
  });
  ASSERT_NE(step, steps.end());
  const std::vector<sql::Migration> older(steps.begin(), step);
  ASSERT_TRUE(sql::Migrate(*connection, "log", older).ok());
  const auto insert = [&](int64_t seq, const std::string& content, const std::string& payload) {
    const auto inserted = connection->Execute(
        "INSERT INTO events (tenant, learner, seq, event_id, session, kind, occurred_time, received_time, "
        "device, content_sha256, payload_version, payload, answer) "
        "VALUES ('acme', 'ada', ?, ?, '', 'graded', 0, 0, '', ?, 1, ?, 'a')",
        {seq, TestId(static_cast<int>(seq)), content, payload});
    ASSERT_TRUE(inserted.ok()) << inserted.status();
  };
  insert(1, "", R"({"graded":{"answer":"a","cause":"GRADE_CAUSE_INITIAL","questionName":"p/q"}})");
  insert(
      2, "c",
      R"({"graded":{"answer":"a","cause":"GRADE_CAUSE_OVERRIDE","questionName":"p/q","comment":"\u0000"}})");
  insert(3, "c", R"({"graded":{"answer":"a","cause":"GRADE_CAUSE_OVERRIDE"}})");

  const auto log = SqlEventLog::Open(*database).value();
  const auto decisions = SyncWait(log->ListDecisions("acme", "p/q", 10, absl::Now() + absl::Seconds(20)));
  ASSERT_TRUE(decisions.ok()) << decisions.status();
  ASSERT_EQ(decisions->size(), 1);
  EXPECT_EQ(decisions->front().event_id, TestId(2));
}

TEST_P(SqlEventLogTest, KeepsAndSkipsAKindItDoesNotKnow) {
  AppendOne();
  Execute(R"sql(UPDATE events SET kind = 'dreamt', payload = '{"dreamt": {"of": "sheep"}}')sql");
  auto found = Find();
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ((*found)->kind, "dreamt");
  EXPECT_EQ((*found)->payload.kind_case(), v1::EventPayload::KIND_NOT_SET);
}

TEST_P(SqlEventLogTest, SkipsAFieldItDoesNotKnow) {
  AppendOne();
  Execute(R"sql(UPDATE events SET payload = '{"created": {"revision": "r", "mood": "fine"}}')sql");
  auto found = Find();
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ((*found)->payload.created().revision(), "r");
}

TEST_P(SqlEventLogTest, SaysDataLossOfAPayloadThatIsNoJson) {
  AppendOne();
  Execute("UPDATE events SET payload = '{\"created\": '");
  EXPECT_EQ(Find().status().code(), absl::StatusCode::kDataLoss);
}

TEST_P(SqlEventLogTest, MessagesHoldNoPayload) {
  AppendOne();
  Execute("UPDATE events SET payload = '{\"created\": secret words'");
  EXPECT_THAT(std::string(Find().status().message()), testing::Not(testing::HasSubstr("secret")));
}

}  // namespace
}  // namespace greenroom::session
