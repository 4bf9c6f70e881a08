// RedisTopology: which server a command goes to. The part of a client in which standalone, Sentinel and
// Cluster differ.
#ifndef GREENROOM_SERVICES_BASE_REDIS_REDIS_TOPOLOGY_H_
#define GREENROOM_SERVICES_BASE_REDIS_REDIS_TOPOLOGY_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/base/redis/event_loop.h"
#include "services/base/redis/redis_client.h"
#include "services/base/redis/redis_request.h"
#include "services/base/redis/redis_url.h"

namespace greenroom {

// On the loop thread, but for the two that say otherwise.
class RedisTopology {
 public:
  // What a topology uses of its client, which outlives it.
  struct Client {
    EventLoop& loop;
    const RedisOptions& options;
    // Answers the request, unless it has timed out, and ends it.
    std::function<void(std::unique_ptr<RedisRequest> request, absl::StatusOr<RedisReply> reply)> finish;
    // The subscriptions should leave where they are, or a server for them is known at last.
    std::function<void()> move_subscriptions;
  };

  // `url` says which.
  static std::unique_ptr<RedisTopology> Make(RedisUrl url, Client client);
  virtual ~RedisTopology() = default;  // after Shutdown

  virtual void Start() = 0;
  // Sends the request to its server, sooner or later, or finishes it with why not.
  virtual void Dispatch(std::unique_ptr<RedisRequest> request) = 0;
  // The server to connect to for the subscriptions, asked before each attempt; nothing while none is known.
  virtual std::optional<RedisEndpoint> SubscriptionServer() = 0;
  // Finishes all requests with RedisShuttingDown and closes everything on the loop.
  virtual void Shutdown() = 0;

  // Any thread; as in RedisClient.
  virtual absl::Status Health() const = 0;
  virtual std::string run_id(absl::string_view key) const = 0;
};

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_REDIS_REDIS_TOPOLOGY_H_
