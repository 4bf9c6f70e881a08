#include "services/base/redis/redis_topology.h"

#include <utility>

#include "services/base/redis/cluster_topology.h"
#include "services/base/redis/sentinel_topology.h"
#include "services/base/redis/standalone_topology.h"

namespace greenroom {

std::unique_ptr<RedisTopology> RedisTopology::Make(RedisUrl url, Client client) {
  switch (url.topology) {
    case RedisUrl::Topology::kSentinel:
      return std::make_unique<SentinelTopology>(std::move(url), std::move(client));
    case RedisUrl::Topology::kCluster:
      return std::make_unique<ClusterTopology>(std::move(url), std::move(client));
    case RedisUrl::Topology::kStandalone:
      break;
  }
  return std::make_unique<StandaloneTopology>(url.servers.front(), std::move(client));
}

}  // namespace greenroom
