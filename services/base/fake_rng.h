// An Rng whose sequence is decided by its seed. For tests.
#ifndef GREENROOM_SERVICES_BASE_FAKE_RNG_H_
#define GREENROOM_SERVICES_BASE_FAKE_RNG_H_

#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"
#include "services/base/rng.h"

namespace greenroom {

// SplitMix64 (Steele, Lea, Flood 2014, figure 16) over the seed. Two FakeRngs with one seed give the same bytes to the
// same sequence of calls; concurrent callers share the sequence in the order they come.
class FakeRng final : public Rng {
 public:
  explicit FakeRng(uint64_t seed = 1) : state_(seed) {}

  void Fill(absl::Span<uint8_t> bytes) override {
    absl::MutexLock lock(&mutex_);
    uint64_t word = 0;
    for (size_t i = 0; i < bytes.size(); ++i) {
      if (i % 8 == 0) word = Next();
      bytes[i] = static_cast<uint8_t>(word >> (8 * (i % 8)));
    }
  }

 private:
  uint64_t Next() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  absl::Mutex mutex_;
  uint64_t state_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_FAKE_RNG_H_
