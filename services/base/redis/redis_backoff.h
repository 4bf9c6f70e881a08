// RedisBackoff: how long to wait before the next attempt to connect.
#ifndef GREENROOM_SERVICES_BASE_REDIS_REDIS_BACKOFF_H_
#define GREENROOM_SERVICES_BASE_REDIS_REDIS_BACKOFF_H_

#include <algorithm>
#include <functional>
#include <utility>

#include "absl/time/time.h"

namespace greenroom {

// Exponential with jitter, so that many clients that lost one server do not return to it together.
class RedisBackoff {
 public:
  // `uniform` yields numbers in [0, 1).
  RedisBackoff(absl::Duration initial, absl::Duration max, std::function<double()> uniform)
      : initial_(initial), max_(max), next_(initial), uniform_(std::move(uniform)) {}

  // Of the nth call since Reset: between one half and the whole of min(max, initial * 2^(n-1)).
  absl::Duration Next() {
    const absl::Duration whole = next_;
    next_ = std::min(max_, next_ * 2);
    return whole * (0.5 + uniform_() / 2);
  }

  void Reset() { next_ = initial_; }

 private:
  const absl::Duration initial_;
  const absl::Duration max_;
  absl::Duration next_;
  std::function<double()> uniform_;
};

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_REDIS_REDIS_BACKOFF_H_
