// The client against servers that behave, in every topology.
#include "services/base/redis/redis_client.h"

#include <dirent.h>
#include <signal.h>

#include <atomic>
#include <compare>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/base/redis/redis_slots.h"
#include "services/base/redis/redis_test_client.h"
#include "services/base/redis/redis_tls.h"
#include "services/base/redis/redis_url.h"
#include "services/base/task.h"
#include "tests/servers/certificate.h"
#include "tests/servers/redis_cluster.h"
#include "tests/servers/redis_replicas.h"
#include "tests/servers/redis_server.h"

namespace greenroom {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

// One command after the other, each begun where the one before it was answered: on the loop thread.
struct Chain {
  static Task<absl::StatusOr<int>> Count(RedisClient& client, int times) {
    int total = 0;
    for (int i = 0; i < times; ++i) {
      std::vector<std::string> command = {"INCR", "chain"};
      ASSIGN_OR_CO_RETURN(const RedisReply reply, client.Command(std::move(command), absl::InfiniteFuture()));
      total = static_cast<int>(reply.integer());
    }
    co_return total;
  }
};

// Redis in one topology, shared by the tests of it.
class Deployment {
 public:
  virtual ~Deployment() = default;
  virtual std::string url() = 0;
  virtual std::vector<RedisServer*> primaries() = 0;
  virtual RedisServer& ServerOf(const std::string& key) = 0;

  // As if nothing had happened.
  void Reset() {
    for (RedisServer* server : primaries()) {
      ASSERT_TRUE(server->Command({"FLUSHALL"}).ok());
      ASSERT_TRUE(server->Command({"SCRIPT", "FLUSH"}).ok());
      ASSERT_TRUE(server->Command({"CONFIG", "RESETSTAT"}).ok());
    }
  }
};

class StandaloneDeployment final : public Deployment {
 public:
  explicit StandaloneDeployment(const Certificate* certificate)
      : server_(RedisServer::Start({.certificate = certificate}).value()) {}
  std::string url() override { return server_->url(); }
  std::vector<RedisServer*> primaries() override { return {server_.get()}; }
  RedisServer& ServerOf(const std::string&) override { return *server_; }

 private:
  std::unique_ptr<RedisServer> server_;
};

class SentinelDeployment final : public Deployment {
 public:
  explicit SentinelDeployment(const Certificate* certificate)
      : replicas_(RedisReplicas::Start({.certificate = certificate}).value()) {}
  std::string url() override { return replicas_->url(); }
  std::vector<RedisServer*> primaries() override { return {&replicas_->server(0)}; }
  RedisServer& ServerOf(const std::string&) override { return replicas_->server(0); }

 private:
  std::unique_ptr<RedisReplicas> replicas_;
};

class ClusterDeployment final : public Deployment {
 public:
  explicit ClusterDeployment(const Certificate* certificate)
      : cluster_(RedisCluster::Start({.certificate = certificate}).value()) {}
  std::string url() override { return cluster_->url(); }
  std::vector<RedisServer*> primaries() override {
    return {&cluster_->server(0), &cluster_->server(1), &cluster_->server(2)};
  }
  RedisServer& ServerOf(const std::string& key) override {
    return cluster_->server(cluster_->OwnerOf(RedisSlotOfKey(key), 0).value());
  }

 private:
  std::unique_ptr<RedisCluster> cluster_;
};

struct Way {
  RedisUrl::Topology topology;
  bool tls = false;
  friend auto operator<=>(const Way&, const Way&) = default;
};

// What every topology owes its callers, with TLS and without.
class RedisClientTest : public ::testing::TestWithParam<Way> {
 protected:
  static void TearDownTestSuite() { Deployments().clear(); }

  void SetUp() override {
    std::unique_ptr<Deployment>& deployment = Deployments()[GetParam()];
    if (deployment == nullptr) deployment = Make(GetParam());
    deployment_ = deployment.get();
    deployment_->Reset();
    client_ = MakeRedisClient(PatientOptions(deployment_->url())).value();
  }

  absl::StatusOr<RedisReply> Run(std::vector<std::string> args) { return Call(*client_, std::move(args)); }

  Deployment* deployment_ = nullptr;
  std::unique_ptr<RedisClient> client_;

 private:
  static std::map<Way, std::unique_ptr<Deployment>>& Deployments() {
    static auto& deployments = *new std::map<Way, std::unique_ptr<Deployment>>();
    return deployments;
  }
  static std::unique_ptr<Deployment> Make(const Way& way) {
    static const Certificate& of_all = *Certificate::Make().value().release();
    const Certificate* certificate = way.tls ? &of_all : nullptr;
    switch (way.topology) {
      case RedisUrl::Topology::kStandalone:
        return std::make_unique<StandaloneDeployment>(certificate);
      case RedisUrl::Topology::kSentinel:
        return std::make_unique<SentinelDeployment>(certificate);
      case RedisUrl::Topology::kCluster:
        return std::make_unique<ClusterDeployment>(certificate);
    }
    return nullptr;
  }
};

// A build without TLS has no other way than to refuse it: redis_no_tls_test.
std::vector<Way> Ways(bool tls) {
  if (tls && !RedisHasTls()) return {};
  return {{RedisUrl::Topology::kStandalone, tls},
          {RedisUrl::Topology::kSentinel, tls},
          {RedisUrl::Topology::kCluster, tls}};
}

std::string TopologyName(const ::testing::TestParamInfo<Way>& info) {
  constexpr const char* kNames[] = {"Standalone", "Sentinel", "Cluster"};
  return kNames[static_cast<size_t>(info.param.topology)];
}

INSTANTIATE_TEST_SUITE_P(On, RedisClientTest, ::testing::ValuesIn(Ways(false)), TopologyName);
INSTANTIATE_TEST_SUITE_P(ByTlsOn, RedisClientTest, ::testing::ValuesIn(Ways(true)), TopologyName);

TEST_P(RedisClientTest, CarriesEveryByteValue) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  const std::string key = "key" + all;
  ASSERT_EQ(Run({"SET", key, all})->str(), "OK");
  EXPECT_EQ(Run({"GET", key})->str(), all);
  ASSERT_TRUE(Run({"SET", "empty", ""}).ok());
  EXPECT_EQ(*Run({"GET", "empty"}), RedisReply::String(""));
  const std::string large(3 << 20, 'x');
  ASSERT_TRUE(Run({"SET", "large", large}).ok());
  EXPECT_EQ(Run({"GET", "large"})->str(), large);
}

TEST_P(RedisClientTest, YieldsEveryKind) {
  EXPECT_TRUE(Run({"GET", "missing"})->is_nil());
  EXPECT_EQ(*Run({"INCRBY", "n", "-9223372036854775808"}), RedisReply::Integer(INT64_MIN));
  EXPECT_EQ(*Run({"PING"}), RedisReply::String("PONG"));
  EXPECT_EQ(*Run({"EVAL", "return {1, 'a', false, {}, {2, {3}}, redis.error_reply('CODE text')}", "0"}),
            RedisReply::Array(
                {RedisReply::Integer(1), RedisReply::String("a"), RedisReply::Nil(), RedisReply::Array({}),
                 RedisReply::Array({RedisReply::Integer(2), RedisReply::Array({RedisReply::Integer(3)})}),
                 RedisReply::Error("CODE text")}));
}

TEST_P(RedisClientTest, TurnsErrorRepliesIntoStatuses) {
  ASSERT_TRUE(Run({"SET", "text", "x"}).ok());
  const auto wrong_type = Run({"LPUSH", "text", "y"});
  EXPECT_EQ(CodeOf(wrong_type), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(wrong_type.status().message()), HasSubstr("WRONGTYPE"));
  EXPECT_EQ(CodeOf(Run({"NOSUCHCOMMAND"})), absl::StatusCode::kInternal);
  EXPECT_EQ(CodeOf(Run({"EVALSHA", std::string(40, 'a'), "0"})), absl::StatusCode::kNotFound);
  EXPECT_EQ(*Run({"GET", "text"}), RedisReply::String("x"));
}

TEST_P(RedisClientTest, RefusesWhatWouldBreakTheSharedConnection) {
  for (const std::string name : {"SUBSCRIBE", "ssubscribe", "PSubscribe", "UNSUBSCRIBE", "MONITOR", "QUIT",
                                 "RESET", "HELLO", "AUTH", "SELECT", "MULTI", "EXEC", "WATCH"}) {
    EXPECT_EQ(CodeOf(Run({name, "x"})), absl::StatusCode::kInvalidArgument) << name;
  }
  EXPECT_EQ(CodeOf(Run({"client", "reply", "OFF"})), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(Run({})), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(Run({"CLIENT", "ID"}).ok());
}

TEST_P(RedisClientTest, EveryReplyNamesItsServer) {
  const auto info = deployment_->ServerOf("missing").Command({"INFO", "server"});
  const auto reply = Run({"GET", "missing"});
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->run_id().size(), 40u);
  EXPECT_THAT(*info, HasSubstr(absl::StrCat("run_id:", std::string(reply->run_id()))));
  EXPECT_EQ(client_->run_id("missing"), reply->run_id());
  EXPECT_EQ(client_->run_id(), Run({"PING"})->run_id());
  WaitForHealth(*client_);
}

TEST_P(RedisClientTest, ScriptsRunByNameAndAreSentAgainWhenTheServerForgets) {
  const RedisScript script("return {KEYS[1], ARGV[1], redis.call('INCR', KEYS[1])}");
  auto eval = [&] { return SyncWait(client_->Eval(script, {"counter"}, {"arg"}, absl::InfiniteFuture())); };
  auto result = [](int n) {
    return RedisReply::Array(
        {RedisReply::String("counter"), RedisReply::String("arg"), RedisReply::Integer(n)});
  };
  EXPECT_EQ(*eval(), result(1));
  EXPECT_EQ(*eval(), result(2));
  RedisServer& server = deployment_->ServerOf("counter");
  ASSERT_TRUE(server.Command({"SCRIPT", "FLUSH"}).ok());
  EXPECT_EQ(*eval(), result(3));
  const std::string stats = *server.Command({"INFO", "commandstats"});
  EXPECT_THAT(stats, HasSubstr("cmdstat_eval:calls=2,"));
  EXPECT_THAT(stats, HasSubstr("cmdstat_evalsha:calls=3,"));
}

TEST_P(RedisClientTest, ScriptErrorsAreStatuses) {
  const RedisScript wrong_type("redis.call('SET', KEYS[1], 'x') return redis.call('LPUSH', KEYS[1], 'y')");
  EXPECT_FALSE(SyncWait(client_->Eval(wrong_type, {"k"}, {}, absl::InfiniteFuture())).ok());
  const RedisScript broken("this is not Lua");
  EXPECT_EQ(CodeOf(SyncWait(client_->Eval(broken, {}, {}, absl::InfiniteFuture()))),
            absl::StatusCode::kInternal);
}

TEST_P(RedisClientTest, PipelinesTenThousandCommandsOfEightThreads) {
  constexpr int kThreads = 8;
  constexpr int kCommands = 1250;
  absl::BlockingCounter answered(kThreads * kCommands);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 1; i <= kCommands; ++i) {
        // Its own replies in its own order: each thread's list grows by one.
        StartTask(
            client_->Command({"RPUSH", absl::StrCat("list", t), absl::StrCat(i)}, absl::InfiniteFuture()),
            [&, i](absl::StatusOr<RedisReply> reply) {
              if (!reply.ok() || reply->integer() != i) ++wrong;
              answered.DecrementCount();
            });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  answered.Wait();
  EXPECT_EQ(wrong, 0);
  for (int t = 0; t < kThreads; ++t) {
    const auto list = Run({"LRANGE", absl::StrCat("list", t), "0", "-1"});
    ASSERT_EQ(list->elements().size(), static_cast<size_t>(kCommands));
    for (int i = 0; i < kCommands; ++i) ASSERT_EQ((*list)[static_cast<size_t>(i)].str(), absl::StrCat(i + 1));
  }
}

TEST_P(RedisClientTest, CoroutinesResumeOnTheLoopAndMayGoOnThere) {
  EXPECT_EQ(*SyncWait(Chain::Count(*client_, 1000)), 1000);
}

TEST_P(RedisClientTest, SubscribersHearWhatScriptsPublish) {
  Inbox inbox, other;
  const std::string channel("ch\0\r\n", 5);
  const RedisSubscriptionId id = client_->Subscribe(channel, inbox.Subscriber());
  client_->Subscribe("other", other.Subscriber());
  ASSERT_EQ(inbox.WaitFor(1).size(), 1u);
  ASSERT_EQ(other.WaitFor(1).size(), 1u);
  const RedisScript publish("return redis.call('PUBLISH', ARGV[1], ARGV[2])");
  auto run = [&](const std::string& to, const std::string& payload) {
    return SyncWait(client_->Eval(publish, {"key"}, {to, payload}, absl::InfiniteFuture())).ok();
  };
  ASSERT_TRUE(run(channel, "1") && run(channel, "2"));
  EXPECT_THAT(inbox.WaitFor(3), ::testing::ElementsAre("+", "1", "2"));
  client_->Unsubscribe(id);
  ASSERT_TRUE(run(channel, "3") && run("other", "4"));
  EXPECT_THAT(other.WaitFor(2), ::testing::ElementsAre("+", "4"));
  EXPECT_EQ(inbox.WaitFor(3).size(), 3u);
}

TEST_P(RedisClientTest, DestructionAnswersEverythingOnce) {
  std::atomic<int> answered = 0;
  for (int i = 0; i < 1000; ++i) {
    StartTask(client_->Command({"INCR", absl::StrCat("n", i)}, absl::InfiniteFuture()),
              [&](const absl::StatusOr<RedisReply>& reply) {
                ++answered;
                EXPECT_TRUE(reply.ok() || CodeOf(reply) == absl::StatusCode::kCancelled) << reply.status();
              });
  }
  client_.reset();
  EXPECT_EQ(answered, 1000);
}

TEST_P(RedisClientTest, DeadlineThatHasPassedSendsNothing) {
  EXPECT_EQ(CodeOf(Call(*client_, {"SET", "k", "v"}, absl::Now() - absl::Seconds(1))),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(CodeOf(Call(*client_, {"SET", "k", "v"}, absl::InfinitePast())),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_TRUE(Run({"GET", "k"})->is_nil());
}

TEST(RedisClientOptionsTest, DeadlinesAreReadOffTheInjectedClock) {
  auto server = RedisServer::Start().value();
  RedisOptions options = PatientOptions(server->url());
  const absl::Time now = absl::UnixEpoch() + absl::Hours(1);
  options.now = [now] { return now; };
  auto client = MakeRedisClient(options).value();
  EXPECT_TRUE(Call(*client, {"PING"}, now + kPatience).ok());
  EXPECT_EQ(CodeOf(Call(*client, {"PING"}, now)), absl::StatusCode::kDeadlineExceeded);
}

TEST(RedisClientOptionsTest, ObserversSeeEveryCommandOnce) {
  auto server = RedisServer::Start().value();
  RedisOptions options = PatientOptions(server->url());
  absl::Mutex mutex;
  std::vector<std::string> seen;
  options.on_command = [&](absl::string_view command, absl::Duration latency, absl::StatusCode code) {
    absl::MutexLock lock(&mutex);
    EXPECT_GE(latency, absl::ZeroDuration());
    seen.push_back(absl::StrCat(command, " ", absl::StatusCodeToString(code)));
  };
  auto client = MakeRedisClient(options).value();
  const RedisScript script("return 1");
  ASSERT_TRUE(SyncWait(client->Eval(script, {}, {}, absl::InfiniteFuture())).ok());
  Call(*client, {"get", "k"}).IgnoreError();
  Call(*client, {"MONITOR"}).IgnoreError();
  client.reset();
  EXPECT_THAT(seen,
              ::testing::ElementsAre("EVALSHA NOT_FOUND", "EVAL OK", "GET OK", "MONITOR INVALID_ARGUMENT"));
}

TEST(RedisClientOptionsTest, AuthenticatesAndSelects) {
  RedisServer::Options with_password;
  with_password.args = {"--requirepass", "s3cret word"};
  auto server = RedisServer::Start(with_password).value();
  ASSERT_TRUE(
      server->Command({"ACL", "SETUSER", "ann", "on", ">pw", "~*", "&*", "+@all"}, {"AUTH", "s3cret word"})
          .ok());
  for (const std::string credentials : {":s3cret%20word", "default:s3cret%20word", "ann:pw"}) {
    auto client = MakeRedisClient(PatientOptions(absl::StrCat("redis://", credentials,
                                                              "@127.0.0.1:", server->port(), "/3")))
                      .value();
    ASSERT_TRUE(Call(*client, {"SET", "where", credentials}).ok());
    EXPECT_THAT(Call(*client, {"CLIENT", "INFO"})->str(), HasSubstr(" db=3 "));
  }
}

TEST(RedisClientOptionsTest, WrongPasswordIsReportedAndNotRepeated) {
  RedisServer::Options with_password;
  with_password.args = {"--requirepass", "right"};
  auto server = RedisServer::Start(with_password).value();
  for (const std::string credentials : {":wrong@", ""}) {
    ConnectionLog log;
    RedisOptions options =
        PatientOptions(absl::StrCat("redis://", credentials, "127.0.0.1:", server->port()));
    log.Attach(options);
    auto client = MakeRedisClient(options).value();
    const auto reply = Call(*client, {"PING"});
    EXPECT_EQ(CodeOf(reply), absl::StatusCode::kUnavailable);
    EXPECT_THAT(std::string(reply.status().message()), AnyOf(HasSubstr("WRONGPASS"), HasSubstr("NOAUTH")));
    EXPECT_THAT(std::string(reply.status().message()), Not(HasSubstr("wrong@")));
    EXPECT_TRUE(log.WaitForCommands(absl::StatusCode::kUnauthenticated));
    EXPECT_EQ(client->Health().code(), absl::StatusCode::kUnauthenticated);
    EXPECT_EQ(client->run_id(), "");
    // Once the password is right, it recovers by itself.
    ASSERT_TRUE(
        server
            ->Command({"CONFIG", "SET", "requirepass", credentials.empty() ? "" : "wrong"}, {"AUTH", "right"})
            .ok());
    EXPECT_TRUE(log.WaitForCommands(absl::StatusCode::kOk));
    EXPECT_TRUE(Call(*client, {"PING"}).ok());
    client.reset();
    if (!credentials.empty()) {
      ASSERT_TRUE(server->Command({"CONFIG", "SET", "requirepass", "right"}, {"AUTH", "wrong"}).ok());
    }
  }
}

TEST(RedisClientOptionsTest, AServerThatEvictsIsReportedAndServed) {
  RedisServer::Options evicting;
  evicting.args = {"--maxmemory-policy", "allkeys-lru"};
  auto server = RedisServer::Start(evicting).value();
  RedisOptions options = PatientOptions(server->url());
  ConnectionLog log;
  log.Attach(options);
  {
    auto client = MakeRedisClient(options).value();
    EXPECT_TRUE(Call(*client, {"PING"}).ok());
    EXPECT_TRUE(log.WaitForCommands(absl::StatusCode::kFailedPrecondition));
    EXPECT_EQ(client->Health().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(client->Health().message()), HasSubstr("allkeys-lru"));
  }
  options.require_noeviction = false;
  auto client = MakeRedisClient(options).value();
  EXPECT_TRUE(Call(*client, {"PING"}).ok());
  EXPECT_TRUE(client->Health().ok());
}

TEST(RedisClientOptionsTest, ConnectsByName) {
  auto server = RedisServer::Start().value();
  auto client = MakeRedisClient(PatientOptions(absl::StrCat("redis://localhost:", server->port()))).value();
  EXPECT_TRUE(Call(*client, {"PING"}).ok());
}

TEST(RedisClientOptionsTest, AnAnswerMakesRoomForTheNextCommand) {
  auto server = RedisServer::Start().value();
  RedisOptions options = PatientOptions(server->url());
  options.max_in_flight = 1;
  auto client = MakeRedisClient(options).value();
  EXPECT_EQ(*SyncWait(Chain::Count(*client, 100)), 100);
}

TEST(RedisClientOptionsTest, RefusesMoreThanMaxInFlight) {
  auto server = RedisServer::Start().value();
  RedisOptions options = PatientOptions(server->url());
  options.max_in_flight = 3;
  auto client = MakeRedisClient(options).value();
  ASSERT_TRUE(Call(*client, {"PING"}).ok());
  ASSERT_TRUE(server->Stop().ok());
  absl::BlockingCounter answered(3);
  for (int i = 0; i < 3; ++i) {
    StartTask(client->Command({"INCR", "n"}, absl::InfiniteFuture()),
              [&](const absl::StatusOr<RedisReply>& reply) {
                EXPECT_TRUE(reply.ok());
                answered.DecrementCount();
              });
  }
  EXPECT_EQ(CodeOf(Call(*client, {"INCR", "n"})), absl::StatusCode::kResourceExhausted);
  ASSERT_TRUE(server->Cont().ok());
  answered.Wait();
  EXPECT_EQ(Call(*client, {"INCR", "n"})->integer(), 4);
}

TEST(RedisClientLifeTest, NoSignalIsDeliveredOnTheLoopThread) {
  auto server = RedisServer::Start().value();
  auto client = MakeRedisClient(PatientOptions(server->url())).value();
  absl::Notification done;
  sigset_t blocked;
  StartTask(client->Command({"PING"}, absl::InfiniteFuture()), [&](const absl::StatusOr<RedisReply>&) {
    pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
    done.Notify();
  });
  done.WaitForNotification();
  EXPECT_EQ(sigismember(&blocked, SIGPIPE), 1);
  EXPECT_EQ(sigismember(&blocked, SIGTERM), 1);
  pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
  EXPECT_EQ(sigismember(&blocked, SIGTERM), 0);  // here it is
}

int OpenDescriptors() {
  DIR* directory = opendir("/proc/self/fd");
  int count = 0;
  while (readdir(directory) != nullptr) ++count;
  closedir(directory);
  return count;
}

TEST(RedisClientLifeTest, LeaksNoDescriptors) {
  auto server = RedisServer::Start().value();
  auto once = [&] {
    auto client = MakeRedisClient(PatientOptions(absl::StrCat("redis://localhost:", server->port()))).value();
    absl::Notification subscribed;
    client->Subscribe("channel", [&](RedisSubscriptionEvent, absl::string_view) { subscribed.Notify(); });
    EXPECT_TRUE(Call(*client, {"PING"}).ok());
    subscribed.WaitForNotification();
  };
  once();  // libuv's pool and the system's resolver keep what they open first
  const int before = OpenDescriptors();
  for (int i = 0; i < 20; ++i) once();
  EXPECT_EQ(OpenDescriptors(), before);
}

TEST(RedisClientLifeTest, IsDestroyedBeforeItHasConnected) {
  auto server = RedisServer::Start().value();
  for (int i = 0; i < 50; ++i) {
    auto client =
        MakeRedisClient(PatientOptions(absl::StrCat(i % 2 == 0 ? "redis://localhost:" : "redis://127.0.0.1:",
                                                    server->port())))
            .value();
  }
}

}  // namespace
}  // namespace greenroom
