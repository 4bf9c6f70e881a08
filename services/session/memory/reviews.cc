#include "services/session/memory/reviews.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "services/session/domain/views.h"

namespace greenroom::session {
namespace {

const FoldedAnswer* CountingAnswer(const SessionFold& session, const FoldedQuestion& question) {
  for (const size_t index : question.answers) {
    if (session.answers[index].counting) return &session.answers[index];
  }
  return nullptr;
}

// Of those that name this answer, or none; of all where there is no answer.
v1::Rating LastSelfRating(const FoldedQuestion& question, const FoldedAnswer* answer) {
  v1::Rating last = v1::RATING_UNSPECIFIED;
  for (const Event* event : question.ratings) {
    const v1::Rated& rated = event->payload.rated();
    if (answer == nullptr || rated.answer().empty() || rated.answer() == answer->submitted->event_id) {
      last = rated.rating();
    }
  }
  return last;
}

int32_t HintsBefore(const SessionFold& session, const v1::LiveQuestion& question, const Event& at) {
  if (question.hints_taken() == 0) return 0;
  return static_cast<int32_t>(
      std::count_if(session.events.begin(), session.events.end(), [&](const Event& event) {
        return event.payload.has_hint_taken() &&
               event.payload.hint_taken().question() == question.question() &&
               session.hint_numbers.count(event.event_id) > 0 && CanonicallyBefore(event, at);
      }));
}

void TakeGrade(Review& review, const FoldedAnswer& answer) {
  review.confidence = answer.submitted->payload.submitted().confidence();
  review.score = answer.score;
  if (answer.grade == nullptr) return;
  const scoring::v1::Report& report = answer.grade->payload.graded().report();
  if (report.ungraded_language() && !answer.score.has_value()) review.kind = ReviewKind::kSelfRated;
  review.recited = report.recited();
  review.critical = std::any_of(report.flags().begin(), report.flags().end(),
                                [](const scoring::v1::FlagResult& flag) { return flag.critical(); });
}

// nullopt where the session tells nothing of the question.
std::optional<Review> ReviewOf(const SessionFold& session, size_t index) {
  const v1::LiveQuestion& live = session.live.questions(static_cast<int>(index));
  const FoldedQuestion& folded = session.questions[index];
  const FoldedAnswer* answer = CountingAnswer(session, folded);
  Review review;
  review.self_rating = LastSelfRating(folded, answer);
  const Event* at = nullptr;
  if (answer != nullptr) {
    at = answer->submitted;
    TakeGrade(review, *answer);
  } else if (folded.skip != nullptr && session.live.mode() == v1::SESSION_MODE_REVIEW &&
             review.self_rating == v1::RATING_UNSPECIFIED) {
    at = folded.skip;
    review.kind = ReviewKind::kSkipped;
  } else if (folded.reveal != nullptr) {
    at = folded.reveal;
    review.kind = ReviewKind::kSelfRated;
  } else {
    return std::nullopt;
  }
  review.pack = PackOfRevision(session.live.revision());
  review.question = live.question();
  review.session = at->session;
  review.event_id = at->event_id;
  review.occurred_time = at->occurred_time;
  review.mode = session.live.mode();
  review.hints_before = HintsBefore(session, live, *at);
  review.attempts = live.attempts();
  if (live.has_best_score()) review.best_score = live.best_score();
  return review;
}

}  // namespace

bool ReviewedBefore(const Review& a, const Review& b) {
  return std::tie(a.occurred_time, a.event_id) < std::tie(b.occurred_time, b.event_id);
}

std::vector<Review> ReviewsOf(const SessionFold& session) {
  std::vector<Review> reviews;
  const bool shown = session.live.released() && session.live.state() == v1::SESSION_STATE_FINISHED;
  if (session.live.mode() == v1::SESSION_MODE_EXAM && !shown) return reviews;
  for (size_t i = 0; i < session.questions.size(); ++i) {
    std::optional<Review> review = ReviewOf(session, i);
    if (review.has_value()) reviews.push_back(*std::move(review));
  }
  return reviews;
}

}  // namespace greenroom::session
