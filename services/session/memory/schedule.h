// What to review today, and what is to come: the day's list, the goal's last week, the forecast. Pure.
#ifndef GREENROOM_SERVICES_SESSION_MEMORY_SCHEDULE_H_
#define GREENROOM_SERVICES_SESSION_MEMORY_SCHEDULE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/session/domain/keys.h"
#include "services/session/memory/memory_item.h"
#include "services/session/memory/pack_outline.h"
#include "services/session/memory/settings.h"

namespace greenroom::session {

// Each question of the goal's pack is seen once in so many days before the goal's day.
inline constexpr int kGoalDays = 7;

// A question that a list may hold.
struct Candidate {
  std::string pack;                // tenants/{tenant}/packs/{pack}
  std::string question;            // its id
  std::optional<MemoryItem> item;  // absent while it has not been reviewed
  double weight = 1;               // of its topic, above 0
  int minutes = kDefaultMinutes;   // 1 or more
};

// Every item of `items`, with weight and minutes where an outline of its pack is there (else the defaults), and the
// questions of the goal's pack that have not been reviewed yet.
std::vector<Candidate> CandidatesOf(const std::vector<MemoryItem>& items,
                                    const std::vector<PackOutline>& outlines, const Settings& settings);

// Why a question is on the list.
enum class DueReason {
  kForgetting = 1,  // its due day has come
  kGoal = 2,        // the goal's day is near
};

struct DueQuestion {
  std::string pack;
  std::string question;
  DueReason reason = DueReason::kForgetting;
  absl::CivilDay due_day;
  absl::Time due_time;  // when that day begins
  double recall = 0;    // predicted at `now`; 0 of what has not been reviewed
  double weight = 1;
  int minutes = kDefaultMinutes;
};

struct DueList {
  std::vector<DueQuestion> questions;  // for today
  std::vector<DueQuestion> left_out;   // due as well, beyond the daily minutes; in the same order
  int minutes = 0;                     // of `questions`
  int minutes_left_out = 0;
  int minutes_done = 0;  // of what was reviewed today already
};

struct Due {
  absl::CivilDay day;
  DueReason reason = DueReason::kForgetting;

  friend bool operator==(const Due&, const Due&) = default;
};

// When the question is due, as seen on the learner's day `today`. That is its item's due day; but of the goal's pack, before
// the goal's day, where that day lies beyond the goal's last week (or there is none) and the question was not reviewed in
// that week: its day in that week, drawn by FuzzSeed with count 0, so that they spread over it. nullopt: never.
std::optional<Due> DueOf(const LearnerKey& learner, const Candidate& candidate, const Settings& settings,
                         absl::CivilDay today);

// What is due at `now`, heaviest forgetting first: weight x (1 - recall) falling, then due day, pack and question. The
// list ends before the question with which it, and what was reviewed today, would pass the daily minutes (0: no limit);
// a day on which nothing was reviewed yet has one question at least.
DueList ListDue(const LearnerKey& learner, const std::vector<Candidate>& candidates, const Settings& settings,
                absl::Time now);

struct ForecastDay {
  absl::CivilDay day;
  int questions = 0;
  int minutes = 0;
};

// The next `days` (1 or more) of the learner's days from today on, with what will be due on each if nothing is reviewed
// before; what is overdue counts for today.
std::vector<ForecastDay> Forecast(const LearnerKey& learner, const std::vector<Candidate>& candidates,
                                  const Settings& settings, absl::Time now, int days);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_MEMORY_SCHEDULE_H_
