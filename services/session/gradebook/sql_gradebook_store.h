// SqlGradebookStore: the grade book's tables in the log's database (the log's migrations make them).
//
// A regrade and a change are kept as protobuf JSON beside the columns that queries need. Times are ms since 1970.
#ifndef GREENROOM_SERVICES_SESSION_GRADEBOOK_SQL_GRADEBOOK_STORE_H_
#define GREENROOM_SERVICES_SESSION_GRADEBOOK_SQL_GRADEBOOK_STORE_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/base/sql/database.h"
#include "services/base/sql/reader_pool.h"
#include "services/base/sql/writer.h"
#include "services/session/gradebook/gradebook_store.h"

namespace greenroom::session {

// Has a reader and a writer of its own, so that its long reads keep none of the log's waiting.
class SqlGradebookStore final : public GradebookStore {
 public:
  // The log's schema must be there (SqlEventLog::Open). `database` must outlive the store.
  static absl::StatusOr<std::unique_ptr<SqlGradebookStore>> Open(sql::Database& database);

  Task<absl::StatusOr<bool>> CreateRegrade(StoredRegrade regrade, absl::Time deadline) override;
  Task<absl::StatusOr<std::optional<StoredRegrade>>> GetRegrade(std::string tenant, std::string id,
                                                                absl::Time deadline) override;
  Task<absl::StatusOr<std::vector<StoredRegrade>>> ListRegrades(std::string tenant, std::string pack,
                                                                RegradePlace after, int32_t limit,
                                                                absl::Time deadline) override;
  Task<absl::StatusOr<std::optional<StoredRegrade>>> MoveRegrade(std::string tenant, std::string id,
                                                                 v1::RegradeState from, v1::RegradeState to,
                                                                 absl::Time deadline) override;
  Task<absl::StatusOr<std::optional<StoredRegrade>>> TakeRegrade(std::string owner, absl::Time now,
                                                                 absl::Duration lease,
                                                                 absl::Time deadline) override;
  Task<absl::StatusOr<bool>> SavePiece(std::string owner, StoredRegrade regrade,
                                       std::vector<StoredChange> changes, absl::Time lease_until,
                                       absl::Time deadline) override;
  Task<absl::StatusOr<bool>> RestartRegrade(std::string owner, StoredRegrade regrade, absl::Time lease_until,
                                            absl::Time deadline) override;
  Task<absl::StatusOr<std::vector<StoredChange>>> ListChanges(std::string tenant, std::string id,
                                                              ChangeKey after, int32_t limit,
                                                              absl::Time deadline) override;
  Task<absl::StatusOr<std::vector<CreatedSession>>> SessionsAfter(std::string tenant, int64_t after,
                                                                  int64_t until, int32_t limit,
                                                                  absl::Time deadline) override;
  Task<absl::StatusOr<std::vector<SessionPlan>>> NewestPlans(std::string tenant, int32_t limit,
                                                             absl::Time deadline) override;
  Task<absl::StatusOr<std::vector<Decision>>> DecisionsBefore(std::string tenant, int64_t before,
                                                              int32_t limit, absl::Time deadline) override;
  Task<absl::StatusOr<std::vector<UnseenEvent>>> TakeUnseen(std::string owner, absl::Time now,
                                                            absl::Time settled, absl::Duration lease,
                                                            int32_t limit, absl::Time deadline) override;
  Task<absl::StatusOr<bool>> SaveIndex(std::string owner, std::vector<SessionIndex> sessions, int64_t cursor,
                                       absl::Time deadline) override;
  Task<absl::StatusOr<std::vector<ReviewRow>>> ListReview(std::string tenant, std::string pack,
                                                          ReviewPlace after, int32_t limit,
                                                          absl::Time deadline) override;
  Task<absl::StatusOr<std::vector<std::pair<std::string, ScoredAnswer>>>> ListScored(
      std::string tenant, std::string pack, std::string question, absl::Time deadline) override;

 private:
  SqlGradebookStore(std::unique_ptr<sql::ReaderPool> readers, std::unique_ptr<sql::Writer> writer);

  std::unique_ptr<sql::ReaderPool> readers_;
  std::unique_ptr<sql::Writer> writer_;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_GRADEBOOK_SQL_GRADEBOOK_STORE_H_
