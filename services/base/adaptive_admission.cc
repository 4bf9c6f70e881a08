#include "services/base/adaptive_admission.h"

#include <algorithm>
#include <string>

#include "services/base/check.h"
#include "services/base/status.h"
#include "services/base/task.h"

namespace greenroom {
namespace {

// How long a class that has shed keeps those after it small.
constexpr absl::Duration kYield = absl::Seconds(1);

LatencyLimitOptions Fixed(int limit) {
  return {.min_limit = limit, .initial_limit = limit, .max_limit = limit, .target = absl::InfiniteDuration()};
}

MetricLabels LabelsOf(AdmissionClass admission) {
  return {{"class", std::string(AdmissionClassName(admission))}};
}

// Ended by its client's will, or at the door: the time it took is not what an answer takes.
bool SaysNothing(absl::StatusCode code) {
  return code == absl::StatusCode::kCancelled || code == absl::StatusCode::kUnauthenticated ||
         code == absl::StatusCode::kPermissionDenied;
}

absl::Status Overloaded(absl::Duration delay) {
  return ErrorBuilder(absl::StatusCode::kUnavailable, "OVERLOADED",
                      "too many calls are in flight; come back later")
      .RetryAfter(delay)
      .Build();
}

}  // namespace

absl::Status AdaptiveAdmissionOptions::Validate() const {
  RETURN_IF_ERROR(submit.Validate());
  RETURN_IF_ERROR(read.Validate());
  RETURN_IF_ERROR(bulk.Validate());
  if (max_streams < 1) return absl::InvalidArgumentError("there must be room for a stream");
  if (min_pushback <= absl::ZeroDuration() || max_pushback < min_pushback) {
    return absl::InvalidArgumentError("the pushback must be positive, and its least not above its most");
  }
  return absl::OkStatus();
}

AdaptiveAdmission::Class::Class(const LatencyLimitOptions& options, AdmissionClass admission,
                                MetricsRegistry& metrics)
    : min_limit(options.min_limit),
      latency(options),
      in_flight_gauge(metrics.GetGauge("inflight", "Calls in flight.", LabelsOf(admission))),
      limit_gauge(
          metrics.GetGauge("inflight_limit", "How many calls may be in flight.", LabelsOf(admission))),
      shed(metrics.GetCounter("shed_total", "Calls refused because too many were in flight.",
                              LabelsOf(admission))) {
  limit_gauge.Set(options.initial_limit);
}

AdaptiveAdmission::AdaptiveAdmission(const AdaptiveAdmissionOptions& options, const Clock& clock, Rng& rng,
                                     MetricsRegistry& metrics)
    : options_(options),
      clock_(clock),
      rng_(rng),
      classes_{Class(options.submit, AdmissionClass::kSubmit, metrics),
               Class(options.read, AdmissionClass::kRead, metrics),
               Class(options.bulk, AdmissionClass::kBulk, metrics),
               Class(Fixed(options.max_streams), AdmissionClass::kStream, metrics)} {
  const absl::Status valid = options.Validate();
  CHECK_THAT(valid.ok(), valid.ToString());
}

absl::Status AdaptiveAdmission::Admit(const MethodPolicy& method) {
  const size_t rank = static_cast<size_t>(method.admission);
  Class& of = classes_[rank];
  const int64_t now_ns = absl::ToInt64Nanoseconds(clock_.Monotonic());
  const bool yields = Yields(rank, now_ns);
  absl::MutexLock lock(&of.mutex);
  const int limit = yields ? of.min_limit : of.latency.limit();
  if (of.in_flight >= limit) return Shed(of, now_ns);
  ++of.in_flight;
  of.in_flight_gauge.Add(1);
  of.latency.Began(of.in_flight);
  return absl::OkStatus();
}

bool AdaptiveAdmission::Yields(size_t rank, int64_t now_ns) const {
  return std::any_of(classes_.begin(), classes_.begin() + static_cast<ptrdiff_t>(rank),
                     [&](const Class& above) {
                       const int64_t shed = above.last_shed.load(std::memory_order_relaxed);
                       return shed != 0 && now_ns - shed < absl::ToInt64Nanoseconds(kYield);
                     });
}

absl::Status AdaptiveAdmission::Shed(Class& of, int64_t now_ns) {
  of.last_shed.store(std::max<int64_t>(now_ns, 1), std::memory_order_relaxed);
  of.shed.Increment();
  return Overloaded(options_.min_pushback +
                    (options_.max_pushback - options_.min_pushback) * rng_.Fraction());
}

void AdaptiveAdmission::Done(const MethodPolicy& method, absl::StatusCode code, absl::Duration took) {
  Class& of = classes_[static_cast<size_t>(method.admission)];
  const absl::Duration now = clock_.Monotonic();
  absl::MutexLock lock(&of.mutex);
  --of.in_flight;
  of.in_flight_gauge.Add(-1);
  if (SaysNothing(code)) return;
  of.latency.Ended(took, now);
  of.limit_gauge.Set(of.latency.limit());
}

int AdaptiveAdmission::in_flight(AdmissionClass admission) const {
  const Class& of = classes_[static_cast<size_t>(admission)];
  absl::MutexLock lock(&of.mutex);
  return of.in_flight;
}

int AdaptiveAdmission::limit(AdmissionClass admission) const {
  const Class& of = classes_[static_cast<size_t>(admission)];
  absl::MutexLock lock(&of.mutex);
  return of.latency.limit();
}

}  // namespace greenroom
