#include "services/session/memory/askables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/session/memory/ability.h"

namespace greenroom::session {
namespace {

using ::testing::DoubleNear;
using ::testing::IsEmpty;

const LearnerKey kAda = {"acme", "ada"};
const std::string kPack = "tenants/acme/packs/p";
const absl::Time kNow = absl::FromCivil(absl::CivilSecond(2026, 3, 20, 12, 0, 0), absl::UTCTimeZone());
const absl::CivilDay kToday(2026, 3, 20);

content::v1::Question Question(const std::string& id, const std::string& topic, int difficulty) {
  content::v1::Question question;
  question.set_id(id);
  question.set_topic(topic);
  question.set_difficulty(difficulty);
  return question;
}

PackOutline Outline() {
  return OutlineOf(kPack, {},
                   {Question("easy", "basics", 1), Question("fair", "basics", 3), Question("hard", "", 5)});
}

// Reviewed `ago` days ago, due `in` days from today.
MemoryItem Item(const std::string& question, int ago, int in, const std::string& pack = kPack) {
  MemoryItem item;
  item.pack = pack;
  item.question = question;
  item.memory = {10, 5};
  item.last_review_day = kToday - ago;
  item.due_day = kToday + in;
  item.reviews = 1;
  return item;
}

Review Scored(const std::string& question, int32_t score, const std::string& session = "s",
              const std::string& pack = kPack) {
  Review review;
  review.pack = pack;
  review.question = question;
  review.session = session;
  review.event_id = question + session;
  review.occurred_time = kNow - absl::Hours(100);
  review.score = score;
  review.mode = v1::SESSION_MODE_PRACTICE;
  return review;
}

std::map<std::string, Askable> Askables(const SelectionKnowledge& known,
                                        const std::vector<std::string>& fitting = {"easy", "fair", "hard"}) {
  std::map<std::string, Askable> by_id;
  for (Askable& one : AskablesOf(kAda, Outline(), fitting, known, kNow)) by_id[one.question] = one;
  return by_id;
}

TEST(Askables, OfALearnerOfWhomNothingIsKnown) {
  const std::map<std::string, Askable> askables = Askables({});
  ASSERT_EQ(askables.size(), 3);
  for (const auto& [id, askable] : askables) {
    EXPECT_FALSE(askable.due) << id;
    EXPECT_EQ(askable.exposure, 0) << id;
    EXPECT_EQ(askable.last_session, 0) << id;
    EXPECT_GT(askable.information, 0) << id;
  }
  EXPECT_EQ(askables.at("fair").topic, "basics");
  EXPECT_EQ(askables.at("hard").topic, "");
  // Where the author's difficulty meets an ability that is not known, an answer tells most.
  EXPECT_GT(askables.at("fair").information, askables.at("easy").information);
  EXPECT_NEAR(askables.at("easy").information, askables.at("hard").information, 1e-12);
}

TEST(Askables, OnlyWhatFitsInItsOrder) {
  const std::vector<Askable> askables = AskablesOf(kAda, Outline(), {"hard", "gone", "easy"}, {}, kNow);
  ASSERT_EQ(askables.size(), 2);
  EXPECT_EQ(askables[0].question, "hard");
  EXPECT_EQ(askables[1].question, "easy");
  EXPECT_THAT(AskablesOf(kAda, Outline(), {}, {}, kNow), IsEmpty());
}

TEST(Askables, WhatItsDayHasComeForIsDue) {
  SelectionKnowledge known;
  known.items = {Item("easy", 10, 0), Item("fair", 5, 1), Item("hard", 9, -1, "tenants/acme/packs/other")};
  v1::LearnerSettings wire;
  wire.set_daily_minutes(1);  // bounds the day's list, not what a session asks
  known.settings = Settings(wire);
  const std::map<std::string, Askable> askables = Askables(known);
  EXPECT_TRUE(askables.at("easy").due);
  EXPECT_THAT(askables.at("easy").forgetting, DoubleNear(0.1, 1e-9));  // a stability of ten days
  EXPECT_FALSE(askables.at("fair").due);
  EXPECT_EQ(askables.at("fair").forgetting, 0);
  EXPECT_FALSE(askables.at("hard").due) << "of another pack";
}

TEST(Askables, NearTheGoalWhatWasNeverReviewedIsForgotten) {
  v1::LearnerSettings wire;
  wire.set_goal_pack(kPack);
  wire.set_goal_date(absl::FormatCivilTime(kToday + 1));
  SelectionKnowledge known;
  known.settings = Settings(wire);
  for (const auto& [id, askable] : Askables(known)) {
    EXPECT_TRUE(askable.due) << id;
    EXPECT_EQ(askable.forgetting, 1) << id;
  }
}

TEST(Askables, InformationIsOfTheLearnersAbility) {
  SelectionKnowledge strong, weak;
  for (const char* session : {"a", "b", "c", "d"}) {
    strong.reviews.push_back(Scored("fair", 100, session));
    weak.reviews.push_back(Scored("fair", 0, session));
    weak.reviews.push_back(Scored("fair", 100, session, "tenants/acme/packs/other"));
  }
  EXPECT_GT(Askables(strong).at("hard").information, Askables(strong).at("easy").information);
  EXPECT_LT(Askables(weak).at("hard").information, Askables(weak).at("easy").information);
  const LearnerAbility ability = AbilityOf(Outline(), strong.reviews);
  EXPECT_EQ(Askables(strong).at("hard").information, InformationOf(Outline(), ability)[2]);
}

TEST(Askables, TheLatestSessionThatAskedItCounts) {
  SelectionKnowledge known;
  known.sessions = {{"latest", {"easy"}}, {"before", {"easy", "fair"}}};
  std::map<std::string, Askable> askables = Askables(known);
  EXPECT_EQ(askables.at("easy").last_session, 1);
  EXPECT_EQ(askables.at("fair").last_session, 2);
  EXPECT_EQ(askables.at("hard").last_session, 0);
  // Follow-ups are in no plan as it was created.
  known.reviews = {Scored("hard", 50, "before"), Scored("fair", 50, "long-ago"),
                   Scored("fair", 50, "latest", "tenants/acme/packs/other")};
  askables = Askables(known);
  EXPECT_EQ(askables.at("hard").last_session, 2);
  EXPECT_EQ(askables.at("fair").last_session, 2);
}

TEST(Askables, ExposureIsAsItIsTold) {
  SelectionKnowledge known;
  known.exposure = {{"fair", 0.75}, {"gone", 1}};
  EXPECT_EQ(Askables(known).at("fair").exposure, 0.75);
  EXPECT_EQ(Askables(known).at("easy").exposure, 0);
}

}  // namespace
}  // namespace greenroom::session
