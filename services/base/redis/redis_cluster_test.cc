// The client in a real cluster: slots that migrate, primaries that die, stall and return, seeds that are away.
#include "tests/servers/redis_cluster.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/base/redis/redis_client.h"
#include "services/base/redis/redis_slots.h"
#include "services/base/redis/redis_test_client.h"
#include "tests/servers/free_port.h"
#include "tests/servers/scripted_server.h"

namespace greenroom {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A key in a slot that this primary serves at first.
std::string KeyOn(size_t primary, int number = 0) {
  for (int i = 0;; ++i) {
    std::string key = absl::StrCat("{tenant/", number, "-", i, "}:head");
    const auto slots_each = kRedisSlots / static_cast<int>(RedisCluster::kPrimaries) + 1;
    if (static_cast<size_t>(RedisSlotOfKey(key) / slots_each) == primary) return key;
  }
}

class RedisClusterTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto cluster = RedisCluster::Start();
    ASSERT_TRUE(cluster.ok()) << cluster.status();
    cluster_ = cluster->release();
  }
  static void TearDownTestSuite() { delete cluster_; }

  void SetUp() override {
    RedisOptions options = PatientOptions(cluster_->url());
    log_.Attach(options);
    client_ = MakeRedisClient(options).value();
  }
  absl::StatusOr<RedisReply> Run(std::vector<std::string> args) { return Call(*client_, std::move(args)); }
  // How often a server has been asked to do this.
  static int Calls(size_t server, const std::string& command) {
    const std::string stats = cluster_->server(server).Command({"INFO", "commandstats"}).value();
    const std::string mark = absl::StrCat("cmdstat_", command, ":calls=");
    const size_t at = stats.find(mark);
    return at == std::string::npos ? 0 : std::stoi(stats.substr(at + mark.size()));
  }

  static RedisCluster* cluster_;
  ConnectionLog log_;
  std::unique_ptr<RedisClient> client_;
};
RedisCluster* RedisClusterTest::cluster_ = nullptr;

TEST_F(RedisClusterTest, SlotsAreThoseOfTheServer) {
  for (const std::string key : {"", "a", "{", "}", "{}", "{}x", "a{}b", "a{b", "a{b}c", "a{{b}}c", "a{b}{c}",
                                "}{a}", "gr:{acme/ada}:s:1", "gr:{acme/ada}:head", "\xff\x00\x80"}) {
    EXPECT_EQ(absl::StrCat(RedisSlotOfKey(key)),
              cluster_->server(0).Command({"CLUSTER", "KEYSLOT", key}).value())
        << key;
  }
}

TEST_F(RedisClusterTest, EachKeyGoesToItsPrimaryWhoseRunIdTheReplyNames) {
  std::vector<std::string> runs;
  for (size_t primary = 0; primary < RedisCluster::kPrimaries; ++primary) {
    const std::string key = KeyOn(primary);
    ASSERT_TRUE(Run({"SET", key, absl::StrCat("on ", primary)}).ok());
    const auto reply = Run({"GET", key});
    EXPECT_EQ(reply->str(), absl::StrCat("on ", primary));
    EXPECT_THAT(cluster_->server(primary).Command({"INFO", "server"}).value(),
                HasSubstr(absl::StrCat("run_id:", std::string(reply->run_id()))));
    EXPECT_EQ(client_->run_id(key), reply->run_id());
    EXPECT_EQ(cluster_->server(primary).Command({"GET", key}).value(), reply->str());
  }
  EXPECT_EQ(client_->run_id(), Run({"PING"})->run_id());
  EXPECT_TRUE(client_->Health().ok()) << client_->Health();
}

TEST_F(RedisClusterTest, KeysInTwoSlotsAreRefused) {
  const RedisScript script("return #KEYS");
  const auto reply = SyncWait(client_->Eval(script, {KeyOn(0), KeyOn(1)}, {}, absl::InfiniteFuture()));
  EXPECT_EQ(CodeOf(reply), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(Run({"MGET", KeyOn(0), KeyOn(1)})), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(SyncWait(client_->Eval(script, {KeyOn(0) + "1", KeyOn(0) + "2"}, {}, absl::InfiniteFuture()))
                ->integer(),
            2);
}

TEST_F(RedisClusterTest, AKeyThatStandsElsewhereInTheCommandIsFoundByRedirection) {
  for (size_t primary = 0; primary < RedisCluster::kPrimaries; ++primary) {
    ASSERT_TRUE(Run({"SET", KeyOn(primary), "x"}).ok());
    EXPECT_EQ(Run({"OBJECT", "REFCOUNT", KeyOn(primary)})->integer(), 1);
  }
}

TEST_F(RedisClusterTest, ASlotThatHasMovedIsLearntOnce) {
  const std::string key = KeyOn(0, 1);
  const int slot = RedisSlotOfKey(key);
  ASSERT_TRUE(Run({"SET", key, "x"}).ok());
  ASSERT_TRUE(cluster_->BeginMigration(slot, 0, 1).ok());
  ASSERT_TRUE(cluster_->MigrateKeys(slot, 0, 1).ok());
  ASSERT_TRUE(cluster_->EndMigration(slot, 1).ok());
  const auto reply = Run({"GET", key});
  EXPECT_EQ(reply->str(), "x");
  EXPECT_EQ(client_->run_id(key), reply->run_id());
  const int before = Calls(0, "get");
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Run({"GET", key})->str(), "x");
  EXPECT_EQ(Calls(0, "get"), before);
}

TEST_F(RedisClusterTest, WhileASlotMigratesEachKeyIsFoundWhereItIs) {
  const std::string tag = KeyOn(2, 2);
  const std::string here = tag + ":a", there = tag + ":b";
  const int slot = RedisSlotOfKey(tag);
  ASSERT_TRUE(Run({"SET", here, "a"}).ok());
  ASSERT_TRUE(Run({"SET", there, "b"}).ok());
  ASSERT_TRUE(cluster_->BeginMigration(slot, 2, 1).ok());
  ASSERT_TRUE(cluster_->MigrateKey(there, 2, 1).ok());
  const RedisScript get("return redis.call('GET', KEYS[1])");
  for (const auto& [key, value] : {std::pair(here, "a"), std::pair(there, "b"), std::pair(here, "a")}) {
    EXPECT_EQ(Run({"GET", key})->str(), value);
    EXPECT_EQ(SyncWait(client_->Eval(get, {key}, {}, absl::InfiniteFuture()))->str(), value);
  }
  EXPECT_NE(Run({"GET", here})->run_id(), Run({"GET", there})->run_id());
  EXPECT_EQ(Run({"INCR", tag + ":new"})->integer(), 1);  // made where the slot goes
  EXPECT_EQ(cluster_->server(1).Command({"EXISTS", tag + ":new"}, {"ASKING"}).value(), "1");

  // Of both keys at once nobody can say anything, until they are together again.
  const auto torn = Call(*client_, {"MGET", here, there}, absl::Now() + absl::Milliseconds(50));
  EXPECT_EQ(CodeOf(torn), absl::StatusCode::kDeadlineExceeded) << torn.status();
  absl::Notification together;
  StartTask(client_->Command({"MGET", here, there}, absl::InfiniteFuture()),
            [&](const absl::StatusOr<RedisReply>& reply) {
              EXPECT_TRUE(reply.ok()) << reply.status();
              if (reply.ok()) EXPECT_EQ((*reply)[1].str(), "b");
              together.Notify();
            });
  ASSERT_TRUE(cluster_->MigrateKeys(slot, 2, 1).ok());
  ASSERT_TRUE(cluster_->EndMigration(slot, 1).ok());
  together.WaitForNotification();
}

// ASKING holds for the one command after it: were another to come between, the node would redirect back.
TEST_F(RedisClusterTest, NothingComesBetweenAskingAndItsCommand) {
  const std::string tag = KeyOn(2, 4);
  const int slot = RedisSlotOfKey(tag);
  ASSERT_TRUE(Run({"GET", KeyOn(1)}).ok());
  ASSERT_TRUE(cluster_->BeginMigration(slot, 2, 1).ok());
  const auto redirected = [] {
    const std::string stats = cluster_->server(1).Command({"INFO", "errorstats"}).value();
    const size_t at = stats.find("errorstat_MOVED:count=");
    return at == std::string::npos ? std::string() : stats.substr(at, stats.find('\r', at) - at);
  };
  const std::string before = redirected();
  const int asked_before = Calls(1, "asking");
  std::vector<std::thread> threads;
  for (const std::string& key : {tag, tag, KeyOn(1), KeyOn(1)}) {
    threads.emplace_back([&, key] {
      for (int i = 0; i < 1000; ++i) {
        const auto reply = Run({"GET", key});
        EXPECT_TRUE(reply.ok()) << reply.status();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Calls(1, "asking"), asked_before + 2000);
  EXPECT_EQ(redirected(), before);
  ASSERT_TRUE(cluster_->EndMigration(slot, 1).ok());
}

TEST_F(RedisClusterTest, MigrationUnderLoadLosesAndRepeatsNothing) {
  constexpr int kKeys = 16;
  const std::string tag = KeyOn(0, 3);
  const int slot = RedisSlotOfKey(tag);
  std::atomic<bool> stop = false;
  std::atomic<int> wrong = 0;
  std::vector<int> counts(4);
  std::vector<std::thread> threads;
  threads.reserve(counts.size());
  const RedisScript increment("return redis.call('INCR', KEYS[1])");
  for (size_t t = 0; t < counts.size(); ++t) {
    threads.emplace_back([&, t] {
      // Each thread's counters grow by one: a reply says whether any came to nothing or was done twice.
      for (int i = 0; !stop; ++i) {
        const std::string key = absl::StrCat(tag, ":", t, ":", i % kKeys);
        const auto reply = SyncWait(client_->Eval(increment, {key}, {}, absl::InfiniteFuture()));
        if (!reply.ok() || reply->integer() != i / kKeys + 1) {
          if (wrong++ == 0) ADD_FAILURE() << i << ": " << reply.status();
        }
        counts[t] = i + 1;
      }
    });
  }
  auto asked = [] { return Calls(0, "asking") + Calls(1, "asking") + Calls(2, "asking"); };
  size_t from = 0;
  for (const size_t to : {1u, 2u, 0u}) {
    EXPECT_TRUE(cluster_->BeginMigration(slot, from, to).ok());
    EXPECT_TRUE(cluster_->MigrateKeys(slot, from, to).ok());
    // The slot is where it was and its keys are not: whoever comes now is told to ask.
    const int asked_before = asked();
    const absl::Time end = absl::Now() + absl::Seconds(20);
    while (asked() == asked_before && absl::Now() < end) absl::SleepFor(absl::Milliseconds(1));
    EXPECT_GT(asked(), asked_before);
    EXPECT_TRUE(cluster_->EndMigration(slot, to).ok());
    from = to;
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  for (const int count : counts) EXPECT_GT(count, 0);
}

TEST_F(RedisClusterTest, OneSeedThatAnswersIsEnough) {
  ScriptedServer silent([](ScriptedServer::Peer& peer, int) { peer.WaitForClose(); });
  RedisOptions options =
      PatientOptions(absl::StrCat("redis+cluster://127.0.0.1:", FreePort(), ",127.0.0.1:", silent.port(),
                                  ",127.0.0.1:", cluster_->server(4).port()));  // a replica
  options.connect_timeout = absl::Milliseconds(200);
  auto client = MakeRedisClient(options).value();
  for (size_t primary = 0; primary < RedisCluster::kPrimaries; ++primary) {
    EXPECT_TRUE(Call(*client, {"SET", KeyOn(primary), "x"}).ok());
  }
}

TEST_F(RedisClusterTest, ASubscriberHearsWhatIsPublishedOnAnyNode) {
  Inbox inbox;
  client_->Subscribe("c", inbox.Subscriber());
  ASSERT_EQ(inbox.WaitFor(1).size(), 1u);
  for (size_t i = 0; i < RedisCluster::kServers; ++i) {
    ASSERT_TRUE(cluster_->server(i).Command({"PUBLISH", "c", absl::StrCat(i)}).ok());
    ASSERT_EQ(inbox.WaitFor(i + 2).back(), absl::StrCat(i));
  }
}

TEST_F(RedisClusterTest, AServerThatIsNoClusterIsReported) {
  auto server = RedisServer::Start().value();
  auto client =
      MakeRedisClient(PatientOptions(absl::StrCat("redis+cluster://127.0.0.1:", server->port()))).value();
  const auto reply = Call(*client, {"GET", "k"});
  EXPECT_EQ(CodeOf(reply), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(reply.status().message()), HasSubstr("cluster support disabled"));
  EXPECT_EQ(client->Health().code(), absl::StatusCode::kUnavailable);
}

TEST(RedisClusterRedirectionTest, CirclesEnd) {
  // Both say that the other has it.
  std::atomic<int> ports[2] = {0, 0};
  std::atomic<int> asked = 0;
  auto serve = [&](int self) {
    return [&, self](ScriptedServer::Peer& peer, int) {
      while (auto command = peer.ReadCommand()) {
        if (command->at(0) == "INFO") {
          peer.Write(RedisBulk("run_id:scripted\r\nmaxmemory_policy:noeviction\r\n"));
        } else if (command->at(0) == "CLUSTER") {
          peer.Write(absl::StrCat("*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n", RedisBulk(""), ":", ports[0].load(),
                                  "\r\n"));
        } else {
          ++asked;
          peer.Write(absl::StrCat("-MOVED ", RedisSlotOfKey("k"), " :", ports[1 - self].load(), "\r\n"));
        }
      }
    };
  };
  ScriptedServer first(serve(0)), second(serve(1));
  ports[0] = first.port();
  ports[1] = second.port();
  auto client =
      MakeRedisClient(PatientOptions(absl::StrCat("redis+cluster://127.0.0.1:", first.port()))).value();
  const auto reply = Call(*client, {"GET", "k"});
  EXPECT_EQ(CodeOf(reply), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(reply.status().message()), HasSubstr("redirected"));
  EXPECT_EQ(asked, 6);
}

TEST(RedisClusterCredentialsTest, AreThoseOfAllNodes) {
  RedisCluster::Options with_password;
  with_password.password = "s3cret";
  auto cluster = RedisCluster::Start(with_password).value();
  auto client = MakeRedisClient(PatientOptions(cluster->url(":s3cret"))).value();
  for (size_t primary = 0; primary < RedisCluster::kPrimaries; ++primary) {
    EXPECT_TRUE(Call(*client, {"SET", KeyOn(primary), "x"}).ok());
  }
  for (const std::string credentials : {":wrong", ""}) {
    auto wrong = MakeRedisClient(PatientOptions(cluster->url(credentials))).value();
    const auto reply = Call(*wrong, {"PING"});
    EXPECT_EQ(CodeOf(reply), absl::StatusCode::kUnavailable);
    EXPECT_THAT(std::string(reply.status().message()), AnyOf(HasSubstr("WRONGPASS"), HasSubstr("NOAUTH")));
    EXPECT_EQ(wrong->Health().code(), absl::StatusCode::kUnauthenticated);
  }
}

TEST(RedisClusterFaultTest, WritesAndSubscriptionsFollowWhenPrimariesDieUnderLoad) {
  auto cluster = RedisCluster::Start().value();
  RedisOptions options;
  options.url = cluster->url();
  options.command_timeout = absl::Milliseconds(200);
  auto client = MakeRedisClient(options).value();
  Inbox inbox;
  client->Subscribe("c", inbox.Subscriber());
  ASSERT_EQ(inbox.WaitFor(1).size(), 1u);
  std::atomic<bool> stop = false;
  std::atomic<int> begun = 0, answered = 0, wrong = 0, unaffected = 0;
  std::vector<std::thread> threads;
  for (size_t primary = 0; primary < RedisCluster::kPrimaries; ++primary) {
    threads.emplace_back([&, primary] {
      const std::string key = KeyOn(primary);
      while (!stop) {
        ++begun;
        const auto reply = Call(*client, {"INCR", key});
        ++answered;
        if (reply.ok() && primary == 2) ++unaffected;
        if (reply.ok()) continue;
        if (CodeOf(reply) != absl::StatusCode::kUnavailable &&
            CodeOf(reply) != absl::StatusCode::kDeadlineExceeded) {
          if (wrong++ == 0) ADD_FAILURE() << reply.status();
        }
        absl::SleepFor(absl::Milliseconds(2));  // as a client that comes back
      }
    });
  }
  const std::string key = KeyOn(0);
  const std::string first_run(CallUntilAnswered(*client, {"GET", key}).run_id());
  cluster->server(0).Kill9();
  const absl::Time killed = absl::Now();
  const RedisReply reply = CallUntilAnswered(*client, {"SET", KeyOn(0, 1), "after"});
  const absl::Duration pause = absl::Now() - killed;
  RecordProperty("pause_ms", static_cast<int>(absl::ToInt64Milliseconds(pause)));
  EXPECT_LT(pause, absl::Seconds(5));
  EXPECT_NE(reply.run_id(), first_run);
  EXPECT_EQ(client->run_id(key), reply.run_id());
  WaitForHealth(*client);

  // Another one stalls, for long enough to be replaced, and comes back.
  const std::string stalled_key = KeyOn(1, 1);
  const std::string stalled_run(CallUntilAnswered(*client, {"SET", stalled_key, "before"}).run_id());
  ASSERT_TRUE(cluster->server(1).Stop().ok());
  absl::Time stopped = absl::Now();
  EXPECT_NE(CallUntilAnswered(*client, {"SET", stalled_key, "after"}).run_id(), stalled_run);
  EXPECT_LT(absl::Now() - stopped, absl::Seconds(8));
  ASSERT_TRUE(cluster->server(1).Cont().ok());
  for (int i = 0; i < 50; ++i) {
    const RedisReply got = CallUntilAnswered(*client, {"GET", stalled_key});
    EXPECT_EQ(got.str(), "after");
    EXPECT_NE(got.run_id(), stalled_run);
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(begun, answered);
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(unaffected, 0);
  WaitForHealth(*client);
  // Whichever node carries the subscriptions now, it tells of what is published anywhere.
  while (inbox.WaitFor(1).back() != "last") {
    CallUntilAnswered(*client, {"PUBLISH", "c", "last"});
    absl::SleepFor(absl::Milliseconds(10));
  }
}

TEST(RedisClusterFaultTest, SubscriptionsLeaveANodeThatDies) {
  auto cluster = RedisCluster::Start().value();
  RedisOptions options = PatientOptions(cluster->url());
  options.uniform = [] { return 0.0; };  // the first that is connected
  ConnectionLog log;
  log.Attach(options);
  auto client = MakeRedisClient(options).value();
  Inbox inbox;
  client->Subscribe("c", inbox.Subscriber());
  ASSERT_EQ(inbox.WaitFor(1).size(), 1u);
  size_t carrier = 0;
  while (cluster->server(carrier).Command({"PUBSUB", "NUMSUB", "c"}).value() != "c\n1\n") {
    ASSERT_LT(++carrier, RedisCluster::kServers);
  }
  cluster->server(carrier).Kill9();
  EXPECT_EQ(inbox.WaitFor(2).back(), "+");
  ASSERT_TRUE(cluster->server((carrier + 1) % RedisCluster::kPrimaries).Command({"PUBLISH", "c", "x"}).ok());
  EXPECT_THAT(inbox.WaitFor(3), ElementsAre("+", "+", "x"));
}

}  // namespace
}  // namespace greenroom
