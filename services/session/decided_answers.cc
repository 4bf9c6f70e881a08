#include "services/session/decided_answers.h"

#include <optional>
#include <vector>

#include "services/base/task.h"

namespace greenroom::session {
namespace {

// Of these the latest of an answer counts alone, and kMostExamples answers are taken.
constexpr auto kMostDecisions = static_cast<int32_t>(4 * kMostExamples);

}  // namespace

Task<absl::StatusOr<std::shared_ptr<const GradedExamples>>> DecidedAnswers::About(LearnerKey learner,
                                                                                  std::string question,
                                                                                  absl::Time deadline) {
  const Subject subject(std::move(learner.tenant), std::move(question));
  const absl::Duration now = clock_.Monotonic();
  Examples examples = Find(subject, now);
  if (examples != nullptr) co_return examples;
  ASSIGN_OR_CO_RETURN(examples, Read(subject, deadline));
  Keep(subject, examples, now);
  co_return examples;
}

DecidedAnswers::Examples DecidedAnswers::Find(const Subject& subject, absl::Duration now) {
  absl::MutexLock lock(&mutex_);
  if (now - swept_ >= kFresh) {
    absl::erase_if(known_, [now](const auto& entry) { return entry.second.until <= now; });
    swept_ = now;
  }
  const auto found = known_.find(subject);
  return found != known_.end() && now < found->second.until ? found->second.examples : nullptr;
}

void DecidedAnswers::Keep(const Subject& subject, Examples examples, absl::Duration began) {
  absl::MutexLock lock(&mutex_);
  Known& known = known_[subject];
  if (known.examples == nullptr || known.until < began + kFresh)
    known = {std::move(examples), began + kFresh};
}

Task<absl::StatusOr<DecidedAnswers::Examples>> DecidedAnswers::Read(const Subject& subject,
                                                                    absl::Time deadline) {
  auto examples = std::make_shared<GradedExamples>();
  absl::StatusOr<std::vector<Event>> decisions =
      co_await log_.ListDecisions(subject.first, subject.second, kMostDecisions, deadline);
  if (absl::IsDataLoss(decisions.status())) co_return examples;
  if (!decisions.ok()) co_return decisions.status();
  for (const Event& decided : *decisions) {
    if (examples->Of(subject.second).size() >= kMostExamples) break;
    absl::StatusOr<std::optional<Event>> submitted =
        co_await log_.FindEvent(decided.learner, decided.payload.graded().answer(), deadline);
    if (absl::IsDataLoss(submitted.status())) continue;
    if (!submitted.ok()) co_return submitted.status();
    if (submitted->has_value()) examples->Add(**submitted, decided);
  }
  co_return examples;
}

}  // namespace greenroom::session
