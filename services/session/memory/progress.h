// How far a learner is with a pack: mastery by topic with its reasons, readiness, and what each question gained. Pure.
//
// The model. Each counting attempt (an answer that counts, is graded and does not recite) has a credit, score / 100: the
// share of the rubric's weight that it made, less penalties and limits. Credits of one topic are taken as fractional
// successes of a beta-binomial (Gelman et al., Bayesian Data Analysis, 3rd ed., 2.4; fractions as in Papke and Wooldridge
// 1996, Journal of Applied Econometrics 11). With n credits of sum s of a topic, and N of
// sum T of the pack:
//   m  = (1 + T) / (2 + N)                    the learner's mean, from a uniform prior;  var m = m (1 - m) / (N + 3)
//   c  = (K m + s) / (K + n)                  a topic's credit, shrunk to it with K = kPriorAttempts
//   v  = c (1 - c) / (K + n + 1)              its variance
//   R  = mean predicted recall now of the topic's reviewed questions; of the pack's where it has none; 1 where there are none
// A topic's mastery is R c. With weights w of the topics that have questions, W their sum:
//   readiness = sum w R c / W
//   variance  = sum (w R / W)^2 v + (sum w R K / (K + n) / W)^2 var m       (delta method; the topics share m)
// and the 80 % interval is the normal one, readiness +- 1.2816 sqrt(variance), cut to [0, 1]. Recall counts as known.
#ifndef GREENROOM_SERVICES_SESSION_MEMORY_PROGRESS_H_
#define GREENROOM_SERVICES_SESSION_MEMORY_PROGRESS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/session/memory/memory_item.h"
#include "services/session/memory/pack_outline.h"
#include "services/session/memory/reviews.h"
#include "services/session/memory/settings.h"

namespace greenroom::session {

// The learner's mean weighs as much in a topic as so many attempts.
inline constexpr double kPriorAttempts = 4;
// Readiness is refused under so many counting attempts,
inline constexpr int32_t kLeastAttempts = 8;
// or where topics of this share of the weight have none.
inline constexpr double kUnseenShare = 1.0 / 3;
// A topic's recall under this is a reason.
inline constexpr double kLowRecall = 0.8;

// A counting attempt.
bool CountsForReadiness(const Review& review);

// What is known of one question. All but `id` and `topic` are 0 or absent while it has not been met.
struct QuestionProgress {
  std::string id;
  size_t topic = 0;                    // index into the outline's topics
  int32_t sessions = 0;                // in which it was answered, self-rated or (in mode review) skipped
  int32_t attempts = 0;                // answers in all of them
  int32_t counting = 0;                // counting attempts
  double credit_sum = 0;               // of these
  std::optional<int32_t> first_score;  // of the first graded counting answer
  std::optional<int32_t> last_score;   // of the last
  std::optional<int32_t> best_score;   // before a reveal, of all attempts
  std::optional<int32_t> gained;       // best less first: points gained
  std::optional<double> recall;        // predicted now; absent while not reviewed
  std::optional<absl::CivilDay> due_day;
  std::optional<absl::Time> due_time;
};

enum class Level {
  kUnknown = 0,
  kWeak = 1,
  kPartial = 2,
  kGood = 3,
  kStrong = 4
};  // mastery at the bands' edges

enum class MasteryReason {
  kUnseen = 1,       // `count` of its questions have no counting attempt
  kForgotten = 2,    // `count` of its reviewed questions have a recall under kLowRecall
  kLowCredit = 3,    // `count` of its questions have a mean credit under the good band
  kFewAttempts = 4,  // `count` counting attempts, under kPriorAttempts: the learner's mean decides
};

struct ReasonLine {
  MasteryReason reason;
  int32_t count = 0;
  std::vector<std::string> questions;  // those counted, weakest first; empty of kFewAttempts
};

struct TopicMastery {
  std::string topic;  // its id; empty: questions without one
  std::string title;
  double weight = 1;
  int32_t questions = 0;
  int32_t seen = 0;        // with a counting attempt
  int32_t attempts = 0;    // counting
  double mastery = 0;      // R c, 0 to 1
  double mastery_low = 0;  // 80 %
  double mastery_high = 0;
  double credit = 0;                // c
  double recall = 0;                // R
  Level level = Level::kUnknown;    // kUnknown without a counting attempt
  std::vector<ReasonLine> reasons;  // what holds it down, in the enum's order
};

struct Readiness {
  bool refused = false;
  double readiness =
      0;           // 0 to 1: the expected share; not a chance of passing. 0 where refused, as the interval
  double low = 0;  // 80 %
  double high = 0;
  int32_t attempts = 0;     // counting
  double unseen_share = 0;  // of the weight, in topics without a counting attempt
  // Where refused: what to answer so that it is not any more. Questions not met yet of unseen topics first, by weight,
  // then of the others, then those with the lowest mean credit; no question twice.
  std::vector<std::string> answer_next;
};

struct PackProgress {
  std::vector<QuestionProgress> questions;  // as the outline
  std::vector<TopicMastery> topics;         // as the outline
  Readiness readiness;
};

// `reviews` and `items` are all of the learner's of this pack, in any order; those of questions that the outline does not
// hold are left out.
PackProgress ProgressOf(const PackOutline& outline, const std::vector<Review>& reviews,
                        const std::vector<MemoryItem>& items, const Settings& settings, absl::Time now);

struct Streak {
  int32_t days = 0;     // in a row, up to today, or to yesterday while today has none
  int32_t longest = 0;  // ever
  bool today = false;   // today has one
  std::optional<absl::CivilDay> last_day;
};

// The learner's days with an answer or a self-rating (a skip is none), each day by the settings as they stood at it,
// today by the latest. `reviews` are all of the learner's.
Streak StreakOf(const std::vector<Review>& reviews, const SettingsTimeline& settings, absl::Time now);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_MEMORY_PROGRESS_H_
