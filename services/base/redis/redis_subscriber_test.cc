// Subscriptions against a real server.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/base/redis/redis_client.h"
#include "services/base/redis/redis_test_client.h"
#include "services/base/redis/redis_tls.h"
#include "tests/servers/certificate.h"
#include "tests/servers/redis_server.h"
#include "tests/servers/scripted_server.h"

namespace greenroom {
namespace {

using ::testing::ElementsAre;

// With TLS (true) and without.
class RedisSubscriberTest : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    certificate_ = Certificate::Make().value();
    auto server = RedisServer::Start({.certificate = GetParam() ? certificate_.get() : nullptr});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    Connect(PatientOptions(server_->url()));
  }
  void Connect(RedisOptions options) {
    client_ = nullptr;
    log_.Attach(options);
    auto client = MakeRedisClient(options);
    ASSERT_TRUE(client.ok()) << client.status();
    client_ = *std::move(client);
  }
  int64_t Publish(const std::string& channel, const std::string& payload) {
    return Call(*client_, {"PUBLISH", channel, payload})->integer();
  }

  std::unique_ptr<Certificate> certificate_;
  std::unique_ptr<RedisServer> server_;
  ConnectionLog log_;
  std::unique_ptr<RedisClient> client_;
};

INSTANTIATE_TEST_SUITE_P(Plain, RedisSubscriberTest, ::testing::Values(false));
// A build without TLS has no other way than to refuse it: redis_no_tls_test.
INSTANTIATE_TEST_SUITE_P(ByTls, RedisSubscriberTest,
                         ::testing::ValuesIn(std::vector<bool>(RedisHasTls() ? 1 : 0, true)));

TEST_P(RedisSubscriberTest, DeliversInOrderToAllOfAChannelAndNobodyElse) {
  Inbox first, second, other;
  const std::string channel("ch\0\r\n", 5);
  client_->Subscribe(channel, first.Subscriber());
  client_->Subscribe("other", other.Subscriber());
  EXPECT_THAT(first.WaitFor(1), ElementsAre("+"));
  EXPECT_THAT(other.WaitFor(1), ElementsAre("+"));
  client_->Subscribe(channel, second.Subscriber());
  EXPECT_THAT(second.WaitFor(1), ElementsAre("+"));
  const std::string binary("a\0b", 3);
  EXPECT_EQ(Publish(channel, binary), 1);
  EXPECT_EQ(Publish(channel, ""), 1);
  EXPECT_THAT(first.WaitFor(3), ElementsAre("+", binary, ""));
  EXPECT_THAT(second.WaitFor(3), ElementsAre("+", binary, ""));
  EXPECT_EQ(Publish("other", "x"), 1);
  EXPECT_THAT(other.WaitFor(2), ElementsAre("+", "x"));
}

TEST_P(RedisSubscriberTest, UnsubscribeEndsItForThisOneAndThenForTheServer) {
  Inbox first, second;
  const auto first_id = client_->Subscribe("c", first.Subscriber());
  const auto second_id = client_->Subscribe("c", second.Subscriber());
  first.WaitFor(1);
  second.WaitFor(1);
  client_->Unsubscribe(first_id);
  client_->Unsubscribe(first_id);
  EXPECT_EQ(Publish("c", "1"), 1);
  EXPECT_THAT(second.WaitFor(2), ElementsAre("+", "1"));
  EXPECT_THAT(first.WaitFor(1), ElementsAre("+"));
  client_->Unsubscribe(second_id);
  while (Publish("c", "2") != 0) {
  }
  // The same channel again, on the same connection.
  Inbox third;
  client_->Subscribe("c", third.Subscriber());
  third.WaitFor(1);
  EXPECT_EQ(Publish("c", "3"), 1);
  EXPECT_THAT(third.WaitFor(2), ElementsAre("+", "3"));
  EXPECT_THAT(second.WaitFor(2), ElementsAre("+", "1"));
}

TEST_P(RedisSubscriberTest, SubscribingAndUnsubscribingInQuickSuccessionEndsAsWanted) {
  Inbox last;
  for (int i = 0; i < 200; ++i) {
    Inbox brief;
    client_->Unsubscribe(client_->Subscribe("c", brief.Subscriber()));
  }
  client_->Subscribe("c", last.Subscriber());
  EXPECT_THAT(last.WaitFor(1), ElementsAre("+"));
  EXPECT_EQ(Publish("c", "x"), 1);
  EXPECT_THAT(last.WaitFor(2), ElementsAre("+", "x"));
}

TEST_P(RedisSubscriberTest, UnsubscribeWaitsForTheSubscriberThatRuns) {
  absl::Notification running, go_on;
  std::atomic<bool> ended = false;
  const auto id = client_->Subscribe("c", [&](RedisSubscriptionEvent, absl::string_view) {
    running.Notify();
    go_on.WaitForNotification();
    ended = true;
  });
  running.WaitForNotification();
  std::thread releaser([&] { go_on.Notify(); });
  client_->Unsubscribe(id);
  EXPECT_TRUE(ended);
  releaser.join();
}

TEST_P(RedisSubscriberTest, ASubscriberMayUnsubscribeItselfAndOthers) {
  absl::Mutex mutex;
  RedisSubscriptionId own = 0, other = 0;
  absl::Notification done;
  Inbox others;
  other = client_->Subscribe("c", others.Subscriber());
  others.WaitFor(1);
  {
    absl::MutexLock lock(&mutex);
    own = client_->Subscribe("c", [&](RedisSubscriptionEvent, absl::string_view) {
      absl::MutexLock inner(&mutex);
      client_->Unsubscribe(own);
      client_->Unsubscribe(other);
      done.Notify();
    });
  }
  done.WaitForNotification();
  while (Publish("c", "x") != 0) {
  }
}

TEST_P(RedisSubscriberTest, IsToldOfEachReconnectAndDeliversAgain) {
  Inbox inbox, later;
  client_->Subscribe("c", inbox.Subscriber());
  EXPECT_THAT(inbox.WaitFor(1), ElementsAre("+"));
  ASSERT_TRUE(log_.WaitForCommands(absl::StatusCode::kOk));
  server_->Kill9();
  ASSERT_TRUE(log_.WaitForSubscriber(absl::StatusCode::kUnavailable));
  client_->Subscribe("c", later.Subscriber());  // while it is away
  ASSERT_TRUE(server_->Restart(RedisServer::Data::kEmpty).ok());
  EXPECT_THAT(inbox.WaitFor(2), ElementsAre("+", "+"));
  EXPECT_THAT(later.WaitFor(1), ElementsAre("+"));
  ASSERT_TRUE(log_.WaitForCommands(absl::StatusCode::kOk, 2));
  EXPECT_EQ(Publish("c", "x"), 1);
  EXPECT_THAT(inbox.WaitFor(3), ElementsAre("+", "+", "x"));
  EXPECT_THAT(later.WaitFor(2), ElementsAre("+", "x"));
}

TEST_P(RedisSubscriberTest, HeartbeatsKeepASilentConnection) {
  RedisOptions options = PatientOptions(server_->url());
  options.subscriber_heartbeat = absl::Milliseconds(20);
  Connect(options);
  Inbox inbox;
  client_->Subscribe("c", inbox.Subscriber());
  inbox.WaitFor(1);
  auto probes = [&] { return *server_->Command({"INFO", "commandstats"}); };
  // SUBSCRIBE for the heartbeat channel, for "c", then one for each probe.
  while (probes().find("cmdstat_subscribe:calls=6,") == std::string::npos)
    absl::SleepFor(absl::Milliseconds(2));
  EXPECT_EQ(Publish("c", "x"), 1);
  EXPECT_THAT(inbox.WaitFor(2), ElementsAre("+", "x"));
}

TEST_P(RedisSubscriberTest, AStuckServerIsNoticedByHeartbeat) {
  RedisOptions options = PatientOptions(server_->url());
  options.subscriber_heartbeat = absl::Milliseconds(20);
  options.connect_timeout = absl::Milliseconds(500);
  Connect(options);
  Inbox inbox;
  client_->Subscribe("c", inbox.Subscriber());
  inbox.WaitFor(1);
  ASSERT_TRUE(server_->Stop().ok());
  ASSERT_TRUE(log_.WaitForSubscriber(absl::StatusCode::kUnavailable));
  ASSERT_TRUE(server_->Cont().ok());
  EXPECT_EQ(inbox.WaitFor(2)[1], "+");
}

TEST_P(RedisSubscriberTest, AuthenticatesToo) {
  RedisServer::Options with_password;
  with_password.args = {"--requirepass", "pw"};
  with_password.certificate = GetParam() ? certificate_.get() : nullptr;
  auto server = RedisServer::Start(with_password).value();
  Connect(PatientOptions(absl::StrReplaceAll(server->url(), {{"://", "://:pw@"}})));
  Inbox inbox;
  client_->Subscribe("c", inbox.Subscriber());
  EXPECT_THAT(inbox.WaitFor(1), ElementsAre("+"));
}

TEST(RedisScriptedSubscriberTest, ConfirmsOnlyWhenTheLastOfSeveralRequestsIsConfirmed) {
  absl::Notification resubscribed, confirm_last;
  ScriptedServer server([&](ScriptedServer::Peer& peer, int) {
    std::string confirmations;
    int requests = 0;
    while (auto command = peer.ReadCommand()) {
      const std::string kind = command->at(0);
      if (kind == "INFO") {
        peer.Write(RedisBulk("run_id:scripted\r\nmaxmemory_policy:noeviction\r\n"));
        continue;
      }
      const std::string reply =
          absl::StrCat("*3\r\n", RedisBulk(kind == "SUBSCRIBE" ? "subscribe" : "unsubscribe"),
                       RedisBulk(command->at(1)), ":2\r\n");
      if (command->at(1) != "c") {
        peer.Write(reply);
        continue;
      }
      // SUBSCRIBE, UNSUBSCRIBE, SUBSCRIBE: the first two are confirmed once the third has been asked for.
      if (++requests < 3) {
        confirmations += reply;
        continue;
      }
      peer.Write(confirmations + "*3\r\n" + RedisBulk("message") + RedisBulk("c") + RedisBulk("too early"));
      resubscribed.Notify();
      confirm_last.WaitForNotification();
      peer.Write(reply + "*3\r\n" + RedisBulk("message") + RedisBulk("c") + RedisBulk("in time"));
    }
  });
  auto client = MakeRedisClient(PatientOptions(server.url())).value();
  Inbox ready, first, second;
  client->Subscribe("other", ready.Subscriber());
  ready.WaitFor(1);
  const auto id = client->Subscribe("c", first.Subscriber());
  // Each is seen by the loop before the next: a command goes out after what was asked for before it.
  EXPECT_TRUE(Call(*client, {"INFO"}).ok());
  client->Unsubscribe(id);
  EXPECT_TRUE(Call(*client, {"INFO"}).ok());
  client->Subscribe("c", second.Subscriber());
  resubscribed.WaitForNotification();
  confirm_last.Notify();
  EXPECT_THAT(second.WaitFor(2), ElementsAre("+", "in time"));
  EXPECT_THAT(first.WaitFor(0), ElementsAre());
}

}  // namespace
}  // namespace greenroom
