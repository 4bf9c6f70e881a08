// The errors of the scoring service, one named function each: code, reason, wording and details are decided here.
#ifndef GREENROOM_SERVICES_SCORING_ERRORS_H_
#define GREENROOM_SERVICES_SCORING_ERRORS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace greenroom::scoring::error {

// NOT_FOUND. Also for another tenant's: the two are told alike.
absl::Status QuestionNotFound(absl::string_view name);
absl::Status GraderNotFound(absl::string_view grader);

// INVALID_ARGUMENT. `why` is "path: what is wrong" as Compile says it; `field` is the request's field it lies in.
absl::Status QuestionNotGradable(absl::string_view field, absl::string_view why);

// INVALID_ARGUMENT for a stored question.
absl::Status StoredQuestionNotGradable(absl::string_view name, absl::string_view why);

// What a client is told where the content service answered `status`: NOT_FOUND of a pack, revision or question and
// CANCELLED as they are; everything else, a deadline too, as UNAVAILABLE.
absl::Status OfContent(const absl::Status& status);

}  // namespace greenroom::scoring::error

#endif  // GREENROOM_SERVICES_SCORING_ERRORS_H_
