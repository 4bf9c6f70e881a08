// Connections: values, statements, transactions, locks, deadlines, errors, on real databases of every driver.
#include "services/base/sql/connection.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "services/base/sql/test_database.h"
#include "services/base/sql/test_store.h"
#include "services/base/sql/write_turns.h"

namespace greenroom::sql {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class ConnectionTest : public ::testing::TestWithParam<DialectName> {
 protected:
  ConnectionTest() {
    EXPECT_THAT(connection_->Execute(store_.Ddl("CREATE TABLE t (id {integer} PRIMARY KEY, number {integer}, "
                                                "amount {real}, name {text}){strict}")),
                IsOk());
  }

  int64_t Count(Connection& connection) {
    absl::StatusOr<Rows> rows = connection.Query("SELECT count(*) FROM t");
    EXPECT_THAT(rows, IsOk());
    return rows.ok() ? *rows->at(0)[0].integer() : -1;
  }

  TestStore store_{GetParam()};
  std::unique_ptr<Database> database_ =
      OpenOrDie(store_.url(), {.busy_timeout = absl::Milliseconds(20), .cached_statements = 3});
  std::unique_ptr<Connection> connection_ = ConnectOrDie(*database_);
};

TEST(DatabaseUrl, RefusesWhatItCannotServeWithTheReason) {
  EXPECT_THAT(Database::Open("mysql://localhost/greenroom").status().message(), HasSubstr("postgresql://"));
  for (const char* url : {"postgresql://[localhost/x", "postgres://x?colour=green", "mysql://x", "/var/x.db",
                          "", "sqlite:", "sqlite:/tmp/", "sqlite:/tmp/a=b.db", "sqlite:/tmp/a\"b.db"}) {
    EXPECT_THAT(Database::Open(url), StatusIs(absl::StatusCode::kInvalidArgument)) << url;
  }
  EXPECT_THAT(Database::Open("sqlite:/nonexistent/folder/x.db"), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(Database::Open("sqlite:/tmp/x.db", {.cached_statements = 0}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  const absl::Status nobody =
      Database::Open("postgresql://ann:secret@127.0.0.1:1/x", {.busy_timeout = absl::ZeroDuration()})
          .status();
  EXPECT_THAT(nobody, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(nobody.message(), Not(HasSubstr("secret")));
}

TEST(DatabaseUrl, TakesPathsAsTheyAre) {
  TestFolder folder;
  for (const char* name :
       {"with two  spaces.db", "100%25.db", "q?mode.db", "#.db", "ünï.db", "'quoted'.db"}) {
    EXPECT_THAT(Database::Open(folder.Url(name)), IsOk());
    EXPECT_TRUE(std::filesystem::exists(folder.File(name))) << name;
  }
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder.File("."));
  for (const char* name : {"relative.db", ":memory:", "file:x.db"}) {
    EXPECT_THAT(Database::Open(absl::StrCat("sqlite:", name)), IsOk());
    EXPECT_TRUE(std::filesystem::exists(folder.File(name))) << name;
  }
  std::filesystem::current_path(before);
}

TEST(DatabaseUrl, AFileThatIsNoDatabaseIsDataLoss) {
  TestFolder folder;
  std::ofstream(folder.File("test.db")) << std::string(10000, 'x');
  EXPECT_THAT(Database::Open(folder.Url()), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(SqliteTest, IsSetUpForDurability) {
  TestFolder folder;
  std::unique_ptr<Database> database = OpenOrDie(folder.Url());
  std::unique_ptr<Connection> connection = ConnectOrDie(*database);
  const auto pragma = [&](const char* name) {
    return connection->Query(absl::StrCat("PRAGMA ", name)).value().at(0)[0];
  };
  EXPECT_EQ(pragma("journal_mode"), SqlValue("wal"));
  EXPECT_EQ(pragma("synchronous"), SqlValue(2));
  EXPECT_EQ(pragma("foreign_keys"), SqlValue(1));
}

INSTANTIATE_TEST_SUITE_P(Drivers, ConnectionTest, Drivers(), DriverName);

TEST_P(ConnectionTest, ValuesComeBackAsTheyWent) {
  const int64_t integers[] = {0, -1, 1LL << 40, std::numeric_limits<int64_t>::max(),
                              std::numeric_limits<int64_t>::min()};
  const double reals[] = {
      0.1, -2.5e-300, 1e308, 3.0, std::numeric_limits<double>::infinity(), std::nextafter(1.0, 2.0)};
  const std::string texts[] = {"", "plain", "ÅöÜ 日本語 \xF0\x9F\x98\x80", "it's \"quoted\"; -- ?",
                               std::string(32 << 10, 'x')};
  for (const int64_t integer : integers) {
    for (const double real : reals) {
      for (const std::string& text : texts) {
        const Row given{1, integer, real, text};
        ASSERT_THAT(connection_->Execute("DELETE FROM t"), IsOk());
        ASSERT_THAT(connection_->Execute("INSERT INTO t VALUES (?, ?, ?, ?)", given.values()), IsOk());
        EXPECT_THAT(connection_->Query("SELECT * FROM t").value(), ElementsAre(given));
        // The same as parameters that come straight back, and through an expression without a declared type.
        EXPECT_THAT(
            connection_
                ->Query(store_.Ddl("SELECT CAST(? AS {integer}), CAST(? AS {real}), CAST(? AS TEXT) || ''"),
                        {integer, real, text})
                .value(),
            ElementsAre(Row{integer, real, text}));
      }
    }
  }
  ASSERT_THAT(
      connection_->Execute("INSERT INTO t VALUES (2, ?, ?, ?)", {std::nullopt, SqlValue(), std::nullopt}),
      IsOk());
  EXPECT_THAT(connection_->Query("SELECT number, amount, name FROM t WHERE id = 2").value(),
              ElementsAre(Row{SqlValue(), SqlValue(), SqlValue()}));
}

TEST_P(ConnectionTest, EveryByteOfTextSurvives) {
  const std::vector<std::string> texts = EveryByte(GetParam());
  int id = 0;
  for (const std::string& one : texts) {
    ASSERT_THAT(connection_->Execute("INSERT INTO t (id, name) VALUES (?, ?)", {++id, one}), IsOk());
    EXPECT_THAT(connection_->Query("SELECT name FROM t WHERE id = ?", {id}).value(), ElementsAre(Row{one}))
        << id;
    EXPECT_THAT(connection_->Query("SELECT id FROM t WHERE name = ?", {one}).value(), ElementsAre(Row{id}))
        << id;
  }
  // Compared bytewise.
  std::vector<std::string> sorted = texts;
  std::sort(sorted.begin(), sorted.end());
  const Rows rows = connection_->Query("SELECT name FROM t ORDER BY name").value();
  ASSERT_EQ(rows.size(), sorted.size());
  for (size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i], Row{sorted[i]}) << i;
  const std::string all = absl::StrJoin(texts, "");
  ASSERT_THAT(connection_->Execute("INSERT INTO t (id, name) VALUES (0, ?)", {all}), IsOk());
  EXPECT_THAT(connection_->Query("SELECT name FROM t WHERE id = 0").value(), ElementsAre(Row{all}));
}

TEST(PostgresTest, RefusesTextThatIsNoUtf8) {
  TestStore store(DialectName::kPostgres);
  std::unique_ptr<Database> database = OpenOrDie(store.url());
  std::unique_ptr<Connection> connection = ConnectOrDie(*database);
  ASSERT_THAT(connection->Execute("CREATE TABLE t (name TEXT)"), IsOk());
  for (const char* text : {"\xFF", "secret \xC3", "\xED\xA0\x80"}) {
    const absl::Status status = connection->Execute("INSERT INTO t VALUES (?)", {text}).status();
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(status.message(), Not(HasSubstr("secret")));
  }
}

TEST_P(ConnectionTest, NulInTextIsRefusedBeforeAnythingRuns) {
  for (const std::string& text : {std::string(1, '\0'), std::string("a\0b", 3), std::string("a\0", 2)}) {
    EXPECT_THAT(connection_->Execute("INSERT INTO t (name) VALUES (?)", {text}),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
  EXPECT_EQ(Count(*connection_), 0);
}

TEST_P(ConnectionTest, CountsTheRowsThatAStatementChanged) {
  EXPECT_EQ(connection_->Execute("INSERT INTO t (id) VALUES (1), (2), (3)").value(), 3);
  EXPECT_EQ(connection_->Execute("UPDATE t SET number = 1 WHERE id > ?", {1}).value(), 2);
  EXPECT_EQ(connection_->Execute("UPDATE t SET number = 1 WHERE id > 9").value(), 0);
  EXPECT_EQ(connection_->Execute("INSERT INTO t (id) VALUES (1) ON CONFLICT DO NOTHING").value(), 0);
  EXPECT_EQ(connection_->Execute("DELETE FROM t WHERE id = 3").value(), 1);
  EXPECT_EQ(connection_->Execute("CREATE TABLE u (id INTEGER)").value(), 0);
  EXPECT_EQ(connection_->Execute("SELECT * FROM t").value(), 0);
}

TEST_P(ConnectionTest, RefusesStatementsThatWouldRunOtherwiseThanWritten) {
  EXPECT_THAT(connection_->Execute("DELETE FROM t; DELETE FROM t"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(connection_->Execute(" DELETE FROM t ; \n"), IsOk());
  EXPECT_THAT(connection_->Execute(""), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(connection_->Query("SELECT ?, ?", {1}), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(connection_->Query("SELECT ?", {1, 2}), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(connection_->Query("SELECT '?', 1 -- ?"), IsOk());
  EXPECT_THAT(connection_->Query("SELECT nothing FROM nowhere"), StatusIs(absl::StatusCode::kInternal));
}

TEST_P(ConnectionTest, ErrorsSayWhatTheyMeanAndNeverTheValues) {
  ASSERT_THAT(connection_->Execute("CREATE TABLE u (k TEXT NOT NULL UNIQUE, v TEXT CHECK (v <> 'bad'), "
                                   "r INTEGER REFERENCES t (id))"),
              IsOk());
  ASSERT_THAT(connection_->Execute("INSERT INTO u (k) VALUES (?)", {"secret answer"}), IsOk());
  const absl::Status taken = connection_->Execute("INSERT INTO u (k) VALUES (?)", {"secret answer"}).status();
  EXPECT_THAT(taken, StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(taken.message(), HasSubstr(GetParam() == DialectName::kSqlite ? "u.k" : "u_k_key"));
  EXPECT_THAT(taken.message(), Not(HasSubstr("secret")));
  EXPECT_THAT(connection_->Execute("INSERT INTO u (v) VALUES (?)", {"x"}),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(connection_->Execute("INSERT INTO u (k, v) VALUES ('a', 'bad')"),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(connection_->Execute("INSERT INTO u (k, r) VALUES ('a', 17)"),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  std::unique_ptr<Connection> reader = ConnectOrDie(*database_, Access::kRead);
  EXPECT_THAT(reader->Execute("INSERT INTO t (id) VALUES (1)"),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_P(ConnectionTest, StatementsAreReusedBeyondTheSizeOfTheCache) {
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 10; ++i) {
      const std::string sql = absl::StrCat("SELECT ", i, " + ?");
      EXPECT_THAT(connection_->Query(sql, {round}).value(), ElementsAre(Row{i + round}));
      EXPECT_THAT(connection_->Query(sql, {round + 1}).value(), ElementsAre(Row{i + round + 1}));
    }
  }
  // A statement kept from before a change of the schema goes on after it.
  const char* names = "SELECT id, name FROM t";
  ASSERT_THAT(connection_->Execute("INSERT INTO t (id) VALUES (1)"), IsOk());
  EXPECT_EQ(connection_->Query(names).value().size(), 1u);
  ASSERT_THAT(connection_->Execute("ALTER TABLE t ADD COLUMN more TEXT"), IsOk());
  EXPECT_EQ(connection_->Query(names).value().size(), 1u);
}

TEST_P(ConnectionTest, ReadsTypedColumns) {
  const Row row{7, 2.5, "text", SqlValue(), 1};
  int64_t integer;
  double real;
  std::string text;
  std::optional<std::string> none = "before";
  bool flag;
  ASSERT_THAT(row.Read(integer, real, text, none, flag), IsOk());
  EXPECT_EQ(integer, 7);
  EXPECT_EQ(real, 2.5);
  EXPECT_EQ(text, "text");
  EXPECT_EQ(none, std::nullopt);
  EXPECT_TRUE(flag);
  EXPECT_THAT(row.Read(integer), StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(row.Read(integer, real, text, text, flag).message(), HasSubstr("column 4"));
  EXPECT_THAT(row.Read(text, real, text, none, flag).message(), HasSubstr("column 1"));
  int narrow;
  EXPECT_THAT(Row{int64_t{1} << 31}.Read(narrow), StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(Row{2}.Read(flag), StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(Row{2}.Read(real), IsOk());
}

TEST_P(ConnectionTest, ATransactionIsKeptWhollyOrNotAtAll) {
  std::unique_ptr<Connection> other = ConnectOrDie(*database_);
  ASSERT_THAT(connection_->BeginWrite(), IsOk());
  ASSERT_THAT(connection_->Execute("INSERT INTO t (id) VALUES (1)"), IsOk());
  EXPECT_EQ(Count(*other), 0);
  ASSERT_THAT(connection_->Commit(), IsOk());
  EXPECT_EQ(Count(*other), 1);

  ASSERT_THAT(connection_->BeginWrite(), IsOk());
  ASSERT_THAT(connection_->Execute("INSERT INTO t (id) VALUES (2)"), IsOk());
  EXPECT_THAT(connection_->BeginWrite(), StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(connection_->Commit(), StatusIs(absl::StatusCode::kInternal));
  EXPECT_EQ(Count(*connection_), 1);
  EXPECT_THAT(connection_->Commit(), StatusIs(absl::StatusCode::kInternal));
  connection_->Rollback();
}

TEST_P(ConnectionTest, AfterAFailureATransactionCanOnlyBeRolledBack) {
  ASSERT_THAT(connection_->BeginWrite(), IsOk());
  ASSERT_THAT(connection_->Execute("INSERT INTO t (id) VALUES (1)"), IsOk());
  EXPECT_THAT(connection_->Execute("INSERT INTO t (id) VALUES (1)"),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(connection_->Execute("INSERT INTO t (id) VALUES (2)"),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(connection_->Commit(), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(Count(*connection_), 0);

  // Also where a statement of the caller's own has ended it: what follows would commit by itself.
  ASSERT_THAT(connection_->BeginWrite(), IsOk());
  ASSERT_THAT(connection_->Execute("ROLLBACK"), IsOk());
  EXPECT_THAT(connection_->Execute("INSERT INTO t (id) VALUES (3)"), StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(connection_->Commit(), StatusIs(absl::StatusCode::kInternal));
  EXPECT_EQ(Count(*connection_), 0);
}

TEST_P(ConnectionTest, ALockedDatabaseIsUnavailableAfterTheTimeout) {
  std::unique_ptr<Connection> other = ConnectOrDie(*database_);
  ASSERT_THAT(other->BeginWrite(), IsOk());
  EXPECT_THAT(connection_->BeginWrite(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(connection_->BeginWrite(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(Count(*connection_), 0);  // reading goes on
  other->Rollback();
  EXPECT_THAT(connection_->BeginWrite(), IsOk());
  EXPECT_THAT(connection_->Commit(), IsOk());
}

TEST(WriteTurnsTest, AreTakenInTheOrderInWhichTheyWereAskedFor) {
  WriteTurns turns;
  ASSERT_TRUE(turns.Take(absl::InfiniteDuration()));
  EXPECT_FALSE(turns.Take(absl::ZeroDuration()));
  std::vector<int> order;  // written in turn
  std::vector<std::thread> threads;
  for (int i = 0; i < 5; ++i) {
    threads.emplace_back([&, i] {
      EXPECT_TRUE(turns.Take(absl::InfiniteDuration()));
      order.push_back(i);
      turns.Return();
    });
    while (turns.waiting() != threads.size()) std::this_thread::yield();
  }
  turns.Return();
  EXPECT_TRUE(turns.Take(absl::InfiniteDuration()));  // asked for last, by the one who is quickest
  EXPECT_THAT(order, ElementsAre(0, 1, 2, 3, 4));
  turns.Return();
  for (std::thread& thread : threads) thread.join();
}

TEST_P(ConnectionTest, WritersOfOneProcessTakeTurns) {
  std::unique_ptr<Database> database = OpenOrDie(store_.url(), {.busy_timeout = absl::Minutes(1)});
  std::vector<int> order;  // written in turn
  const auto write = [&](int who) {
    std::unique_ptr<Connection> connection = ConnectOrDie(*database);
    for (int i = 0; i < 100; ++i) {
      ASSERT_THAT(connection->BeginWrite(), IsOk());
      order.push_back(who);
      absl::SleepFor(absl::Milliseconds(1));  // time for the other to ask for its turn
      ASSERT_THAT(connection->Commit(), IsOk());
    }
  };
  std::thread other(write, 1);
  write(2);
  other.join();
  int changes = 0;
  for (size_t i = 1; i < order.size(); ++i) changes += order[i] != order[i - 1] ? 1 : 0;
  // Each in turn, but where one of the two was late. By trying now and then it would be one in ten.
  EXPECT_GT(changes, 100);
}

constexpr char kEndless[] =
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n WHERE i < 0";

TEST_P(ConnectionTest, AStatementEndsAtTheDeadline) {
  connection_->SetDeadline(absl::Now() + absl::Milliseconds(30));
  ASSERT_THAT(connection_->BeginRead(), IsOk());
  EXPECT_THAT(connection_->Query(kEndless), StatusIs(absl::StatusCode::kDeadlineExceeded));
  connection_->Rollback();
  connection_->SetDeadline(absl::InfiniteFuture());
  EXPECT_EQ(Count(*connection_), 0);
}

TEST_P(ConnectionTest, WaitingForALockEndsAtTheDeadline) {
  std::unique_ptr<Database> patient = OpenOrDie(store_.url(), {.busy_timeout = absl::Minutes(5)});
  std::unique_ptr<Connection> waiting = ConnectOrDie(*patient);
  ASSERT_THAT(connection_->BeginWrite(), IsOk());
  waiting->SetDeadline(absl::Now() + absl::Milliseconds(30));
  EXPECT_THAT(waiting->BeginWrite(), StatusIs(absl::StatusCode::kDeadlineExceeded));
}

TEST_P(ConnectionTest, CommitRunsPastTheDeadline) {
  ASSERT_THAT(connection_->BeginWrite(), IsOk());
  ASSERT_THAT(connection_->Execute("INSERT INTO t (id) VALUES (1)"), IsOk());
  connection_->SetDeadline(absl::Now() - absl::Seconds(1));
  EXPECT_THAT(connection_->Commit(), IsOk());
  connection_->SetDeadline(absl::InfiniteFuture());
  EXPECT_EQ(Count(*connection_), 1);
}

TEST_P(ConnectionTest, AReadTransactionSeesOneState) {
  std::unique_ptr<Connection> reader = ConnectOrDie(*database_, Access::kRead);
  ASSERT_THAT(reader->BeginRead(), IsOk());
  EXPECT_EQ(Count(*reader), 0);
  ASSERT_THAT(connection_->Execute("INSERT INTO t (id) VALUES (1)"), IsOk());
  EXPECT_EQ(Count(*reader), 0);
  reader->Rollback();
  EXPECT_EQ(Count(*reader), 1);
}

}  // namespace
}  // namespace greenroom::sql
