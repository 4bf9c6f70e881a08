// A Clock that stands still until it is told otherwise. For tests.
#ifndef GREENROOM_SERVICES_BASE_FAKE_CLOCK_H_
#define GREENROOM_SERVICES_BASE_FAKE_CLOCK_H_

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/base/clock.h"

namespace greenroom {

class FakeClock final : public Clock {
 public:
  // 2026-01-01T09:00:00Z unless told otherwise.
  explicit FakeClock(absl::Time start = absl::FromUnixSeconds(1767258000)) : now_(start) {}

  absl::Time Now() const override {
    absl::MutexLock lock(&mutex_);
    return now_;
  }
  absl::Duration Monotonic() const override {
    absl::MutexLock lock(&mutex_);
    return monotonic_;
  }

  // Time passes: both readings move on. `step` is not negative.
  void Advance(absl::Duration step) {
    absl::MutexLock lock(&mutex_);
    now_ += step;
    monotonic_ += step;
  }

  // The wall clock is set, forward or back; no time passes.
  void SetWall(absl::Time now) {
    absl::MutexLock lock(&mutex_);
    now_ = now;
  }

 private:
  mutable absl::Mutex mutex_;
  absl::Time now_ ABSL_GUARDED_BY(mutex_);
  absl::Duration monotonic_ ABSL_GUARDED_BY(mutex_) = absl::ZeroDuration();
};

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_FAKE_CLOCK_H_
