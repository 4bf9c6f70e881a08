#include "services/session/question_selector.h"

#include <algorithm>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "services/session/domain/selection.h"
#include "services/session/gradebook/gradebook_store.h"

namespace greenroom::session {

QuestionSelector::QuestionSelector(EventLog& log, MemoryIndex& index, MemoryDeriver& deriver,
                                   Exposures& exposures, const Clock& clock, MetricsRegistry& metrics,
                                   SelectorOptions options)
    : log_(log),
      index_(index),
      deriver_(deriver),
      exposures_(exposures),
      clock_(clock),
      metrics_(metrics),
      options_(options) {}

Task<std::vector<std::string>> QuestionSelector::Select(LearnerKey learner, PackOutline outline,
                                                        std::vector<std::string> fitting, int32_t count,
                                                        int64_t seed, absl::Time deadline) {
  const SelectionKnowledge known = co_await Know(learner, outline.pack, deadline);
  SelectionRules rules;
  rules.count = count;
  rules.seed = seed;
  co_return SelectQuestions(AskablesOf(learner, outline, fitting, known, clock_.Now()), rules);
}

Task<SelectionKnowledge> QuestionSelector::Know(LearnerKey learner, std::string pack, absl::Time deadline) {
  const absl::Time now = absl::Now();
  const absl::Duration patience = std::min(options_.patience, (deadline - now) / 2);
  const absl::Time until = now + patience;
  SelectionKnowledge known;

  const absl::StatusOr<int64_t> reflected = co_await deriver_.CatchUp(learner, now + patience / 2);
  if (!reflected.ok()) NoteUnknown("latest");
  absl::StatusOr<KeptMemory> kept = co_await index_.ReadMemory(learner, until);
  if (kept.ok()) {
    known.settings = Settings(std::move(kept->settings));
    known.items = std::move(kept->items);
  } else {
    NoteUnknown("memory");
  }
  absl::StatusOr<std::vector<Review>> reviews =
      co_await index_.NewestReviews(learner, pack, options_.reviews, until);
  if (reviews.ok()) {
    known.reviews = *std::move(reviews);
  } else {
    NoteUnknown("reviews");
  }
  const absl::StatusOr<std::vector<Event>> sessions =
      co_await log_.ListSessions(learner, 0, options_.sessions, until);
  if (sessions.ok()) {
    for (const Event& created : *sessions) {
      SessionPlan plan = PlanOf(created.payload.created());
      if (plan.pack == pack) known.sessions.push_back({created.session, std::move(plan.questions)});
    }
  } else {
    NoteUnknown("sessions");
  }
  absl::StatusOr<Exposures::Shares> shares = co_await exposures_.GetShares(learner.tenant, pack, until);
  if (shares.ok()) {
    known.exposure = *std::move(shares);
  } else {
    NoteUnknown("exposure");
  }
  co_return known;
}

void QuestionSelector::NoteUnknown(absl::string_view what) {
  metrics_
      .GetCounter("selection_unknowns_total", "What was not known in time when questions were selected.",
                  {{"what", std::string(what)}})
      .Increment();
}

}  // namespace greenroom::session
