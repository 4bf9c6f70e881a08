// What the tests of the Redis client share: patient options, and records of what its connections did and its
// subscribers were told.
#ifndef GREENROOM_SERVICES_BASE_REDIS_REDIS_TEST_CLIENT_H_
#define GREENROOM_SERVICES_BASE_REDIS_REDIS_TEST_CLIENT_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "services/base/redis/redis_client.h"
#include "services/base/task.h"
#include "tests/servers/redis_server.h"

namespace greenroom {

constexpr absl::Duration kPatience = absl::Seconds(30);  // a loaded machine under a sanitizer

// Thread-safe; outlives the client that writes it.
class ConnectionLog {
 public:
  void Attach(RedisOptions& options) {
    options.on_connection = [this](absl::string_view role, const absl::Status& status) {
      absl::MutexLock lock(&mutex_);
      (role == "commands" ? commands_ : subscriber_).push_back(status);
    };
  }

  // Whether the command connection was, for the nth time, as `code` says.
  bool WaitForCommands(absl::StatusCode code, int times = 1) { return Wait(commands_, code, times); }
  bool WaitForSubscriber(absl::StatusCode code, int times = 1) { return Wait(subscriber_, code, times); }
  absl::Status last() const {
    absl::MutexLock lock(&mutex_);
    return commands_.empty() ? absl::OkStatus() : commands_.back();
  }

 private:
  bool Wait(const std::vector<absl::Status>& log, absl::StatusCode code, int times) {
    auto seen = [&] {
      int count = 0;
      for (const absl::Status& status : log) count += status.code() == code ? 1 : 0;
      return count >= times;
    };
    absl::MutexLock lock(&mutex_);
    return mutex_.AwaitWithTimeout(absl::Condition(&seen), kPatience);
  }

  mutable absl::Mutex mutex_;
  std::vector<absl::Status> commands_;
  std::vector<absl::Status> subscriber_;
};

// Nothing times out but what a test makes time out.
inline RedisOptions PatientOptions(std::string url) {
  RedisOptions options;
  options.url = std::move(url);
  options.command_timeout = kPatience;
  options.connect_timeout = kPatience;
  options.dead_peer_timeout = kPatience;
  options.subscriber_heartbeat = kPatience;
  options.backoff_max = absl::Milliseconds(50);
  return options;
}

// Records what a subscriber is told: "+" for kSubscribed, otherwise the payload.
class Inbox {
 public:
  RedisSubscriber Subscriber() {
    return [this](RedisSubscriptionEvent event, absl::string_view payload) {
      absl::MutexLock lock(&mutex_);
      told_.push_back(event == RedisSubscriptionEvent::kSubscribed ? "+" : std::string(payload));
    };
  }
  std::vector<std::string> WaitFor(size_t count) {
    absl::MutexLock lock(&mutex_);
    auto enough = [this, count] { return told_.size() >= count; };
    mutex_.AwaitWithTimeout(absl::Condition(&enough), kPatience);
    return told_;
  }

 private:
  absl::Mutex mutex_;
  std::vector<std::string> told_;
};

inline absl::StatusOr<RedisReply> Call(RedisClient& client, std::vector<std::string> args,
                                       absl::Time deadline = absl::InfiniteFuture()) {
  return SyncWait(client.Command(std::move(args), deadline));
}

inline absl::StatusCode CodeOf(const absl::StatusOr<RedisReply>& reply) { return reply.status().code(); }

// Asks until the client is answered well. Other errors than those a caller may see in a failover fail the test.
inline RedisReply CallUntilAnswered(RedisClient& client, const std::vector<std::string>& args) {
  const absl::Time end = absl::Now() + kPatience;
  for (;;) {
    const absl::StatusOr<RedisReply> reply = Call(client, args);
    if (reply.ok()) return *reply;
    const bool expected = CodeOf(reply) == absl::StatusCode::kUnavailable ||
                          CodeOf(reply) == absl::StatusCode::kDeadlineExceeded;
    EXPECT_TRUE(expected) << reply.status();
    if (absl::Now() > end) {
      ADD_FAILURE() << "no answer in time: " << reply.status();
      return {};
    }
    absl::SleepFor(absl::Milliseconds(2));  // as a client that comes back
  }
}

inline void WaitForHealth(const RedisClient& client) {
  const absl::Time end = absl::Now() + kPatience;
  while (!client.Health().ok() && absl::Now() < end) absl::SleepFor(absl::Milliseconds(2));
  EXPECT_TRUE(client.Health().ok()) << client.Health();
}

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_REDIS_REDIS_TEST_CLIENT_H_
