#include "services/scoring/errors.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "services/base/status.h"

namespace greenroom::scoring::error {

absl::Status QuestionNotFound(absl::string_view name) {
  return ErrorBuilder(absl::StatusCode::kNotFound, "QUESTION_NOT_FOUND", "no such question")
      .Resource("greenroom.dev/Question", name)
      .Build();
}

absl::Status GraderNotFound(absl::string_view grader) {
  return ErrorBuilder(absl::StatusCode::kNotFound, "GRADER_NOT_FOUND", "no grader of that name")
      .Resource("greenroom.dev/Grader", grader)
      .Build();
}

absl::Status QuestionNotGradable(absl::string_view field, absl::string_view why) {
  const size_t colon = why.find(": ");
  const absl::string_view path = colon == absl::string_view::npos ? "" : why.substr(0, colon);
  const absl::string_view what = colon == absl::string_view::npos ? why : why.substr(colon + 2);
  const std::string whole = path.empty() ? std::string(field) : absl::StrCat(field, ".", path);
  return ErrorBuilder(absl::StatusCode::kInvalidArgument, "QUESTION_NOT_GRADABLE",
                      absl::StrCat("the question cannot be graded: ", whole, ": ", what))
      .Field(whole, what)
      .Build();
}

absl::Status StoredQuestionNotGradable(absl::string_view name, absl::string_view why) {
  return ErrorBuilder(absl::StatusCode::kInvalidArgument, "QUESTION_NOT_GRADABLE",
                      absl::StrCat("the question cannot be graded: ", why))
      .Field("question", why)
      .Resource("greenroom.dev/Question", name)
      .Build();
}

absl::Status OfContent(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  if (status.code() == absl::StatusCode::kNotFound &&
      (reason == "PACK_NOT_FOUND" || reason == "REVISION_NOT_FOUND" || reason == "QUESTION_NOT_FOUND")) {
    return status;
  }
  if (status.code() == absl::StatusCode::kCancelled) return status;
  return ErrorBuilder(absl::StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE",
                      "the catalogue does not answer")
      .Metadata("dependency", "content")
      .RetryAfter(absl::Seconds(1))
      .Build();
}

}  // namespace greenroom::scoring::error
