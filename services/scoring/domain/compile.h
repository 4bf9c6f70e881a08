// The grader's front door: a question is compiled once, then any number of answers are graded against it.
#ifndef GREENROOM_SERVICES_SCORING_DOMAIN_COMPILE_H_
#define GREENROOM_SERVICES_SCORING_DOMAIN_COMPILE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "greenroom/content/v1/pack.pb.h"
#include "greenroom/scoring/v1/report.pb.h"
#include "services/scoring/domain/calibration.h"

namespace greenroom::scoring {

class CreditModel;
struct PointTrace;
struct Rubric;

// The name, version and data of this grader, as in Report.grader.
inline constexpr absl::string_view kGraderName = "greenroom-lexical/4+wn30+credit2";

// A question ready for grading. Immutable: any thread may grade with it at once.
class CompiledQuestion {
 public:
  CompiledQuestion(CompiledQuestion&&) noexcept;
  CompiledQuestion& operator=(CompiledQuestion&&) noexcept;
  ~CompiledQuestion();

  // Of the question; empty for one without a name.
  const std::string& name() const;
  // About how much it holds, for a cache's bound. A question of the shipped packs takes 30 to 200 KiB.
  size_t MemoryBytes() const;

 private:
  friend absl::StatusOr<CompiledQuestion> Compile(const content::v1::Question&, const CreditModel*);
  friend absl::StatusOr<CompiledQuestion> CompileReference(absl::string_view, absl::Span<const std::string>,
                                                           absl::string_view, const CreditModel*);
  friend absl::StatusOr<CompiledQuestion> CompileCalibrated(absl::string_view, absl::Span<const std::string>,
                                                            absl::string_view, const CreditModel*,
                                                            absl::Span<const GradedAnswer>);
  friend CompiledQuestion Calibrated(const CompiledQuestion&, absl::Span<const GradedAnswer>);
  friend v1::Report Grade(const CompiledQuestion&, absl::string_view);
  friend std::vector<PointTrace> TraceCredits(const CompiledQuestion&, absl::string_view);

  // Shared by a question and what is calibrated of it.
  using Ways = std::vector<std::shared_ptr<const Rubric>>;

  explicit CompiledQuestion(Ways ways);

  // Ways to answer; one, except for several references, of which the best counts.
  Ways ways_;
  std::unique_ptr<const Calibration> calibration_;  // null: none
};

// Compiles a FULL question: rubric, flags, STAR, and the checks of its `tips`. INVALID_ARGUMENT with the path of the
// field ("rubric[2].of[0].accept[1]: ...") where it has no rubric, a phrase does not parse, or a bound of pack.proto is
// exceeded. About a millisecond; memory is bounded by the bounds of a pack.
// A question with `derived` set gets its credits from `model`, which must outlive the result; others have phrases and are
// graded by them alone. Null: the share of a point's words decides.
absl::StatusOr<CompiledQuestion> Compile(const content::v1::Question& question, const CreditModel* model);
absl::StatusOr<CompiledQuestion> Compile(
    const content::v1::Question& question);  // with CreditModel::Shipped()

// Compiles text with good answers; the points are derived from each of them as a plain page's are. INVALID_ARGUMENT
// ("references: ...") where there is no reference with words. `language` is BCP 47; empty means "en".
absl::StatusOr<CompiledQuestion> CompileReference(absl::string_view question,
                                                  absl::Span<const std::string> references,
                                                  absl::string_view language, const CreditModel* model);
absl::StatusOr<CompiledQuestion> CompileReference(absl::string_view question,
                                                  absl::Span<const std::string> references,
                                                  absl::string_view language);  // with CreditModel::Shipped()

// The same question, its credits corrected by what people gave for other answers to it (see Calibration). Where nothing of a
// point is in an answer, it still earns nothing. An earlier calibration counts no more. Its reports hold nothing of the words of
// those answers. Costs a grading of each of them; what is compiled is shared with `question`.
CompiledQuestion Calibrated(const CompiledQuestion& question, absl::Span<const GradedAnswer> graded);

// Compiles text with good answers and answers that a person graded: those from kGoodAsReference on are references too, and all
// of them correct the credits. What they correct is what the author's references give. Its reports may quote the graded answers
// as points: for measuring, and for those who may read them.
absl::StatusOr<CompiledQuestion> CompileCalibrated(absl::string_view question,
                                                   absl::Span<const std::string> references,
                                                   absl::string_view language, const CreditModel* model,
                                                   absl::Span<const GradedAnswer> graded);

// Grades an answer: pure, deterministic, total for any bytes (what is not UTF-8 separates words). Linear in the answer.
v1::Report Grade(const CompiledQuestion& question, absl::string_view answer);

}  // namespace greenroom::scoring

#endif  // GREENROOM_SERVICES_SCORING_DOMAIN_COMPILE_H_
