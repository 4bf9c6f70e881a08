// How able learners are and how hard questions, on one scale of logits: the Rasch model, estimated online. Pure.
//
// P(credit) of a learner of ability a on a question of difficulty d is logistic(a - d) (Rasch 1960). After a credit y in
// [0, 1] both are updated by one step of a Kalman filter on that curve linearised at their means (as Glickman 1999, Applied
// Statistics 48, has it for players, and Weng and Lin 2011, JMLR 12, for such models at large): Elo's update with a step
// that falls as certainty grows. With p = logistic(a - d), i = p (1 - p), s = i (var a + var d) + 1:
//   a += var a (y - p) / s    d -= var d (y - p) / s    var a -= i (var a)^2 / s    var d -= i (var d)^2 / s
//
// Elo's ratings drift when questions are chosen by rating: what a pool of learners gains, its questions lose. Updates are
// therefore paired, which keeps the sum over questions (Bolsinova et al. 2022, "Urnings", Applied Statistics 71): what one
// question's difficulty changes by is taken from the others of the pool in equal parts, so that their mean stays what the
// authors gave. The difficulty of the only question of a pool does not move.
#ifndef GREENROOM_SERVICES_SESSION_MEMORY_ABILITY_H_
#define GREENROOM_SERVICES_SESSION_MEMORY_ABILITY_H_

#include <map>
#include <string>
#include <vector>

#include "services/session/memory/pack_outline.h"
#include "services/session/memory/reviews.h"

namespace greenroom::session {

// In logits.
struct Estimate {
  double mean = 0;
  double variance = 1;

  friend bool operator==(const Estimate&, const Estimate&) = default;
};

// What nothing is known of yet. A step of the author's difficulty (1 to 5, 3 in the middle) is so many logits.
inline constexpr Estimate kUnknownAbility = {0, 1};
inline constexpr double kLogitsPerStep = 0.8;
Estimate AuthorsDifficulty(int difficulty);

// The credit to be expected, in (0, 1): what is not known draws it towards a half (MacKay 1992,
// Neural Computation 4: logistic(m / sqrt(1 + pi v / 8)) for a normal m with variance v).
double ExpectedCredit(const Estimate& ability, const Estimate& difficulty);

// How much an answer to the question is expected to lower the variance of the ability, in logits squared; 0 and more. It
// is greatest where the question is as hard as the learner is able and its difficulty is well known.
double Information(const Estimate& ability, const Estimate& difficulty);

// One pool of questions and one learner or many. Not thread-safe. Depends on the order of Observe: feed it in the
// canonical order.
class AbilityPool {
 public:
  // Questions by id, with what is known of them so far.
  explicit AbilityPool(std::map<std::string, Estimate> difficulties);

  // `credit` in [0, 1]. A question that is not in the pool changes nothing.
  void Observe(const std::string& learner, const std::string& question, double credit);

  // kUnknownAbility of a learner who was not observed.
  Estimate AbilityOf(const std::string& learner) const;
  // AuthorsDifficulty(3) of a question that is not in the pool.
  Estimate DifficultyOf(const std::string& question) const;

 private:
  std::map<std::string, Estimate> difficulties_;  // means less shift_
  double shift_ = 0;
  std::map<std::string, Estimate> abilities_;
};

// What one learner's counting attempts (progress.h) tell of ability in a pack, the authors' difficulties standing for what
// other learners would.
struct LearnerAbility {
  Estimate ability = kUnknownAbility;
  std::map<std::string, Estimate> difficulties;  // of the outline's questions, as this learner finds them
};
// `reviews` in any order; those of other packs and of questions that the outline does not hold are left out.
LearnerAbility AbilityOf(const PackOutline& outline, std::vector<Review> reviews);

// Information of each question of the outline, in its order.
std::vector<double> InformationOf(const PackOutline& outline, const LearnerAbility& ability);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_MEMORY_ABILITY_H_
