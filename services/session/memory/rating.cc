#include "services/session/memory/rating.h"

#include <algorithm>

namespace greenroom::session {
namespace {

using fsrs::Rating;

Rating ByScore(int32_t score) {
  if (score < kAgainBelow) return Rating::kAgain;
  if (score < kHardBelow) return Rating::kHard;
  if (score < kEasyFrom) return Rating::kGood;
  return Rating::kEasy;
}

std::optional<Rating> SelfRating(const Review& review) {
  if (review.self_rating < v1::RATING_AGAIN || review.self_rating > v1::RATING_EASY) return std::nullopt;
  return static_cast<Rating>(review.self_rating);
}

std::optional<Rating> WithoutHints(const Review& review) {
  switch (review.kind) {
    case ReviewKind::kSkipped:
      return Rating::kAgain;
    case ReviewKind::kSelfRated:
      return SelfRating(review);
    case ReviewKind::kAnswer:
      break;
  }
  if (!review.score.has_value()) return std::nullopt;
  if (review.critical) return Rating::kAgain;
  return std::min(ByScore(*review.score), SelfRating(review).value_or(Rating::kGood));
}

}  // namespace

std::optional<Rating> RatingOf(const Review& review) {
  std::optional<Rating> rating = WithoutHints(review);
  if (rating.has_value() && review.hints_before > 0) rating = std::min(*rating, Rating::kHard);
  return rating;
}

bool IsSureFailure(const Review& review) {
  return review.confidence == v1::CONFIDENCE_SURE && RatingOf(review) == Rating::kAgain;
}

}  // namespace greenroom::session
