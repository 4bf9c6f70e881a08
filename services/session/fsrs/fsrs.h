// FSRS-6, the model of memory that schedules reviews: pure, double precision, nothing but the standard library, so that
// every device computes the same. For C see fsrs_c.h.
//
// Source of every formula: FSRS-6 as the reference implementations of the Free Spaced Repetition Scheduler have it
// (fsrs-rs 6.6, ts-fsrs 5.4, py-fsrs 6.3.2). Where these differ: a same-day review with Hard or better never lowers
// stability; stability lies in [0.001, 36500] from the first review on; nothing is rounded inside; whole days are rounded
// half up.
//
// Symbols: S stability, the days after which recall is 0.9; D difficulty, 1 to 10; G rating, 1 to 4; t days since the last
// review; w0 to w20 the weights.
#ifndef GREENROOM_SERVICES_SESSION_FSRS_FSRS_H_
#define GREENROOM_SERVICES_SESSION_FSRS_FSRS_H_

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>

namespace greenroom::fsrs {

inline constexpr size_t kWeights = 21;
using Weights = std::array<double, kWeights>;

// What all learners begin with.
inline constexpr Weights kDefaultWeights = {0.212,  1.2931, 2.3065, 8.2956, 6.4133, 0.8334, 3.0194,
                                            0.001,  1.8722, 0.1666, 0.796,  1.4835, 0.0614, 0.2629,
                                            1.6483, 0.6014, 1.8729, 0.5425, 0.0912, 0.0658, 0.1542};

inline constexpr double kLeastStability = 0.001;
inline constexpr double kMostStability = 36500;
inline constexpr int kMostDays = 36500;

enum class Rating { kAgain = 1, kHard = 2, kGood = 3, kEasy = 4 };

struct Memory {
  double stability = 0;   // days
  double difficulty = 0;  // 1 to 10

  friend bool operator==(const Memory&, const Memory&) = default;
};

struct Review {
  double days = 0;  // since the review before, 0 or more; under 1 is the same day; ignored of the first
  Rating rating = Rating::kGood;
};

// Whole days, least <= most.
struct DayRange {
  int least = 0;
  int most = 0;
};

// What is wrong with these weights, for people; empty where they lie within the bounds that training keeps (fsrs-rs,
// parameter_clipper.rs, without relearning steps).
std::string WeightsProblem(const Weights& weights);

// Weights of FSRS-6 from those of FSRS-6 (21), FSRS-5 (19) or FSRS-4.5 (17 numbers); nullopt for another number of them.
std::optional<Weights> Migrate(std::span<const double> weights);

// Immutable.
class Model {
 public:
  // The weights should have no WeightsProblem; with others results stay finite and within bounds, and mean nothing.
  explicit Model(const Weights& weights = kDefaultWeights);

  // After the first review.
  Memory First(Rating rating) const;
  // After a review `days` later. `before` as First or Next gave it.
  Memory Next(const Memory& before, double days, Rating rating) const;
  // After all of them; nullopt where there are none.
  std::optional<Memory> Replay(std::span<const Review> reviews) const;

  // The probability of recall, 0 to 1: R(t, S) = (1 + f t/S)^d, d = -w20, f = 0.9^(1/d) - 1.
  double Retrievability(double days, double stability) const;
  // The days after which recall falls to `retention`, in (0, 1): I(r, S) = S/f (r^(1/d) - 1).
  double Interval(double retention, double stability) const;
  // The same in whole days, rounded half up, 1 to kMostDays.
  int IntervalDays(double retention, double stability) const;

  // The memory of an item that SM-2 (Anki, SuperMemo 2) scheduled with `ease` (1.3 and more; not a per cent) and an
  // interval of so many days, where `retention` in (0, 1) was what its intervals aimed at.
  Memory FromSm2(double ease, double interval_days, double retention) const;

 private:
  double InitialDifficulty(Rating rating) const;  // not clamped
  double Difficulty(double before, Rating rating) const;
  double AfterSuccess(const Memory& before, double recall, Rating rating) const;
  double AfterFailure(const Memory& before, double recall) const;
  double SameDay(double stability, Rating rating) const;

  Weights w_;
  double decay_;   // d
  double factor_;  // f
};

// The days among which the next review may fall, so that what was learnt together is not asked together for ever; only
// `interval_days` itself where that is under 2.5. Anki's and fsrs-rs's ranges.
DayRange FuzzRange(int interval_days);
// The day of the range that `u` in [0, 1) picks: floor(least + u (most - least + 1)).
int FuzzedInterval(int interval_days, double u);

}  // namespace greenroom::fsrs

#endif  // GREENROOM_SERVICES_SESSION_FSRS_FSRS_H_
