// What a learner has set, as it stood at any time of the log, and the learner's days that follow from it.
#ifndef GREENROOM_SERVICES_SESSION_MEMORY_SETTINGS_H_
#define GREENROOM_SERVICES_SESSION_MEMORY_SETTINGS_H_

#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "greenroom/session/v1/event.pb.h"
#include "greenroom/session/v1/learner.pb.h"
#include "services/session/domain/event.h"
#include "services/session/fsrs/fsrs.h"

namespace greenroom::session {

inline constexpr int kDefaultRolloverHour = 4;
inline constexpr double kDefaultRetention = 0.9;
inline constexpr double kLeastRetention = 0.70;
inline constexpr double kMostRetention = 0.97;
// The only algorithm that memory parameters may be of.
inline constexpr absl::string_view kMemoryVersion = "fsrs-6";

// Settings ready for use. Total: what is absent or out of its bounds (learner.proto) counts as not set, so that no event
// of the log can stop a fold. Immutable; a copy is cheap enough to return.
class Settings {
 public:
  Settings() : Settings(v1::LearnerSettings()) {}
  explicit Settings(v1::LearnerSettings wire);

  // As they were set, defaults not filled in.
  const v1::LearnerSettings& wire() const { return wire_; }
  const absl::TimeZone& zone() const { return zone_; }
  int rollover_hour() const { return rollover_hour_; }
  double retention() const { return retention_; }
  const fsrs::Model& model() const { return model_; }
  // The day of the interview; nullopt where there is no goal (pack and date both).
  std::optional<absl::CivilDay> goal_day() const { return goal_day_; }

  // The learner's day at this time: it begins at the rollover hour of the zone.
  absl::CivilDay DayOf(absl::Time time) const;
  // When that day begins. Where a change of the clocks leaves the hour out or has it twice: its first moment.
  absl::Time StartOf(absl::CivilDay day) const;

 private:
  v1::LearnerSettings wire_;
  absl::TimeZone zone_;
  int rollover_hour_ = kDefaultRolloverHour;
  double retention_ = kDefaultRetention;
  fsrs::Model model_;
  std::optional<absl::CivilDay> goal_day_;
};

// `before` with the change applied: the masked fields take the new values, unset ones too. Only names of fields of
// LearnerSettings count in the mask; others are a newer program's.
v1::LearnerSettings Apply(const v1::LearnerSettings& before, const v1::SettingsChanged& change);

// Immutable; depends on the set of events alone.
class SettingsTimeline {
 public:
  // Everything unset, always.
  SettingsTimeline() : SettingsTimeline(std::vector<Event>()) {}
  // Of one learner, in any order, duplicates allowed; events that are no SettingsChanged are skipped.
  explicit SettingsTimeline(const std::vector<Event>& events);

  // As they stood at this time, changes of that very millisecond included.
  const Settings& At(absl::Time time) const;
  const Settings& Latest() const { return stands_.back().settings; }

 private:
  struct Stand {
    absl::Time since;
    Settings settings;
  };
  std::vector<Stand> stands_;  // the first since InfinitePast
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_MEMORY_SETTINGS_H_
