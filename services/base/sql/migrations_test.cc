// Schema versions on real SQLite files: fresh, again, changed, newer, failing, at once.
#include "services/base/sql/migrations.h"

#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "services/base/sql/test_database.h"

namespace greenroom::sql {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<Migration> Two() {
  return {{1, "packs", {"CREATE TABLE packs (id TEXT PRIMARY KEY)", "CREATE TABLE tips (id TEXT)"}},
          {2, "titles", {"ALTER TABLE packs ADD COLUMN title TEXT"}}};
}

class MigrationsTest : public ::testing::Test {
 protected:
  std::vector<int> Versions() {
    std::vector<int> versions;
    const Rows rows = connection_->Query("SELECT version FROM schema_migrations ORDER BY version").value();
    for (const Row& row : rows) {
      versions.push_back(static_cast<int>(*row[0].integer()));
    }
    return versions;
  }

  TestFolder folder_;
  std::unique_ptr<Database> database_ = OpenOrDie(folder_.Url());
  std::unique_ptr<Connection> connection_ = ConnectOrDie(*database_);
};

TEST_F(MigrationsTest, AFreshDatabaseGetsAllAndAgainNothing) {
  ASSERT_THAT(Migrate(*connection_, Two()), IsOk());
  EXPECT_THAT(Versions(), ElementsAre(1, 2));
  EXPECT_THAT(connection_->Execute("INSERT INTO packs (id, title) VALUES ('a', 'b')"), IsOk());
  std::unique_ptr<Connection> other = ConnectOrDie(*database_);
  ASSERT_THAT(other->BeginWrite(), IsOk());  // what is up to date asks for no lock
  EXPECT_THAT(Migrate(*connection_, Two()), IsOk());
  EXPECT_THAT(Versions(), ElementsAre(1, 2));
}

TEST_F(MigrationsTest, AppliesOnlyWhatIsMissing) {
  const std::vector<Migration> all = Two();
  ASSERT_THAT(Migrate(*connection_, absl::MakeSpan(all).subspan(0, 1)), IsOk());
  EXPECT_THAT(Versions(), ElementsAre(1));
  ASSERT_THAT(connection_->Execute("INSERT INTO packs VALUES ('kept')"), IsOk());
  ASSERT_THAT(Migrate(*connection_, all), IsOk());
  EXPECT_THAT(connection_->Query("SELECT id, title FROM packs").value(),
              ElementsAre(Row{"kept", SqlValue()}));
}

TEST_F(MigrationsTest, RefusesAChangedOneAndTouchesNothing) {
  ASSERT_THAT(Migrate(*connection_, Two()), IsOk());
  std::vector<Migration> changed = Two();
  changed[0].statements[1] += " ";
  changed.push_back({3, "more", {"CREATE TABLE more (id TEXT)"}});
  const absl::Status status = Migrate(*connection_, changed);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(status.message(), HasSubstr("version 1"));
  EXPECT_THAT(Versions(), ElementsAre(1, 2));
  std::vector<Migration> renamed = Two();
  renamed[1].name = "other";
  EXPECT_THAT(Migrate(*connection_, renamed), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(MigrationsTest, RefusesADatabaseOfANewerRelease) {
  std::vector<Migration> newer = Two();
  newer.push_back({3, "more", {"CREATE TABLE more (id TEXT)"}});
  ASSERT_THAT(Migrate(*connection_, newer), IsOk());
  const absl::Status status = Migrate(*connection_, Two());
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(status.message(), HasSubstr("newer release"));
}

TEST_F(MigrationsTest, AFailingStatementLeavesNothingBehind) {
  std::vector<Migration> broken = Two();
  broken[1].statements.push_back("CREATE TABLE packs (id TEXT)");
  const absl::Status status = Migrate(*connection_, broken);
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(status.message(), HasSubstr("version 2 'titles', statement 2"));
  EXPECT_THAT(connection_->Query("SELECT name FROM sqlite_master").value(), ElementsAre());
  EXPECT_THAT(Migrate(*connection_, Two()), IsOk());
}

TEST_F(MigrationsTest, RefusesAListWithGaps) {
  std::vector<Migration> gap = Two();
  gap[1].version = 3;
  EXPECT_THAT(Migrate(*connection_, gap), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(MigrationsAtOnce, EveryProcessSucceedsAndOneApplies) {
  for (int round = 0; round < 10; ++round) {
    TestFolder folder;
    std::vector<pid_t> starters;
    for (int i = 0; i < 6; ++i) {
      starters.push_back(fork());
      ASSERT_GE(starters.back(), 0);
      if (starters.back() != 0) continue;
      // A process of its own, which opens the file that may not be there yet.
      absl::StatusOr<std::unique_ptr<Database>> database =
          Database::Open(folder.Url(), {.busy_timeout = absl::Seconds(30)});
      if (!database.ok()) _exit(2);
      absl::StatusOr<std::unique_ptr<Connection>> connection = (*database)->Connect();
      if (!connection.ok()) _exit(3);
      std::vector<Migration> migrations = Two();
      migrations[1].statements.push_back("INSERT INTO tips VALUES ('once')");
      _exit(Migrate(**connection, migrations).ok() ? 0 : 4);
    }
    for (const pid_t starter : starters) {
      int status = -1;
      ASSERT_EQ(waitpid(starter, &status, 0), starter);
      EXPECT_EQ(status, 0);
    }
    std::unique_ptr<Database> database = OpenOrDie(folder.Url());
    EXPECT_THAT(ConnectOrDie(*database)->Query("SELECT id FROM tips").value(), ElementsAre(Row{"once"}));
  }
}

}  // namespace
}  // namespace greenroom::sql
