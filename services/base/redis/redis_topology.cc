#include "services/base/redis/redis_topology.h"

#include <utility>

#include "services/base/redis/standalone_topology.h"

namespace greenroom {

std::unique_ptr<RedisTopology> RedisTopology::Make(RedisUrl url, Client client) {
  return std::make_unique<StandaloneTopology>(url.servers.front(), std::move(client));
}

}  // namespace greenroom
