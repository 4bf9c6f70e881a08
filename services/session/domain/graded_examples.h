// What people decided about answers, as the grader takes it to grade other answers to the same questions.
#ifndef GREENROOM_SERVICES_SESSION_DOMAIN_GRADED_EXAMPLES_H_
#define GREENROOM_SERVICES_SESSION_DOMAIN_GRADED_EXAMPLES_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "greenroom/scoring/v1/scoring_service.pb.h"
#include "services/session/domain/event.h"

namespace greenroom::session {

// Of one question; as many as scoring takes.
inline constexpr size_t kMostExamples = 10;

// What a person decided about an answer. With credits where they give the decided score, with the score alone where it was
// decided whatever the rows say: the rows are then the grader's own. At most 256 credits, in the report's order.
scoring::v1::GradedAnswer ExampleOf(const v1::Submitted& submitted, const v1::Graded& decided);

// Decisions by the full name of the question that they were made against. Take them in one order, the latest first.
class GradedExamples {
 public:
  // Passed over: a decision about an answer that a later one is about, all but the first kMostExamples of a question, and
  // what is no decision of a person about this answer.
  void Add(const Event& submitted, const Event& decided);

  // Those of the question, the latest first; valid until the next Add.
  absl::Span<const scoring::v1::GradedAnswer> Of(const std::string& question_name) const;
  // Of all questions.
  int32_t count() const;
  // 64 hex digits that name the set: the same for the same decisions, never empty.
  std::string Name() const;

 private:
  struct Question {
    std::vector<scoring::v1::GradedAnswer> examples;
    std::vector<std::string> decisions;  // event ids of `examples`
  };

  std::map<std::string, Question> questions_;
  std::set<std::pair<std::string, std::string>> decided_;  // learner, answer
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_DOMAIN_GRADED_EXAMPLES_H_
