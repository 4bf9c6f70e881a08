// CalibratedGrader: a Grader that lets what people decided count at once.
#ifndef GREENROOM_SERVICES_SESSION_CALIBRATED_GRADER_H_
#define GREENROOM_SERVICES_SESSION_CALIBRATED_GRADER_H_

#include <string>

#include "services/session/decided_answers.h"
#include "services/session/peers/grader.h"

namespace greenroom::session {

// Grades by the latest decisions about other answers to the question. Where they cannot be read it does not grade: the
// answer waits for its grade as if the source were down, and equal answers of one moment have equal grades.
class CalibratedGrader final : public Grader {
 public:
  // Both must outlive it.
  CalibratedGrader(Grader& source, DecidedAnswers& decided) : source_(source), decided_(decided) {}

  // With `graded` of the caller's, by those alone.
  Task<absl::StatusOr<scoring::v1::Report>> Grade(LearnerKey learner, std::string question,
                                                  std::string answer, GradedAnswers graded,
                                                  OutgoingCall call) override;

 private:
  Grader& source_;
  DecidedAnswers& decided_;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_CALIBRATED_GRADER_H_
