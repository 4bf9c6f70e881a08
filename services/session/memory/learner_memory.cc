#include "services/session/memory/learner_memory.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <iterator>
#include <optional>
#include <unordered_map>

#include "services/session/domain/digest.h"
#include "services/session/domain/fold.h"

namespace greenroom::session {
namespace {

struct ItemParts {
  std::vector<Review> reviews;
  std::vector<ItemImport> imports;
};

std::vector<Review> ReviewsOfAll(std::vector<Event> events) {
  std::unordered_map<std::string, std::vector<Event>> sessions;
  for (Event& event : events) {
    if (!event.session.empty()) sessions[event.session].push_back(std::move(event));
  }
  std::vector<Review> reviews;
  for (auto& [id, own] : sessions) {
    const std::optional<SessionFold> fold = FoldSession(std::move(own));
    if (!fold.has_value()) continue;
    std::vector<Review> some = ReviewsOf(*fold);
    std::move(some.begin(), some.end(), std::back_inserter(reviews));
  }
  std::sort(reviews.begin(), reviews.end(), ReviewedBefore);
  return reviews;
}

void Add(FieldBytes& fields, const Review& review) {
  fields.Add(review.pack).Add(review.question).Add(review.session).Add(review.event_id);
  fields.Add(absl::ToUnixMillis(review.occurred_time))
      .Add(static_cast<int64_t>(review.kind))
      .Add(review.mode);
  fields.Add(review.score.value_or(-1)).Add(review.critical ? 1 : 0).Add(review.recited ? 1 : 0);
  fields.Add(review.hints_before).Add(review.confidence).Add(review.self_rating);
  fields.Add(review.attempts).Add(review.best_score.value_or(-1));
}

void Add(FieldBytes& fields, const MemoryItem& item) {
  fields.Add(item.pack).Add(item.question);
  fields.Add(std::bit_cast<int64_t>(item.memory.stability))
      .Add(std::bit_cast<int64_t>(item.memory.difficulty));
  fields.Add(absl::ToUnixMillis(item.last_review_time)).Add(item.last_review_day - absl::CivilDay());
  fields.Add(item.due_day - absl::CivilDay()).Add(absl::ToUnixMillis(item.due_time));
  fields.Add(item.reviews).Add(item.lapses).Add(static_cast<int64_t>(item.last_rating));
  fields.Add(item.sure_failure ? 1 : 0);
}

}  // namespace

LearnerMemory FoldLearner(const LearnerKey& learner, std::vector<Event> events) {
  LearnerMemory memory;
  memory.settings = SettingsTimeline(events);
  std::map<ItemKey, ItemParts> parts;
  for (ItemImport& import : ImportsOf(events)) {
    parts[{import.memory.pack(), import.memory.question()}].imports.push_back(std::move(import));
  }
  memory.reviews = ReviewsOfAll(std::move(events));
  for (const Review& review : memory.reviews) parts[{review.pack, review.question}].reviews.push_back(review);
  for (auto& [key, own] : parts) {
    std::optional<ItemFold> item =
        FoldItem(learner, std::move(own.reviews), std::move(own.imports), memory.settings);
    if (item.has_value()) memory.items.emplace(key, *std::move(item));
  }
  return memory;
}

std::string MemoryHash(const LearnerMemory& memory) {
  FieldBytes fields;
  fields.Add(DeterministicBytes(memory.settings.Latest().wire()));
  for (const Review& review : memory.reviews) Add(fields, review);
  for (const auto& [key, fold] : memory.items) Add(fields, fold.item);
  return Sha256Hex(fields.bytes());
}

}  // namespace greenroom::session
