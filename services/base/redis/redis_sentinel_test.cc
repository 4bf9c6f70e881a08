// The client behind real sentinels: primaries that die, stall and return, sentinels that are away.
#include <signal.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/base/redis/redis_client.h"
#include "services/base/redis/redis_test_client.h"
#include "tests/servers/free_port.h"
#include "tests/servers/redis_replicas.h"

namespace greenroom {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;

constexpr absl::Duration kWritesResume = absl::Seconds(5);

// Impatient as a service is, but for a machine that is busy.
RedisOptions SentinelOptions(std::string url) {
  RedisOptions options;
  options.url = std::move(url);
  options.command_timeout = absl::Milliseconds(200);
  return options;
}

std::string RunIdOf(const RedisServer& server) {
  const std::string info = server.Command({"INFO", "server"}).value();
  const std::vector<std::string> parts = absl::StrSplit(info, "run_id:");
  return parts.at(1).substr(0, 40);
}

// Waits until the client, which nobody uses meanwhile, is connected to this server.
void WaitForRun(const RedisClient& client, const std::string& run_id) {
  const absl::Time end = absl::Now() + kPatience;
  while (client.run_id() != run_id && absl::Now() < end) absl::SleepFor(absl::Milliseconds(2));
  EXPECT_EQ(client.run_id(), run_id) << client.Health();
}

// The same sentinels in another order.
std::string LastSentinelFirst(const std::string& url) {
  const size_t first = url.find("://") + 3, end = url.rfind('/');
  const std::string sentinels = url.substr(first, end - first);
  const size_t last = sentinels.rfind(',');
  return absl::StrCat(url.substr(0, first), sentinels.substr(last + 1), ",", sentinels.substr(0, last),
                      url.substr(end));
}

// Servers that no test kills.
class RedisSentinelTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    RedisReplicas::Options options;
    options.password = "s3cret";
    auto replicas = RedisReplicas::Start(options);
    ASSERT_TRUE(replicas.ok()) << replicas.status();
    replicas_ = replicas->release();
  }
  static void TearDownTestSuite() { delete replicas_; }

  static RedisReplicas* replicas_;
};
RedisReplicas* RedisSentinelTest::replicas_ = nullptr;

TEST_F(RedisSentinelTest, FindsThePrimaryWithSentinelsThatHaveNoPassword) {
  auto client = MakeRedisClient(PatientOptions(replicas_->url("default:s3cret") + "/2")).value();
  EXPECT_THAT(Call(*client, {"CLIENT", "INFO"})->str(), HasSubstr(" db=2 "));
  EXPECT_TRUE(client->Health().ok()) << client->Health();
}

TEST_F(RedisSentinelTest, AWrongPasswordIsReported) {
  for (const std::string credentials : {":wrong", ""}) {
    auto client = MakeRedisClient(PatientOptions(replicas_->url(credentials))).value();
    const auto reply = Call(*client, {"PING"});
    EXPECT_EQ(CodeOf(reply), absl::StatusCode::kUnavailable);
    EXPECT_THAT(std::string(reply.status().message()), AnyOf(HasSubstr("WRONGPASS"), HasSubstr("NOAUTH")));
    EXPECT_EQ(client->Health().code(), absl::StatusCode::kUnauthenticated);
  }
}

TEST_F(RedisSentinelTest, AWrongNameIsReportedWithEverySentinelsAnswer) {
  const std::string url = replicas_->url(":s3cret");
  auto client = MakeRedisClient(PatientOptions(url.substr(0, url.rfind('/')) + "/nobody")).value();
  const auto reply = Call(*client, {"PING"});
  EXPECT_EQ(CodeOf(reply), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(reply.status().message()), HasSubstr("no primary of the name nobody"));
  EXPECT_EQ(client->Health().code(), absl::StatusCode::kUnavailable);
  const std::vector<std::string> answers = absl::StrSplit(client->Health().message(), "; ");
  EXPECT_EQ(answers.size(), RedisReplicas::kSentinels);
}

TEST_F(RedisSentinelTest, OneSentinelThatAnswersIsEnough) {
  const std::string url = replicas_->url(":s3cret");
  const std::string alive = url.substr(url.find('@') + 1);
  ASSERT_EQ(kill(replicas_->sentinel(0).pid(), SIGSTOP), 0);  // the kernel goes on accepting
  RedisOptions options =
      PatientOptions(absl::StrCat("redis+sentinel://:s3cret@127.0.0.1:", FreePort(), ",", alive));
  options.connect_timeout = absl::Milliseconds(200);
  auto client = MakeRedisClient(options).value();
  EXPECT_TRUE(Call(*client, {"PING"}).ok());
  ASSERT_EQ(kill(replicas_->sentinel(0).pid(), SIGCONT), 0);
}

TEST_F(RedisSentinelTest, AReplicaIsNotUsedWhateverTheSentinelsSay) {
  ConnectionLog log;
  RedisOptions options = PatientOptions(replicas_->url(":s3cret"));
  log.Attach(options);
  auto client = MakeRedisClient(options).value();
  ASSERT_TRUE(Call(*client, {"SET", "k", "v"}).ok());
  RedisServer& primary = replicas_->server(replicas_->Primary().value());
  const std::vector<std::string> auth = {"AUTH", "s3cret"};
  ASSERT_TRUE(primary.Command({"REPLICAOF", "127.0.0.1", absl::StrCat(FreePort())}, auth).ok());
  const auto refused = Call(*client, {"SET", "k", "w"});
  EXPECT_EQ(CodeOf(refused), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("READONLY"));
  ASSERT_TRUE(log.WaitForCommands(absl::StatusCode::kUnavailable, 2));
  EXPECT_THAT(std::string(client->Health().message()), HasSubstr("its role is slave"));
  ASSERT_TRUE(primary.Command({"REPLICAOF", "NO", "ONE"}, auth).ok());
  EXPECT_EQ(CallUntilAnswered(*client, {"SET", "k", "x"}).str(), "OK");
}

TEST(RedisSentinelAbsenceTest, NoSentinelAnswers) {
  auto client = MakeRedisClient(PatientOptions(absl::StrCat("redis+sentinel://127.0.0.1:", FreePort(),
                                                            ",127.0.0.1:", FreePort(), "/name")))
                    .value();
  const auto reply = Call(*client, {"PING"});
  EXPECT_EQ(CodeOf(reply), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(reply.status().message()), HasSubstr("refused"));
  EXPECT_EQ(client->run_id(), "");
}

TEST(RedisSentinelFaultTest, WritesAndSubscriptionsFollowWhenThePrimaryIsKilled) {
  auto replicas = RedisReplicas::Start().value();
  auto client = MakeRedisClient(SentinelOptions(replicas->url())).value();
  Inbox inbox;
  client->Subscribe("c", inbox.Subscriber());
  ASSERT_EQ(inbox.WaitFor(1).size(), 1u);
  const std::string first_run(CallUntilAnswered(*client, {"SET", "k", "before"}).run_id());
  replicas->server(0).Kill9();
  const absl::Time killed = absl::Now();
  const RedisReply reply = CallUntilAnswered(*client, {"SET", "k", "after"});
  const absl::Duration pause = absl::Now() - killed;
  RecordProperty("pause_ms", static_cast<int>(absl::ToInt64Milliseconds(pause)));
  EXPECT_LT(pause, kWritesResume);
  EXPECT_NE(reply.run_id(), first_run);
  EXPECT_EQ(reply.run_id(), client->run_id());
  EXPECT_EQ(replicas->server(replicas->Primary().value()).Command({"GET", "k"}).value(), "after");
  ASSERT_EQ(inbox.WaitFor(2).size(), 2u);  // subscribed again, on the new primary
  EXPECT_EQ(CallUntilAnswered(*client, {"PUBLISH", "c", "x"}).integer(), 1);
  EXPECT_THAT(inbox.WaitFor(3), ::testing::ElementsAre("+", "+", "x"));
}

TEST(RedisSentinelFaultTest, APrimaryThatWasStoppedAndReturnsIsNotUsedAgain) {
  auto replicas = RedisReplicas::Start().value();
  RedisServer& zombie = replicas->server(0);
  // The idle one listens to the first sentinel, which goes away with the primary.
  RedisOptions options = SentinelOptions(replicas->url());
  options.subscriber_heartbeat = absl::Milliseconds(500);
  auto idle = MakeRedisClient(options).value();
  options.url = LastSentinelFirst(options.url);
  auto busy = MakeRedisClient(options).value();
  Inbox inbox;
  idle->Subscribe("c", inbox.Subscriber());
  ASSERT_EQ(inbox.WaitFor(1).size(), 1u);
  CallUntilAnswered(*idle, {"SET", "k", "before"});
  CallUntilAnswered(*busy, {"SET", "k", "before"});
  ASSERT_EQ(kill(replicas->sentinel(0).pid(), SIGSTOP), 0);
  ASSERT_TRUE(zombie.Stop().ok());
  const absl::Time stopped = absl::Now();
  const std::string run_id(CallUntilAnswered(*busy, {"SET", "k", "after"}).run_id());
  EXPECT_LT(absl::Now() - stopped, kWritesResume);
  WaitForRun(*idle, run_id);  // only another sentinel can have told it
  EXPECT_LT(absl::Now() - stopped, kWritesResume);
  ASSERT_EQ(inbox.WaitFor(2).size(), 2u);

  ASSERT_TRUE(zombie.Cont().ok());
  ASSERT_EQ(kill(replicas->sentinel(0).pid(), SIGCONT), 0);
  ASSERT_EQ(zombie.Command({"ROLE"}).value().substr(0, 6), "master");  // it does not know yet
  auto late = MakeRedisClient(options).value();
  for (int i = 0; i < 50; ++i) {
    for (RedisClient* client : {idle.get(), busy.get(), late.get()}) {
      const auto reply = Call(*client, {"INCR", "n"});
      ASSERT_TRUE(reply.ok()) << reply.status();
      EXPECT_EQ(reply->run_id(), run_id);
    }
  }
  EXPECT_EQ(zombie.Command({"GET", "n"}).value(), "");
  EXPECT_EQ(CallUntilAnswered(*busy, {"PUBLISH", "c", "x"}).integer(), 1);
  EXPECT_THAT(inbox.WaitFor(3), ::testing::ElementsAre("+", "+", "x"));
}

TEST(RedisSentinelFaultTest, FollowsAFailoverInWhichNothingIsDown) {
  auto replicas = RedisReplicas::Start().value();
  auto client = MakeRedisClient(SentinelOptions(replicas->url())).value();
  CallUntilAnswered(*client, {"SET", "k", "before"});
  ASSERT_TRUE(replicas->FailOver().ok());
  WaitForRun(*client, RunIdOf(replicas->server(replicas->Primary().value())));
  EXPECT_EQ(CallUntilAnswered(*client, {"GET", "k"}).str(), "before");
}

}  // namespace
}  // namespace greenroom
