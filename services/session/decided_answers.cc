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
  Examples examples = Find(subject);
  if (examples != nullptr) co_return examples;
  absl::StatusOr<Examples> read = co_await Read(subject, deadline);
  Keep(subject, read);
  co_return read;
}

DecidedAnswers::Examples DecidedAnswers::Find(const Subject& subject) {
  const absl::Duration now = clock_.Monotonic();
  absl::MutexLock lock(&mutex_);
  if (now - swept_ >= kFresh) {
    // What nobody has asked for since it grew old.
    absl::erase_if(known_, [&](const auto& entry) { return now - entry.second.until >= kFresh; });
    swept_ = now;
  }
  const auto found = known_.find(subject);
  if (found == known_.end()) return nullptr;
  if (now < found->second.until) return found->second.examples;
  found->second.until = now + kFresh;
  return nullptr;
}

void DecidedAnswers::Keep(const Subject& subject, const absl::StatusOr<Examples>& read) {
  absl::MutexLock lock(&mutex_);
  if (read.ok()) {
    known_[subject] = {*read, clock_.Monotonic() + kFresh};
  } else {
    known_.erase(subject);
  }
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
