// FakeGrader: grades as a test decides.
#ifndef GREENROOM_SERVICES_SESSION_PEERS_FAKE_GRADER_H_
#define GREENROOM_SERVICES_SESSION_PEERS_FAKE_GRADER_H_

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/session/fakes/fault_gate.h"
#include "services/session/peers/grader.h"

namespace greenroom::session {

// Thread-safe. Operation of the gate: "Grade".
class FakeGrader final : public Grader {
 public:
  using Grading = std::function<absl::StatusOr<scoring::v1::Report>(const std::string& question,
                                                                    const std::string& answer)>;

  FaultGate& gate() { return gate_; }

  // Unless told otherwise the score is the answer's length, at most 100.
  void set_grading(Grading grading) {
    absl::MutexLock lock(&mutex_);
    grading_ = std::move(grading);
  }

  // Graded answers move the score by the mean of what people gave them more than this grader.
  Task<absl::StatusOr<scoring::v1::Report>> Grade(LearnerKey /*learner*/, std::string question,
                                                  std::string answer, GradedAnswers graded,
                                                  OutgoingCall call) override {
    CO_RETURN_IF_ERROR(gate_.Pass("Grade", call.deadline));
    absl::StatusOr<scoring::v1::Report> report = Plain(question, answer);
    if (!report.ok() || graded.empty()) co_return report;
    int32_t more = 0;
    for (const scoring::v1::GradedAnswer& one : graded) {
      const absl::StatusOr<scoring::v1::Report> before = Plain(question, one.answer());
      if (before.ok()) more += one.score() - before->score();
    }
    const auto count = static_cast<int32_t>(graded.size());
    report->set_score(std::clamp(report->score() + more / count, 0, 100));
    report->set_calibrated_with(count);
    co_return report;
  }

 private:
  absl::StatusOr<scoring::v1::Report> Plain(const std::string& question, const std::string& answer) {
    Grading grading;
    {
      absl::MutexLock lock(&mutex_);
      grading = grading_;
    }
    if (grading) return grading(question, answer);
    scoring::v1::Report report;
    report.set_grader("fake/1");
    report.set_question(question);
    report.set_score(static_cast<int32_t>(std::min<size_t>(answer.size(), 100)));
    return report;
  }

  FaultGate gate_;
  absl::Mutex mutex_;
  Grading grading_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_PEERS_FAKE_GRADER_H_
