#include "services/session/session_metrics.h"

#include <string>

namespace greenroom::session {

namespace {

// Every answer passes these: their handles are kept.
Counter Acknowledged(MetricsRegistry& registry, const std::string& grade) {
  return registry.GetCounter("answers_acknowledged_total", "Answers in the log.", {{"grade", grade}});
}

Histogram GradeSeconds(MetricsRegistry& registry, const std::string& outcome) {
  return registry.GetHistogram("grade_seconds", "Time that a grade took, as the session service saw it.",
                               LatencyBuckets(), {{"outcome", outcome}});
}

}  // namespace

SessionMetrics::SessionMetrics(MetricsRegistry& registry)
    : fence_conflicts(
          registry.GetCounter("fence_conflict_total", "Appends whose place in the log was taken.")),
      idempotent_replays(
          registry.GetCounter("idempotent_replay_total", "Writes that had been carried out before.")),
      live_write_failures(registry.GetCounter("live_state_write_failures_total",
                                              "Live states that could not be written after their commit.")),
      grades_taken(registry.GetGauge("pending_grades_taken", "Pending grades that this process works on.")),
      watchers(registry.GetGauge("session_watchers", "Sessions that are being watched, once a stream.")),
      registry_(registry),
      acknowledged_inline_(Acknowledged(registry, "inline")),
      acknowledged_pending_(Acknowledged(registry, "pending")),
      graded_(GradeSeconds(registry, "graded")),
      failed_(GradeSeconds(registry, "failed")),
      late_(GradeSeconds(registry, "late")) {}

void SessionMetrics::Rebuilt(absl::string_view reason) {
  registry_
      .GetCounter("session_rebuild_total", "Live states made from the log.",
                  {{"reason", std::string(reason)}})
      .Increment();
}

void SessionMetrics::AnswerAcknowledged(absl::string_view grade) {
  (grade == "inline" ? acknowledged_inline_ : acknowledged_pending_).Increment();
}

void SessionMetrics::Graded(absl::string_view outcome, absl::Duration took) {
  Histogram& seconds = outcome == "graded" ? graded_ : outcome == "failed" ? failed_ : late_;
  seconds.Observe(absl::ToDoubleSeconds(took));
}

}  // namespace greenroom::session
