#include "services/session/live/redis_live_store.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/notification.h"
#include "services/session/live/live_store_contract.h"
#include "tests/servers/redis_server.h"

namespace greenroom::session {
namespace {

std::string KeyName(const SessionKey& session) {
  return absl::StrCat("gr:{", session.learner.tenant, "/", session.learner.learner, "}:s:", session.session);
}

std::unique_ptr<RedisClient> Connect(const RedisServer& server) {
  RedisOptions options;
  options.url = server.url();
  options.command_timeout = absl::Seconds(2);  // a busy test machine is no reason to fail
  return MakeRedisClient(options).value();
}

class RedisUnderTest : public LiveStoreUnderTest {
 public:
  RedisUnderTest() {
    RedisServer::Options options;
    options.args = {"--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction"};
    server_ = RedisServer::Start(options).value();
    client_ = Connect(*server_);
    other_client_ = Connect(*server_);
    store_ = std::make_unique<RedisLiveStore>(*client_);
    other_ = std::make_unique<RedisLiveStore>(*other_client_);
  }

  LiveStore& store() override { return *store_; }
  LiveStore& other_handle() override { return *other_; }
  RedisServer& server() { return *server_; }
  RedisClient& client() { return *client_; }

  void Flush() override { Command({"FLUSHALL"}); }
  void Restart() override {
    const absl::Status restarted = server_->Restart(RedisServer::Data::kKeep);
    ASSERT_TRUE(restarted.ok()) << restarted;
    for (RedisClient* client : {client_.get(), other_client_.get()}) {
      const absl::Time end = absl::Now() + absl::Seconds(10);
      while (!SyncWait(client->Command({"PING"}, absl::Now() + absl::Seconds(1))).ok() && absl::Now() < end) {
        absl::SleepFor(absl::Milliseconds(5));  // the client's backoff
      }
    }
  }
  void SetFormat(const SessionKey& session, int32_t format) override {
    Command({"HSET", KeyName(session), "format", absl::StrCat(format)});
  }
  void WatchWakeUps(const SessionKey& session) override {
    absl::Notification subscribed;
    subscription_ = client_->Subscribe(
        KeyName(session), [this, &subscribed](RedisSubscriptionEvent event, absl::string_view payload) {
          if (event == RedisSubscriptionEvent::kSubscribed) {
            subscribed.Notify();
            return;
          }
          int64_t seq = 0;
          if (absl::SimpleAtoi(payload, &seq)) {
            absl::MutexLock lock(&mutex_);
            wake_ups_.push_back(seq);
          }
        });
    ASSERT_TRUE(subscribed.WaitForNotificationWithTimeout(absl::Seconds(10)));
  }
  std::vector<int64_t> WakeUps(const SessionKey& /*session*/, size_t count) override {
    absl::MutexLock lock(&mutex_);
    const auto enough = [this, count]()
                            ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return wake_ups_.size() >= count; };
    mutex_.AwaitWithTimeout(absl::Condition(&enough), absl::Seconds(5));
    return wake_ups_;
  }
  std::string Command(const std::vector<std::string>& args) { return server_->Command(args).value(); }

 private:
  std::unique_ptr<RedisServer> server_;
  absl::Mutex mutex_;
  std::vector<int64_t> wake_ups_ ABSL_GUARDED_BY(mutex_);
  RedisSubscriptionId subscription_ = 0;
  std::unique_ptr<RedisClient> client_;
  std::unique_ptr<RedisClient> other_client_;
  std::unique_ptr<RedisLiveStore> store_;
  std::unique_ptr<RedisLiveStore> other_;
};

INSTANTIATE_TEST_SUITE_P(Redis, LiveStoreContract,
                         testing::Values(LiveStoreMaker([] { return std::make_unique<RedisUnderTest>(); })));

class RedisLiveStoreTest : public testing::Test {
 protected:
  absl::Time Soon() { return absl::Now() + absl::Seconds(10); }
  void PutState(int64_t seq) {
    LiveWrite write;
    write.bytes = "state";
    write.seq = seq;
    write.head = {seq, absl::FromUnixMillis(seq)};
    ASSERT_TRUE(SyncWait(redis_.store().Put(key_, write, Soon())).ok());
  }

  const SessionKey key_ = {{"acme", "ada"}, "5f0c3c58-0000-4000-8000-000000000001"};
  RedisUnderTest redis_;
};

TEST_F(RedisLiveStoreTest, KeysOfALearnerShareOneHashSlot) {
  PutState(1);
  const std::string keys = redis_.Command({"KEYS", "*"});
  EXPECT_THAT(keys, testing::HasSubstr("gr:{acme/ada}:s:5f0c3c58-0000-4000-8000-000000000001"));
  EXPECT_THAT(keys, testing::HasSubstr("gr:{acme/ada}:head"));
}

TEST_F(RedisLiveStoreTest, EverythingItWritesVanishesADayLater) {
  PutState(1);
  ASSERT_TRUE(
      SyncWait(redis_.store().SaveDraft({{"acme", "bob"}, key_.session}, "q", "text", absl::Now(), Soon()))
          .ok());
  ASSERT_TRUE(
      SyncWait(redis_.store().Begin({{"acme", "eve"}, key_.session}, {"id", false}, absl::Now(), Soon()))
          .ok());
  int keys = 0;
  for (absl::string_view key : absl::StrSplit(redis_.Command({"KEYS", "*"}), '\n', absl::SkipEmpty())) {
    int64_t ttl = 0;
    ASSERT_TRUE(absl::SimpleAtoi(redis_.Command({"PTTL", std::string(key)}), &ttl)) << key;
    EXPECT_GT(ttl, absl::ToInt64Milliseconds(kLiveStateTtl) - 60000) << key;
    EXPECT_LE(ttl, absl::ToInt64Milliseconds(kLiveStateTtl)) << key;
    ++keys;
  }
  EXPECT_EQ(keys, 4);  // a state and its head, a session with a draft, one with an open write
}

TEST_F(RedisLiveStoreTest, AKeyOfAnotherTypeIsAnErrorAndNoCrash) {
  redis_.Command({"SET", KeyName(key_), "not a hash"});
  const auto view = SyncWait(redis_.store().Begin(key_, {}, absl::Now(), Soon()));
  EXPECT_EQ(view.status().code(), absl::StatusCode::kInternal) << view.status();
}

TEST_F(RedisLiveStoreTest, ASequenceThatIsNoNumberIsAnError) {
  PutState(1);
  redis_.Command({"HSET", KeyName(key_), "seq", "many"});
  const auto view = SyncWait(redis_.store().Begin(key_, {}, absl::Now(), Soon()));
  EXPECT_EQ(view.status().code(), absl::StatusCode::kInternal) << view.status();
}

TEST_F(RedisLiveStoreTest, AStoppedRedisIsAnsweredWithinTheDeadline) {
  PutState(1);
  ASSERT_TRUE(redis_.server().Stop().ok());
  const absl::Time start = absl::Now();
  const auto view = SyncWait(redis_.store().Begin(key_, {}, start, start + absl::Milliseconds(100)));
  EXPECT_EQ(view.status().code(), absl::StatusCode::kDeadlineExceeded) << view.status();
  EXPECT_LT(absl::Now() - start, absl::Seconds(2));
  ASSERT_TRUE(redis_.server().Cont().ok());
}

}  // namespace
}  // namespace greenroom::session
