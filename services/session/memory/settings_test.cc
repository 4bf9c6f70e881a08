#include "services/session/memory/settings.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "services/session/memory/learner_log.h"

namespace greenroom::session {
namespace {

absl::Time Utc(const char* text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime("%Y-%m-%d %H:%M", text, &time, &error)) << error;
  return time;
}

Settings In(const std::string& zone, int rollover_hour) {
  v1::LearnerSettings wire;
  wire.set_time_zone(zone);
  wire.set_rollover_hour(rollover_hour);
  return Settings(wire);
}

TEST(Settings, WhatIsNotSet) {
  const Settings settings;
  EXPECT_EQ(settings.zone(), absl::UTCTimeZone());
  EXPECT_EQ(settings.rollover_hour(), 4);
  EXPECT_EQ(settings.retention(), 0.9);
  EXPECT_EQ(settings.goal_day(), std::nullopt);
  EXPECT_EQ(settings.model().First(fsrs::Rating::kGood), fsrs::Model().First(fsrs::Rating::kGood));
}

TEST(Settings, WhatIsOutOfBoundsCountsAsNotSet) {
  v1::LearnerSettings wire;
  wire.set_time_zone("Mars/Olympus");
  wire.set_rollover_hour(24);
  wire.set_desired_retention(0.99);
  wire.set_goal_pack("tenants/acme/packs/p");
  wire.set_goal_date("soon");
  for (int i = 0; i < 21; ++i) wire.add_memory_parameters(1e9);
  const Settings settings(wire);
  EXPECT_EQ(settings.zone(), absl::UTCTimeZone());
  EXPECT_EQ(settings.rollover_hour(), 4);
  EXPECT_EQ(settings.retention(), 0.9);
  EXPECT_EQ(settings.goal_day(), std::nullopt);
  EXPECT_EQ(settings.model().First(fsrs::Rating::kGood), fsrs::Model().First(fsrs::Rating::kGood));
}

TEST(Settings, WhatIsSet) {
  v1::LearnerSettings wire;
  wire.set_desired_retention(0.8);
  wire.set_goal_pack("tenants/acme/packs/p");
  wire.set_goal_date("2027-02-03");
  for (const double weight : fsrs::kDefaultWeights) wire.add_memory_parameters(weight);
  wire.set_memory_parameters(2, 5.5);
  const Settings settings(wire);
  EXPECT_EQ(settings.retention(), 0.8);
  EXPECT_EQ(settings.goal_day(), absl::CivilDay(2027, 2, 3));
  EXPECT_EQ(settings.model().First(fsrs::Rating::kGood).stability, 5.5);
  wire.set_memory_version("fsrs-7");
  EXPECT_EQ(Settings(wire).model().First(fsrs::Rating::kGood).stability, 2.3065);
  wire.clear_goal_pack();
  EXPECT_EQ(Settings(wire).goal_day(), std::nullopt);
}

TEST(Settings, ADayBeginsAtTheRolloverHourOfTheZone) {
  const Settings berlin = In("Europe/Berlin", 4);
  EXPECT_EQ(berlin.DayOf(Utc("2026-01-10 02:59")), absl::CivilDay(2026, 1, 9));
  EXPECT_EQ(berlin.DayOf(Utc("2026-01-10 03:00")), absl::CivilDay(2026, 1, 10));
  EXPECT_EQ(berlin.StartOf(absl::CivilDay(2026, 1, 10)), Utc("2026-01-10 03:00"));
  EXPECT_EQ(In("America/Los_Angeles", 0).DayOf(Utc("2026-01-10 07:59")), absl::CivilDay(2026, 1, 9));
  EXPECT_EQ(In("Asia/Kolkata", 0).DayOf(Utc("2026-01-10 18:30")), absl::CivilDay(2026, 1, 11));
  // Twenty minutes over midnight in UTC are one day for whom the day rolls over at four.
  EXPECT_EQ(Settings().DayOf(Utc("2026-01-10 23:50")), Settings().DayOf(Utc("2026-01-11 00:10")));
}

// Hours that the clocks leave out or have twice: days still touch, and each begins where DayOf says so.
TEST(Settings, DaysTouchWhereTheClocksChange) {
  for (const char* zone : {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo"}) {
    for (int rollover = 0; rollover < 24; ++rollover) {
      const Settings settings = In(zone, rollover);
      for (absl::CivilDay day(2018, 1, 1); day < absl::CivilDay(2019, 1, 1); ++day) {
        const absl::Time start = settings.StartOf(day);
        ASSERT_EQ(settings.DayOf(start), day) << zone << " " << rollover;
        ASSERT_LE(settings.DayOf(start - absl::Milliseconds(1)), day - 1) << zone << " " << rollover;
      }
    }
  }
}

TEST(Settings, AChangeTakesWhatItsMaskNames) {
  v1::LearnerSettings before;
  before.set_time_zone("Europe/Berlin");
  before.set_rollover_hour(0);
  before.set_daily_minutes(20);
  before.add_memory_parameters(1);
  v1::SettingsChanged change;
  change.mutable_settings()->set_daily_minutes(30);
  change.mutable_settings()->set_language("de");  // not in the mask
  change.mutable_settings()->add_memory_parameters(2);
  for (const char* path : {"daily_minutes", "rollover_hour", "memory_parameters", "of_a_newer_program"}) {
    change.mutable_update_mask()->add_paths(path);
  }
  const v1::LearnerSettings after = Apply(before, change);
  EXPECT_EQ(after.time_zone(), "Europe/Berlin");
  EXPECT_FALSE(after.has_rollover_hour());
  EXPECT_EQ(after.daily_minutes(), 30);
  EXPECT_EQ(after.language(), "");
  ASSERT_EQ(after.memory_parameters_size(), 1);
  EXPECT_EQ(after.memory_parameters(0), 2);
}

TEST(SettingsTimeline, SettingsAreAsTheyStoodThen) {
  LearnerLog log;
  v1::LearnerSettings wire;
  wire.set_daily_minutes(10);
  const absl::Time first = log.now();
  log.Set(wire, {"daily_minutes"});
  wire.set_daily_minutes(20);
  wire.set_language("de");
  const absl::Time second = log.now();
  log.Set(wire, {"daily_minutes"});
  const absl::Time third = log.now();
  log.Set(wire, {"language"});
  std::vector<Event> events = log.events();
  events.insert(events.end(), log.events().begin(), log.events().end());
  std::reverse(events.begin(), events.end());
  const SettingsTimeline timeline(events);
  EXPECT_EQ(timeline.At(first - absl::Milliseconds(1)).wire().daily_minutes(), 0);
  EXPECT_EQ(timeline.At(first).wire().daily_minutes(), 10);
  EXPECT_EQ(timeline.At(second).wire().daily_minutes(), 20);
  EXPECT_EQ(timeline.At(second).wire().language(), "");
  EXPECT_EQ(timeline.At(third).wire().daily_minutes(), 20);
  EXPECT_EQ(timeline.Latest().wire().language(), "de");
  EXPECT_EQ(SettingsTimeline().Latest().wire().daily_minutes(), 0);
}

}  // namespace
}  // namespace greenroom::session
