// From an interview answer to a rating of the scheduler: version 1, a pure function with named thresholds. No reference
// implementation has one. A change of meaning is a new version.
#ifndef GREENROOM_SERVICES_SESSION_MEMORY_RATING_H_
#define GREENROOM_SERVICES_SESSION_MEMORY_RATING_H_

#include <cstdint>
#include <optional>

#include "services/session/fsrs/fsrs.h"
#include "services/session/memory/reviews.h"

namespace greenroom::session {

inline constexpr int kRatingVersion = 1;

// Scores, at the bands' edges (report.proto): what a learner reads as weak is forgotten.
inline constexpr int32_t kAgainBelow = 35;
inline constexpr int32_t kHardBelow = 60;
inline constexpr int32_t kEasyFrom = 80;

// nullopt where it is no review yet.
//   kAnswer     the lower of what the score says (Again, Hard, Good, Easy by the thresholds) and of what the learner says
//               (Good where nothing was said): so Easy needs both, and nobody talks a failed answer up. A critical flag
//               is Again.
//   kSelfRated  what the learner says.
//   kSkipped    Again.
// Hints before it make it at most Hard, which is a pass, and never turn Again into one.
std::optional<fsrs::Rating> RatingOf(const Review& review);

// The learner was sure before seeing the score, and failed.
bool IsSureFailure(const Review& review);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_MEMORY_RATING_H_
