#include "services/session/peers/grader.h"

#include <utility>

#include "services/base/status.h"

namespace greenroom::session {

std::string OwnFailure(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kFailedPrecondition:
      return ReasonOf(status);
    default:
      return "";
  }
}

v1::EventPayload InitialGrade(const std::string& answer, const std::string& question,
                              absl::StatusOr<scoring::v1::Report> graded) {
  v1::EventPayload payload;
  payload.mutable_graded()->set_answer(answer);
  payload.mutable_graded()->set_cause(v1::GRADE_CAUSE_INITIAL);
  payload.mutable_graded()->set_question_name(question);
  if (graded.ok()) {
    *payload.mutable_graded()->mutable_report() = *std::move(graded);
  } else {
    payload.mutable_graded()->set_failure(OwnFailure(graded.status()));
  }
  return payload;
}

}  // namespace greenroom::session
