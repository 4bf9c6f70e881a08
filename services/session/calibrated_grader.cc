#include "services/session/calibrated_grader.h"

#include <memory>
#include <utility>

#include "services/base/task.h"

namespace greenroom::session {

Task<absl::StatusOr<scoring::v1::Report>> CalibratedGrader::Grade(LearnerKey learner, std::string question,
                                                                  std::string answer, GradedAnswers graded,
                                                                  OutgoingCall call) {
  std::shared_ptr<const GradedExamples> decided;
  if (graded.empty()) {
    ASSIGN_OR_CO_RETURN(decided, decided_.About(learner, question, call.deadline));
    graded = decided->Of(question);
  }
  absl::StatusOr<scoring::v1::Report> report = co_await source_.Grade(
      std::move(learner), std::move(question), std::move(answer), graded, std::move(call));
  co_return report;
}

}  // namespace greenroom::session
