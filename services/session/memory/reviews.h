// Reviews: what a session tells about the learner's memory, at most one for each of its questions.
#ifndef GREENROOM_SERVICES_SESSION_MEMORY_REVIEWS_H_
#define GREENROOM_SERVICES_SESSION_MEMORY_REVIEWS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "greenroom/session/v1/session.pb.h"
#include "services/session/domain/fold.h"

namespace greenroom::session {

// What decides a review's rating. The numbers are stored.
enum class ReviewKind {
  kAnswer = 1,  // the counting answer: its current grade
  kSelfRated =
      2,  // a reveal without a counting answer, or an answer whose language has no grader: the self-rating
  kSkipped = 3,  // left without answer and self-rating, in mode review
};

// One question in one session. Plain values, so that it can be kept as a row: its key is (tenant, learner, pack,
// question, session); everything else is replaced when the session is folded again. Independent of sequences.
struct Review {
  std::string pack;          // tenants/{tenant}/packs/{pack}
  std::string question;      // its id
  std::string session;       // its id
  std::string event_id;      // of the answer, the first reveal or the first skip that it is
  absl::Time occurred_time;  // of that event, whole milliseconds
  ReviewKind kind = ReviewKind::kAnswer;
  v1::SessionMode mode = v1::SESSION_MODE_UNSPECIFIED;
  std::optional<int32_t>
      score;                 // 0 to 100, the current grade's; absent while there is none, and of other kinds
  bool critical = false;     // a flag of the current grade is critical
  bool recited = false;      // the answer recites the model answer
  int32_t hints_before = 0;  // hints taken before that event
  v1::Confidence confidence = v1::CONFIDENCE_UNSPECIFIED;  // of the answer
  v1::Rating self_rating = v1::RATING_UNSPECIFIED;  // the last one of the answer or of the question as such
  int32_t attempts = 0;  // answers to the question in the session, those after the reveal included
  std::optional<int32_t> best_score;  // the best of those before the reveal

  friend bool operator==(const Review&, const Review&) = default;
};

// A total order that does not depend on arrival: occurred_time, then event id.
bool ReviewedBefore(const Review& a, const Review& b);

// The session's reviews in the plan's order. Of each question the first that there is of: its counting answer; its reveal,
// if the learner rated it; in mode review its first skip; its reveal. Those that count for nothing yet are there too
// (RatingOf is nullopt): an answer whose grade is pending or needs a person, a self-rated one without a self-rating. None
// of an exam that is not finished, or whose grades are not released.
std::vector<Review> ReviewsOf(const SessionFold& session);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_MEMORY_REVIEWS_H_
