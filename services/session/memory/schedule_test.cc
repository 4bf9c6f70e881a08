#include "services/session/memory/schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace greenroom::session {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const LearnerKey kAda = {"acme", "ada"};
const std::string kPack = "tenants/acme/packs/p";
const absl::Time kNow = absl::FromCivil(absl::CivilSecond(2026, 3, 20, 12, 0, 0), absl::UTCTimeZone());
const absl::CivilDay kToday(2026, 3, 20);

// Reviewed `ago` days ago, due `in` days from today.
Candidate Known(const std::string& question, int ago, int in, double weight = 1, double stability = 10) {
  MemoryItem item;
  item.pack = kPack;
  item.question = question;
  item.memory = {stability, 5};
  item.last_review_day = kToday - ago;
  item.due_day = kToday + in;
  item.due_time = Settings().StartOf(item.due_day);
  item.reviews = 1;
  return {kPack, question, item, weight, 5};
}

Settings WithMinutes(int minutes) {
  v1::LearnerSettings wire;
  wire.set_daily_minutes(minutes);
  return Settings(wire);
}

Settings WithGoal(absl::CivilDay day) {
  v1::LearnerSettings wire;
  wire.set_goal_pack(kPack);
  wire.set_goal_date(absl::FormatCivilTime(day));
  return Settings(wire);
}

std::vector<std::string> Ids(const std::vector<DueQuestion>& questions) {
  std::vector<std::string> ids;
  ids.reserve(questions.size());
  for (const DueQuestion& question : questions) ids.push_back(question.question);
  return ids;
}

TEST(Schedule, HeaviestForgettingFirst) {
  const std::vector<Candidate> candidates = {Known("little", 10, 0), Known("tomorrow", 20, 1),
                                             Known("much", 40, -5), Known("heavy", 12, 0, 4)};
  const DueList list = ListDue(kAda, candidates, Settings(), kNow);
  EXPECT_THAT(Ids(list.questions), ElementsAre("heavy", "much", "little"));
  EXPECT_THAT(list.left_out, IsEmpty());
  EXPECT_NEAR(list.questions[2].recall, 0.9, 1e-12);
  EXPECT_EQ(list.questions[2].due_day, kToday);
  EXPECT_EQ(list.questions[2].due_time, kNow - absl::Hours(8));
}

TEST(Schedule, TheListEndsAtTheDailyMinutesAndSaysWhatItLeftOut) {
  std::vector<Candidate> candidates = {Known("a", 50, 0), Known("b", 40, 0), Known("c", 30, 0),
                                       Known("d", 20, 0)};
  candidates[2].minutes = 1;  // would fit, but after what does not
  candidates[1].minutes = 6;
  const DueList list = ListDue(kAda, candidates, WithMinutes(10), kNow);
  EXPECT_THAT(Ids(list.questions), ElementsAre("a"));
  EXPECT_THAT(Ids(list.left_out), ElementsAre("b", "c", "d"));
  EXPECT_EQ(list.minutes, 5);
  EXPECT_EQ(list.minutes_left_out, 12);
}

TEST(Schedule, WhatWasReviewedTodayCounts) {
  std::vector<Candidate> candidates = {Known("done", 0, 7), Known("b", 40, 0), Known("c", 30, 0)};
  DueList list = ListDue(kAda, candidates, WithMinutes(10), kNow);
  EXPECT_EQ(list.minutes_done, 5);
  EXPECT_THAT(Ids(list.questions), ElementsAre("b"));
  list = ListDue(kAda, candidates, WithMinutes(5), kNow);
  EXPECT_THAT(list.questions, IsEmpty());
  EXPECT_THAT(Ids(list.left_out), ElementsAre("b", "c"));
}

TEST(Schedule, ADayHasOneQuestionAtLeast) {
  std::vector<Candidate> candidates = {Known("long", 50, 0), Known("b", 40, 0)};
  candidates[0].minutes = 30;
  EXPECT_THAT(Ids(ListDue(kAda, candidates, WithMinutes(10), kNow).questions), ElementsAre("long"));
}

TEST(Schedule, EachQuestionOfTheGoalIsSeenOnceInItsLastWeek) {
  const absl::CivilDay goal = kToday + 10;
  const Settings settings = WithGoal(goal);
  std::map<absl::CivilDay, int> days;
  for (int i = 0; i < 140; ++i) {
    // Half of them were never reviewed, half are due long after the goal.
    Candidate candidate = Known("q" + std::to_string(i), 5, 100);
    if (i % 2 == 0) candidate.item.reset();
    const std::optional<Due> due = DueOf(kAda, candidate, settings, kToday);
    ASSERT_TRUE(due.has_value());
    EXPECT_EQ(due->reason, DueReason::kGoal);
    ++days[due->day];
  }
  EXPECT_EQ(days.size(), 7u);
  EXPECT_EQ(days.begin()->first, goal - 7);
  EXPECT_EQ(days.rbegin()->first, goal - 1);
  for (const auto& [day, count] : days) EXPECT_GE(count, 8) << day;  // 20 each, if they were even
}

TEST(Schedule, WhatIsSeenInTheLastWeekAnywayIsLeftAlone) {
  const absl::CivilDay goal = kToday + 3;
  const Settings settings = WithGoal(goal);
  const Due tomorrow = {kToday + 1, DueReason::kForgetting};
  EXPECT_EQ(DueOf(kAda, Known("q", 9, 1), settings, kToday), tomorrow);
  const Due later = {kToday + 50, DueReason::kForgetting};
  EXPECT_EQ(DueOf(kAda, Known("q", 4, 50), settings, kToday), later);  // the first day of the week
  EXPECT_EQ(DueOf(kAda, Known("q", 5, 50), settings, kToday)->reason, DueReason::kGoal);
  EXPECT_EQ(DueOf(kAda, Known("q", 5, 3), settings, kToday)->reason, DueReason::kGoal);  // on the goal's day
}

TEST(Schedule, AGoalIsOverOnItsDayAndOfItsPackAlone) {
  Candidate unseen = Known("q", 5, 50);
  unseen.item.reset();
  EXPECT_EQ(DueOf(kAda, unseen, WithGoal(kToday), kToday), std::nullopt);
  EXPECT_EQ(DueOf(kAda, unseen, Settings(), kToday), std::nullopt);
  unseen.pack = "tenants/acme/packs/other";
  EXPECT_EQ(DueOf(kAda, unseen, WithGoal(kToday + 1), kToday), std::nullopt);
  const Due later = {kToday + 50, DueReason::kForgetting};
  EXPECT_EQ(DueOf(kAda, Known("q", 5, 50), WithGoal(kToday), kToday), later);
}

TEST(Schedule, ForecastCountsEachQuestionOnItsDay) {
  const std::vector<Candidate> candidates = {Known("overdue", 30, -4), Known("today", 10, 0),
                                             Known("a", 3, 2), Known("b", 3, 2), Known("beyond", 3, 3)};
  const std::vector<ForecastDay> forecast = Forecast(kAda, candidates, Settings(), kNow, 3);
  ASSERT_EQ(forecast.size(), 3u);
  EXPECT_EQ(forecast[0].day, kToday);
  EXPECT_EQ(forecast[0].questions, 2);
  EXPECT_EQ(forecast[0].minutes, 10);
  EXPECT_EQ(forecast[1].questions, 0);
  EXPECT_EQ(forecast[2].day, kToday + 2);
  EXPECT_EQ(forecast[2].questions, 2);
}

PackOutline Outline() {
  std::vector<content::v1::Topic> topics(3);
  topics[0].set_id("none");
  topics[1].set_id("a");
  topics[1].set_title("Topic A");
  topics[1].set_weight(2);
  topics[2].set_id("b");
  std::vector<content::v1::Question> questions(4);
  questions[0].set_id("q1");
  questions[0].set_topic("b");
  questions[1].set_id("q2");
  questions[1].set_topic("a");
  questions[1].set_minutes(12);
  questions[1].set_difficulty(5);
  questions[2].set_id("q3");
  questions[3].set_id("follow-up");
  questions[3].set_topic("none");
  questions[3].set_follow_up_only(true);
  return OutlineOf(kPack, topics, questions);
}

TEST(PackOutline, TopicsThatHaveQuestionsInTheAuthorsOrder) {
  const PackOutline outline = Outline();
  ASSERT_EQ(outline.topics.size(), 3u);
  EXPECT_EQ(outline.topics[0].title, "Topic A");
  EXPECT_EQ(outline.topics[0].weight, 2);
  EXPECT_EQ(outline.topics[1].id, "b");
  EXPECT_EQ(outline.topics[2].id, "");
  ASSERT_EQ(outline.questions.size(), 3u);
  EXPECT_EQ(outline.questions[1].difficulty, 5);
  EXPECT_EQ(outline.WeightOf("q2"), 2);
  EXPECT_EQ(outline.MinutesOf("q2"), 12);
  EXPECT_EQ(outline.MinutesOf("q1"), kDefaultMinutes);
  EXPECT_EQ(outline.WeightOf("gone"), 1);
  EXPECT_EQ(outline.Find("follow-up"), nullptr);
}

TEST(Schedule, CandidatesAreItemsAndTheGoalsQuestions) {
  const MemoryItem known = *Known("q2", 3, 3).item;
  MemoryItem elsewhere = known;
  elsewhere.pack = "tenants/acme/packs/other";
  std::vector<Candidate> candidates = CandidatesOf({known, elsewhere}, {Outline()}, Settings());
  ASSERT_EQ(candidates.size(), 2u);
  EXPECT_EQ(candidates[0].weight, 2);
  EXPECT_EQ(candidates[0].minutes, 12);
  EXPECT_EQ(candidates[1].weight, 1);
  EXPECT_EQ(candidates[1].minutes, kDefaultMinutes);
  candidates = CandidatesOf({known, elsewhere}, {Outline()}, WithGoal(kToday + 3));
  ASSERT_EQ(candidates.size(), 4u);
  EXPECT_EQ(candidates[2].question, "q1");
  EXPECT_FALSE(candidates[2].item.has_value());
  EXPECT_EQ(candidates[3].question, "q3");
}

}  // namespace
}  // namespace greenroom::session
