// RedisSubscriptions: all subscriptions of a process, carried by one connection.
#ifndef GREENROOM_SERVICES_BASE_REDIS_REDIS_SUBSCRIPTIONS_H_
#define GREENROOM_SERVICES_BASE_REDIS_REDIS_SUBSCRIPTIONS_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "services/base/redis/event_loop.h"
#include "services/base/redis/redis_backoff.h"
#include "services/base/redis/redis_client.h"
#include "services/base/redis/redis_connection.h"
#include "services/base/redis/redis_url.h"

namespace greenroom {

// Any thread changes the table of subscriptions; the loop thread brings the connection in line with it.
class RedisSubscriptions {
 public:
  // Asked before each attempt: the server to connect to; nothing while none is known, until Move is called.
  using Server = std::function<std::optional<RedisEndpoint>()>;

  // On the loop thread, or before the loop starts. `options` and `loop` outlive this. `role` is what
  // options.on_connection is told.
  RedisSubscriptions(EventLoop& loop, const RedisOptions& options, std::string role, Server server);
  ~RedisSubscriptions();  // after Shutdown

  // Any thread. As RedisClient's Subscribe and Unsubscribe; the caller then sees to it that Sync is called.
  RedisSubscriptionId Add(std::string channel, RedisSubscriber subscriber);
  void Remove(RedisSubscriptionId id);

  // Loop thread.
  void Sync();
  // Leaves the connection, if there is one, for what `server` says now.
  void Move();
  void Shutdown();

 private:
  struct Subscription {
    std::string channel;
    std::shared_ptr<const RedisSubscriber> subscriber;
    bool confirmed = false;  // has been told kSubscribed for this connection
  };

  void Connect();
  void OnReady();
  void OnClosed(const absl::Status& reason);
  void OnPush(const RedisReply& message);
  void OnHeartbeat();
  void SubscribeTo(const std::string& channel);
  void Confirm(const std::string& channel);
  void Tell(RedisSubscriptionId id, RedisSubscriptionEvent event, absl::string_view payload);

  EventLoop& loop_;
  const RedisOptions& options_;
  const std::string role_;
  const Server server_;

  absl::Mutex mutex_;
  std::map<RedisSubscriptionId, Subscription> table_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, std::set<RedisSubscriptionId>> channels_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> changed_ ABSL_GUARDED_BY(mutex_);  // since the last Sync
  RedisSubscriptionId last_id_ ABSL_GUARDED_BY(mutex_) = 0;
  RedisSubscriptionId running_ ABSL_GUARDED_BY(mutex_) = 0;  // whose subscriber is being called

  // Loop thread only.
  std::unique_ptr<RedisConnection> connection_;
  RedisEndpoint endpoint_;  // where it is connected to
  bool started_ = false;    // by the first subscription
  bool ready_ = false;
  std::set<std::string> sent_;                         // channels subscribed to on this connection
  absl::flat_hash_map<std::string, int> unconfirmed_;  // SUBSCRIBE commands without their confirmation
  bool heard_ = false;                                 // anything since the last heartbeat
  bool probed_ = false;
  RedisBackoff backoff_;
  std::unique_ptr<LoopTimer> retry_;
  std::unique_ptr<LoopTimer> heartbeat_;
};

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_REDIS_REDIS_SUBSCRIPTIONS_H_
