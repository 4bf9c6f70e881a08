// The grade book's rows and what is asked of its index.
#ifndef GREENROOM_SERVICES_SESSION_GRADEBOOK_SQL_ROWS_H_
#define GREENROOM_SERVICES_SESSION_GRADEBOOK_SQL_ROWS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/base/sql/connection.h"
#include "services/base/sql/value.h"
#include "services/session/gradebook/gradebook_store.h"

namespace greenroom::session {

absl::StatusOr<std::string> RegradeJson(const v1::Regrade& regrade);
// Of the columns tenant, id, regrade, content_sha256, until_seq, done_seq, applied_learner, applied_answer.
absl::StatusOr<StoredRegrade> ReadRegrade(const sql::Row& row);

// Both of the columns tenant, regrade, learner, answer, session, question, old_score, new_score, overridden, graded.
absl::StatusOr<sql::Row> ChangeRow(const StoredRegrade& regrade, const StoredChange& change);
absl::StatusOr<StoredChange> ReadChange(const sql::Row& row);

// Of the column payload of a session's creation.
absl::StatusOr<SessionPlan> ReadPlan(const sql::Row& row);

// In a transaction that writes.
absl::Status ReplaceIndex(sql::Connection& connection, const SessionIndex& index);
// Of the columns learner, answer, attempt, score, received_time, made.
absl::Status ReadScored(const sql::Row& row, std::string& learner, ScoredAnswer& answer);

// GradebookStore::ListReview for claims, and for all else.
absl::StatusOr<std::vector<ReviewRow>> ReadClaims(sql::Connection& connection, const std::string& tenant,
                                                  const std::string& pack, const ReviewPlace& after,
                                                  int32_t limit);
absl::StatusOr<std::vector<ReviewRow>> ReadNeeds(sql::Connection& connection, const std::string& tenant,
                                                 const std::string& pack, const ReviewPlace& after,
                                                 int32_t limit);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_GRADEBOOK_SQL_ROWS_H_
