#include "services/base/redis/standalone_topology.h"

#include <utility>

#include "services/base/redis/redis_error.h"

namespace greenroom {

StandaloneTopology::StandaloneTopology(const RedisEndpoint& server, Client client)
    : client_(std::move(client)),
      node_(client_.loop, client_.options, server, RedisNode::Role::kAny,
            {.locate = nullptr,
             .on_change =
                 [this](RedisNode&, const absl::Status& health) {
                   if (client_.options.on_connection) client_.options.on_connection("commands", health);
                 },
             .on_reply =
                 [this](RedisNode&, std::unique_ptr<RedisRequest> request, absl::StatusOr<RedisReply> reply) {
                   client_.finish(std::move(request), std::move(reply));
                 }}) {}

void StandaloneTopology::Shutdown() { node_.Shutdown(error::RedisShuttingDown()); }

}  // namespace greenroom
