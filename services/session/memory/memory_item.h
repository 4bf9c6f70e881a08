// A memory item, (pack, question id) whatever the revision: what is remembered of it and when it is due, folded from its
// reviews and from what other programs knew of it.
#ifndef GREENROOM_SERVICES_SESSION_MEMORY_MEMORY_ITEM_H_
#define GREENROOM_SERVICES_SESSION_MEMORY_MEMORY_ITEM_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "greenroom/session/v1/learner.pb.h"
#include "services/session/domain/event.h"
#include "services/session/domain/keys.h"
#include "services/session/fsrs/fsrs.h"
#include "services/session/memory/reviews.h"
#include "services/session/memory/settings.h"

namespace greenroom::session {

// One entry of a MemoryImported event.
struct ItemImport {
  v1::ImportedMemory memory;
  absl::Time occurred_time;  // of the event
  std::string event_id;
};

// The entries of the MemoryImported events among `events`; others are skipped.
std::vector<ItemImport> ImportsOf(const std::vector<Event>& events);

// (pack's full name, question's id)
using ItemKey = std::pair<std::string, std::string>;

struct MemoryItem {
  std::string pack;      // tenants/{tenant}/packs/{pack}
  std::string question;  // its id
  fsrs::Memory memory;   // after the last review
  absl::Time last_review_time;
  absl::CivilDay last_review_day;  // the learner's day, as the settings stood then
  absl::CivilDay due_day;          // the learner's day; later than last_review_day
  absl::Time due_time;             // when that day begins, in the zone as it stood at the last review
  int32_t reviews = 0;             // those that were imported included
  int32_t lapses = 0;              // reviews rated Again of what had been reviewed before
  fsrs::Rating last_rating = fsrs::Rating::kGood;  // Good of an import without a review since
  bool sure_failure = false;  // a failure that the learner was sure of, and no pass since

  friend bool operator==(const MemoryItem&, const MemoryItem&) = default;
};

// What the model expected of a review, to be held against what came of it (calibration.h). Of no first review and of none
// on the day of the review before: nothing is predicted there.
struct Prediction {
  absl::Time time;
  double recall = 0;      // predicted, in (0, 1]
  bool recalled = false;  // rated Hard or better
  int32_t days = 0;       // since the review before, 1 or more
  int32_t reviews = 0;    // with this one, 2 or more
  int32_t lapses = 0;     // before this one

  friend bool operator==(const Prediction&, const Prediction&) = default;
};

struct ItemFold {
  MemoryItem item;
  std::vector<Prediction> predictions;  // in the order of the reviews
};

// Folds one item. `reviews` and `imports` are all of it, in any order; an event that is there twice counts once; those of
// other items are the caller's fault. nullopt while nothing counts. A pure function of its arguments.
//
// Each review is taken in the order of ReviewedBefore, by FSRS-6 (fsrs.h) with the parameters, retention, zone and
// rollover hour as they stood at its occurred_time; days between reviews are differences of the learner's days, never
// below 0. An import takes its place at its last_review_time, with the settings of its event, and replaces what was
// known there; of two at one place the later event counts.
//
// Due: fsrs/interval.h. Whole days from the day of the last review; a failed one (Again) is due after the next rollover.
// The count that the fuzz is drawn with is `reviews`.
std::optional<ItemFold> FoldItem(const LearnerKey& learner, std::vector<Review> reviews,
                                 std::vector<ItemImport> imports, const SettingsTimeline& settings);

// The predicted recall of the item at `now`, by the learner's days; in (0, 1].
double RecallAt(const MemoryItem& item, const Settings& settings, absl::Time now);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_MEMORY_MEMORY_ITEM_H_
