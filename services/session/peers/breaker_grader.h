// BreakerGrader: a Grader that leaves a failing one alone for a while.
#ifndef GREENROOM_SERVICES_SESSION_PEERS_BREAKER_GRADER_H_
#define GREENROOM_SERVICES_SESSION_PEERS_BREAKER_GRADER_H_

#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/base/clock.h"
#include "services/session/peers/grader.h"

namespace greenroom::session {

// After kFailures failures in a row the source is not asked for kPause, and each call answers UNAVAILABLE at once. Then one
// call is let through: if it fails too, the pause begins again; if it succeeds, all is well. An answer's own failure is
// an answer, and a call that its caller cancelled says nothing.
class BreakerGrader final : public Grader {
 public:
  static constexpr int kFailures = 5;
  static constexpr absl::Duration kPause = absl::Seconds(1);

  // Both must outlive it.
  BreakerGrader(Grader& source, const Clock& clock) : source_(source), clock_(clock) {}

  Task<absl::StatusOr<scoring::v1::Report>> Grade(LearnerKey learner, std::string question,
                                                  std::string answer, GradedAnswers graded,
                                                  OutgoingCall call) override;

 private:
  bool Enter();
  void Leave(const absl::Status& status);

  Grader& source_;
  const Clock& clock_;
  absl::Mutex mutex_;
  int failures_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Duration paused_until_ ABSL_GUARDED_BY(mutex_) = absl::ZeroDuration();  // monotonic
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_PEERS_BREAKER_GRADER_H_
