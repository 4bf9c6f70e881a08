// When to review again: Greenroom's rules on top of FSRS-6. Nothing but the standard library: phones run the same.
#ifndef GREENROOM_SERVICES_SESSION_FSRS_INTERVAL_H_
#define GREENROOM_SERVICES_SESSION_FSRS_INTERVAL_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "services/session/fsrs/fsrs.h"

namespace greenroom::fsrs {

// A failure that the learner was sure of is due as soon as every failure, so it shortens the interval after the next pass
// to this share.
inline constexpr double kAfterSureFailure = 0.5;

// What the fuzz of an item's next interval is drawn from: SHA-256 of these bytes. Tenant's, learner's, pack's and question's
// id and the number of the item's reviews in decimal, with a NUL between each two.
std::string FuzzSeed(std::string_view tenant, std::string_view learner, std::string_view pack,
                     std::string_view question, int64_t count);

// The first 8 bytes of the digest, big-endian, over 2^64: in [0, 1], 1 only by rounding. `digest` has at least 8 bytes.
double FuzzOf(std::span<const unsigned char> digest);

// Whole days, 1 to kMostDays, from the day of a review rated `rating` that left `stability`. There are no same-day steps:
// Again is 1, due after the next rollover. Else the interval at which recall falls to `retention`, in (0, 1), cut to
// kAfterSureFailure of itself (at least 1) where a sure failure has had no pass before this one, fuzzed by `u` in [0, 1].
// Hard, Good and Easy are not forced apart: nobody chooses among them by their intervals.
int NextInterval(const Model& model, double retention, double stability, Rating rating,
                 bool after_sure_failure, double u);

}  // namespace greenroom::fsrs

#endif  // GREENROOM_SERVICES_SESSION_FSRS_INTERVAL_H_
