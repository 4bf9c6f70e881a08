// What the session service counts.
#ifndef GREENROOM_SERVICES_SESSION_SESSION_METRICS_H_
#define GREENROOM_SERVICES_SESSION_SESSION_METRICS_H_

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/base/metrics.h"

namespace greenroom::session {

// Thread-safe. The registry must outlive it.
class SessionMetrics {
 public:
  explicit SessionMetrics(MetricsRegistry& registry);

  // `reason`: missing, format, run, damaged, seen, open_write, unsettled, replay,
  // expired, merge, redis.
  void Rebuilt(absl::string_view reason);
  // `grade`: inline or pending.
  void AnswerAcknowledged(absl::string_view grade);
  // `outcome`: graded, failed or late.
  void Graded(absl::string_view outcome, absl::Duration took);

  Counter fence_conflicts;
  Counter idempotent_replays;
  Counter live_write_failures;  // state that could not be written after its commit
  Gauge grades_taken;           // pending grades that the worker holds
  Gauge watchers;               // streams of WatchSession that are open

 private:
  MetricsRegistry& registry_;
  Counter acknowledged_inline_;
  Counter acknowledged_pending_;
  Histogram graded_;
  Histogram failed_;
  Histogram late_;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_SESSION_METRICS_H_
