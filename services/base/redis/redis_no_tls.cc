// Built in place of redis_tls.cc where hiredis has no TLS.
#include "services/base/redis/redis_error.h"
#include "services/base/redis/redis_tls.h"

namespace greenroom {

bool RedisHasTls() { return false; }

absl::StatusOr<std::unique_ptr<const RedisTls>> RedisTls::Make(const RedisTlsFiles&) {
  return error::RedisTlsMissing();
}

}  // namespace greenroom
