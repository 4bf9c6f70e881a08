// Checking a pack: are its own answers graded as its author demands? In two steps, so that the grading between them can
// be a function call or a stream of calls to a service.
#ifndef GREENROOM_SERVICES_CONTENT_DOMAIN_CHECK_H_
#define GREENROOM_SERVICES_CONTENT_DOMAIN_CHECK_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "greenroom/content/v1/authoring_service.pb.h"
#include "greenroom/content/v1/pack.pb.h"
#include "greenroom/scoring/v1/report.pb.h"
#include "services/content/domain/issue.h"

namespace greenroom::content {

// At least this share of the examples must be graded in their range.
inline constexpr int kExamplesInRangePercent = 85;
// A model answer graded lower is a warning.
inline constexpr int kModelAnswerScore = 90;
// An example is good when its whole range lies in the bands good and strong, poor when all of it lies below. Others
// stand between and count for neither.
inline constexpr int kGoodScore = 60;
inline bool IsGood(const v1::Example& example) { return example.score_low() >= kGoodScore; }
inline bool IsPoor(const v1::Example& example) { return example.score_high() < kGoodScore; }

// The id that a model answer has among the results.
inline constexpr absl::string_view kModelAnswerId = "model-answer";

// An answer to grade.
struct CheckTask {
  enum class Purpose {
    kModelAnswer,
    kExample,
    kCue,     // the cue of an item, as if it were an answer: does it earn the item?
    kHint,    // a hint, likewise
    kPrompt,  // the question repeated, graded without its prompt: does an accepted phrase match?
  };
  Purpose purpose;
  int question;           // index in the pack
  int index = 0;          // of the example or hint
  std::string item = {};  // a cue's item
  // What to grade the answer by: a complete question (question_view.h), shared by the tasks of a question.
  const v1::Question* subject = nullptr;
  std::string answer;
};

// What must be graded to check a pack. Movable; the tasks' subjects live in it.
struct CheckPlan {
  std::vector<std::unique_ptr<const v1::Question>> subjects;
  std::vector<CheckTask> tasks;  // by question
};
CheckPlan PlanCheck(const v1::PackContent& pack);

// Judges the reports of the plan's tasks, in their order; reports.size() == plan.tasks.size(). `issues` are those found
// before (by the reader), `places` may be empty. `passed` is false exactly where the reply holds an error. Issues added:
//   errors    examples-out-of-range  fewer than kExamplesInRangePercent % of the examples are in their range
//             poor-above-good        a poor example scores above its question's lowest good one
//   warnings  example-out-of-range, example-made, example-missed, example-flags
//                                    an example is not graded as its author demands
//             model-answer-low       a model answer is graded under kModelAnswerScore
//             model-answer-flagged   a model answer raises a flag of its own question
//             cue-gives-away         a cue, given as an answer, earns its point (or a member of it)
//             hint-gives-away        a hint, given as an answer, earns a point
//             mention-too-easy       every poor example earns a point that needs a mention only
//             phrase-in-prompt       an accepted phrase is found in the question itself
//             few-examples           fewer than two good or two poor examples
//             ungraded               an answer has no score (its language has no grader)
v1::CheckPackResponse EvaluateCheck(const v1::PackContent& pack, const CheckPlan& plan,
                                    absl::Span<const scoring::v1::Report> reports,
                                    const PlaceMap& places = {}, absl::Span<const v1::Issue> issues = {});

// Both steps with a grader at hand. The grader's first error ends the check and is returned.
using Grade = std::function<absl::StatusOr<scoring::v1::Report>(const v1::Question& question,
                                                                absl::string_view answer)>;
absl::StatusOr<v1::CheckPackResponse> CheckPack(const v1::PackContent& pack, const Grade& grade,
                                                const PlaceMap& places = {},
                                                absl::Span<const v1::Issue> issues = {});

}  // namespace greenroom::content

#endif  // GREENROOM_SERVICES_CONTENT_DOMAIN_CHECK_H_
