// Reviews and items as rows of their tables.
#ifndef GREENROOM_SERVICES_SESSION_INDEX_SQL_MEMORY_ROWS_H_
#define GREENROOM_SERVICES_SESSION_INDEX_SQL_MEMORY_ROWS_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "services/base/sql/value.h"
#include "services/session/domain/keys.h"
#include "services/session/memory/memory_item.h"
#include "services/session/memory/reviews.h"

namespace greenroom::session {

// In the order of ReviewValues() and ReadReview().
inline constexpr char kReviewColumns[] =
    "pack, question, session, event_id, occurred_time, kind, mode, score, critical, recited, hints_before, "
    "confidence, self_rating, attempts, best_score";
inline constexpr int kReviewColumnCount = 15;
std::vector<sql::SqlValue> ReviewValues(const Review& review);
// DATA_LOSS.
absl::StatusOr<Review> ReadReview(const sql::Row& row);

// In the order of ItemValues() and ReadItem().
inline constexpr char kItemColumns[] =
    "pack, question, stability, difficulty, last_review_time, last_review_day, due_day, due_time, reviews, "
    "lapses, last_rating, sure_failure";
inline constexpr int kItemColumnCount = 12;
std::vector<sql::SqlValue> ItemValues(const MemoryItem& item);
// DATA_LOSS.
absl::StatusOr<MemoryItem> ReadItem(const sql::Row& row);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_INDEX_SQL_MEMORY_ROWS_H_
