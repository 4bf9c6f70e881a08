#include "services/session/memory/ability.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>

#include "services/session/memory/progress.h"

namespace greenroom::session {
namespace {

double MeanDifficulty(const AbilityPool& pool, const std::vector<std::string>& questions) {
  double sum = 0;
  for (const std::string& question : questions) sum += pool.DifficultyOf(question).mean;
  return sum / static_cast<double>(questions.size());
}

TEST(AbilityPool, OneStepOfTheFilter) {
  AbilityPool pool({{"q1", {0, 1}}, {"q2", {0, 1}}, {"q3", {0, 1}}});
  pool.Observe("ada", "q1", 0.9);
  // p = 0.5, i = 0.25, s = 1.5: each moves by 0.4 / 1.5 and keeps 5/6 of its variance.
  EXPECT_NEAR(pool.AbilityOf("ada").mean, 0.4 / 1.5, 1e-12);
  EXPECT_NEAR(pool.AbilityOf("ada").variance, 5.0 / 6, 1e-12);
  EXPECT_NEAR(pool.DifficultyOf("q1").mean, -0.4 / 1.5, 1e-12);
  EXPECT_NEAR(pool.DifficultyOf("q1").variance, 5.0 / 6, 1e-12);
  EXPECT_NEAR(pool.DifficultyOf("q2").mean, 0.2 / 1.5, 1e-12);  // the others pay in equal parts
  EXPECT_EQ(pool.DifficultyOf("q2").variance, 1);
  EXPECT_EQ(pool.AbilityOf("bob"), kUnknownAbility);
}

TEST(AbilityPool, WhatIsNotInThePoolChangesNothing) {
  const std::map<std::string, Estimate> only = {{"q1", {1, 1}}};
  AbilityPool pool(only);
  pool.Observe("ada", "elsewhere", 1);
  EXPECT_EQ(pool.AbilityOf("ada"), kUnknownAbility);
  pool.Observe("ada", "q1", 1);
  EXPECT_EQ(pool.DifficultyOf("q1").mean, 1);  // alone: it cannot move against others
  EXPECT_GT(pool.AbilityOf("ada").mean, 0);
}

// A simple generator, the same everywhere (Numerical Recipes, 3rd ed., 7.1): of uniform numbers.
class Uniform {
 public:
  double operator()() {
    state_ = state_ * 6364136223846793005ull + 1442695040888963407ull;
    return static_cast<double>(state_ >> 11) / 9007199254740992.0;
  }

 private:
  uint64_t state_ = 7;
};

double Logistic(double x) { return 1 / (1 + std::exp(-x)); }

// Learners of known ability choose the questions that tell most about them, which is what makes Elo's ratings drift.
TEST(AbilityPool, FindsWhatIsThereAndDoesNotDrift) {
  const std::vector<double> truth = {-2, -1.2, -0.6, 0, 0.4, 0.9, 1.5, 1};
  std::vector<std::string> questions;
  std::map<std::string, Estimate> start;
  for (size_t i = 0; i < truth.size(); ++i) {
    questions.push_back("q" + std::to_string(i));
    start[questions.back()] = {0, 1};
  }
  AbilityPool pool(start);
  Uniform uniform;
  for (int learner = 0; learner < 400; ++learner) {
    const std::string name = std::to_string(learner);
    const double ability = 4 * uniform() - 2;
    for (int answer = 0; answer < 20; ++answer) {
      size_t best = 0;
      double most = -1;
      for (size_t i = 0; i < questions.size(); ++i) {
        const double information =
            Information(pool.AbilityOf(name), pool.DifficultyOf(questions[i])) * (0.5 + uniform());
        if (information > most) {
          most = information;
          best = i;
        }
      }
      pool.Observe(name, questions[best], uniform() < Logistic(ability - truth[best]) ? 1 : 0);
    }
  }
  EXPECT_NEAR(MeanDifficulty(pool, questions), 0, 1e-9);
  double error = 0;
  for (size_t i = 0; i < truth.size(); ++i) {
    error += std::abs(pool.DifficultyOf(questions[i]).mean - truth[i]) / static_cast<double>(truth.size());
    EXPECT_LT(pool.DifficultyOf(questions[i]).variance, 0.1);
  }
  EXPECT_LT(error, 0.35);
}

TEST(Information, IsGreatestWhereAbilityAndDifficultyMeet) {
  const Estimate ability = {1, 0.5};
  const double met = Information(ability, {1, 0.5});
  EXPECT_GT(met, Information(ability, {2.5, 0.5}));
  EXPECT_GT(met, Information(ability, {-1, 0.5}));
  EXPECT_GT(met, Information(ability, {1, 2}));              // a difficulty that is hardly known
  EXPECT_GT(met, Information({1, 0.1}, {1, 0.5}));           // an ability that is known already
  EXPECT_NEAR(Information({0, 1}, {0, 1}), 1.0 / 6, 1e-12);  // what OneStepOfTheFilter takes off
}

TEST(ExpectedCredit, IsDrawnToAHalfByWhatIsNotKnown) {
  EXPECT_NEAR(ExpectedCredit({1, 0}, {0, 0}), Logistic(1), 1e-12);
  EXPECT_EQ(ExpectedCredit({1, 1}, {1, 1}), 0.5);
  EXPECT_LT(ExpectedCredit({2, 1}, {0, 1}), Logistic(2));
  EXPECT_GT(ExpectedCredit({2, 1}, {0, 1}), 0.5);
}

TEST(AbilityOf, TakesTheCountingAttemptsOfThePackInTheirOrder) {
  PackOutline outline;
  outline.pack = "tenants/acme/packs/p";
  outline.topics = {{"t", "T", 1}};
  outline.questions = {{"easy", 0, 5, 1}, {"hard", 0, 5, 5}};
  for (size_t i = 0; i < 2; ++i) outline.by_id[outline.questions[i].id] = i;
  std::vector<Review> reviews(3);
  for (size_t i = 0; i < 3; ++i) {
    reviews[i].pack = outline.pack;
    reviews[i].question = "hard";
    reviews[i].event_id = std::to_string(i);
    reviews[i].occurred_time = absl::FromUnixSeconds(static_cast<int64_t>(i));
    reviews[i].score = 80;
  }
  reviews[1].recited = true;
  reviews[2].pack = "tenants/acme/packs/other";
  const LearnerAbility one = AbilityOf(outline, reviews);
  EXPECT_GT(one.ability.mean, 0);
  EXPECT_LT(one.difficulties.at("hard").mean, AuthorsDifficulty(5).mean);
  EXPECT_NEAR(one.difficulties.at("hard").mean + one.difficulties.at("easy").mean, 0, 1e-12);
  std::swap(reviews[0], reviews[2]);
  EXPECT_EQ(AbilityOf(outline, reviews).ability, one.ability);
  const std::vector<double> information = InformationOf(outline, one);
  ASSERT_EQ(information.size(), 2u);
  EXPECT_GT(information[1], 0);
}

}  // namespace
}  // namespace greenroom::session
