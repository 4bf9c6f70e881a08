#include <algorithm>

#include "services/base/sql/migrations.h"
#include "services/base/sql/test_store.h"
#include "services/session/gradebook/fake_gradebook_store.h"
#include "services/session/gradebook/gradebook_store_contract.h"
#include "services/session/gradebook/sql_gradebook_store.h"
#include "services/session/log/sql_event_log.h"
#include "services/session/log/sql_log_schema.h"

namespace greenroom::session {
namespace {

using sql::DialectName;

class FakeUnderTest : public GradebookUnderTest {
 public:
  EventLog& log() override { return log_; }
  GradebookStore& store() override { return store_; }

 private:
  FakeEventLog log_;
  FakeGradebookStore store_{log_};
};

// Two databases of one store, as two processes have.
class SqlUnderTest : public GradebookUnderTest {
 public:
  explicit SqlUnderTest(DialectName driver) : store_(driver), first_(store_.url()), second_(store_.url()) {}
  EventLog& log() override { return *first_.log; }
  GradebookStore& store() override { return *first_.store; }
  GradebookStore& other_handle() override { return *second_.store; }

 private:
  struct Handle {
    explicit Handle(const std::string& url) {
      database = sql::Database::Open(url).value();
      log = SqlEventLog::Open(*database).value();
      store = SqlGradebookStore::Open(*database).value();
    }
    std::unique_ptr<sql::Database> database;
    std::unique_ptr<SqlEventLog> log;
    std::unique_ptr<SqlGradebookStore> store;
  };

  sql::TestStore store_;
  Handle first_;
  Handle second_;
};

INSTANTIATE_TEST_SUITE_P(Fake, GradebookStoreContract,
                         testing::Values(GradebookMaker([] { return std::make_unique<FakeUnderTest>(); })));
INSTANTIATE_TEST_SUITE_P(Sqlite, GradebookStoreContract, testing::Values(GradebookMaker([] {
                           return std::make_unique<SqlUnderTest>(DialectName::kSqlite);
                         })));
INSTANTIATE_TEST_SUITE_P(Postgres, GradebookStoreContract, testing::Values(GradebookMaker([] {
                           return std::make_unique<SqlUnderTest>(DialectName::kPostgres);
                         })));

class SqlGradebookStoreTest : public testing::TestWithParam<DialectName> {};

INSTANTIATE_TEST_SUITE_P(Drivers, SqlGradebookStoreTest, sql::Drivers(), sql::DriverName);

TEST_P(SqlGradebookStoreTest, RegradesFromBeforeTheyHadAPackAreListedUnderTheirs) {
  const sql::TestStore made(GetParam());
  const auto database = sql::Database::Open(made.url()).value();
  const auto connection = database->Connect().value();
  const std::vector<sql::Migration> steps = LogMigrations(GetParam());
  const auto before = std::find_if(
      steps.begin(), steps.end(), [](const sql::Migration& step) { return step.name == "regrades by time"; });
  ASSERT_NE(before, steps.end());
  const std::vector<sql::Migration> older(steps.begin(), before);
  ASSERT_THAT(sql::Migrate(*connection, "log", older), sql::IsOk());
  const auto inserted = connection->Execute(
      "INSERT INTO regrades (tenant, id, state, number, content_sha256, regrade, until_seq, done_seq, "
      "applied_learner, applied_answer, create_time, owner, lease_until) VALUES ('acme', 'old', 2, 0, '', ?, "
      "0, "
      "0, '', '', 0, '', 0)",
      {std::string(R"({"name": "tenants/acme/regrades/old", "pack": "tenants/acme/packs/p"})")});
  ASSERT_THAT(inserted.status(), sql::IsOk());

  const auto log = SqlEventLog::Open(*database).value();
  const auto store = SqlGradebookStore::Open(*database).value();
  const absl::Time soon = absl::Now() + absl::Seconds(20);
  EXPECT_EQ(SyncWait(store->ListRegrades("acme", "tenants/acme/packs/p", {}, 10, soon)).value().size(), 1);
  EXPECT_EQ(SyncWait(store->ListRegrades("acme", "tenants/acme/packs/q", {}, 10, soon)).value().size(), 0);
}

}  // namespace
}  // namespace greenroom::session
