#include "services/session/domain/graded_examples.h"

#include "services/session/domain/digest.h"
#include "services/session/domain/override.h"

namespace greenroom::session {
namespace {

constexpr size_t kMostCredits = 256;

void AddCredits(const scoring::v1::ItemResult& item, scoring::v1::GradedAnswer& example) {
  if (example.credits().size() >= kMostCredits) return;
  if (!item.id().empty()) (*example.mutable_credits())[item.id()] = item.credit();
  for (const scoring::v1::ItemResult& member : item.members()) AddCredits(member, example);
}

}  // namespace

scoring::v1::GradedAnswer ExampleOf(const v1::Submitted& submitted, const v1::Graded& decided) {
  scoring::v1::GradedAnswer example;
  example.set_answer(submitted.text());
  example.set_score(decided.report().score());
  if (ScoreOfRows(decided.report()) != decided.report().score()) return example;
  for (const scoring::v1::ItemResult& item : decided.report().items()) AddCredits(item, example);
  for (const scoring::v1::ItemResult& tip : decided.report().tips()) AddCredits(tip, example);
  return example;
}

void GradedExamples::Add(const Event& submitted, const Event& decided) {
  const v1::Graded& graded = decided.payload.graded();
  const bool decision = graded.cause() == v1::GRADE_CAUSE_OVERRIDE && graded.report().has_score() &&
                        submitted.payload.has_submitted() && submitted.event_id == graded.answer();
  if (!decision || !decided_.insert({submitted.learner.learner, graded.answer()}).second) return;
  Question& question = questions_[graded.question_name()];
  if (question.examples.size() >= kMostExamples) return;
  question.examples.push_back(ExampleOf(submitted.payload.submitted(), graded));
  question.decisions.push_back(decided.event_id);
}

absl::Span<const scoring::v1::GradedAnswer> GradedExamples::Of(const std::string& question_name) const {
  const auto found = questions_.find(question_name);
  if (found == questions_.end()) return {};
  return found->second.examples;
}

int32_t GradedExamples::count() const {
  size_t count = 0;
  for (const auto& [name, question] : questions_) count += question.examples.size();
  return static_cast<int32_t>(count);
}

std::string GradedExamples::Name() const {
  FieldBytes fields;
  for (const auto& [name, question] : questions_) {
    fields.Add(name).Add(static_cast<int64_t>(question.decisions.size()));
    for (const std::string& decision : question.decisions) fields.Add(decision);
  }
  return Sha256Hex(fields.bytes());
}

}  // namespace greenroom::session
