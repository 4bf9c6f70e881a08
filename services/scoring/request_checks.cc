#include "services/scoring/request_checks.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/base/status.h"
#include "services/base/text.h"

namespace greenroom::scoring {
namespace {

constexpr size_t kMaxText = size_t{32} * 1024;
constexpr size_t kMaxItemId = 128;
constexpr size_t kMaxGraderName = 128;
constexpr int kMaxReferences = 16;
constexpr int kMaxGraded = 10;
constexpr size_t kMaxCredits = 256;

// BCP 47 as packs write it: letters, then subtags of letters and digits.
std::string LanguageProblem(absl::string_view language) {
  if (language.empty()) return "";
  size_t letters = 0;
  while (letters < language.size() && absl::ascii_islower(static_cast<unsigned char>(language[letters])))
    ++letters;
  const bool tail =
      std::all_of(language.begin() + static_cast<ptrdiff_t>(letters), language.end(),
                  [](char c) { return c == '-' || absl::ascii_isalnum(static_cast<unsigned char>(c)); });
  const bool primary =
      letters >= 2 && letters <= 3 && (letters == language.size() || language[letters] == '-');
  return primary && tail && language.size() <= 35 ? "" : "must be a BCP 47 tag such as \"en\" or \"pt-BR\"";
}

void CheckReference(const v1::ReferenceQuestion& reference, const std::string& path, FieldErrors& errors) {
  errors.Check(absl::StrCat(path, ".question"), TextProblem(reference.question(), kMaxText));
  errors.Check(absl::StrCat(path, ".language"), LanguageProblem(reference.language()));
  if (reference.references().empty() || reference.references_size() > kMaxReferences) {
    errors.Check(absl::StrCat(path, ".references"), "must have 1 to 16 entries");
    return;
  }
  for (int i = 0; i < reference.references_size(); ++i) {
    errors.Check(absl::StrCat(path, ".references[", i, "]"),
                 RequiredTextProblem(reference.references(i), kMaxText));
  }
}

void CheckGraded(const v1::GradedAnswer& graded, const std::string& path, FieldErrors& errors) {
  errors.Check(absl::StrCat(path, ".answer"), TextProblem(graded.answer(), kMaxText));
  if (graded.score() < 0 || graded.score() > 100)
    errors.Check(absl::StrCat(path, ".score"), "must be 0 to 100");
  const std::string credits = absl::StrCat(path, ".credits");
  if (graded.credits().size() > kMaxCredits) {
    errors.Check(credits, absl::StrCat("at most ", kMaxCredits));
    return;
  }
  for (const auto& [item, credit] : graded.credits()) {
    errors.Check(credits, RequiredTextProblem(item, kMaxItemId));
    if (!std::isfinite(credit) || credit < 0 || credit > 1) errors.Check(credits, "must be 0 to 1");
  }
}

}  // namespace

absl::Status CheckGradeAnswer(const v1::GradeAnswerRequest& request, absl::string_view prefix) {
  FieldErrors errors;
  switch (request.subject_case()) {
    case v1::GradeAnswerRequest::kReferenceQuestion:
      CheckReference(request.reference_question(), absl::StrCat(prefix, "reference_question"), errors);
      break;
    case v1::GradeAnswerRequest::SUBJECT_NOT_SET:
      errors.Check(absl::StrCat(prefix, "subject"),
                   "one of question, inline_question and reference_question is required");
      break;
    default:
      break;
  }
  errors.Check(absl::StrCat(prefix, "answer"), TextProblem(request.answer(), kMaxText));
  errors.Check(absl::StrCat(prefix, "grader"), TextProblem(request.grader(), kMaxGraderName));
  if (request.graded_size() > kMaxGraded) {
    errors.Check(absl::StrCat(prefix, "graded"), absl::StrCat("at most ", kMaxGraded));
  } else {
    for (int i = 0; i < request.graded_size(); ++i) {
      CheckGraded(request.graded(i), absl::StrCat(prefix, "graded[", i, "]"), errors);
    }
  }
  return errors.ToStatus();
}

absl::Status CheckGradeAnswersItem(const v1::GradeAnswersRequest& item) {
  FieldErrors errors;
  errors.Check("id", TextProblem(item.id(), kMaxItemId));
  if (!item.has_request()) errors.Check("request", "is required");
  return errors.ToStatus();
}

}  // namespace greenroom::scoring
