// WatchSession over a real Redis and a real log, with writes through another replica.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "services/base/clock.h"
#include "services/session/live/redis_live_store.h"
#include "services/session/live/redis_wakeups.h"
#include "services/session/log/sql_event_log.h"
#include "services/session/testing/session_server.h"
#include "tests/servers/redis_server.h"

namespace greenroom::session::testing {
namespace {

// One process of the service: its own connections to the same stores, and a server of its own.
struct Replica {
  Replica(const RedisServer& redis_server, absl::Duration heartbeat)
      : metrics(registry),
        logger("session", "test", LogLevel::kError, clock, [](absl::string_view) {}),
        database(sql::Database::Open("sqlite:" + redis_server.directory() + "/log.db").value()),
        log(SqlEventLog::Open(*database).value()),
        redis(Connect(redis_server)),
        live(*redis),
        wakeups(*redis),
        ledger(*log, live, clock, metrics),
        rpc_metrics(registry),
        runtime{authenticator, admission, rpc_metrics, logger, rng},
        service(runtime, {ledger, *log, live, catalogue, grader, clock, rng, metrics, wakeups,
                          WatchOptions{.heartbeat = heartbeat}, draining.get_token(), assignments, open_exams,
                          memory_deriver}) {
    catalogue.Publish(kPack, {kRevision, {MarkedQuestion("q1"), MarkedQuestion("q2"), MarkedQuestion("q3")}});
    grader.set_grading(
        [](const std::string& question, const std::string&) { return MarkedReport(question); });
    ServerOptions options;
    options.drain_delay = absl::ZeroDuration();
    server = Server::Start(options, {&service}, registry, logger).value();
    server->OnDraining([this] { draining.request_stop(); });
  }

  static std::unique_ptr<RedisClient> Connect(const RedisServer& server) {
    RedisOptions options;
    options.url = server.url();
    return MakeRedisClient(options).value();
  }
  // A connection of its own: one carries 100 streams.
  std::unique_ptr<v1::SessionService::Stub> NewStub() const {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return v1::SessionService::NewStub(grpc::CreateCustomChannel(
        absl::StrCat("127.0.0.1:", server->port()), grpc::InsecureChannelCredentials(), arguments));
  }

  RealClock clock;
  SystemRng rng;
  MetricsRegistry registry;
  SessionMetrics metrics;
  Logger logger;
  std::unique_ptr<sql::Database> database;
  std::unique_ptr<SqlEventLog> log;
  std::unique_ptr<RedisClient> redis;
  RedisLiveStore live;
  RedisWakeups wakeups;
  FakeCatalogue catalogue;
  FakeGrader grader;
  Ledger ledger;
  FakeAuthenticator authenticator;
  OpenAdmission admission;
  RpcMetrics rpc_metrics;
  RpcRuntime runtime;
  std::stop_source draining;
  FakeEventLog elsewhere;  // of assignments and memory, of which there is nothing
  FakeAssignmentStore assignments{elsewhere};
  OpenExams open_exams;
  FakeMemoryIndex memory_index{elsewhere};
  MemoryDeriver memory_deriver{elsewhere, memory_index, registry};
  Service service;
  std::unique_ptr<Server> server;
};

void Identify(grpc::ClientContext& context, absl::Duration deadline = absl::Seconds(60)) {
  context.AddMetadata("authorization", FakeAuthenticator::Credential("acme", "ada", {Role::kLearner}));
  context.set_deadline(absl::ToChronoTime(absl::Now() + deadline));
}

// A watcher on a thread of its own that notes what it is sent.
class Watcher {
 public:
  Watcher(v1::SessionService::Stub& stub, const std::string& session, int64_t seen = 0) {
    Identify(context_);
    v1::WatchSessionRequest request;
    request.set_name(session);
    request.set_seen_sequence(seen);
    reader_ = stub.WatchSession(&context_, request);
    thread_ = std::thread([this] { Run(); });
  }
  ~Watcher() {
    context_.TryCancel();
    if (thread_.joinable()) thread_.join();
  }

  // When it knew of `sequence`; InfiniteFuture: not within 30 s.
  absl::Time SawAt(int64_t sequence, absl::Duration within = absl::Seconds(30)) {
    absl::MutexLock lock(&mutex_);
    const auto seen = [this, sequence]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return sequence_ >= sequence; };
    return mutex_.AwaitWithTimeout(absl::Condition(&seen), within) ? seen_at_ : absl::InfiniteFuture();
  }
  int messages() {
    absl::MutexLock lock(&mutex_);
    return messages_;
  }
  absl::Status End() {
    thread_.join();
    return ended_;
  }

 private:
  void Run() {
    v1::WatchSessionResponse message;
    while (reader_->Read(&message)) {
      absl::MutexLock lock(&mutex_);
      ++messages_;
      if (message.sequence() > sequence_) seen_at_ = absl::Now();
      sequence_ = message.sequence();
    }
    ended_ = FromGrpc(reader_->Finish());
  }

  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchSessionResponse>> reader_;
  std::thread thread_;
  absl::Mutex mutex_;
  int64_t sequence_ ABSL_GUARDED_BY(mutex_) = 0;
  int messages_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Time seen_at_ ABSL_GUARDED_BY(mutex_);
  absl::Status ended_;
};

class WatchStoresTest : public ::testing::Test {
 protected:
  explicit WatchStoresTest(absl::Duration heartbeat = absl::Seconds(25))
      : redis_(RedisServer::Start({.args = {"--appendonly", "yes"}}).value()),
        watched_(*redis_, heartbeat),
        written_(*redis_, heartbeat),
        watching_(watched_.NewStub()),
        writing_(written_.NewStub()) {}

  std::string Create(int number = 1) {
    v1::CreateSessionRequest request;
    request.set_parent("tenants/-/learners/me");
    request.set_session_id(Uuid(number));
    request.set_source(kPack);
    request.set_mode(v1::SESSION_MODE_PRACTICE);
    v1::CreateSessionResponse response;
    grpc::ClientContext context;
    Identify(context);
    const grpc::Status status = writing_->CreateSession(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.session().name();
  }
  // Through the other replica; gives the session's sequence then.
  int64_t Submit(const std::string& session, int id) {
    v1::SubmitAnswerRequest request;
    request.set_session(session);
    request.set_answer_id(Uuid(id));
    request.set_question("q1");
    request.set_text("words of the learner");
    v1::SubmitAnswerResponse response;
    grpc::ClientContext context;
    Identify(context);
    const grpc::Status status = writing_->SubmitAnswer(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.sequence() + 1;  // its grade is the unit's second row
  }

  const std::unique_ptr<RedisServer> redis_;
  Replica watched_;
  Replica written_;
  const std::unique_ptr<v1::SessionService::Stub> watching_;
  const std::unique_ptr<v1::SessionService::Stub> writing_;
};

TEST_F(WatchStoresTest, AWriteThroughAnotherReplicaWakesWithinATenthOfASecond) {
  const std::string session = Create();
  Watcher watcher(*watching_, session);
  ASSERT_NE(watcher.SawAt(1), absl::InfiniteFuture());
  std::vector<absl::Duration> took;
  for (int i = 0; i < 15; ++i) {
    const int64_t sequence = Submit(session, 10 + i);
    const absl::Time acknowledged = absl::Now();
    took.push_back(watcher.SawAt(sequence) - acknowledged);
  }
  std::sort(took.begin(), took.end());
  EXPECT_LT(took[took.size() / 2], absl::Milliseconds(100));
  EXPECT_LT(took.back(), absl::Seconds(2)) << "none waited for a heartbeat";
  EXPECT_LE(watcher.messages(), 16);
}

TEST_F(WatchStoresTest, HundredsOfWatchersAreOneConnectionAndOnlyThoseConcernedAreWoken) {
  constexpr size_t kWatchers = 400;
  constexpr int kStreamsAConnection = 100;
  std::vector<std::string> sessions;
  sessions.reserve(20);
  for (int i = 0; i < 20; ++i) sessions.push_back(Create(1 + i));
  std::vector<std::unique_ptr<v1::SessionService::Stub>> stubs;
  std::vector<std::unique_ptr<Watcher>> watchers;
  for (size_t i = 0; i < kWatchers; ++i) {
    if (i % kStreamsAConnection == 0) stubs.push_back(watched_.NewStub());
    watchers.push_back(std::make_unique<Watcher>(*stubs.back(), sessions[i % sessions.size()]));
  }
  for (const auto& watcher : watchers) ASSERT_NE(watcher->SawAt(1), absl::InfiniteFuture());
  EXPECT_EQ(watched_.metrics.watchers.Value(), static_cast<double>(kWatchers));
  const std::string clients = redis_->Command({"CLIENT", "LIST"}).value();
  int subscribers = 0;
  for (const absl::string_view client : absl::StrSplit(clients, '\n')) {
    subscribers += absl::StrContains(client, " sub=0 ") || client.empty() ? 0 : 1;
  }
  EXPECT_EQ(subscribers, 1) << clients;

  const int64_t sequence = Submit(sessions[3], 100);
  for (size_t i = 0; i < kWatchers; ++i) {
    const bool concerned = i % sessions.size() == 3;
    if (concerned) EXPECT_NE(watchers[i]->SawAt(sequence), absl::InfiniteFuture());
  }
  for (size_t i = 0; i < kWatchers; ++i) {
    EXPECT_EQ(watchers[i]->messages(), i % sessions.size() == 3 ? 2 : 1) << i;
  }
  watchers.clear();
  const absl::Time end = absl::Now() + absl::Seconds(10);
  const auto channels = [&] { return redis_->Command({"PUBSUB", "CHANNELS", "gr:{*"}).value(); };
  while (!channels().empty() && absl::Now() < end) absl::SleepFor(absl::Milliseconds(5));
  EXPECT_EQ(channels(), "") << "nobody listens any more";
  EXPECT_EQ(watched_.metrics.watchers.Value(), 0);
}

TEST_F(WatchStoresTest, ADrainEndsItAndTheOtherReplicaGoesOn) {
  const std::string session = Create();
  Watcher watcher(*watching_, session);
  ASSERT_NE(watcher.SawAt(1), absl::InfiniteFuture());
  watched_.server->Drain();
  const absl::Status ended = watcher.End();
  EXPECT_TRUE(ended.ok()) << ended;
  const int64_t sequence = Submit(session, 10);
  Watcher resumed(*writing_, session, 1);
  EXPECT_NE(resumed.SawAt(sequence), absl::InfiniteFuture());
}

TEST_F(WatchStoresTest, SubscribesAgainAfterRedisWasAway) {
  const std::string session = Create();
  Watcher watcher(*watching_, session);
  ASSERT_NE(watcher.SawAt(1), absl::InfiniteFuture());
  redis_->Kill9();
  const int64_t meanwhile = Submit(session, 10);
  ASSERT_TRUE(redis_->Restart(RedisServer::Data::kEmpty).ok());
  // No heartbeat for 25 s: it is the new subscription that makes it look.
  const absl::Time began = absl::Now();
  EXPECT_NE(watcher.SawAt(meanwhile), absl::InfiniteFuture());
  EXPECT_LT(absl::Now() - began, absl::Seconds(15));
  // The writer's connection may still be on its way back, and an answer written without it wakes nobody: of a few answers
  // one does, long before a heartbeat.
  bool woken = false;
  for (int i = 11; i < 21 && !woken; ++i) {
    const int64_t sequence = Submit(session, i);
    woken = watcher.SawAt(sequence, absl::Seconds(1)) != absl::InfiniteFuture();
  }
  EXPECT_TRUE(woken);
}

class WatchHeartbeatTest : public WatchStoresTest {
 protected:
  WatchHeartbeatTest() : WatchStoresTest(absl::Milliseconds(500)) {}
};

TEST_F(WatchHeartbeatTest, ConvergesWhileRedisIsAway) {
  const std::string session = Create();
  Watcher watcher(*watching_, session);
  ASSERT_NE(watcher.SawAt(1), absl::InfiniteFuture());
  redis_->Kill9();
  const int64_t sequence = Submit(session, 10);
  EXPECT_NE(watcher.SawAt(sequence), absl::InfiniteFuture());
}

}  // namespace
}  // namespace greenroom::session::testing
