#include "services/session/fsrs/fsrs.h"

#include <algorithm>
#include <cmath>

namespace greenroom::fsrs {
namespace {

struct Bounds {
  double least;
  double most;
};

constexpr std::array<Bounds, kWeights> kBounds = {
    {{0.001, 100},  {0.001, 100}, {0.001, 100}, {0.001, 100}, {1, 10},    {0.001, 4},    {0.001, 4},
     {0.001, 0.75}, {0, 4.5},     {0, 0.8},     {0.001, 3.5}, {0.001, 5}, {0.001, 0.25}, {0.001, 0.9},
     {0, 4},        {0, 1},       {1, 6},       {0, 2},       {0, 2},     {0, 0.8},      {0.1, 0.8}}};

// FSRS-5 and before had a fixed decay.
constexpr double kOldDecay = 0.5;

double GradeOf(Rating rating) { return static_cast<double>(rating); }

double ClampStability(double stability) {
  // A comparison that fails for NaN: what cannot be computed is forgotten at once.
  return stability >= kLeastStability ? std::min(stability, kMostStability) : kLeastStability;
}

double ClampDifficulty(double difficulty) { return difficulty >= 1 ? std::min(difficulty, 10.0) : 1.0; }

int RoundHalfUp(double value) { return static_cast<int>(std::floor(value + 0.5)); }

}  // namespace

std::string WeightsProblem(const Weights& weights) {
  for (size_t i = 0; i < kWeights; ++i) {
    if (weights[i] >= kBounds[i].least && weights[i] <= kBounds[i].most) continue;  // false for NaN
    return "weight " + std::to_string(i) + " is not in [" + std::to_string(kBounds[i].least) + ", " +
           std::to_string(kBounds[i].most) + "]";
  }
  return "";
}

std::optional<Weights> Migrate(std::span<const double> weights) {
  if (weights.size() != 17 && weights.size() != 19 && weights.size() != kWeights) return std::nullopt;
  Weights migrated = {};
  std::copy(weights.begin(), weights.end(), migrated.begin());
  if (weights.size() == 17) {
    // Difficulty was linear in the rating, and there was no same-day review.
    migrated[4] = weights[4] + 2 * weights[5];
    migrated[5] = std::log(3 * weights[5] + 1) / 3;
    migrated[6] = weights[6] + 0.5;
  }
  if (weights.size() != kWeights) migrated[20] = kOldDecay;
  return migrated;
}

Model::Model(const Weights& weights)
    : w_(weights), decay_(-weights[20]), factor_(std::pow(0.9, 1 / decay_) - 1) {}

double Model::InitialDifficulty(Rating rating) const {
  return w_[4] - std::exp(w_[5] * (GradeOf(rating) - 1)) + 1;
}

Memory Model::First(Rating rating) const {
  return {ClampStability(w_[static_cast<size_t>(rating) - 1]), ClampDifficulty(InitialDifficulty(rating))};
}

// D' = w7 D0(4) + (1 - w7) (D - w6 (G - 3) (10 - D)/9)
double Model::Difficulty(double before, Rating rating) const {
  const double damped = before - w_[6] * (GradeOf(rating) - 3) * (10 - before) / 9;
  return ClampDifficulty(w_[7] * InitialDifficulty(Rating::kEasy) + (1 - w_[7]) * damped);
}

// S' = S (1 + e^w8 (11 - D) S^-w9 (e^(w10 (1 - R)) - 1) h e), h = w15 for Hard, e = w16 for Easy
double Model::AfterSuccess(const Memory& before, double recall, Rating rating) const {
  const double hard = rating == Rating::kHard ? w_[15] : 1;
  const double easy = rating == Rating::kEasy ? w_[16] : 1;
  return before.stability *
         (1 + std::exp(w_[8]) * (11 - before.difficulty) * std::pow(before.stability, -w_[9]) *
                  (std::exp(w_[10] * (1 - recall)) - 1) * hard * easy);
}

// S' = min(w11 D^-w12 ((S + 1)^w13 - 1) e^(w14 (1 - R)), S / e^(w17 w18))
double Model::AfterFailure(const Memory& before, double recall) const {
  const double forgotten = w_[11] * std::pow(before.difficulty, -w_[12]) *
                           (std::pow(before.stability + 1, w_[13]) - 1) * std::exp(w_[14] * (1 - recall));
  return std::min(forgotten, before.stability / std::exp(w_[17] * w_[18]));
}

// S' = S e^(w17 (G - 3 + w18)) S^-w19, the factor at least 1 for Hard and better
double Model::SameDay(double stability, Rating rating) const {
  double growth = std::exp(w_[17] * (GradeOf(rating) - 3 + w_[18])) * std::pow(stability, -w_[19]);
  if (rating != Rating::kAgain) growth = std::max(growth, 1.0);
  return stability * growth;
}

Memory Model::Next(const Memory& before, double days, Rating rating) const {
  double stability = 0;
  if (days < 1) {
    stability = SameDay(before.stability, rating);
  } else {
    const double recall = Retrievability(days, before.stability);
    stability =
        rating == Rating::kAgain ? AfterFailure(before, recall) : AfterSuccess(before, recall, rating);
  }
  return {ClampStability(stability), Difficulty(before.difficulty, rating)};
}

std::optional<Memory> Model::Replay(std::span<const Review> reviews) const {
  std::optional<Memory> memory;
  for (const Review& review : reviews) {
    memory = memory.has_value() ? Next(*memory, review.days, review.rating) : First(review.rating);
  }
  return memory;
}

double Model::Retrievability(double days, double stability) const {
  return std::pow(1 + factor_ * days / stability, decay_);
}

double Model::Interval(double retention, double stability) const {
  return stability / factor_ * (std::pow(retention, 1 / decay_) - 1);
}

int Model::IntervalDays(double retention, double stability) const {
  const double days = Interval(retention, stability);
  return days >= 1 ? RoundHalfUp(std::min<double>(days, kMostDays)) : 1;
}

Memory Model::FromSm2(double ease, double interval_days, double retention) const {
  const double stability = ClampStability(std::max(interval_days, kLeastStability) * factor_ /
                                          (std::pow(retention, 1 / decay_) - 1));
  const double growth =
      std::exp(w_[8]) * std::pow(stability, -w_[9]) * (std::exp(w_[10] * (1 - retention)) - 1);
  return {stability, ClampDifficulty(11 - (ease - 1) / growth)};
}

DayRange FuzzRange(int interval_days) {
  const double days = interval_days;
  if (days < 2.5) return {interval_days, interval_days};
  const double delta = 1 + 0.15 * std::min(days - 2.5, 4.5) + 0.10 * std::clamp(days - 7, 0.0, 13.0) +
                       0.05 * std::max(days - 20, 0.0);
  return {std::max(2, RoundHalfUp(days - delta)), std::min(RoundHalfUp(days + delta), kMostDays)};
}

int FuzzedInterval(int interval_days, double u) {
  const DayRange range = FuzzRange(interval_days);
  const int day = static_cast<int>(std::floor(range.least + u * (range.most - range.least + 1)));
  return std::min(day, range.most);  // u may be 1 after rounding
}

}  // namespace greenroom::fsrs
