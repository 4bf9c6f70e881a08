// Hash slots of a Redis Cluster: which slot a key is in, which node serves a slot, and what a node says that
// does not. After the Redis Cluster specification (redis.io/docs/reference/cluster-spec). Pure functions.
#ifndef GREENROOM_SERVICES_BASE_REDIS_REDIS_SLOTS_H_
#define GREENROOM_SERVICES_BASE_REDIS_REDIS_SLOTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/base/redis/redis_reply.h"

namespace greenroom {

constexpr int kRedisSlots = 16384;

// CRC-16/XMODEM: polynomial 0x1021, begins with 0, nothing reflected (the specification's appendix A).
uint16_t RedisCrc16(absl::string_view bytes);

// The slot of a key, 0 to kRedisSlots - 1: the CRC of its hash tag, which is what stands between the first {
// and the first } after it; of the whole key where there is no tag or it is empty.
int RedisSlotOfKey(absl::string_view key);

// The slot of the first key of a command, or nothing where it has none. The key is taken to be the first
// argument, for scripts and functions the first after their number of keys. Where a command has its key
// elsewhere (XREAD, OBJECT) or none (PUBLISH, CONFIG) the slot is one like any other: the server redirects the
// former and any will do for the latter.
std::optional<int> RedisSlotOfCommand(const std::vector<std::string>& args);

struct RedisSlotRange {
  int first;
  int last;  // inclusive
  std::string host;
  int port;
};

// The primaries of a reply to CLUSTER SLOTS; `asked` is the host of the node that replied, which stands for
// itself with an empty name. INTERNAL for what cannot be read, UNAVAILABLE where no slot is served.
absl::StatusOr<std::vector<RedisSlotRange>> ParseClusterSlots(const RedisReply& reply,
                                                              const std::string& asked);

struct RedisRedirection {
  enum class Kind {
    kMoved,  // the slot is the other node's from now on
    kAsk,    // this key may be the other node's already: ask there, this once, after ASKING
  };
  Kind kind;
  int slot;
  std::string host;  // empty: the host of the node that said so
  int port;
};

// Whether `status` was made from a MOVED or ASK reply, and where to.
std::optional<RedisRedirection> ParseRedirection(const absl::Status& status);

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_REDIS_REDIS_SLOTS_H_
