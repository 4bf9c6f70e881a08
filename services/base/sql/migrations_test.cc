// Schema versions on real databases of every driver: fresh, again, changed, newer, failing, at once.
#include "services/base/sql/migrations.h"

#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "services/base/sql/catalog.h"
#include "services/base/sql/test_database.h"
#include "services/base/sql/test_store.h"

namespace greenroom::sql {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<Migration> Two() {
  return {{1, "packs", {"CREATE TABLE packs (id TEXT PRIMARY KEY)", "CREATE TABLE tips (id TEXT)"}},
          {2, "titles", {"ALTER TABLE packs ADD COLUMN title TEXT"}}};
}

class MigrationsTest : public ::testing::TestWithParam<DialectName> {
 protected:
  std::vector<int> Versions() {
    std::vector<int> versions;
    const std::string table =
        GetParam() == DialectName::kSqlite ? "schema_migrations" : "test_schema_migrations";
    const Rows rows =
        connection_->Query(absl::StrCat("SELECT version FROM ", table, " ORDER BY version")).value();
    for (const Row& row : rows) {
      versions.push_back(static_cast<int>(*row[0].integer()));
    }
    return versions;
  }

  TestStore store_{GetParam()};
  std::unique_ptr<Database> database_ = OpenOrDie(store_.url());
  std::unique_ptr<Connection> connection_ = ConnectOrDie(*database_);
};

INSTANTIATE_TEST_SUITE_P(Drivers, MigrationsTest, Drivers(), DriverName);

TEST_P(MigrationsTest, AFreshDatabaseGetsAllAndAgainNothing) {
  ASSERT_THAT(Migrate(*connection_, "test", Two()), IsOk());
  EXPECT_THAT(Versions(), ElementsAre(1, 2));
  EXPECT_THAT(connection_->Execute("INSERT INTO packs (id, title) VALUES ('a', 'b')"), IsOk());
  std::unique_ptr<Connection> other = ConnectOrDie(*database_);
  ASSERT_THAT(other->BeginWrite(), IsOk());  // what is up to date asks for no lock
  EXPECT_THAT(Migrate(*connection_, "test", Two()), IsOk());
  EXPECT_THAT(Versions(), ElementsAre(1, 2));
}

TEST_P(MigrationsTest, AppliesOnlyWhatIsMissing) {
  const std::vector<Migration> all = Two();
  ASSERT_THAT(Migrate(*connection_, "test", absl::MakeSpan(all).subspan(0, 1)), IsOk());
  EXPECT_THAT(Versions(), ElementsAre(1));
  ASSERT_THAT(connection_->Execute("INSERT INTO packs VALUES ('kept')"), IsOk());
  ASSERT_THAT(Migrate(*connection_, "test", all), IsOk());
  EXPECT_THAT(connection_->Query("SELECT id, title FROM packs").value(),
              ElementsAre(Row{"kept", SqlValue()}));
}

TEST_P(MigrationsTest, RefusesAChangedOneAndTouchesNothing) {
  ASSERT_THAT(Migrate(*connection_, "test", Two()), IsOk());
  std::vector<Migration> changed = Two();
  changed[0].statements[1] += " ";
  changed.push_back({3, "more", {"CREATE TABLE more (id TEXT)"}});
  const absl::Status status = Migrate(*connection_, "test", changed);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(status.message(), HasSubstr("version 1"));
  EXPECT_THAT(Versions(), ElementsAre(1, 2));
  std::vector<Migration> renamed = Two();
  renamed[1].name = "other";
  EXPECT_THAT(Migrate(*connection_, "test", renamed), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_P(MigrationsTest, RefusesADatabaseOfANewerRelease) {
  std::vector<Migration> newer = Two();
  newer.push_back({3, "more", {"CREATE TABLE more (id TEXT)"}});
  ASSERT_THAT(Migrate(*connection_, "test", newer), IsOk());
  const absl::Status status = Migrate(*connection_, "test", Two());
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(status.message(), HasSubstr("newer release"));
}

TEST_P(MigrationsTest, AFailingStatementLeavesNothingBehind) {
  std::vector<Migration> broken = Two();
  broken[1].statements.push_back("CREATE TABLE packs (id TEXT)");
  const absl::Status status = Migrate(*connection_, "test", broken);
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(status.message(), HasSubstr("version 2 'titles', statement 2"));
  EXPECT_FALSE(HasTable(*connection_, "packs").value());
  EXPECT_FALSE(HasTable(*connection_, "tips").value());
  EXPECT_FALSE(HasTable(*connection_, "schema_migrations").value());
  EXPECT_FALSE(HasTable(*connection_, "test_schema_migrations").value());
  EXPECT_THAT(Migrate(*connection_, "test", Two()), IsOk());
}

TEST_P(MigrationsTest, RefusesAListWithGaps) {
  std::vector<Migration> gap = Two();
  gap[1].version = 3;
  EXPECT_THAT(Migrate(*connection_, "test", gap), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_P(MigrationsTest, ProcessesThatStartAtOnceAllSucceedAndOneApplies) {
  for (int round = 0; round < 10; ++round) {
    TestStore store(GetParam());
    std::vector<pid_t> starters;
    for (int i = 0; i < 6; ++i) {
      starters.push_back(fork());
      ASSERT_GE(starters.back(), 0);
      if (starters.back() != 0) continue;
      // A process of its own, which opens the file that may not be there yet.
      absl::StatusOr<std::unique_ptr<Database>> database =
          Database::Open(store.url(), {.busy_timeout = absl::Seconds(30)});
      if (!database.ok()) _exit(2);
      absl::StatusOr<std::unique_ptr<Connection>> connection = (*database)->Connect();
      if (!connection.ok()) _exit(3);
      std::vector<Migration> migrations = Two();
      migrations[1].statements.push_back("INSERT INTO tips VALUES ('once')");
      _exit(Migrate(**connection, "test", migrations).ok() ? 0 : 4);
    }
    for (const pid_t starter : starters) {
      int status = -1;
      ASSERT_EQ(waitpid(starter, &status, 0), starter);
      EXPECT_EQ(status, 0);
    }
    std::unique_ptr<Database> database = OpenOrDie(store.url());
    EXPECT_THAT(ConnectOrDie(*database)->Query("SELECT id FROM tips").value(), ElementsAre(Row{"once"}));
  }
}

}  // namespace
}  // namespace greenroom::sql
