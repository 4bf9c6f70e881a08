// Chance that is the same for all time and on every machine: SplitMix64 (Steele, Lea, Flood 2014, figure 16).
#ifndef GREENROOM_SERVICES_SESSION_DOMAIN_RANDOM_H_
#define GREENROOM_SERVICES_SESSION_DOMAIN_RANDOM_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace greenroom::session {

class SplitMix64 {
 public:
  explicit SplitMix64(uint64_t seed) : state_(seed) {}
  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  // Below `bound`; uniform but for less than 2^-50 at the sizes of a pack.
  size_t Below(size_t bound) { return static_cast<size_t>(Next() % bound); }

 private:
  uint64_t state_;
};

// A number of the seed and an id: the first of SplitMix64 of the seed and the first eight bytes of the id's SHA-256, little
// endian.
uint64_t RandomOf(int64_t seed, absl::string_view id);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_DOMAIN_RANDOM_H_
