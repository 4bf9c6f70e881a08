#include "services/session/index/sql_memory_rows.h"

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace greenroom::session {
namespace {

// Days are kept as their number since 1970-01-01.
int64_t NumberOf(absl::CivilDay day) { return day - absl::CivilDay(1970, 1, 1); }
absl::CivilDay DayOf(int64_t number) { return absl::CivilDay(1970, 1, 1) + number; }

}  // namespace

std::vector<sql::SqlValue> ReviewValues(const Review& review) {
  return {review.pack,
          review.question,
          review.session,
          review.event_id,
          absl::ToUnixMillis(review.occurred_time),
          static_cast<int>(review.kind),
          static_cast<int>(review.mode),
          review.score,
          review.critical,
          review.recited,
          review.hints_before,
          static_cast<int>(review.confidence),
          static_cast<int>(review.self_rating),
          review.attempts,
          review.best_score};
}

absl::StatusOr<Review> ReadReview(const sql::Row& row) {
  Review review;
  int64_t occurred = 0;
  int kind = 0, mode = 0, confidence = 0, self_rating = 0;
  if (!row.Read(review.pack, review.question, review.session, review.event_id, occurred, kind, mode,
                review.score, review.critical, review.recited, review.hints_before, confidence, self_rating,
                review.attempts, review.best_score)
           .ok()) {
    return absl::DataLossError("a stored review cannot be read");
  }
  review.occurred_time = absl::FromUnixMillis(occurred);
  review.kind = static_cast<ReviewKind>(kind);
  review.mode = static_cast<v1::SessionMode>(mode);
  review.confidence = static_cast<v1::Confidence>(confidence);
  review.self_rating = static_cast<v1::Rating>(self_rating);
  return review;
}

std::vector<sql::SqlValue> ItemValues(const MemoryItem& item) {
  return {item.pack,
          item.question,
          item.memory.stability,
          item.memory.difficulty,
          absl::ToUnixMillis(item.last_review_time),
          NumberOf(item.last_review_day),
          NumberOf(item.due_day),
          absl::ToUnixMillis(item.due_time),
          item.reviews,
          item.lapses,
          static_cast<int>(item.last_rating),
          item.sure_failure};
}

absl::StatusOr<MemoryItem> ReadItem(const sql::Row& row) {
  MemoryItem item;
  int64_t last_review = 0, last_day = 0, due_day = 0, due = 0;
  int rating = 0;
  if (!row.Read(item.pack, item.question, item.memory.stability, item.memory.difficulty, last_review,
                last_day, due_day, due, item.reviews, item.lapses, rating, item.sure_failure)
           .ok() ||
      rating < 1 || rating > 4) {
    return absl::DataLossError("a stored memory item cannot be read");
  }
  item.last_review_time = absl::FromUnixMillis(last_review);
  item.last_review_day = DayOf(last_day);
  item.due_day = DayOf(due_day);
  item.due_time = absl::FromUnixMillis(due);
  item.last_rating = static_cast<fsrs::Rating>(rating);
  return item;
}

}  // namespace greenroom::session
