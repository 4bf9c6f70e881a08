// What people gave for other answers, in calls to ScoringService.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/scoring/testing/scoring_server.h"

namespace greenroom::scoring {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

using CalibrationServiceTest = ScoringServiceTest;

// An answer to the stored question that makes "noise" alone, and answers that people graded.
v1::GradeAnswerRequest CalibratedRequest(int graded, int32_t score, double noise) {
  v1::GradeAnswerRequest request;
  request.set_question(kStored);
  request.set_answer("It learns the noise.");
  for (int i = 0; i < graded; ++i) {
    v1::GradedAnswer& one = *request.add_graded();
    one.set_answer(absl::StrCat("I think it learns noise, zanzibar ", i));
    one.set_score(score);
    if (noise >= 0) (*one.mutable_credits())["noise"] = noise;
  }
  return request;
}

TEST_F(CalibrationServiceTest, WhatPeopleGaveMovesTheGradeTowardThem) {
  const absl::StatusOr<v1::Report> plain = GradeAnswer(CalibratedRequest(0, 0, -1));
  ASSERT_TRUE(plain.ok()) << plain.status();
  ASSERT_EQ(plain->score(), 50);
  EXPECT_EQ(plain->calibrated_with(), 0);
  const absl::StatusOr<v1::Report> harder = GradeAnswer(CalibratedRequest(5, 0, 0));
  ASSERT_TRUE(harder.ok()) << harder.status();
  EXPECT_LT(harder->score(), 25);
  EXPECT_EQ(harder->calibrated_with(), 5);
  EXPECT_THAT(harder->ShortDebugString(), Not(HasSubstr("zanzibar")));
  // What people gave for points counts before what they gave for the whole.
  EXPECT_EQ(GradeAnswer(CalibratedRequest(5, 0, 1))->score(), 50);
  EXPECT_LT(GradeAnswer(CalibratedRequest(5, 0, -1))->score(), 50);
  // The others are graded as before.
  EXPECT_EQ(GradeAnswer(CalibratedRequest(0, 0, -1))->ShortDebugString(), plain->ShortDebugString());
  EXPECT_EQ(content_.calls, 1);
}

TEST_F(CalibrationServiceTest, CalibratesASetOnceAndOnlyForItsTenant) {
  const v1::GradeAnswerRequest request = CalibratedRequest(3, 0, 0);
  const absl::StatusOr<v1::Report> first = GradeAnswer(request);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_THAT(metrics_.Text(), HasSubstr("rubric_cache_misses_total 2\n"));  // the question, and the set
  EXPECT_EQ(GradeAnswer(request)->ShortDebugString(), first->ShortDebugString());
  EXPECT_THAT(metrics_.Text(), HasSubstr("rubric_cache_misses_total 2\n"));
  EXPECT_EQ(GradeAnswer(CalibratedRequest(2, 0, 0))->calibrated_with(), 2);
  EXPECT_THAT(metrics_.Text(), HasSubstr("rubric_cache_misses_total 3\n"));
  EXPECT_EQ(ReasonOf(GradeAnswer(request, {.tenant = "rival"}).status()), "QUESTION_NOT_FOUND");
}

TEST_F(CalibrationServiceTest, CalibratesQuestionsThatAreNotStored) {
  v1::GradeAnswerRequest request = CalibratedRequest(4, 0, 0);
  *request.mutable_inline_question() = Overfitting("");
  EXPECT_LT(GradeAnswer(request)->score(), 25);
  request.mutable_reference_question()->add_references("It learns the noise of its data.");
  for (v1::GradedAnswer& one : *request.mutable_graded()) one.clear_credits();
  const absl::StatusOr<v1::Report> lower = GradeAnswer(request);
  ASSERT_TRUE(lower.ok()) << lower.status();
  for (v1::GradedAnswer& one : *request.mutable_graded()) one.set_score(100);
  const absl::StatusOr<v1::Report> higher = GradeAnswer(request);
  ASSERT_TRUE(higher.ok()) << higher.status();
  EXPECT_LT(lower->score(), higher->score());
  // A good answer of another learner becomes no reference: its words would be points.
  EXPECT_THAT(higher->ShortDebugString(), Not(HasSubstr("zanzibar")));
}

TEST_F(CalibrationServiceTest, RefusesWhatNobodyCanHaveGiven) {
  const auto paths = [this](const std::function<void(v1::GradeAnswerRequest&)>& spoil) {
    v1::GradeAnswerRequest request = CalibratedRequest(2, 50, 0.5);
    spoil(request);
    const absl::Status status = GradeAnswer(request).status();
    EXPECT_EQ(ReasonOf(status), "INVALID_REQUEST") << status;
    return Paths(status);
  };
  EXPECT_TRUE(GradeAnswer(CalibratedRequest(10, 100, 1)).ok());
  EXPECT_THAT(paths([](auto& r) { r = CalibratedRequest(11, 100, 1); }), ElementsAre("graded"));
  EXPECT_THAT(paths([](auto& r) { r.mutable_graded(1)->set_score(101); }), ElementsAre("graded[1].score"));
  EXPECT_THAT(paths([](auto& r) { r.mutable_graded(0)->set_score(-1); }), ElementsAre("graded[0].score"));
  EXPECT_THAT(paths([](auto& r) { r.mutable_graded(0)->set_answer(std::string(32 * 1024 + 1, 'a')); }),
              ElementsAre("graded[0].answer"));
  for (const double credit : {-0.1, 1.1, std::nan("")}) {
    EXPECT_THAT(paths([&](auto& r) { (*r.mutable_graded(1)->mutable_credits())["noise"] = credit; }),
                ElementsAre("graded[1].credits"));
  }
  EXPECT_THAT(paths([](auto& r) { (*r.mutable_graded(1)->mutable_credits())[""] = 1; }),
              ElementsAre("graded[1].credits"));
  EXPECT_THAT(paths([](auto& r) {
                for (int i = 0; i < 257; ++i) (*r.mutable_graded(0)->mutable_credits())[absl::StrCat(i)] = 1;
              }),
              ElementsAre("graded[0].credits"));
}

}  // namespace
}  // namespace greenroom::scoring
