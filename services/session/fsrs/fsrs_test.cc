#include "services/session/fsrs/fsrs.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "services/session/fsrs/fsrs_c.h"

namespace greenroom::fsrs {
namespace {

std::vector<Review> Reviews(const std::vector<int>& ratings, const std::vector<double>& days) {
  std::vector<Review> reviews;
  for (size_t i = 0; i < ratings.size(); ++i)
    reviews.push_back({days.at(i), static_cast<Rating>(ratings[i])});
  return reviews;
}

// What the three reference implementations publish as their own expectations.
TEST(Fsrs, PublishedMemories) {
  const std::vector<Review> reviews = Reviews({1, 3, 3, 3, 3, 3}, {0, 0, 1, 3, 8, 21});
  const Memory memory = Model().Replay(reviews).value();
  EXPECT_NEAR(memory.stability, 53.62691, 1e-4);
  EXPECT_NEAR(memory.difficulty, 6.3574867, 1e-6);
  Weights frozen = kDefaultWeights;
  frozen[17] = frozen[18] = frozen[19] = 0;
  EXPECT_NEAR(Model(frozen).Replay(reviews)->stability, 53.335106, 1e-4);
  EXPECT_FALSE(Model().Replay({}).has_value());
}

TEST(Fsrs, PublishedSteps) {
  const double same_day[] = {1.596818, 5, 5, 8.12961};
  const double difficulty[] = {8.341763, 6.6659956, 4.990228, 3.3144615};
  for (int rating = 1; rating <= 4; ++rating) {
    const Memory next = Model().Next({5, 5}, 0, static_cast<Rating>(rating));
    EXPECT_NEAR(next.stability, same_day[rating - 1], 1e-5) << rating;
    EXPECT_NEAR(next.difficulty, difficulty[rating - 1], 1e-6) << rating;
  }
}

TEST(Fsrs, PublishedIntervals) {
  const int days[] = {34793, 2508, 387, 90, 27, 9, 3, 1, 1};
  for (int i = 0; i < 9; ++i) EXPECT_EQ(Model().IntervalDays(0.2 + 0.1 * i, 1), days[i]) << i;
  EXPECT_EQ(Model().IntervalDays(0.1, 1), kMostDays);
  EXPECT_EQ(Model().IntervalDays(0.99, 0.001), 1);
  // Reviewed whenever it is due; a day 0 is a second review on the day of the first or of a failure.
  const int ratings[] = {3, 3, 3, 3, 3, 3, 1, 1, 3, 3, 3, 3, 3};
  const int due[] = {0, 2, 11, 46, 163, 498, 0, 0, 2, 4, 7, 12, 21};
  std::vector<Review> reviews;
  for (size_t i = 0; i < std::size(ratings); ++i) {
    reviews.push_back({i == 0 ? 0.0 : due[i - 1], static_cast<Rating>(ratings[i])});
    if (due[i] > 0) EXPECT_EQ(Model().IntervalDays(0.9, Model().Replay(reviews)->stability), due[i]) << i;
  }
}

TEST(Fsrs, OlderWeightsMigrate) {
  const std::vector<double> old = {0.4,  0.6,  2.4,  5.8,  4.93, 0.94, 0.86, 0.01, 1.49,
                                   0.14, 0.94, 2.18, 0.05, 0.34, 1.26, 0.29, 2.61};
  const Weights migrated = Migrate(old).value();
  EXPECT_NEAR(migrated[4], 6.81, 1e-12);
  EXPECT_NEAR(migrated[5], 0.44675013, 1e-7);
  EXPECT_NEAR(migrated[6], 1.36, 1e-12);
  EXPECT_EQ(migrated[16], 2.61);
  EXPECT_EQ(migrated[19], 0);
  EXPECT_EQ(migrated[20], 0.5);
  const std::vector<double> nineteen(19, 0.3);
  EXPECT_EQ((*Migrate(nineteen))[18], 0.3);
  EXPECT_EQ((*Migrate(nineteen))[20], 0.5);
  EXPECT_EQ(Migrate(kDefaultWeights), kDefaultWeights);
  EXPECT_FALSE(Migrate(std::vector<double>(20, 0.3)).has_value());
}

TEST(Fsrs, WeightsHaveBounds) {
  EXPECT_EQ(WeightsProblem(kDefaultWeights), "");
  for (const auto& [index, value] : std::vector<std::pair<size_t, double>>{
           {0, 0}, {3, 101}, {7, 0.8}, {16, 0.9}, {17, 2.1}, {20, 0.05}, {20, std::nan("")}}) {
    Weights weights = kDefaultWeights;
    weights[index] = value;
    EXPECT_NE(WeightsProblem(weights), "") << index;
  }
}

TEST(Fsrs, Sm2IsTakenOver) {
  const struct {
    double ease, days, retention, stability, difficulty;
  } cases[] = {{2.5, 10, 0.9, 10, 6.9140563},
               {2.5, 10, 0.8, 3.01572, 9.393428},
               {2.5, 10, 0.95, 24.841097, 1.2974405},
               {1.3, 20, 0.9, 20, 10}};
  for (const auto& c : cases) {
    const Memory memory = Model().FromSm2(c.ease, c.days, c.retention);
    EXPECT_NEAR(memory.stability, c.stability, 1e-5 * c.stability);
    EXPECT_NEAR(memory.difficulty, c.difficulty, 1e-5);
  }
}

TEST(Fsrs, FuzzIsARangeAroundTheInterval) {
  EXPECT_EQ(FuzzRange(1).least, 1);
  EXPECT_EQ(FuzzRange(2).most, 2);
  EXPECT_EQ(FuzzRange(3).least, 2);
  EXPECT_EQ(FuzzRange(3).most, 4);
  EXPECT_EQ(FuzzRange(7).least, 5);
  EXPECT_EQ(FuzzRange(7).most, 9);
  EXPECT_EQ(FuzzRange(100).least, 93);
  EXPECT_EQ(FuzzRange(100).most, 107);
  EXPECT_EQ(FuzzRange(kMostDays).most, kMostDays);
  EXPECT_EQ(FuzzedInterval(7, 0), 5);
  EXPECT_EQ(FuzzedInterval(7, 0.2), 6);
  EXPECT_EQ(FuzzedInterval(7, 0.999999), 9);
  EXPECT_EQ(FuzzedInterval(1, 0.999999), 1);
}

RC_GTEST_PROP(FsrsProperty, StaysWithinBoundsAndInOrder, ()) {
  const auto rating = [] { return static_cast<Rating>(*rc::gen::inRange(1, 5)); };
  const Model model;
  Memory memory = model.First(rating());
  for (int i = 0; i < 50; ++i) {
    const double days = *rc::gen::inRange(0, 4000);
    double last = 0;
    for (const Rating each : {Rating::kAgain, Rating::kHard, Rating::kGood, Rating::kEasy}) {
      const Memory next = model.Next(memory, days, each);
      RC_ASSERT(next.stability >= kLeastStability && next.stability <= kMostStability);
      RC_ASSERT(next.difficulty >= 1 && next.difficulty <= 10);
      RC_ASSERT(next.stability >= last);
      last = next.stability;
    }
    RC_ASSERT(model.IntervalDays(0.9, memory.stability) >= 1);
    memory = model.Next(memory, days, rating());
  }
}

TEST(FsrsC, IsTheSameCode) {
  greenroom_fsrs_memory memory;
  ASSERT_EQ(greenroom_fsrs_first(nullptr, 3, &memory), 1);
  ASSERT_EQ(greenroom_fsrs_next(kDefaultWeights.data(), 4, 2, &memory), 1);
  const Memory expected = Model().Next(Model().First(Rating::kGood), 4, Rating::kHard);
  EXPECT_EQ(memory.stability, expected.stability);
  EXPECT_EQ(memory.difficulty, expected.difficulty);
  double recall = 0;
  ASSERT_EQ(greenroom_fsrs_retrievability(nullptr, 9, 9, &recall), 1);
  EXPECT_NEAR(recall, 0.9, 1e-12);
  int days = 0;
  ASSERT_EQ(greenroom_fsrs_interval(nullptr, 0.9, 7, -1, &days), 1);
  EXPECT_EQ(days, 7);
  ASSERT_EQ(greenroom_fsrs_interval(nullptr, 0.9, 7, 0.999999, &days), 1);
  EXPECT_EQ(days, 9);
}

TEST(FsrsC, RefusesWhatIsOutOfBoundsAndWritesNothing) {
  greenroom_fsrs_memory memory = {5, 5};
  const double bad[21] = {};
  EXPECT_EQ(greenroom_fsrs_first(nullptr, 0, &memory), 0);
  EXPECT_EQ(greenroom_fsrs_first(nullptr, 5, &memory), 0);
  EXPECT_EQ(greenroom_fsrs_first(bad, 3, &memory), 0);
  EXPECT_EQ(greenroom_fsrs_next(nullptr, -1, 3, &memory), 0);
  EXPECT_EQ(greenroom_fsrs_next(nullptr, std::nan(""), 3, &memory), 0);
  EXPECT_EQ(memory.stability, 5);
  memory.difficulty = 11;
  EXPECT_EQ(greenroom_fsrs_next(nullptr, 1, 3, &memory), 0);
  double recall = 7;
  EXPECT_EQ(greenroom_fsrs_retrievability(nullptr, 1, 0, &recall), 0);
  EXPECT_EQ(recall, 7);
  int days = 7;
  EXPECT_EQ(greenroom_fsrs_interval(nullptr, 1, 5, 0.5, &days), 0);
  EXPECT_EQ(greenroom_fsrs_interval(nullptr, 0.9, 5, 1, &days), 0);
  EXPECT_EQ(days, 7);
}

// Vectors that an independent implementation made, beside the project and not part of it.
class FsrsVectors : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* path = std::getenv("GREENROOM_FSRS_VECTORS");
    std::ifstream file(path != nullptr ? path : "../shared/data/fsrs/fsrs6_vectors.json");
    if (!file) GTEST_SKIP() << "no vectors: set GREENROOM_FSRS_VECTORS to the path of fsrs6_vectors.json";
    vectors_ = nlohmann::json::parse(file);
  }
  // Relative: another libm may round otherwise.
  static void ExpectNear(double value, double expected) {
    EXPECT_NEAR(value, expected, 1e-12 * std::max(1.0, std::abs(expected)));
  }
  const Model model_;
  nlohmann::json vectors_;
};

TEST_F(FsrsVectors, Init) {
  for (const auto& row : vectors_["init"]) {
    const Memory memory = model_.First(static_cast<Rating>(row[0].get<int>()));
    ExpectNear(memory.stability, row[1]);
    ExpectNear(memory.difficulty, row[2]);
  }
}

TEST_F(FsrsVectors, RetrievabilityAndIntervals) {
  for (const auto& row : vectors_["retrievability_t_S_R"]) {
    ExpectNear(model_.Retrievability(row[0], row[1]), row[2]);
  }
  for (const auto& row : vectors_["interval_r_S_days"]) ExpectNear(model_.Interval(row[0], row[1]), row[2]);
}

TEST_F(FsrsVectors, Steps) {
  EXPECT_EQ(vectors_["step_S_D_t_G_S2_D2"].size(), 560u);
  for (const auto& row : vectors_["step_S_D_t_G_S2_D2"]) {
    const Memory next = model_.Next({row[0], row[1]}, row[2], static_cast<Rating>(row[3].get<int>()));
    ExpectNear(next.stability, row[4]);
    ExpectNear(next.difficulty, row[5]);
  }
}

TEST_F(FsrsVectors, Sequences) {
  EXPECT_EQ(vectors_["sequences_t_G_S_D"].size(), 50u);
  for (const auto& sequence : vectors_["sequences_t_G_S_D"]) {
    std::vector<Review> reviews;
    for (const auto& row : sequence) {
      reviews.push_back({row[0], static_cast<Rating>(row[1].get<int>())});
      const Memory memory = model_.Replay(reviews).value();
      ExpectNear(memory.stability, row[2]);
      ExpectNear(memory.difficulty, row[3]);
    }
  }
}

}  // namespace
}  // namespace greenroom::fsrs
