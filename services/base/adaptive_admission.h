// AdaptiveAdmission: as many calls in flight as the process can answer in time, by class.
#ifndef GREENROOM_SERVICES_BASE_ADAPTIVE_ADMISSION_H_
#define GREENROOM_SERVICES_BASE_ADAPTIVE_ADMISSION_H_

#include <array>
#include <atomic>
#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/base/call.h"
#include "services/base/clock.h"
#include "services/base/latency_limit.h"
#include "services/base/metrics.h"
#include "services/base/rng.h"

namespace greenroom {

struct AdaptiveAdmissionOptions {
  // Targets well inside the objectives: 99 % of submits within 100 ms, of other reads within 50 ms. A start or a burst
  // finds a wide limit: it falls by 15 % in each window of 100 ms that has late calls, and rises slowly.
  LatencyLimitOptions submit{
      .min_limit = 32, .initial_limit = 256, .max_limit = 512, .target = absl::Milliseconds(50)};
  LatencyLimitOptions read{
      .min_limit = 32, .initial_limit = 256, .max_limit = 512, .target = absl::Milliseconds(25)};
  LatencyLimitOptions bulk{
      .min_limit = 4, .initial_limit = 16, .max_limit = 64, .target = absl::Milliseconds(250)};
  // Streams last as long as their clients like, so their time says nothing: their number is bounded.
  int max_streams = 10'000;
  // What a shed client is told to wait is drawn from this range, so that not all come back at once.
  absl::Duration min_pushback = absl::Milliseconds(100);
  absl::Duration max_pushback = absl::Milliseconds(500);

  absl::Status Validate() const;
};

// Sheds with UNAVAILABLE, OVERLOADED and RetryInfo what is above its class's limit. While a class has shed within the
// last second, the classes after it (submit, read, bulk) get no more than their least limit: an answer is worth more
// than a look. Takes no time to speak of: one lock of the class, no wait. Metrics: inflight, inflight_limit and
// shed_total, each by class.
class AdaptiveAdmission final : public Admission {
 public:
  // CHECKs that `options` are valid. What it borrows must outlive it.
  AdaptiveAdmission(const AdaptiveAdmissionOptions& options, const Clock& clock, Rng& rng,
                    MetricsRegistry& metrics);

  absl::Status Admit(const MethodPolicy& method) override;
  void Done(const MethodPolicy& method, absl::StatusCode code, absl::Duration took) override;

  // Of calls of this class; for tests.
  int in_flight(AdmissionClass admission) const;
  int limit(AdmissionClass admission) const;

 private:
  struct Class {
    Class(const LatencyLimitOptions& options, AdmissionClass admission, MetricsRegistry& metrics);

    const int min_limit;
    mutable absl::Mutex mutex;
    LatencyLimit latency ABSL_GUARDED_BY(mutex);
    int in_flight ABSL_GUARDED_BY(mutex) = 0;
    // Monotonic nanoseconds; 0: it never shed.
    std::atomic<int64_t> last_shed = 0;
    Gauge in_flight_gauge;
    Gauge limit_gauge;
    Counter shed;
  };

  // A class of higher rank has shed lately.
  bool Yields(size_t rank, int64_t now_ns) const;
  absl::Status Shed(Class& of, int64_t now_ns);

  const AdaptiveAdmissionOptions options_;
  const Clock& clock_;
  Rng& rng_;
  std::array<Class, kAdmissionClasses> classes_;  // by rank
};

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_ADAPTIVE_ADMISSION_H_
