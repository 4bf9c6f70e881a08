#include "services/session/memory/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace greenroom::session {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::string kPack = "tenants/acme/packs/p";
const absl::Time kNow = absl::FromCivil(absl::CivilSecond(2026, 3, 20, 12, 0, 0), absl::UTCTimeZone());
const absl::CivilDay kToday(2026, 3, 20);

// Topic a of weight 2 with q1 and q2, b with q3, c with q4 and q5.
PackOutline Outline() {
  PackOutline outline;
  outline.pack = kPack;
  outline.topics = {{"a", "A", 2}, {"b", "B", 1}, {"c", "C", 1}};
  outline.questions = {{"q1", 0}, {"q2", 0}, {"q3", 1}, {"q4", 2}, {"q5", 2}};
  for (size_t i = 0; i < outline.questions.size(); ++i) outline.by_id[outline.questions[i].id] = i;
  return outline;
}

// Reviews of one learner, each a day after the one before.
class Reviewed {
 public:
  Review& Answer(const std::string& question, int32_t score) {
    Review review;
    review.pack = kPack;
    review.question = question;
    review.session = absl::StrCat("s", reviews_.size());
    review.event_id = absl::StrCat("e", reviews_.size());
    review.occurred_time = kNow - absl::Hours(24 * 30) + absl::Hours(24) * reviews_.size();
    review.score = score;
    review.best_score = score;
    review.attempts = 1;
    reviews_.push_back(review);
    return reviews_.back();
  }
  const std::vector<Review>& reviews() const { return reviews_; }

 private:
  std::vector<Review> reviews_;
};

// An item whose recall today is `recall`.
MemoryItem Remembered(const std::string& question, double recall) {
  MemoryItem item;
  item.pack = kPack;
  item.question = question;
  item.last_review_day = kToday - 10;
  item.due_day = kToday + 4;
  double low = 0.001, high = 36500;  // recall rises with stability
  for (int i = 0; i < 200; ++i) {
    item.memory.stability = (low + high) / 2;
    (fsrs::Model().Retrievability(10, item.memory.stability) < recall ? low : high) = item.memory.stability;
  }
  return item;
}

Reviewed EightAttempts() {
  Reviewed log;
  for (const int score : {90, 80, 85}) log.Answer("q1", score);
  for (const int score : {40, 50}) log.Answer("q2", score);
  for (const int score : {70, 60, 65}) log.Answer("q3", score);
  return log;
}

const std::vector<MemoryItem> kItems = {Remembered("q1", 0.95), Remembered("q2", 0.7), Remembered("q3", 0.9)};

// Figures of another program by the formulas of progress.h.
TEST(Readiness, IsTheExpectedShareWithItsInterval) {
  const PackProgress progress = ProgressOf(Outline(), EightAttempts().reviews(), kItems, Settings(), kNow);
  ASSERT_FALSE(progress.readiness.refused);
  EXPECT_EQ(progress.readiness.attempts, 8);
  EXPECT_EQ(progress.readiness.unseen_share, 0.25);
  EXPECT_NEAR(progress.readiness.readiness, 0.556422619048, 1e-9);
  EXPECT_NEAR(progress.readiness.low, 0.556422619048 - 0.146489945389, 1e-9);
  EXPECT_NEAR(progress.readiness.high, 0.556422619048 + 0.146489945389, 1e-9);
  EXPECT_THAT(progress.readiness.answer_next, IsEmpty());
}

TEST(Mastery, ByTopicWithReasons) {
  const PackProgress progress = ProgressOf(Outline(), EightAttempts().reviews(), kItems, Settings(), kNow);
  ASSERT_EQ(progress.topics.size(), 3u);
  const TopicMastery& a = progress.topics[0];
  EXPECT_EQ(a.title, "A");
  EXPECT_EQ(a.questions, 2);
  EXPECT_EQ(a.seen, 2);
  EXPECT_EQ(a.attempts, 5);
  EXPECT_NEAR(a.credit, 0.667777777778, 1e-9);
  EXPECT_NEAR(a.recall, 0.825, 1e-9);
  EXPECT_NEAR(a.mastery, 0.550916666667, 1e-9);
  EXPECT_NEAR(a.mastery_high - a.mastery, 0.171535127176, 1e-9);
  EXPECT_EQ(a.level, Level::kPartial);
  ASSERT_EQ(a.reasons.size(), 2u);
  EXPECT_EQ(a.reasons[0].reason, MasteryReason::kForgotten);
  EXPECT_THAT(a.reasons[0].questions, ElementsAre("q2"));
  EXPECT_EQ(a.reasons[1].reason, MasteryReason::kLowCredit);
  EXPECT_THAT(a.reasons[1].questions, ElementsAre("q2"));

  const TopicMastery& b = progress.topics[1];
  ASSERT_EQ(b.reasons.size(), 1u);
  EXPECT_EQ(b.reasons[0].reason, MasteryReason::kFewAttempts);
  EXPECT_EQ(b.reasons[0].count, 3);

  const TopicMastery& c = progress.topics[2];
  EXPECT_EQ(c.level, Level::kUnknown);
  EXPECT_NEAR(c.mastery, 0.544, 1e-9);  // the learner's mean at the pack's recall
  ASSERT_EQ(c.reasons.size(), 1u);
  EXPECT_EQ(c.reasons[0].reason, MasteryReason::kUnseen);
  EXPECT_THAT(c.reasons[0].questions, ElementsAre("q4", "q5"));
}

TEST(Readiness, IsRefusedUnderEightCountingAttempts) {
  Reviewed log;
  for (const int score : {90, 80, 85}) log.Answer("q1", score);
  for (const int score : {70, 60, 65, 55}) log.Answer("q3", score);
  log.Answer("q2", 100).recited = true;  // its full score, but it counts for nothing here
  log.Answer("q2", 100).score.reset();
  Review& rated = log.Answer("q2", 0);
  rated.kind = ReviewKind::kSelfRated;
  rated.score.reset();
  const Readiness readiness = ProgressOf(Outline(), log.reviews(), {}, Settings(), kNow).readiness;
  EXPECT_TRUE(readiness.refused);
  EXPECT_EQ(readiness.attempts, 7);
  EXPECT_EQ(readiness.readiness, 0);
  EXPECT_THAT(readiness.answer_next, ElementsAre("q2"));
}

TEST(Readiness, IsRefusedWithAThirdOfTheWeightUnseen) {
  PackOutline outline = Outline();
  outline.topics[0].weight = 1;
  Reviewed log = EightAttempts();
  for (int i = 0; i < 4; ++i) log.Answer("q1", 70);
  const Readiness readiness = ProgressOf(outline, log.reviews(), {}, Settings(), kNow).readiness;
  EXPECT_TRUE(readiness.refused);
  EXPECT_NEAR(readiness.unseen_share, 1.0 / 3, 1e-12);
  EXPECT_THAT(readiness.answer_next, ElementsAre("q4"));
}

TEST(Readiness, OfNobodyListsTheHeaviestTopicsFirst) {
  const Readiness readiness = ProgressOf(Outline(), {}, {}, Settings(), kNow).readiness;
  EXPECT_TRUE(readiness.refused);
  EXPECT_EQ(readiness.unseen_share, 1);
  // One of each unseen topic while a third of the weight is unseen (after q1 and q3 a quarter is), then in turn.
  EXPECT_THAT(readiness.answer_next, ElementsAre("q1", "q3", "q2", "q4", "q5"));
}

TEST(Readiness, WhatWasAnsweredIsAskedAgainWhereThereIsNothingElse) {
  Reviewed log;
  log.Answer("q1", 80);
  log.Answer("q2", 20);
  log.Answer("q3", 50);
  log.Answer("q4", 90);
  log.Answer("q5", 90);
  EXPECT_THAT(ProgressOf(Outline(), log.reviews(), {}, Settings(), kNow).readiness.answer_next,
              ElementsAre("q2", "q3", "q1"));
}

TEST(Readiness, DoingWhatIsListedIsEnough) {
  PackOutline outline = Outline();
  for (int i = 6; i <= 12; ++i) {
    outline.topics.push_back({absl::StrCat("t", i), "", i * 0.1});
    outline.questions.push_back({absl::StrCat("q", i), outline.topics.size() - 1});
    outline.by_id[outline.questions.back().id] = outline.questions.size() - 1;
  }
  Reviewed log;
  for (int i = 0; i < 10; ++i) log.Answer("q6", 50);
  for (const std::string& question :
       ProgressOf(outline, log.reviews(), {}, Settings(), kNow).readiness.answer_next) {
    log.Answer(question, 50);
  }
  EXPECT_FALSE(ProgressOf(outline, log.reviews(), {}, Settings(), kNow).readiness.refused);
}

TEST(Progress, AttemptsAndPointsGained) {
  Reviewed log;
  Review& first = log.Answer("q1", 40);
  first.attempts = 3;
  first.best_score = 75;
  log.Answer("q1", 60);
  log.Answer("gone", 60);
  const std::vector<QuestionProgress> questions =
      ProgressOf(Outline(), log.reviews(), kItems, Settings(), kNow).questions;
  ASSERT_EQ(questions.size(), 5u);
  EXPECT_EQ(questions[0].sessions, 2);
  EXPECT_EQ(questions[0].attempts, 4);
  EXPECT_EQ(questions[0].counting, 2);
  EXPECT_EQ(questions[0].first_score, 40);
  EXPECT_EQ(questions[0].last_score, 60);
  EXPECT_EQ(questions[0].best_score, 75);
  EXPECT_EQ(questions[0].gained, 35);
  EXPECT_NEAR(*questions[0].recall, 0.95, 1e-9);
  EXPECT_EQ(questions[0].due_day, kToday + 4);
  EXPECT_EQ(questions[4].sessions, 0);
  EXPECT_FALSE(questions[4].first_score.has_value());
}

Streak StreakOfDays(const std::vector<int>& days_ago) {
  Reviewed log;
  for (const int days : days_ago) log.Answer("q1", 50).occurred_time = kNow - absl::Hours(24) * days;
  return StreakOf(log.reviews(), SettingsTimeline(), kNow);
}

TEST(Streak, CountsDaysInARow) {
  EXPECT_EQ(StreakOfDays({}).days, 0);
  EXPECT_EQ(StreakOfDays({0, 1, 2, 2, 4}).days, 3);
  EXPECT_TRUE(StreakOfDays({0}).today);
  EXPECT_EQ(StreakOfDays({1, 2}).days, 2);  // today may still come
  EXPECT_FALSE(StreakOfDays({1, 2}).today);
  EXPECT_EQ(StreakOfDays({2, 3, 4, 5}).days, 0);
  EXPECT_EQ(StreakOfDays({2, 3, 4, 5}).longest, 4);
  EXPECT_EQ(StreakOfDays({2}).last_day, kToday - 2);
}

TEST(Streak, IsOfTheLearnersDaysAndOfPractice) {
  Reviewed log;
  log.Answer("q1", 50).occurred_time = kNow - absl::Hours(15);  // 21:00 in UTC, the day before
  log.Answer("q1", 50).occurred_time =
      kNow - absl::Hours(9);  // 03:00: the same day for whom it rolls over at four
  EXPECT_EQ(StreakOf(log.reviews(), SettingsTimeline(), kNow).days, 1);
  Review& skipped = log.Answer("q1", 0);
  skipped.kind = ReviewKind::kSkipped;
  skipped.attempts = 0;
  skipped.score.reset();
  skipped.occurred_time = kNow;
  EXPECT_FALSE(StreakOf(log.reviews(), SettingsTimeline(), kNow).today);
}

}  // namespace
}  // namespace greenroom::session
