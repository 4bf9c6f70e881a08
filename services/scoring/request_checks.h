// What a request of ScoringService must be.
#ifndef GREENROOM_SERVICES_SCORING_REQUEST_CHECKS_H_
#define GREENROOM_SERVICES_SCORING_REQUEST_CHECKS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "greenroom/scoring/v1/scoring_service.pb.h"

namespace greenroom::scoring {

// OK, or INVALID_REQUEST with every field that is wrong. `prefix` stands before each path ("request." in a stream). The
// form of `question` is checked where the name is resolved.
absl::Status CheckGradeAnswer(const v1::GradeAnswerRequest& request, absl::string_view prefix);

// The item's own fields, and that it has a request.
absl::Status CheckGradeAnswersItem(const v1::GradeAnswersRequest& item);

}  // namespace greenroom::scoring

#endif  // GREENROOM_SERVICES_SCORING_REQUEST_CHECKS_H_
