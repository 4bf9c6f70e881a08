#include "services/session/live/redis_wakeups.h"

#include <utility>

#include "services/session/live/redis_keys.h"

namespace greenroom::session {
namespace {

class Subscription final : public Wakeups::Listening {
 public:
  Subscription(RedisClient& redis, std::string channel, std::function<void()> listener)
      : redis_(redis),
        id_(redis.Subscribe(std::move(channel),
                            [listener = std::move(listener)](RedisSubscriptionEvent, absl::string_view) {
                              listener();  // of the first confirmation as of a message: either says "look"
                            })) {}
  ~Subscription() override { redis_.Unsubscribe(id_); }

 private:
  RedisClient& redis_;
  const RedisSubscriptionId id_;
};

}  // namespace

std::unique_ptr<Wakeups::Listening> RedisWakeups::Listen(SessionKey session, std::function<void()> listener) {
  return std::make_unique<Subscription>(redis_, SessionKeyName(session), std::move(listener));
}

}  // namespace greenroom::session
