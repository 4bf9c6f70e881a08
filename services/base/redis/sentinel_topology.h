// SentinelTopology: one primary, to which everything goes, and sentinels that say which server it is.
#ifndef GREENROOM_SERVICES_BASE_REDIS_SENTINEL_TOPOLOGY_H_
#define GREENROOM_SERVICES_BASE_REDIS_SENTINEL_TOPOLOGY_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "services/base/redis/redis_inquiry.h"
#include "services/base/redis/redis_node.h"
#include "services/base/redis/redis_subscriptions.h"
#include "services/base/redis/redis_topology.h"
#include "services/base/redis/redis_url.h"

namespace greenroom {

// As "Guidelines for Redis clients with support for Redis Sentinel" (redis.io/docs/reference/sentinel-clients)
// have it: before each attempt to connect the sentinels are asked, the one that answered last first; a server
// whose ROLE is not master is not used; a READONLY reply ends the connection.
//
// An old primary that was away and returns goes on as one until a sentinel reaches it, ten seconds and more.
// So the client also listens to one sentinel for +switch-master, and asks where the primary is whenever it
// begins to listen there and whenever it hears of a switch: a connection to another server is dropped then.
class SentinelTopology final : public RedisTopology {
 public:
  SentinelTopology(RedisUrl url, Client client);

  void Start() override;
  void Dispatch(std::unique_ptr<RedisRequest> request) override { primary_.Send(std::move(request)); }
  std::optional<RedisEndpoint> SubscriptionServer() override { return subscription_server_; }
  void Shutdown() override;
  absl::Status Health() const override { return primary_.health(); }
  std::string run_id(absl::string_view) const override { return primary_.run_id(); }

 private:
  void Ask();
  void OnAnswer(size_t first_asked, const absl::StatusOr<RedisInquiry::Answer>& answer);
  void OnPrimary(const RedisEndpoint& primary);
  void OnChange(const absl::Status& health);
  void OnReply(std::unique_ptr<RedisRequest> request, absl::StatusOr<RedisReply> reply);
  void OnSwitch(RedisSubscriptionEvent event, absl::string_view payload);

  const Client client_;
  const RedisUrl url_;
  RedisNode primary_;
  bool locating_ = false;                             // primary_ waits to be told where to connect to
  std::optional<RedisEndpoint> subscription_server_;  // the last that was connected to as the primary

  std::unique_ptr<RedisInquiry> inquiry_;  // null: none under way
  bool ask_again_ = false;                 // there was a reason to ask while one was under way
  size_t preferred_ = 0;                   // the sentinel to ask first

  RedisSubscriptions watch_;  // of +switch-master
  size_t watched_;            // the sentinel which it is connected to
};

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_REDIS_SENTINEL_TOPOLOGY_H_
