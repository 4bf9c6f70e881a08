// What only a server can do to us: it goes away in mid-sentence, is replaced by its standby, is set up otherwise than we
// need, asks for TLS.
#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "services/base/sql/event_table_fixture.h"
#include "services/base/sql/reader_pool.h"
#include "services/base/sql/writer.h"

namespace greenroom::sql {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kCreateEvents[] =
    "CREATE TABLE events (commit_seq {identity}, learner {text} NOT NULL, seq {integer} NOT NULL, event_id "
    "{text} NOT "
    "NULL, device {text}, device_seq {integer}, payload {text} NOT NULL, UNIQUE (learner, seq), UNIQUE "
    "(learner, "
    "event_id), UNIQUE (learner, device, device_seq)){strict}";

void CreateEvents(const std::string& url) {
  std::unique_ptr<Database> database = OpenOrDie(url);
  ASSERT_THAT(ConnectOrDie(*database)->Execute(Ddl(DialectName::kPostgres, kCreateEvents)), IsOk());
}

std::unique_ptr<PostgresServer> StartOrDie(PostgresServer::Options options = {}) {
  auto server = PostgresServer::Start(std::move(options));
  if (!server.ok()) {
    ADD_FAILURE() << server.status();
    std::abort();
  }
  return *std::move(server);
}

// Learners who each append one event after the other until they are told to stop, and say again what was not answered.
class Load {
 public:
  explicit Load(const std::string& url)
      : database_(OpenOrDie(url, {.busy_timeout = absl::Milliseconds(500)})),
        committer_(GroupCommitter::Start(*database_, Events()).value()) {
    for (int learner = 0; learner < kLearners; ++learner) {
      threads_.emplace_back([this, learner] { Run(absl::StrCat("learner-", learner)); });
    }
  }
  // Units acknowledged so far.
  int acknowledged() const { return acknowledged_; }
  void WaitForMore(int units) {
    const int until = acknowledged_ + units;
    while (acknowledged_ < until) absl::SleepFor(absl::Milliseconds(1));
  }
  // Yields the highest sequence that was acknowledged, by learner.
  std::map<std::string, int64_t> Stop() {
    stopping_ = true;
    for (std::thread& thread : threads_) thread.join();
    absl::MutexLock lock(&mutex_);
    return heads_;
  }

 private:
  static constexpr int kLearners = 8;

  void Run(const std::string& learner) {
    int64_t seq = 1;
    for (; !stopping_; ++seq) {
      const Unit unit{{Event(learner, seq, absl::StrCat("event-", seq))}};
      absl::StatusOr<CommitOutcome> outcome;
      do {
        outcome = SyncWait(committer_->Commit(unit, absl::Now() + absl::Seconds(2)));
        if (!outcome.ok()) {
          EXPECT_TRUE(absl::IsUnavailable(outcome.status()) || absl::IsDeadlineExceeded(outcome.status()))
              << outcome.status();
          absl::SleepFor(absl::Milliseconds(20));
        }
      } while (!outcome.ok());
      ++acknowledged_;  // written now, or found to be there since an answer was lost
    }
    absl::MutexLock lock(&mutex_);
    heads_[learner] = seq - 1;
  }

  std::unique_ptr<Database> database_;
  std::unique_ptr<GroupCommitter> committer_;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> acknowledged_ = 0;
  absl::Mutex mutex_;
  std::map<std::string, int64_t> heads_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;
};

// Every acknowledged event is there once, and the sequences have no holes.
void ExpectAllThere(const std::string& url, const std::map<std::string, int64_t>& heads) {
  std::unique_ptr<Database> database = OpenOrDie(url);
  const Rows rows =
      ConnectOrDie(*database)
          ->Query(
              "SELECT learner, count(*), max(seq), count(DISTINCT event_id) FROM events GROUP BY "
              "learner ORDER BY learner")
          .value();
  ASSERT_EQ(rows.size(), heads.size());
  for (const Row& row : rows) {
    const int64_t head = heads.at(*row[0].text());
    EXPECT_EQ(row, (Row{*row[0].text(), head, head, head}));
  }
}

TEST(PostgresFaults, AServerThatIsKilledUnderLoadLosesNothingAcknowledged) {
  const auto server = StartOrDie();
  const std::string url = server->CreateDatabase("greenroom").value();
  CreateEvents(url);
  Load load(url);
  for (int kills = 0; kills < 3; ++kills) {
    load.WaitForMore(200);
    ASSERT_THAT(server->Restart(), IsOk());
  }
  load.WaitForMore(200);
  ExpectAllThere(url, load.Stop());
}

TEST(PostgresFaults, AStandbyThatIsPromotedHasAllThatWasAcknowledged) {
  const auto primary = StartOrDie();
  ASSERT_THAT(primary->CreateDatabase("greenroom"), IsOk());
  const auto standby = PostgresServer::StartSynchronousStandby(*primary);
  ASSERT_THAT(standby, IsOk());
  const std::string url = absl::StrCat("postgresql://greenroom@127.0.0.1:", primary->port(),
                                       ",127.0.0.1:", (*standby)->port(), "/greenroom");
  CreateEvents(url);
  // Not even for reads: it may lag.
  EXPECT_THAT(Database::Open((*standby)->url("greenroom"), {.busy_timeout = absl::ZeroDuration()}),
              StatusIs(absl::StatusCode::kUnavailable));
  Load load(url);
  load.WaitForMore(200);
  primary->Kill9();
  ASSERT_THAT((*standby)->Promote(), IsOk());
  load.WaitForMore(200);
  ExpectAllThere((*standby)->url("greenroom"), load.Stop());
}

TEST(PostgresFaults, ConnectionsThatWereEndedAreMadeAnewWithoutAnError) {
  TestStore store(DialectName::kPostgres);
  std::unique_ptr<Database> database = OpenOrDie(store.url());
  ASSERT_THAT(ConnectOrDie(*database)->Execute("CREATE TABLE t (id BIGINT)"), IsOk());
  const auto readers = ReaderPool::Start(*database, {.threads = 1}).value();
  const auto writer = Writer::Start(*database).value();
  const auto count = [](Connection& connection) { return connection.Query("SELECT count(*) FROM t"); };
  for (int64_t id = 0; id < 3; ++id) {
    const auto insert = [id](Connection& connection) {
      return connection.Execute("INSERT INTO t VALUES (?)", {id}).status();
    };
    EXPECT_THAT(SyncWait(writer->Write(insert, absl::InfiniteFuture())), IsOk());
    EXPECT_THAT(SyncWait(readers->Read(count, absl::InfiniteFuture())).value(), ElementsAre(Row{id + 1}));
    ASSERT_THAT(SharedPostgres().Run("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE "
                                     "application_name = 'greenroom'"),
                IsOk());
  }
}

TEST(PostgresFaults, AConnectionThatEndsWithinATransactionWritesNothing) {
  TestStore store(DialectName::kPostgres);
  std::unique_ptr<Database> database = OpenOrDie(store.url());
  std::unique_ptr<Connection> connection = ConnectOrDie(*database);
  ASSERT_THAT(connection->Execute("CREATE TABLE t (id BIGINT)"), IsOk());
  ASSERT_THAT(connection->BeginWrite(), IsOk());
  ASSERT_THAT(connection->Execute("INSERT INTO t VALUES (1)"), IsOk());
  ASSERT_THAT(SharedPostgres().Run("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE "
                                   "application_name = 'greenroom'"),
              IsOk());
  EXPECT_THAT(connection->Execute("INSERT INTO t VALUES (2)"), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(connection->Commit(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(connection->Query("SELECT id FROM t").value(), ElementsAre());
}

TEST(PostgresFaults, BothSidesOfADeadlockAreWrittenInTheEnd) {
  TestStore store(DialectName::kPostgres);
  CreateEvents(store.url());
  ASSERT_THAT(SharedPostgres().Run("CREATE TABLE counters (name TEXT PRIMARY KEY, value BIGINT NOT NULL); "
                                   "INSERT INTO counters VALUES ('x', 0), ('y', 0)",
                                   store.name()),
              IsOk());
  std::unique_ptr<Database> database = OpenOrDie(store.url(), {.busy_timeout = absl::Seconds(30)});
  absl::Notification both[2];
  const auto hook = [&](size_t own) {
    return [&, own](Connection& connection, absl::Span<const Row* const>) -> absl::Status {
      const char* const names[] = {"x", "y"};
      const auto count = [&](const char* name) {
        return connection.Execute("UPDATE counters SET value = value + 1 WHERE name = ?", {name}).status();
      };
      RETURN_IF_ERROR(count(names[own]));
      if (!both[own].HasBeenNotified()) both[own].Notify();
      both[1 - own].WaitForNotification();  // each has its first lock and wants the other's
      return count(names[1 - own]);
    };
  };
  const auto first = GroupCommitter::Start(*database, Events(), {.after_write = hook(0)}).value();
  const auto second = GroupCommitter::Start(*database, Events(), {.after_write = hook(1)}).value();
  Results results;
  results.Start(*first, {{Event("a", 1, "a")}});
  results.Start(*second, {{Event("b", 1, "b")}});
  EXPECT_THAT(results.WaitForOutcomes(), ElementsAre(kWritten, kWritten));
  EXPECT_EQ(SharedPostgres().Run("SELECT value FROM counters", store.name()).value(), "2\n2\n");
}

// Its locks are another's again, long before it has said goodbye.
TEST(PostgresFaults, AClientThatStandsStillWithinATransactionLosesIt) {
  TestStore store(DialectName::kPostgres);
  std::unique_ptr<Database> hasty = OpenOrDie(store.url(), {.statement_timeout = absl::Milliseconds(500)});
  std::unique_ptr<Connection> still = ConnectOrDie(*hasty);
  ASSERT_THAT(still->Execute("CREATE TABLE t (id BIGINT PRIMARY KEY)"), IsOk());
  ASSERT_THAT(still->BeginAppend(), IsOk());
  ASSERT_THAT(still->Execute("INSERT INTO t VALUES (1)"), IsOk());
  std::unique_ptr<Database> database = OpenOrDie(store.url(), {.busy_timeout = absl::Seconds(20)});
  std::unique_ptr<Connection> other = ConnectOrDie(*database);
  EXPECT_THAT(other->Execute("INSERT INTO t VALUES (1)"), IsOk());
  EXPECT_THAT(still->Commit(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(still->Query("SELECT id FROM t").value(), ElementsAre(Row{1}));
}

TEST(PostgresSetup, TheServerNoticesAClientThatVanishedAsWeNoticeIt) {
  TestStore store(DialectName::kPostgres);
  std::unique_ptr<Database> database = OpenOrDie(store.url());
  EXPECT_THAT(
      ConnectOrDie(*database)
          ->Query("SELECT current_setting('tcp_keepalives_idle')::int, "
                  "current_setting('tcp_keepalives_interval')::int, "
                  "current_setting('tcp_keepalives_count')::int, current_setting('tcp_user_timeout'), "
                  "current_setting('idle_in_transaction_session_timeout')")
          .value(),
      ElementsAre(Row{1, 1, 3, "3000", "30s"}));
}

TEST(PostgresSetup, RefusesAServerThatMayLoseWhatItAcknowledged) {
  const auto server = StartOrDie({.settings = {"fsync=off"}});
  const absl::Status status = Database::Open(server->url()).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(status.message(), HasSubstr("fsync"));
}

TEST(PostgresSetup, RefusesAnotherEncodingAndCommitsThatDoNotWait) {
  ASSERT_THAT(SharedPostgres().Run("CREATE DATABASE ascii ENCODING 'SQL_ASCII' TEMPLATE template0"), IsOk());
  EXPECT_THAT(Database::Open(SharedPostgres().url("ascii")), StatusIs(absl::StatusCode::kFailedPrecondition));
  TestStore store(DialectName::kPostgres);
  ASSERT_THAT(
      SharedPostgres().Run(absl::StrCat("ALTER DATABASE ", store.name(), " SET synchronous_commit = off")),
      IsOk());
  std::unique_ptr<Database> database = OpenOrDie(store.url());
  EXPECT_THAT(ConnectOrDie(*database)->Query("SHOW synchronous_commit").value(), ElementsAre(Row{"on"}));
}

TEST(PostgresSetup, SpeaksTlsWhereTheUrlSaysSo) {
  const auto server = StartOrDie({.tls = true});
  const auto url = [&](absl::string_view settings) {
    return absl::StrCat("postgresql://greenroom@localhost:", server->port(), "/postgres?sslmode=", settings);
  };
  std::unique_ptr<Database> database =
      OpenOrDie(url(absl::StrCat("verify-full&sslrootcert=", server->certificate())));
  EXPECT_THAT(
      ConnectOrDie(*database)->Query("SELECT ssl::int FROM pg_stat_ssl WHERE pid = pg_backend_pid()").value(),
      ElementsAre(Row{1}));
  const DatabaseOptions impatient{.busy_timeout = absl::ZeroDuration()};
  const auto stranger = StartOrDie({.tls = true});
  EXPECT_THAT(
      Database::Open(url(absl::StrCat("verify-full&sslrootcert=", stranger->certificate())), impatient),
      StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(Database::Open(absl::StrCat(SharedPostgres().url(), "?sslmode=require"), impatient),
              StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace greenroom::sql
