// Randomness as a constructor argument.
#ifndef GREENROOM_SERVICES_BASE_RNG_H_
#define GREENROOM_SERVICES_BASE_RNG_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/types/span.h"

namespace greenroom {

// Thread-safe.
class Rng {
 public:
  virtual ~Rng() = default;

  // Fills `bytes` with uniformly random bytes.
  virtual void Fill(absl::Span<uint8_t> bytes) = 0;

  std::string Bytes(size_t count);
  uint64_t Uint64();
  // Uniform in [0, 1), with 53 random bits.
  double Fraction();
  // A random UUID (version 4), lower case.
  std::string Uuid();
};

// The kernel's generator (getrandom), fit for keys and ids; each thread keeps some bytes ahead. A failure of the kernel
// ends the process. Not for a process that goes on after fork: both would give the same.
class SystemRng final : public Rng {
 public:
  void Fill(absl::Span<uint8_t> bytes) override;
};

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_RNG_H_
