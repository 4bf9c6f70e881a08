#include "services/session/memory/memory_item.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "services/session/domain/digest.h"
#include "services/session/fsrs/interval.h"
#include "services/session/memory/fuzz.h"
#include "services/session/memory/rating.h"

namespace greenroom::session {
namespace {

absl::Time LastReviewTime(const ItemImport& import) {
  const google::protobuf::Timestamp& time = import.memory.last_review_time();
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

bool IsSound(const v1::ImportedMemory& memory) {
  return memory.stability() >= fsrs::kLeastStability && memory.stability() <= fsrs::kMostStability &&
         memory.difficulty() >= 1 && memory.difficulty() <= 10 && memory.reviews() >= 1;
}

// Takes one thing after the other; the due day, which only the last one decides, at the end.
class ItemFolder {
 public:
  explicit ItemFolder(const SettingsTimeline& settings) : timeline_(settings) {}

  void Take(const ItemImport& import) {
    if (!IsSound(import.memory)) return;
    settings_ = &timeline_.At(import.occurred_time);
    known_ = true;
    after_sure_failure_ = false;
    item_.memory = {import.memory.stability(), import.memory.difficulty()};
    item_.reviews = import.memory.reviews();
    item_.lapses = 0;
    item_.last_rating = fsrs::Rating::kGood;
    item_.sure_failure = false;
    Reviewed(LastReviewTime(import));
  }

  void Take(const Review& review) {
    const std::optional<fsrs::Rating> rating = RatingOf(review);
    if (!rating.has_value()) return;
    settings_ = &timeline_.At(review.occurred_time);
    const bool failed = *rating == fsrs::Rating::kAgain;
    if (known_) {
      const int32_t days = DaysSinceLast(settings_->DayOf(review.occurred_time));
      if (days >= 1) Predicted(review.occurred_time, days, !failed);
      item_.memory = settings_->model().Next(item_.memory, days, *rating);
      item_.lapses += failed ? 1 : 0;
    } else {
      item_.memory = settings_->model().First(*rating);
      known_ = true;
    }
    ++item_.reviews;
    item_.last_rating = *rating;
    after_sure_failure_ = item_.sure_failure;
    item_.sure_failure = failed && (item_.sure_failure || IsSureFailure(review));
    Reviewed(review.occurred_time);
  }

  std::optional<ItemFold> Finish(const LearnerKey& learner, std::string pack, std::string question) && {
    if (!known_) return std::nullopt;
    item_.pack = std::move(pack);
    item_.question = std::move(question);
    const double u = FuzzOf(learner, item_.pack, item_.question, item_.reviews);
    item_.due_day = item_.last_review_day + fsrs::NextInterval(settings_->model(), settings_->retention(),
                                                               item_.memory.stability, item_.last_rating,
                                                               after_sure_failure_, u);
    item_.due_time = settings_->StartOf(item_.due_day);
    return ItemFold{std::move(item_), std::move(predictions_)};
  }

 private:
  int32_t DaysSinceLast(absl::CivilDay day) const {
    return static_cast<int32_t>(std::max<absl::civil_diff_t>(0, day - item_.last_review_day));
  }

  void Predicted(absl::Time time, int32_t days, bool recalled) {
    predictions_.push_back({time, settings_->model().Retrievability(days, item_.memory.stability), recalled,
                            days, item_.reviews + 1, item_.lapses});
  }

  void Reviewed(absl::Time time) {
    item_.last_review_time = time;
    item_.last_review_day = settings_->DayOf(time);
  }

  const SettingsTimeline& timeline_;
  const Settings* settings_ = nullptr;  // as they stood at the last one
  bool known_ = false;
  bool after_sure_failure_ = false;
  MemoryItem item_;
  std::vector<Prediction> predictions_;
};

}  // namespace

std::vector<ItemImport> ImportsOf(const std::vector<Event>& events) {
  std::vector<ItemImport> imports;
  for (const Event& event : events) {
    for (const v1::ImportedMemory& memory : event.payload.memory_imported().items()) {
      imports.push_back({memory, event.occurred_time, event.event_id});
    }
  }
  return imports;
}

std::optional<ItemFold> FoldItem(const LearnerKey& learner, std::vector<Review> reviews,
                                 std::vector<ItemImport> imports, const SettingsTimeline& settings) {
  if (reviews.empty() && imports.empty()) return std::nullopt;
  std::string pack = reviews.empty() ? imports.front().memory.pack() : reviews.front().pack;
  std::string question = reviews.empty() ? imports.front().memory.question() : reviews.front().question;
  std::sort(reviews.begin(), reviews.end(), ReviewedBefore);
  reviews.erase(std::unique(reviews.begin(), reviews.end(),
                            [](const Review& a, const Review& b) { return a.event_id == b.event_id; }),
                reviews.end());
  // Stable, because an event may hold an item twice; an import that is there twice replaces itself.
  std::stable_sort(imports.begin(), imports.end(), [](const ItemImport& a, const ItemImport& b) {
    return std::tuple(LastReviewTime(a), a.occurred_time, absl::string_view(a.event_id)) <
           std::tuple(LastReviewTime(b), b.occurred_time, absl::string_view(b.event_id));
  });
  ItemFolder folder(settings);
  auto import = imports.begin();
  for (const Review& review : reviews) {
    while (import != imports.end() && LastReviewTime(*import) <= review.occurred_time) folder.Take(*import++);
    folder.Take(review);
  }
  while (import != imports.end()) folder.Take(*import++);
  return std::move(folder).Finish(learner, std::move(pack), std::move(question));
}

double RecallAt(const MemoryItem& item, const Settings& settings, absl::Time now) {
  const absl::civil_diff_t days = std::max<absl::civil_diff_t>(0, settings.DayOf(now) - item.last_review_day);
  return settings.model().Retrievability(static_cast<double>(days), item.memory.stability);
}

}  // namespace greenroom::session
