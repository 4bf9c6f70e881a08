// LatencyLimit: how many calls may be in flight at once, learnt from how long they take.
//
// Additive increase, multiplicative decrease (Chiu and Jain 1989, "Analysis of the increase and decrease algorithms for
// congestion avoidance", section 3), once a window of time: down when too many calls were late, up when the limit was
// used and they were not. A call is late when it took longer than the target, and longer than kSlack times what calls
// take without a crowd: a slow dependency makes every call slow, and fewer of them at once would not help.
#ifndef GREENROOM_SERVICES_BASE_LATENCY_LIMIT_H_
#define GREENROOM_SERVICES_BASE_LATENCY_LIMIT_H_

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace greenroom {

struct LatencyLimitOptions {
  int min_limit =
      16;  // never less, whatever the latency: where the limit is least, the uncrowded latency is learnt
  int initial_limit = 64;
  int max_limit = 512;
  absl::Duration target = absl::Milliseconds(50);

  // 1 <= min_limit <= initial_limit <= max_limit, 0 < target.
  absl::Status Validate() const;
};

// A pure function of what it is told; times are Clock::Monotonic(). Not thread-safe.
class LatencyLimit {
 public:
  static constexpr absl::Duration kWindow =
      absl::Milliseconds(100);  // longer while fewer than kMinSamples ended
  static constexpr int kMinSamples = 10;
  static constexpr double kLateShare = 0.1;  // of a window's calls: more, and the limit falls
  static constexpr double kDecrease = 0.85;
  static constexpr int kIncrease = 2;
  static constexpr double kSlack = 4;
  static constexpr double kBaselineWeight = 0.1;  // of a new window in the moving average

  // CHECKs that `options` are valid.
  explicit LatencyLimit(const LatencyLimitOptions& options);

  int limit() const { return limit_; }
  // Mean time of a call where the limit was at most half used, or least; ZeroDuration until such a window has ended.
  absl::Duration baseline() const { return baseline_; }

  // A call has begun: `in_flight` with it.
  void Began(int in_flight);
  // A call that took `took` has ended at `now`, which does not go back.
  void Ended(absl::Duration took, absl::Duration now);

 private:
  void CloseWindow(absl::Duration now);

  const LatencyLimitOptions options_;
  int limit_;
  absl::Duration baseline_;
  absl::Duration window_began_ = -absl::InfiniteDuration();
  absl::Duration last_decrease_ = -absl::InfiniteDuration();
  int peak_ = 0;
  int ended_ = 0;
  int late_ = 0;
  absl::Duration total_;
};

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_LATENCY_LIMIT_H_
