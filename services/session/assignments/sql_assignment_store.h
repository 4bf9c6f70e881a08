// SqlAssignmentStore: assignments in SQL, beside the learners' logs.
#ifndef GREENROOM_SERVICES_SESSION_ASSIGNMENTS_SQL_ASSIGNMENT_STORE_H_
#define GREENROOM_SERVICES_SESSION_ASSIGNMENTS_SQL_ASSIGNMENT_STORE_H_

#include <memory>
#include <string>
#include <vector>

#include "services/base/sql/database.h"
#include "services/base/sql/reader_pool.h"
#include "services/base/sql/writer.h"
#include "services/session/assignments/assignment_store.h"

namespace greenroom::session {

// Tasks resume on a reader's thread (reads) or a completion thread of the database (writes).
class SqlAssignmentStore final : public AssignmentStore {
 public:
  // The tables are those of SqlEventLog, which has been opened on the same database. It must outlive the store.
  static absl::StatusOr<std::unique_ptr<SqlAssignmentStore>> Open(sql::Database& database);

  Task<absl::StatusOr<InsertOutcome>> Insert(std::string tenant, v1::Assignment assignment,
                                             std::string content, absl::Time deadline) override;
  Task<absl::StatusOr<std::optional<v1::Assignment>>> Get(std::string tenant, std::string assignment,
                                                          absl::Time deadline) override;
  Task<absl::StatusOr<std::vector<v1::Assignment>>> List(std::string tenant, std::string after, int32_t limit,
                                                         absl::Time deadline) override;
  Task<absl::StatusOr<bool>> Replace(std::string tenant, v1::Assignment assignment, std::string etag,
                                     absl::Time deadline) override;
  Task<absl::StatusOr<bool>> Remove(std::string tenant, std::string assignment, std::string etag,
                                    absl::Time deadline) override;
  Task<absl::StatusOr<int32_t>> CountSessions(LearnerKey learner, std::string assignment,
                                              absl::Time deadline) override;
  Task<absl::StatusOr<std::vector<AssignedSession>>> ListSessions(std::string tenant, std::string assignment,
                                                                  AssignedSession after, int32_t limit,
                                                                  absl::Time deadline) override;
  Task<absl::StatusOr<std::vector<OpenExam>>> ListOpenExams(LearnerKey learner, absl::Time deadline) override;
  Task<absl::StatusOr<std::vector<LearnerKey>>> ListLearnersInExams(int32_t limit,
                                                                    absl::Time deadline) override;
  Task<absl::StatusOr<std::vector<SessionKey>>> ListUnreleased(int32_t limit, absl::Time deadline) override;

 private:
  SqlAssignmentStore(std::unique_ptr<sql::ReaderPool> readers, std::unique_ptr<sql::Writer> writer)
      : readers_(std::move(readers)), writer_(std::move(writer)) {}

  std::unique_ptr<sql::ReaderPool> readers_;
  std::unique_ptr<sql::Writer> writer_;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_ASSIGNMENTS_SQL_ASSIGNMENT_STORE_H_
