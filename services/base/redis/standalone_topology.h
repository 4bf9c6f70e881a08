// StandaloneTopology: one server, to which everything goes.
#ifndef GREENROOM_SERVICES_BASE_REDIS_STANDALONE_TOPOLOGY_H_
#define GREENROOM_SERVICES_BASE_REDIS_STANDALONE_TOPOLOGY_H_

#include <memory>
#include <optional>
#include <string>

#include "services/base/redis/redis_node.h"
#include "services/base/redis/redis_topology.h"

namespace greenroom {

class StandaloneTopology final : public RedisTopology {
 public:
  StandaloneTopology(const RedisEndpoint& server, Client client);

  void Start() override { node_.Start(); }
  void Dispatch(std::unique_ptr<RedisRequest> request) override { node_.Send(std::move(request)); }
  std::optional<RedisEndpoint> SubscriptionServer() override { return node_.endpoint(); }
  void Shutdown() override;
  absl::Status Health() const override { return node_.health(); }
  std::string run_id(absl::string_view) const override { return node_.run_id(); }

 private:
  const Client client_;
  RedisNode node_;
};

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_REDIS_STANDALONE_TOPOLOGY_H_
