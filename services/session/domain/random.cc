#include "services/session/domain/random.h"

#include <string>

#include "services/session/domain/digest.h"

namespace greenroom::session {

uint64_t RandomOf(int64_t seed, absl::string_view id) {
  const std::string digest = Sha256(id);
  uint64_t bytes = 0;
  for (size_t i = 0; i < 8; ++i) bytes |= uint64_t{static_cast<unsigned char>(digest[i])} << (8 * i);
  return SplitMix64(static_cast<uint64_t>(seed) ^ bytes).Next();
}

}  // namespace greenroom::session
