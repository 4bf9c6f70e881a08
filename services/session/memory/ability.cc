#include "services/session/memory/ability.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "services/session/memory/progress.h"

namespace greenroom::session {
namespace {

double Logistic(double x) { return 1 / (1 + std::exp(-x)); }

// How steep the curve is where ability and difficulty meet: the information of one answer about their difference.
double Steepness(const Estimate& ability, const Estimate& difficulty) {
  const double p = Logistic(ability.mean - difficulty.mean);
  return p * (1 - p);
}

}  // namespace

Estimate AuthorsDifficulty(int difficulty) { return {kLogitsPerStep * (difficulty - 3), 1}; }

double ExpectedCredit(const Estimate& ability, const Estimate& difficulty) {
  const double variance = ability.variance + difficulty.variance;
  return Logistic((ability.mean - difficulty.mean) / std::sqrt(1 + std::numbers::pi * variance / 8));
}

double Information(const Estimate& ability, const Estimate& difficulty) {
  const double steepness = Steepness(ability, difficulty);
  return steepness * ability.variance * ability.variance /
         (steepness * (ability.variance + difficulty.variance) + 1);
}

AbilityPool::AbilityPool(std::map<std::string, Estimate> difficulties)
    : difficulties_(std::move(difficulties)) {}

void AbilityPool::Observe(const std::string& learner, const std::string& question, double credit) {
  const auto found = difficulties_.find(question);
  if (found == difficulties_.end()) return;
  Estimate& stored = found->second;
  const Estimate difficulty = {stored.mean + shift_, stored.variance};
  Estimate& ability = abilities_.emplace(learner, kUnknownAbility).first->second;
  const double steepness = Steepness(ability, difficulty);
  const double surprise = std::clamp(credit, 0.0, 1.0) - Logistic(ability.mean - difficulty.mean);
  const double scale = steepness * (ability.variance + difficulty.variance) + 1;
  if (difficulties_.size() > 1) {
    // Everybody is shifted by the others' part, so the question itself gets that much more.
    const double change = -difficulty.variance * surprise / scale;
    const double of_others = -change / static_cast<double>(difficulties_.size() - 1);
    shift_ += of_others;
    stored.mean += change - of_others;
  }
  ability.mean += ability.variance * surprise / scale;
  ability.variance -= steepness * ability.variance * ability.variance / scale;
  stored.variance -= steepness * difficulty.variance * difficulty.variance / scale;
}

Estimate AbilityPool::AbilityOf(const std::string& learner) const {
  const auto found = abilities_.find(learner);
  return found == abilities_.end() ? kUnknownAbility : found->second;
}

Estimate AbilityPool::DifficultyOf(const std::string& question) const {
  const auto found = difficulties_.find(question);
  if (found == difficulties_.end()) return AuthorsDifficulty(3);
  return {found->second.mean + shift_, found->second.variance};
}

LearnerAbility AbilityOf(const PackOutline& outline, std::vector<Review> reviews) {
  std::map<std::string, Estimate> difficulties;
  for (const OutlineQuestion& question : outline.questions) {
    difficulties[question.id] = AuthorsDifficulty(question.difficulty);
  }
  AbilityPool pool(std::move(difficulties));
  std::sort(reviews.begin(), reviews.end(), ReviewedBefore);
  for (const Review& review : reviews) {
    if (review.pack == outline.pack && CountsForReadiness(review)) {
      pool.Observe("", review.question, *review.score / 100.0);
    }
  }
  LearnerAbility known;
  known.ability = pool.AbilityOf("");
  for (const OutlineQuestion& question : outline.questions) {
    known.difficulties[question.id] = pool.DifficultyOf(question.id);
  }
  return known;
}

std::vector<double> InformationOf(const PackOutline& outline, const LearnerAbility& ability) {
  std::vector<double> information;
  for (const OutlineQuestion& question : outline.questions) {
    const auto known = ability.difficulties.find(question.id);
    const Estimate difficulty =
        known == ability.difficulties.end() ? AuthorsDifficulty(question.difficulty) : known->second;
    information.push_back(Information(ability.ability, difficulty));
  }
  return information;
}

}  // namespace greenroom::session
