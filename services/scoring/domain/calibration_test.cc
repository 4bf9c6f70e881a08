// What a person's grades change.
#include "services/scoring/domain/calibration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "services/scoring/domain/compile.h"
#include "services/scoring/domain/credit_model.h"
#include "services/scoring/domain/testing/question_builder.h"

namespace greenroom::scoring {
namespace {

Calibration::Pair Pair(StemSet stems, double machine, double person) {
  return {std::move(stems), machine, person, {}, {}};
}

TEST(CalibrationTest, ShrinksTheMeanDifference) {
  EXPECT_EQ(Calibration({}).OffsetOf("p1", {1}), 0);
  EXPECT_NEAR(Calibration({Pair({1}, 0.5, 1)}).OffsetOf("p1", {2}), 0.5 / 5, 1e-9);
  EXPECT_NEAR(Calibration({Pair({1}, 0.5, 1), Pair({1}, 0.5, 1)}).OffsetOf("p1", {2}), 2 * 0.5 / 6, 1e-9);
}

TEST(CalibrationTest, LikeAnswersWeighMore) {
  const Calibration calibration({Pair({1, 2}, 0.2, 1), Pair({3, 4}, 0.8, 0)});
  EXPECT_GT(calibration.OffsetOf("p1", {1, 2}), 0.3);
  EXPECT_LT(calibration.OffsetOf("p1", {3, 4}), -0.3);
  EXPECT_EQ(calibration.OffsetOf("p1", {5}), 0);  // the two cancel out
}

TEST(CalibrationTest, PointsHaveCorrectionsOfTheirOwn) {
  Calibration::Pair pair = Pair({1}, 0.5, 0.5);
  pair.machine_points = {{"a", 0}, {"b", 1}};
  pair.person_points = {{"a", 1}};
  const Calibration calibration({pair});
  EXPECT_GT(calibration.OffsetOf("a", {1}), 0.5);
  EXPECT_EQ(calibration.OffsetOf("b", {1}), 0);
}

RC_GTEST_PROP(CalibrationPropertyTest, StaysBetweenTheDifferences, ()) {
  std::vector<Calibration::Pair> pairs;
  double low = 0;
  double high = 0;
  for (int i = *rc::gen::inRange(0, 12); i > 0; --i) {
    const double machine = *rc::gen::inRange(0, 101) / 100.0;
    const double person = *rc::gen::inRange(0, 101) / 100.0;
    pairs.push_back(Pair({static_cast<uint64_t>(i % 3), 7}, machine, person));
    low = std::min(low, person - machine);
    high = std::max(high, person - machine);
  }
  const double offset = Calibration(pairs).OffsetOf("p1", {1, 7});
  RC_ASSERT(offset >= low - 1e-9 && offset <= high + 1e-9);
}

TEST(CalibrationTest, MovesScoresTowardThePerson) {
  const std::vector<std::string> references = {"A pointer stores the address of another variable."};
  const auto compile = [&](const std::vector<GradedAnswer>& graded) {
    return *CompileCalibrated("What is a pointer?", references, "en", &CreditModel::Shipped(), graded);
  };
  const char* answer = "it refers to some location of a variable";
  const int plain = Grade(compile({}), answer).score();
  EXPECT_LT(Grade(compile({{answer, 0, {}}}), answer).score(), plain);
  EXPECT_GT(Grade(compile({{answer, 1, {}}}), answer).score(), plain);
  // Whatever people gave: nothing said is nothing earned.
  EXPECT_EQ(Grade(compile({{answer, 1, {}}, {"no idea", 1, {}}}), "").score(), 0);
}

TEST(CalibrationTest, CorrectsAuthoredPointsToo) {
  const content::v1::Question question = Question({Point("noise", "Learns noise", {"learns noise"})});
  const std::vector<GradedAnswer> graded = {{"it learns noise", 0.5, {{"noise", 0}}},
                                            {"well, it learns noise", 0.5, {{"noise", 0}}}};
  CompiledQuestion compiled = Calibrated(MustCompile(question), graded);
  EXPECT_LT(Grade(compiled, "it learns noise").score(), 40);
  compiled = Calibrated(compiled, {});
  EXPECT_EQ(Grade(compiled, "it learns noise").score(), 100);
}

TEST(CalibrationTest, ReportsSayByHowManyAndNothingOfTheirWords) {
  const std::vector<std::string> references = {"A pointer stores the address of another variable."};
  const CompiledQuestion plain =
      *CompileReference("What is a pointer?", references, "en", &CreditModel::Shipped());
  const CompiledQuestion calibrated = Calibrated(
      plain, std::vector<GradedAnswer>{{"xylophone says where the variable of zanzibar lies", 1, {}},
                                       {"a pointer stores a xylophone address", 0.2, {}}});
  const v1::Report report = Grade(calibrated, "it stores some address of a variable");
  EXPECT_EQ(report.calibrated_with(), 2);
  EXPECT_EQ(Grade(plain, "it stores some address of a variable").calibrated_with(), 0);
  EXPECT_THAT(report.ShortDebugString(), ::testing::Not(::testing::HasSubstr("xylophone")));
  EXPECT_THAT(report.ShortDebugString(), ::testing::Not(::testing::HasSubstr("zanzibar")));
  EXPECT_GT(calibrated.MemoryBytes(), plain.MemoryBytes());
}

}  // namespace
}  // namespace greenroom::scoring
