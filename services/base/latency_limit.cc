#include "services/base/latency_limit.h"

#include <algorithm>

#include "services/base/check.h"

namespace greenroom {

absl::Status LatencyLimitOptions::Validate() const {
  if (min_limit < 1 || initial_limit < min_limit || max_limit < initial_limit) {
    return absl::InvalidArgumentError("limits of calls in flight must be 1 <= min <= initial <= max");
  }
  if (target <= absl::ZeroDuration())
    return absl::InvalidArgumentError("the target latency must be positive");
  return absl::OkStatus();
}

LatencyLimit::LatencyLimit(const LatencyLimitOptions& options)
    : options_(options), limit_(options.initial_limit) {
  const absl::Status valid = options.Validate();
  CHECK_THAT(valid.ok(), valid.ToString());
}

void LatencyLimit::Began(int in_flight) { peak_ = std::max(peak_, in_flight); }

void LatencyLimit::Ended(absl::Duration took, absl::Duration now) {
  if (window_began_ == -absl::InfiniteDuration()) window_began_ = now;
  // Calls from before the limit fell tell nothing of what has become of it.
  if (now - took >= last_decrease_) {
    ++ended_;
    total_ += took;
    if (took > std::max(options_.target, baseline_ * kSlack)) ++late_;
  }
  if (now - window_began_ >= kWindow && ended_ >= kMinSamples) CloseWindow(now);
}

void LatencyLimit::CloseWindow(absl::Duration now) {
  const bool at_least = limit_ == options_.min_limit;
  if (peak_ <= limit_ / 2 || at_least) {
    const absl::Duration mean = total_ / ended_;
    baseline_ =
        baseline_ == absl::ZeroDuration() ? mean : baseline_ * (1 - kBaselineWeight) + mean * kBaselineWeight;
  }
  if (late_ > ended_ * kLateShare) {
    limit_ = std::max(options_.min_limit, static_cast<int>(limit_ * kDecrease));
    last_decrease_ = now;
  } else if (peak_ * 5 >= limit_ * 4) {
    limit_ = std::min(options_.max_limit, limit_ + kIncrease);
  }
  window_began_ = now;
  peak_ = 0;
  ended_ = 0;
  late_ = 0;
  total_ = absl::ZeroDuration();
}

}  // namespace greenroom
