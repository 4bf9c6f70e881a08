#include "services/base/redis/redis_client.h"

#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/redis/event_loop.h"
#include "services/base/redis/pipelined_redis_client.h"
#include "services/base/redis/redis_error.h"
#include "services/base/redis/redis_tls.h"
#include "services/base/redis/redis_url.h"

namespace greenroom {
namespace {

absl::Status CheckPositive(absl::string_view field, absl::Duration value) {
  if (value > absl::ZeroDuration() && value < absl::Hours(1)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("redis ", field, ": must be above 0 and below 1h"));
}

}  // namespace

absl::Status RedisOptions::Validate() const {
  ASSIGN_OR_RETURN(const RedisUrl parsed, ParseRedisUrl(url));
  if (parsed.tls.has_value() && !RedisHasTls()) return error::RedisTlsMissing();
  RETURN_IF_ERROR(CheckPositive("command_timeout", command_timeout));
  RETURN_IF_ERROR(CheckPositive("connect_timeout", connect_timeout));
  RETURN_IF_ERROR(CheckPositive("backoff_initial", backoff_initial));
  RETURN_IF_ERROR(CheckPositive("backoff_max", backoff_max));
  RETURN_IF_ERROR(CheckPositive("dead_peer_timeout", dead_peer_timeout));
  RETURN_IF_ERROR(CheckPositive("subscriber_heartbeat", subscriber_heartbeat));
  if (backoff_max < backoff_initial) {
    return absl::InvalidArgumentError("redis backoff_max: must not be below backoff_initial");
  }
  if (max_in_flight == 0) return absl::InvalidArgumentError("redis max_in_flight: must be above 0");
  if (!now) return absl::InvalidArgumentError("redis now: must be set");
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<RedisClient>> MakeRedisClient(RedisOptions options) {
  RETURN_IF_ERROR(options.Validate());
  ASSIGN_OR_RETURN(RedisUrl url, ParseRedisUrl(options.url));
  std::unique_ptr<const RedisTls> tls;
  if (url.tls.has_value()) {
    ASSIGN_OR_RETURN(tls, RedisTls::Make(*url.tls));
    for (RedisEndpoint& server : url.servers) server.tls = tls.get();
  }
  if (!options.uniform) {
    options.uniform = [generator = std::mt19937_64(std::random_device()())]() mutable {
      return std::uniform_real_distribution<double>(0, 1)(generator);
    };
  }
  ASSIGN_OR_RETURN(std::unique_ptr<EventLoop> loop, EventLoop::Make());
  auto client = std::make_unique<PipelinedRedisClient>(std::move(options), std::move(url), std::move(tls),
                                                       std::move(loop));
  RETURN_IF_ERROR(client->Start());
  return client;
}

}  // namespace greenroom
