#include "services/session/memory/settings.h"

#include <algorithm>
#include <string>
#include <utility>

#include "services/session/domain/fold.h"

namespace greenroom::session {
namespace {

fsrs::Model ModelOf(const v1::LearnerSettings& wire) {
  if (!wire.memory_version().empty() && wire.memory_version() != kMemoryVersion) return fsrs::Model();
  const std::vector<double> given(wire.memory_parameters().begin(), wire.memory_parameters().end());
  if (given.size() != fsrs::kWeights) return fsrs::Model();
  fsrs::Weights weights;
  std::copy(given.begin(), given.end(), weights.begin());
  return fsrs::WeightsProblem(weights).empty() ? fsrs::Model(weights) : fsrs::Model();
}

std::optional<absl::CivilDay> GoalDayOf(const v1::LearnerSettings& wire) {
  absl::CivilDay day;
  if (wire.goal_pack().empty() || !absl::ParseCivilTime(wire.goal_date(), &day)) return std::nullopt;
  return day;
}

}  // namespace

Settings::Settings(v1::LearnerSettings wire)
    : wire_(std::move(wire)),
      zone_(absl::UTCTimeZone()),
      model_(ModelOf(wire_)),
      goal_day_(GoalDayOf(wire_)) {
  if (absl::TimeZone zone; absl::LoadTimeZone(wire_.time_zone(), &zone)) zone_ = zone;
  if (wire_.has_rollover_hour() && wire_.rollover_hour() >= 0 && wire_.rollover_hour() <= 23) {
    rollover_hour_ = wire_.rollover_hour();
  }
  if (wire_.desired_retention() >= kLeastRetention && wire_.desired_retention() <= kMostRetention) {
    retention_ = wire_.desired_retention();
  }
}

absl::CivilDay Settings::DayOf(absl::Time time) const {
  return absl::CivilDay(absl::CivilHour(zone_.At(time).cs) - rollover_hour_);
}

absl::Time Settings::StartOf(absl::CivilDay day) const {
  return absl::FromCivil(absl::CivilHour(day) + rollover_hour_, zone_);
}

v1::LearnerSettings Apply(const v1::LearnerSettings& before, const v1::SettingsChanged& change) {
  v1::LearnerSettings after = before;
  v1::LearnerSettings taken = change.settings();
  const auto& paths = change.update_mask().paths();
  const google::protobuf::Descriptor* type = v1::LearnerSettings::descriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const google::protobuf::FieldDescriptor* field = type->field(i);
    const bool masked = std::find(paths.begin(), paths.end(), field->name()) != paths.end();
    v1::LearnerSettings& loses = masked ? after : taken;
    loses.GetReflection()->ClearField(&loses, field);
  }
  after.MergeFrom(taken);
  return after;
}

SettingsTimeline::SettingsTimeline(const std::vector<Event>& events) {
  std::vector<const Event*> changes;
  for (const Event& event : events) {
    if (event.payload.has_settings_changed()) changes.push_back(&event);
  }
  std::sort(changes.begin(), changes.end(),
            [](const Event* a, const Event* b) { return CanonicallyBefore(*a, *b); });
  stands_.push_back({absl::InfinitePast(), Settings()});
  for (const Event* event : changes) {
    // A duplicate applied again right after itself changes nothing.
    stands_.push_back({event->occurred_time,
                       Settings(Apply(stands_.back().settings.wire(), event->payload.settings_changed()))});
  }
}

const Settings& SettingsTimeline::At(absl::Time time) const {
  const auto later =
      std::upper_bound(stands_.begin(), stands_.end(), time,
                       [](absl::Time value, const Stand& stand) { return value < stand.since; });
  return later == stands_.begin() ? stands_.front().settings : std::prev(later)->settings;
}

}  // namespace greenroom::session
