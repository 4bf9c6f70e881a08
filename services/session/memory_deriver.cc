#include "services/session/memory_deriver.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "services/session/domain/fold.h"
#include "services/session/errors.h"
#include "services/session/memory/reviews.h"

namespace greenroom::session {
namespace {

// What one item is folded from.
struct Sources {
  std::vector<Review> reviews;
  std::vector<ItemImport> imports;
};

ItemKey KeyOf(const Review& review) { return {review.pack, review.question}; }

// Folds items anew; of `known`, which may be empty, those that come out the same stay as they are.
void FoldItems(const std::map<ItemKey, Sources>& sources, const std::map<ItemKey, MemoryItem>& known,
               const SettingsTimeline& settings, MemoryStep& step) {
  for (const auto& [key, from] : sources) {
    std::optional<ItemFold> fold = FoldItem(step.learner, from.reviews, from.imports, settings);
    if (!fold.has_value()) {
      step.gone.push_back(key);
      continue;
    }
    const auto before = known.find(key);
    if (before == known.end() || !(before->second == fold->item)) step.items.push_back(std::move(fold->item));
  }
}

}  // namespace

MemoryDeriver::MemoryDeriver(EventLog& log, MemoryIndex& index, MetricsRegistry& metrics)
    : log_(log),
      index_(index),
      taken_(metrics.GetCounter("memory_steps_total", "Steps of the memory index.", {{"outcome", "taken"}})),
      late_(metrics.GetCounter("memory_steps_total", "Steps of the memory index.", {{"outcome", "late"}})) {}

Task<absl::StatusOr<int64_t>> MemoryDeriver::CatchUp(LearnerKey learner, absl::Time deadline) {
  const absl::Time now = absl::Now();
  const absl::Time last_begin = now + (deadline - now) / 2;
  for (;;) {
    absl::StatusOr<MemoryBacklog> backlog = co_await index_.Backlog(learner, kStepEvents, deadline);
    if (!backlog.ok()) co_return error::OfLog(backlog.status());
    if (backlog->head <= backlog->reflected || absl::Now() > last_begin) co_return backlog->reflected;
    const bool last = backlog->upto == backlog->head;
    ASSIGN_OR_CO_RETURN(const MemoryStep step, Derive(learner, *std::move(backlog), deadline));
    absl::StatusOr<bool> taken = co_await index_.Take(step, deadline);
    if (!taken.ok()) co_return error::OfLog(taken.status());
    (*taken ? taken_ : late_).Increment();
    // Where another took a step first, what is left is looked at anew.
    if (*taken && last) co_return step.to;
  }
}

Task<absl::StatusOr<CurrentMemory>> MemoryDeriver::ReadMemory(LearnerKey learner, absl::Time deadline) {
  CurrentMemory memory;
  ASSIGN_OR_CO_RETURN(memory.reflected, CatchUp(learner, deadline));
  absl::StatusOr<KeptMemory> kept = co_await index_.ReadMemory(std::move(learner), deadline);
  if (!kept.ok()) co_return error::OfLog(kept.status());
  memory.kept = *std::move(kept);
  co_return memory;
}

Task<absl::StatusOr<std::vector<Event>>> MemoryDeriver::LearnerEvents(LearnerKey learner,
                                                                      absl::Time deadline) {
  SessionKey none = {std::move(learner), ""};
  absl::StatusOr<std::vector<Event>> events = co_await log_.ReadSession(std::move(none), 0, deadline);
  if (!events.ok()) co_return error::OfLog(events.status());
  co_return events;
}

Task<absl::StatusOr<std::vector<Review>>> MemoryDeriver::SessionReviews(SessionKey session,
                                                                        absl::Time deadline) {
  absl::StatusOr<std::vector<Event>> events = co_await log_.ReadSession(std::move(session), 0, deadline);
  if (!events.ok()) co_return error::OfLog(events.status());
  const std::optional<SessionFold> fold = FoldSession(*std::move(events));
  co_return fold.has_value() ? ReviewsOf(*fold) : std::vector<Review>();
}

Task<absl::StatusOr<MemoryStep>> MemoryDeriver::Derive(LearnerKey learner, MemoryBacklog backlog,
                                                       absl::Time deadline) {
  MemoryStep step;
  step.learner = learner;
  step.from = backlog.reflected;
  step.to = backlog.upto;
  ASSIGN_OR_CO_RETURN(const std::vector<Event> own, LearnerEvents(learner, deadline));
  bool whole = false;  // settings or imports have changed: whatever is kept may come out another
  for (std::string& session : backlog.sessions) {
    if (session.empty()) {
      whole = true;
      continue;
    }
    SessionKey key = {learner, session};
    ASSIGN_OR_CO_RETURN(std::vector<Review> reviews, SessionReviews(std::move(key), deadline));
    step.sessions.push_back(std::move(session));
    std::move(reviews.begin(), reviews.end(), std::back_inserter(step.reviews));
  }
  Kept kept;
  CO_RETURN_IF_ERROR(ReadKept(step, whole, kept, deadline));

  std::map<ItemKey, Sources> sources;
  for (const auto& [key, item] : kept.items) sources[key];  // one that has lost everything is gone
  const std::set<std::string> replaced(step.sessions.begin(), step.sessions.end());
  for (Review& review : kept.reviews) {
    std::vector<Review>& reviews = sources[KeyOf(review)].reviews;
    if (!replaced.contains(review.session)) reviews.push_back(std::move(review));
  }
  for (const Review& review : step.reviews) sources[KeyOf(review)].reviews.push_back(review);
  for (ItemImport& import : ImportsOf(own)) {
    const ItemKey key = {import.memory.pack(), import.memory.question()};
    if (whole || sources.contains(key)) sources[key].imports.push_back(std::move(import));
  }
  const SettingsTimeline settings(own);
  step.settings = settings.Latest().wire();
  FoldItems(sources, kept.items, settings, step);
  co_return step;
}

Task<absl::Status> MemoryDeriver::ReadKept(const MemoryStep& step, bool whole, Kept& kept,
                                           absl::Time deadline) {
  if (!whole) {
    std::vector<ItemKey> touched;
    touched.reserve(step.reviews.size());
    for (const Review& review : step.reviews) touched.push_back(KeyOf(review));
    absl::StatusOr<std::vector<Review>> around =
        co_await index_.ReviewsAround(step.learner, step.sessions, std::move(touched), deadline);
    if (!around.ok()) co_return error::OfLog(around.status());
    kept.reviews = *std::move(around);
    co_return absl::OkStatus();
  }
  absl::StatusOr<std::vector<Review>> reviews = co_await index_.ListReviews(step.learner, "", deadline);
  if (!reviews.ok()) co_return error::OfLog(reviews.status());
  kept.reviews = *std::move(reviews);
  absl::StatusOr<KeptMemory> memory = co_await index_.ReadMemory(step.learner, deadline);
  if (!memory.ok()) co_return error::OfLog(memory.status());
  for (MemoryItem& item : memory->items) {
    const ItemKey key = {item.pack, item.question};
    kept.items.emplace(key, std::move(item));
  }
  co_return absl::OkStatus();
}

}  // namespace greenroom::session
