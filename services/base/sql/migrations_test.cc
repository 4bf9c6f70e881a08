// Schema versions on real databases of every driver: fresh, again, changed, newer, of the first release, failing, at once.
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

TEST_P(MigrationsTest, AnOlderProgramWorksWithASchemaThatOnlyExpanded) {
  std::vector<Migration> newer = Two();
  newer.push_back({3, "more", {"CREATE TABLE more (id TEXT)"}});
  newer.push_back({4, "notes", {"ALTER TABLE packs ADD COLUMN note TEXT"}});
  ASSERT_THAT(Migrate(*connection_, "test", newer), IsOk());
  std::unique_ptr<Connection> other = ConnectOrDie(*database_);
  ASSERT_THAT(other->BeginWrite(), IsOk());  // there is nothing to do, so it asks for no lock
  EXPECT_THAT(Migrate(*connection_, "test", Two()), IsOk());
  other->Rollback();
  EXPECT_THAT(Versions(), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(connection_->Execute("INSERT INTO packs (id, title) VALUES ('a', 'b')"), IsOk());
  std::vector<Migration> edited = Two();
  edited[0].name = "other";
  EXPECT_THAT(Migrate(*connection_, "test", edited), StatusIs(absl::StatusCode::kFailedPrecondition))
      << "its own steps are compared all the same";
}

TEST_P(MigrationsTest, RefusesASchemaThatNeedsANewerProgram) {
  std::vector<Migration> newer = Two();
  newer.push_back({3, "no tips", {"DROP TABLE tips"}, 2});
  newer.push_back({4, "more", {"CREATE TABLE more (id TEXT)"}});
  ASSERT_THAT(Migrate(*connection_, "test", newer), IsOk());
  EXPECT_THAT(Migrate(*connection_, "test", Two()), IsOk()) << "it did without tips";
  const absl::Status status = Migrate(*connection_, "test", {Two()[0]});
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(status.message(), HasSubstr("of a newer release: programs must know schema version 2 to work "
                                          "with version 3, this one knows 1"));
  EXPECT_THAT(Versions(), ElementsAre(1, 2, 3, 4));
}

// The table as the first release made it, which did not tell what works with a step.
class HistoryOfTheFirstReleaseTest : public MigrationsTest {
 protected:
  HistoryOfTheFirstReleaseTest() {
    const std::string table =
        GetParam() == DialectName::kSqlite ? "schema_migrations" : "test_schema_migrations";
    for (const std::string& statement :
         {absl::StrCat("CREATE TABLE ", table,
                       " (version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, "
                       "applied_time BIGINT NOT NULL)"),
          absl::StrCat("INSERT INTO ", table, " VALUES (1, 'packs', '72cf656f3850c38f', 1764000000000)"),
          absl::StrCat("INSERT INTO ", table, " VALUES (2, 'titles', '537019dd60fbae50', 1764000000000)"),
          std::string("CREATE TABLE packs (id TEXT PRIMARY KEY, title TEXT)")}) {
      EXPECT_THAT(connection_->Execute(statement), IsOk());
    }
  }
};

INSTANTIATE_TEST_SUITE_P(Drivers, HistoryOfTheFirstReleaseTest, Drivers(), DriverName);

TEST_P(HistoryOfTheFirstReleaseTest, IsReadAndGoesOn) {
  std::unique_ptr<Connection> other = ConnectOrDie(*database_);
  ASSERT_THAT(other->BeginWrite(), IsOk());
  EXPECT_THAT(Migrate(*connection_, "test", Two()), IsOk()) << "nothing to do";
  other->Rollback();
  std::vector<Migration> newer = Two();
  newer.push_back({3, "more", {"CREATE TABLE more (id TEXT)"}});
  EXPECT_THAT(Migrate(*connection_, "test", newer), IsOk());
  EXPECT_THAT(Versions(), ElementsAre(1, 2, 3));
  EXPECT_THAT(Migrate(*connection_, "test", newer), IsOk());
  EXPECT_THAT(Migrate(*connection_, "test", Two()), IsOk()) << "the third step says that it only expands";
}

TEST_P(HistoryOfTheFirstReleaseTest, DoesNotSayWhatAnOlderProgramMayDo) {
  const absl::Status status = Migrate(*connection_, "test", {Two()[0]});
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

TEST_P(MigrationsTest, RefusesAStepThatIsCompatibleSinceNoVersionUpToItsOwn) {
  for (const int since : {0, 3}) {
    std::vector<Migration> wrong = Two();
    wrong[1].compatible_since = since;
    EXPECT_THAT(Migrate(*connection_, "test", wrong), StatusIs(absl::StatusCode::kInvalidArgument)) << since;
  }
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
