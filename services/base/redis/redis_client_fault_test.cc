// The client against servers that stall, die, lie and come back.
#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/base/redis/redis_client.h"
#include "services/base/redis/redis_test_client.h"
#include "tests/servers/free_port.h"
#include "tests/servers/redis_server.h"
#include "tests/servers/scripted_server.h"

namespace greenroom {
namespace {

using ::testing::HasSubstr;

// Counts the answers to commands by code; each must come once.
class Answers {
 public:
  explicit Answers(int expected) : expected_(expected) {}

  void Start(RedisClient& client, std::vector<std::string> args,
             absl::Time deadline = absl::InfiniteFuture()) {
    StartTask(client.Command(std::move(args), deadline), [this](const absl::StatusOr<RedisReply>& reply) {
      absl::MutexLock lock(&mutex_);
      ++total_;
      ++codes_[reply.status().code()];
    });
  }
  bool WaitForAll() { return WaitFor(expected_); }
  bool WaitFor(int count) {
    absl::MutexLock lock(&mutex_);
    auto all = [this, count] { return total_ >= count; };
    return mutex_.AwaitWithTimeout(absl::Condition(&all), kPatience);
  }
  int total() const {
    absl::MutexLock lock(&mutex_);
    return total_;
  }
  int Count(absl::StatusCode code) const {
    absl::MutexLock lock(&mutex_);
    const auto found = codes_.find(code);
    return found == codes_.end() ? 0 : found->second;
  }

 private:
  const int expected_;
  mutable absl::Mutex mutex_;
  int total_ = 0;
  std::map<absl::StatusCode, int> codes_;
};

TEST(RedisClientTimeoutTest, TimedOutCommandsKeepTheirPlaceInThePipeline) {
  auto server = RedisServer::Start().value();
  RedisOptions options = PatientOptions(server->url());
  options.command_timeout = kPatience;
  ConnectionLog log;
  log.Attach(options);
  auto client = MakeRedisClient(options).value();
  ASSERT_TRUE(Call(*client, {"SET", "k", "value"}).ok());
  ASSERT_TRUE(server->Stop().ok());
  const absl::Time start = absl::Now();
  Answers late(20);
  for (int i = 0; i < 20; ++i) late.Start(*client, {"INCR", "n"}, start + absl::Milliseconds(30));
  ASSERT_TRUE(late.WaitForAll());
  EXPECT_EQ(late.Count(absl::StatusCode::kDeadlineExceeded), 20);
  EXPECT_GE(absl::Now() - start, absl::Milliseconds(30));

  absl::Notification done;
  StartTask(client->Command({"GET", "k"}, absl::InfiniteFuture()), [&](absl::StatusOr<RedisReply> reply) {
    EXPECT_EQ(reply->str(), "value");
    done.Notify();
  });
  ASSERT_TRUE(server->Cont().ok());
  done.WaitForNotification();
  EXPECT_EQ(Call(*client, {"GET", "n"})->str(), "20");  // they did take effect
  EXPECT_EQ(late.total(), 20);
  EXPECT_FALSE(log.last().code() == absl::StatusCode::kUnavailable) << log.last();  // on the same connection
}

TEST(RedisClientTimeoutTest, CommandTimeoutBoundsACallWithoutDeadline) {
  auto server = RedisServer::Start().value();
  RedisOptions options = PatientOptions(server->url());
  options.command_timeout = absl::Milliseconds(50);
  ASSERT_TRUE(server->Command({"CLIENT", "PAUSE", "400", "ALL"}).ok());
  auto client = MakeRedisClient(options).value();
  const absl::Time start = absl::Now();
  // The pause also holds up INFO: these wait for the first attempt, and are never sent.
  const auto unsent = Call(*client, {"INCR", "n"});
  EXPECT_EQ(CodeOf(unsent), absl::StatusCode::kDeadlineExceeded);
  const RedisScript script("return redis.call('INCR', KEYS[1])");
  EXPECT_EQ(CodeOf(SyncWait(client->Eval(script, {"n"}, {}, absl::InfiniteFuture()))),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_GE(absl::Now() - start, absl::Milliseconds(100));
  EXPECT_THAT(std::string(unsent.status().message()), HasSubstr("not sent"));
  while (!Call(*client, {"PING"}).ok()) {
  }
  EXPECT_TRUE(Call(*client, {"GET", "n"})->is_nil());
}

TEST(RedisClientTimeoutTest, ASilentServerIsDroppedAndFoundAgain) {
  auto server = RedisServer::Start().value();
  RedisOptions options = PatientOptions(server->url());
  options.command_timeout = absl::Milliseconds(20);
  options.connect_timeout = absl::Milliseconds(200);
  options.dead_peer_timeout = absl::Milliseconds(60);
  ConnectionLog log;
  log.Attach(options);
  auto client = MakeRedisClient(options).value();
  ASSERT_TRUE(log.WaitForCommands(absl::StatusCode::kOk));
  ASSERT_TRUE(server->Stop().ok());
  int timeouts = 0;
  absl::StatusOr<RedisReply> reply;
  while (CodeOf(reply = Call(*client, {"PING"})) == absl::StatusCode::kDeadlineExceeded) ++timeouts;
  EXPECT_GE(timeouts, 2);
  EXPECT_LE(timeouts, 6);
  EXPECT_EQ(CodeOf(reply), absl::StatusCode::kUnavailable);
  EXPECT_EQ(client->run_id(), "");
  // The kernel accepts in the server's name, but nobody answers the setup.
  EXPECT_TRUE(log.WaitForCommands(absl::StatusCode::kUnavailable, 3));
  EXPECT_THAT(std::string(client->Health().message()), HasSubstr("does not answer"));
  ASSERT_TRUE(server->Cont().ok());
  ASSERT_TRUE(log.WaitForCommands(absl::StatusCode::kOk, 2));
  while (!Call(*client, {"PING"}).ok()) {
  }
}

TEST(RedisClientFaultTest, EveryCommandIsAnsweredOnceWhenTheServerIsKilled) {
  RedisServer::Options durable;
  durable.args = {"--appendonly", "yes", "--appendfsync", "always"};
  auto server = RedisServer::Start(durable).value();
  RedisOptions options = PatientOptions(server->url());
  ConnectionLog log;
  log.Attach(options);
  auto client = MakeRedisClient(options).value();
  ASSERT_TRUE(Call(*client, {"PING"}).ok());
  const std::string first_run = client->run_id();
  constexpr int kCommands = 2000;
  Answers answers(kCommands);
  for (int i = 0; i < kCommands / 2; ++i) answers.Start(*client, {"INCR", "n"});
  ASSERT_TRUE(answers.WaitFor(1));
  ASSERT_TRUE(server->Stop().ok());  // so that some are in flight for certain
  for (int i = 0; i < kCommands / 2; ++i) answers.Start(*client, {"INCR", "n"});
  server->Kill9();
  ASSERT_TRUE(answers.WaitForAll());
  const int ok = answers.Count(absl::StatusCode::kOk);
  EXPECT_EQ(answers.total(), kCommands);
  EXPECT_EQ(ok + answers.Count(absl::StatusCode::kUnavailable), kCommands);
  EXPECT_LT(ok, kCommands);
  EXPECT_EQ(CodeOf(Call(*client, {"PING"})), absl::StatusCode::kUnavailable);  // at once, while it is away
  EXPECT_EQ(client->Health().code(), absl::StatusCode::kUnavailable);

  ASSERT_TRUE(server->Restart(RedisServer::Data::kKeep).ok());
  const absl::Time back = absl::Now();
  ASSERT_TRUE(log.WaitForCommands(absl::StatusCode::kOk, 2));
  EXPECT_LT(absl::Now() - back, absl::Seconds(5));
  const auto reply = Call(*client, {"GET", "n"});
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_NE(reply->run_id(), first_run);
  EXPECT_EQ(reply->run_id(), client->run_id());
  // Acknowledged by a server that syncs before it answers: all there, and what was unavailable may be there.
  EXPECT_GE(std::stoi(reply->str()), ok);
  EXPECT_EQ(answers.total(), kCommands);
}

TEST(RedisClientFaultTest, SurvivesRepeatedKillsUnderLoad) {
  auto server = RedisServer::Start().value();
  RedisOptions options = PatientOptions(server->url());
  ConnectionLog log;
  log.Attach(options);
  auto client = MakeRedisClient(options).value();
  std::atomic<bool> stop = false;
  std::atomic<int> begun = 0;
  std::atomic<int> answered = 0;
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      const std::string mine = absl::StrCat("payload of ", t);
      while (!stop) {
        ++begun;
        const auto reply = Call(*client, {"ECHO", mine});
        ++answered;
        if (reply.ok() ? reply->str() != mine : CodeOf(reply) != absl::StatusCode::kUnavailable) ++wrong;
      }
    });
  }
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(log.WaitForCommands(absl::StatusCode::kOk, i + 1));
    EXPECT_TRUE(server->Restart(RedisServer::Data::kEmpty).ok());
  }
  EXPECT_TRUE(log.WaitForCommands(absl::StatusCode::kOk, 6));
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(begun, answered);
  EXPECT_EQ(wrong, 0);
  EXPECT_TRUE(Call(*client, {"PING"}).ok());
}

TEST(RedisClientFaultTest, DestructionAnswersWhatIsInFlightOnce) {
  auto server = RedisServer::Start().value();
  auto client = MakeRedisClient(PatientOptions(server->url())).value();
  ASSERT_TRUE(Call(*client, {"PING"}).ok());
  ASSERT_TRUE(server->Stop().ok());
  Answers answers(100);
  for (int i = 0; i < 100; ++i) answers.Start(*client, {"INCR", "n"});
  client.reset();
  EXPECT_EQ(answers.total(), 100);
  EXPECT_EQ(answers.Count(absl::StatusCode::kCancelled), 100);
}

TEST(RedisClientFaultTest, DestructionRefusesWhatItsOwnAnswersBegin) {
  auto server = RedisServer::Start().value();
  auto client = MakeRedisClient(PatientOptions(server->url())).value();
  ASSERT_TRUE(Call(*client, {"PING"}).ok());
  ASSERT_TRUE(server->Stop().ok());
  RedisClient* borrowed = client.get();
  int second = 0;
  StartTask(borrowed->Command({"INCR", "n"}, absl::InfiniteFuture()),
            [&](const absl::StatusOr<RedisReply>& reply) {
              EXPECT_EQ(CodeOf(reply), absl::StatusCode::kCancelled);
              StartTask(borrowed->Command({"INCR", "n"}, absl::InfiniteFuture()),
                        [&](const absl::StatusOr<RedisReply>& again) {
                          EXPECT_EQ(CodeOf(again), absl::StatusCode::kCancelled);
                          ++second;
                        });
            });
  client.reset();
  EXPECT_EQ(second, 1);
}

TEST(RedisClientFaultTest, DestructionAnswersWhatWaitsForTheFirstConnection) {
  ScriptedServer silent([](ScriptedServer::Peer& peer, int) { peer.WaitForClose(); });
  auto client = MakeRedisClient(PatientOptions(silent.url())).value();
  Answers answers(10);
  for (int i = 0; i < 10; ++i) answers.Start(*client, {"PING"});
  client.reset();
  EXPECT_EQ(answers.Count(absl::StatusCode::kCancelled), 10);
}

TEST(RedisClientFaultTest, NobodyListensSoTheFirstCommandsFailWithTheReason) {
  RedisOptions options = PatientOptions(absl::StrCat("redis://127.0.0.1:", FreePort()));
  auto client = MakeRedisClient(options).value();
  const auto reply = Call(*client, {"PING"});
  EXPECT_EQ(CodeOf(reply), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(reply.status().message()), HasSubstr("refused"));
}

TEST(RedisClientFaultTest, AWrongHostNameIsReported) {
  ConnectionLog log;
  RedisOptions options = PatientOptions("redis://no-such-host.invalid:6379");
  log.Attach(options);
  auto client = MakeRedisClient(options).value();
  const auto reply = Call(*client, {"PING"});
  EXPECT_EQ(CodeOf(reply), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(reply.status().message()), HasSubstr("no-such-host.invalid"));
  EXPECT_TRUE(log.WaitForCommands(absl::StatusCode::kUnavailable, 2));
}

TEST(RedisClientFaultTest, TakesAReplyByteByByte) {
  const std::string content("one\r\ntwo\0three", 14);
  ScriptedServer server([&](ScriptedServer::Peer& peer, int) {
    if (!ServeRedisHandshake(peer)) return;
    while (peer.ReadCommand().has_value()) {
      peer.WriteByteByByte("*3\r\n" + RedisBulk(content) + "*2\r\n:42\r\n$-1\r\n" + "+OK\r\n");
    }
  });
  auto client = MakeRedisClient(PatientOptions(server.url())).value();
  for (int i = 0; i < 3; ++i) {
    const auto reply = Call(*client, {"ANY"});
    ASSERT_TRUE(reply.ok()) << reply.status();
    EXPECT_EQ(*reply, RedisReply::Array({RedisReply::String(content),
                                         RedisReply::Array({RedisReply::Integer(42), RedisReply::Nil()}),
                                         RedisReply::String("OK")}));
    EXPECT_EQ(reply->run_id(), "scripted");
  }
}

TEST(RedisClientFaultTest, AConnectionThatEndsInMidReplyAnswersEverythingOnce) {
  ScriptedServer server([](ScriptedServer::Peer& peer, int number) {
    if (!ServeRedisHandshake(peer, absl::StrCat("run", number))) return;
    while (peer.ReadCommand().has_value()) {
      if (number == 0) {
        peer.Write("$100\r\nonly so much");
        return;
      }
      peer.Write("+OK\r\n");
    }
  });
  ConnectionLog log;
  RedisOptions options = PatientOptions(server.url());
  log.Attach(options);
  auto client = MakeRedisClient(options).value();
  ASSERT_TRUE(log.WaitForCommands(absl::StatusCode::kOk));
  Answers answers(10);
  for (int i = 0; i < 10; ++i) answers.Start(*client, {"ANY"});
  ASSERT_TRUE(answers.WaitForAll());
  EXPECT_EQ(answers.Count(absl::StatusCode::kUnavailable), 10);
  ASSERT_TRUE(log.WaitForCommands(absl::StatusCode::kOk, 2));
  const auto reply = Call(*client, {"ANY"});
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->run_id(), "run1");
  EXPECT_EQ(answers.total(), 10);
}

TEST(RedisClientFaultTest, WhatIsNotRedisIsReportedNotBelieved) {
  ScriptedServer server([](ScriptedServer::Peer& peer, int) {
    peer.ReadCommand();
    peer.Write("SSH-2.0-OpenSSH_9.2\r\n");
    peer.WaitForClose();
  });
  auto client = MakeRedisClient(PatientOptions(server.url())).value();
  EXPECT_EQ(CodeOf(Call(*client, {"PING"})), absl::StatusCode::kUnavailable);
}

TEST(RedisClientFaultTest, WhatNobodyAskedForEndsTheConnection) {
  absl::Notification speak;
  ScriptedServer server([&](ScriptedServer::Peer& peer, int number) {
    if (!ServeRedisHandshake(peer)) return;
    if (number == 0) {
      speak.WaitForNotification();
      peer.Write("+surprise\r\n");
    }
    while (peer.ReadCommand().has_value()) peer.Write("+OK\r\n");
  });
  ConnectionLog log;
  RedisOptions options = PatientOptions(server.url());
  log.Attach(options);
  auto client = MakeRedisClient(options).value();
  ASSERT_TRUE(log.WaitForCommands(absl::StatusCode::kOk));
  speak.Notify();
  ASSERT_TRUE(log.WaitForCommands(absl::StatusCode::kOk, 2));
  EXPECT_EQ(Call(*client, {"PING"})->str(), "OK");
}

TEST(RedisClientFaultTest, AServerWithoutRunIdIsRefused) {
  ScriptedServer server([](ScriptedServer::Peer& peer, int) {
    while (peer.ReadCommand().has_value()) peer.Write(RedisBulk("role:unknown\r\n"));
  });
  auto client = MakeRedisClient(PatientOptions(server.url())).value();
  const auto reply = Call(*client, {"PING"});
  EXPECT_EQ(CodeOf(reply), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(reply.status().message()), HasSubstr("run_id"));
}

TEST(RedisClientFaultTest, AttemptsFollowTheBackoff) {
  RedisOptions options = PatientOptions(absl::StrCat("redis://127.0.0.1:", FreePort()));
  options.backoff_initial = absl::Milliseconds(20);
  options.backoff_max = absl::Milliseconds(40);
  options.uniform = [] { return 0.999; };
  ConnectionLog log;
  log.Attach(options);
  const absl::Time start = absl::Now();
  auto client = MakeRedisClient(options).value();
  ASSERT_TRUE(log.WaitForCommands(absl::StatusCode::kUnavailable, 5));
  EXPECT_GE(absl::Now() - start, absl::Milliseconds(20 + 40 + 40 + 40 - 4));
}

TEST(RedisClientFaultTest, AConnectionThatCameAboutResetsTheBackoff) {
  ScriptedServer brief([](ScriptedServer::Peer& peer, int) { ServeRedisHandshake(peer); });
  RedisOptions options = PatientOptions(brief.url());
  options.backoff_initial = absl::Milliseconds(10);
  options.backoff_max = absl::Minutes(10);
  ConnectionLog log;
  log.Attach(options);
  auto client = MakeRedisClient(options).value();
  // Without the reset the sixteenth would come after two minutes and more.
  EXPECT_TRUE(log.WaitForCommands(absl::StatusCode::kOk, 16));
}

}  // namespace
}  // namespace greenroom
