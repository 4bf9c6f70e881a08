// RedisWakeups: hears what RedisLiveStore publishes.
#ifndef GREENROOM_SERVICES_SESSION_LIVE_REDIS_WAKEUPS_H_
#define GREENROOM_SERVICES_SESSION_LIVE_REDIS_WAKEUPS_H_

#include <functional>
#include <memory>

#include "services/base/redis/redis_client.h"
#include "services/session/live/wakeups.h"

namespace greenroom::session {

// Thread-safe. Listeners run on the Redis client's loop thread.
class RedisWakeups final : public Wakeups {
 public:
  // `redis` must outlive it and everything that listens.
  explicit RedisWakeups(RedisClient& redis) : redis_(redis) {}

  std::unique_ptr<Listening> Listen(SessionKey session, std::function<void()> listener) override;

 private:
  RedisClient& redis_;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_LIVE_REDIS_WAKEUPS_H_
