#include "services/base/sql/test_store.h"
#include "services/session/gradebook/fake_gradebook_store.h"
#include "services/session/gradebook/gradebook_store_contract.h"
#include "services/session/gradebook/sql_gradebook_store.h"
#include "services/session/log/sql_event_log.h"

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

}  // namespace
}  // namespace greenroom::session
