#include "services/session/peers/breaker_grader.h"

#include <utility>

namespace greenroom::session {

Task<absl::StatusOr<scoring::v1::Report>> BreakerGrader::Grade(LearnerKey learner, std::string question,
                                                               std::string answer, GradedAnswers graded,
                                                               OutgoingCall call) {
  if (!Enter()) co_return absl::UnavailableError("the grader has failed repeatedly and is left alone");
  absl::StatusOr<scoring::v1::Report> report = co_await source_.Grade(
      std::move(learner), std::move(question), std::move(answer), graded, std::move(call));
  Leave(report.status());
  co_return report;
}

bool BreakerGrader::Enter() {
  absl::MutexLock lock(&mutex_);
  if (failures_ < kFailures) return true;
  const absl::Duration now = clock_.Monotonic();
  if (now < paused_until_) return false;
  // This call tries; the others wait for what comes of it, as long as a pause.
  paused_until_ = now + kPause;
  return true;
}

void BreakerGrader::Leave(const absl::Status& status) {
  absl::MutexLock lock(&mutex_);
  if (absl::IsCancelled(status)) return;
  if (status.ok() || !OwnFailure(status).empty()) {
    failures_ = 0;
    return;
  }
  if (++failures_ >= kFailures) paused_until_ = clock_.Monotonic() + kPause;
}

}  // namespace greenroom::session
