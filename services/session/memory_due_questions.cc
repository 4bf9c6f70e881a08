#include "services/session/memory_due_questions.h"

#include <utility>

#include "services/session/memory/schedule.h"

namespace greenroom::session {

Task<absl::StatusOr<std::vector<std::string>>> MemoryDueQuestions::ListDue(LearnerKey learner,
                                                                           PackOutline pack, absl::Time now,
                                                                           int32_t count,
                                                                           absl::Time deadline) {
  absl::StatusOr<int64_t> reflected = co_await deriver_.CatchUp(learner, deadline);
  if (!reflected.ok()) co_return reflected.status();
  absl::StatusOr<KeptMemory> kept = co_await index_.ReadMemory(learner, deadline);
  if (!kept.ok()) co_return kept.status();
  const Settings settings(std::move(kept->settings));
  const absl::CivilDay today = settings.DayOf(now);
  // Of other packs only what was done today counts: it has taken of the day's minutes.
  std::erase_if(kept->items, [&](const MemoryItem& item) {
    return item.pack == pack.pack ? pack.Find(item.question) == nullptr : item.last_review_day != today;
  });
  std::vector<Candidate> candidates = CandidatesOf(kept->items, {pack}, settings);
  std::erase_if(candidates, [&](const Candidate& candidate) {
    return candidate.pack != pack.pack && !candidate.item.has_value();
  });
  DueList due = session::ListDue(learner, candidates, settings, now);
  std::vector<std::string> questions;
  for (DueQuestion& question : due.questions) {
    if (questions.size() == static_cast<size_t>(count)) break;
    if (question.pack == pack.pack) questions.push_back(std::move(question.question));
  }
  co_return questions;
}

}  // namespace greenroom::session
