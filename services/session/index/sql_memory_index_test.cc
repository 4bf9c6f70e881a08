#include "services/session/index/sql_memory_index.h"

#include "services/base/sql/test_store.h"
#include "services/session/index/memory_index_contract.h"
#include "services/session/log/sql_event_log.h"

namespace greenroom::session {
namespace {

using sql::DialectName;

// Two databases of one store, as two processes have.
class SqlUnderTest : public MemoryIndexUnderTest {
 public:
  explicit SqlUnderTest(DialectName driver) : store_(driver), first_(store_.url()), second_(store_.url()) {}
  EventLog& log() override { return *first_.log; }
  MemoryIndex& index() override { return *first_.index; }
  MemoryIndex& other_handle() override { return *second_.index; }

 private:
  struct Handle {
    explicit Handle(const std::string& url) {
      database = sql::Database::Open(url).value();
      log = SqlEventLog::Open(*database).value();
      index = SqlMemoryIndex::Open(*database).value();
    }
    std::unique_ptr<sql::Database> database;
    std::unique_ptr<SqlEventLog> log;
    std::unique_ptr<SqlMemoryIndex> index;
  };

  sql::TestStore store_;
  Handle first_;
  Handle second_;
};

INSTANTIATE_TEST_SUITE_P(Sqlite, MemoryIndexContract, testing::Values(MemoryIndexMaker([] {
                           return std::make_unique<SqlUnderTest>(DialectName::kSqlite);
                         })));
INSTANTIATE_TEST_SUITE_P(Postgres, MemoryIndexContract, testing::Values(MemoryIndexMaker([] {
                           return std::make_unique<SqlUnderTest>(DialectName::kPostgres);
                         })));

class SqlMemoryIndexTest : public testing::TestWithParam<DialectName> {};
INSTANTIATE_TEST_SUITE_P(Drivers, SqlMemoryIndexTest, sql::Drivers(), sql::DriverName);

TEST_P(SqlMemoryIndexTest, WantsTheLogsSchema) {
  sql::TestStore store(GetParam());
  const std::unique_ptr<sql::Database> database = sql::OpenOrDie(store.url());
  EXPECT_THAT(SqlMemoryIndex::Open(*database), sql::StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_P(SqlMemoryIndexTest, SaysDataLossOfARowThatIsNone) {
  sql::TestStore store(GetParam());
  const std::unique_ptr<sql::Database> database = sql::OpenOrDie(store.url());
  const auto log = SqlEventLog::Open(*database).value();
  const auto index = SqlMemoryIndex::Open(*database).value();
  const auto connection = sql::ConnectOrDie(*database);
  ASSERT_THAT(
      connection->Execute("INSERT INTO memory_items VALUES ('acme', 'ada', 'p', 'q', 1.0, 5.0, 0, 0, 1, "
                          "0, 1, 0, 9, 0, 1)"),
      sql::IsOk());
  EXPECT_THAT(SyncWait(index->ReadMemory({"acme", "ada"}, absl::Now() + absl::Seconds(10))),
              sql::StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace greenroom::session
