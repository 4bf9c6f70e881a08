#include "services/session/live/redis_wakeups.h"

#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "services/session/live/redis_live_store.h"
#include "services/session/live/wakeups_contract.h"
#include "tests/servers/redis_server.h"

namespace greenroom::session {
namespace {

class RedisUnderTest : public WakeupsUnderTest {
 public:
  RedisUnderTest()
      : server_(RedisServer::Start().value()),
        client_(Connect()),
        writer_(Connect()),
        wakeups_(*client_),
        store_(*writer_) {}

  Wakeups& wakeups() override { return wakeups_; }
  LiveStore& store() override { return store_; }
  RedisServer& server() { return *server_; }

  void Break() override { server_->Kill9(); }
  void Heal() override {
    const absl::Status restarted = server_->Restart(RedisServer::Data::kEmpty);
    ASSERT_TRUE(restarted.ok()) << restarted;
    const absl::Time end = absl::Now() + absl::Seconds(10);
    while (!SyncWait(writer_->Command({"PING"}, absl::Now() + absl::Seconds(1))).ok() && absl::Now() < end) {
      absl::SleepFor(absl::Milliseconds(5));  // the client's backoff
    }
  }

 private:
  std::unique_ptr<RedisClient> Connect() {
    RedisOptions options;
    options.url = server_->url();
    options.command_timeout = absl::Seconds(2);  // a busy test machine is no reason to fail
    return MakeRedisClient(options).value();
  }

  const std::unique_ptr<RedisServer> server_;
  const std::unique_ptr<RedisClient> client_;
  const std::unique_ptr<RedisClient> writer_;
  RedisWakeups wakeups_;
  RedisLiveStore store_;
};

INSTANTIATE_TEST_SUITE_P(Redis, WakeupsContract,
                         testing::Values(WakeupsMaker([] { return std::make_unique<RedisUnderTest>(); })));

// The channels of sessions that somebody is subscribed to.
size_t Channels(RedisServer& server) {
  const std::string channels = server.Command({"PUBSUB", "CHANNELS", "gr:{*"}).value();
  return std::vector<std::string>(absl::StrSplit(channels, '\n', absl::SkipEmpty())).size();
}

TEST(RedisWakeups, AThousandListenersAreOneConnectionAndAskForNoMoreThanIsListenedTo) {
  RedisUnderTest redis;
  std::vector<WakeupCount> heard(1000);
  std::vector<std::unique_ptr<Wakeups::Listening>> listening;
  for (size_t i = 0; i < heard.size(); ++i) {
    const SessionKey session = {{"acme", "ada"}, absl::StrFormat("%08x-0000-4000-8000-000000000000", i / 2)};
    listening.push_back(redis.wakeups().Listen(session, heard[i].listener()));
  }
  for (const WakeupCount& one : heard) ASSERT_TRUE(one.WaitFor(1));
  EXPECT_EQ(Channels(redis.server()), 500);
  int subscribers = 0;
  const std::string clients = redis.server().Command({"CLIENT", "LIST"}).value();
  for (const absl::string_view client : absl::StrSplit(clients, '\n')) {
    subscribers += absl::StrContains(client, " sub=0 ") || client.empty() ? 0 : 1;
  }
  EXPECT_EQ(subscribers, 1) << clients;
  for (size_t i = 0; i < 10; ++i) listening[i].reset();
  const absl::Time end = absl::Now() + absl::Seconds(10);
  while (Channels(redis.server()) != 495 && absl::Now() < end) absl::SleepFor(absl::Milliseconds(2));
  EXPECT_EQ(Channels(redis.server()), 495);
}

}  // namespace
}  // namespace greenroom::session
