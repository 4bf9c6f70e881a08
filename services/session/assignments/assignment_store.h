// AssignmentStore: the port to assignments, and to what learners' logs say of the sessions that were made of them.
#ifndef GREENROOM_SERVICES_SESSION_ASSIGNMENTS_ASSIGNMENT_STORE_H_
#define GREENROOM_SERVICES_SESSION_ASSIGNMENTS_ASSIGNMENT_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "greenroom/session/v1/assignment.pb.h"
#include "services/base/task.h"
#include "services/session/domain/keys.h"
#include "services/session/domain/shut_packs.h"

namespace greenroom::session {

enum class InsertOutcome {
  kInserted,
  kSame,   // it is there, and was made from the same content
  kOther,  // it is there, and was made from another content
};

// A session that was made of an assignment.
struct AssignedSession {
  SessionKey session;
  int64_t seq = 0;  // of its creation

  friend bool operator==(const AssignedSession&, const AssignedSession&) = default;
};

// Thread-safe. `tenant` and `assignment` are ids; packs and what is in an Assignment are full names. Every stored assignment
// has the etag that the store gave it last, another with each write.
//
// What is told of sessions is kept in the transaction of their events: it is so as of the learner's log when the call
// began.
//
// Errors of every call: as EventLog's.
class AssignmentStore {
 public:
  virtual ~AssignmentStore() = default;

  // `content` says what was asked for: 64 hex digits.
  virtual Task<absl::StatusOr<InsertOutcome>> Insert(std::string tenant, v1::Assignment assignment,
                                                     std::string content, absl::Time deadline) = 0;
  // nullopt where there is none.
  virtual Task<absl::StatusOr<std::optional<v1::Assignment>>> Get(std::string tenant, std::string assignment,
                                                                  absl::Time deadline) = 0;
  // At most `limit` (>= 1) of the tenant's, in order of ids, after `after` (empty: from the first).
  virtual Task<absl::StatusOr<std::vector<v1::Assignment>>> List(std::string tenant, std::string after,
                                                                 int32_t limit, absl::Time deadline) = 0;
  // Puts `assignment` in the place of the one of that name, if that has the etag; false: it has not, or is not there.
  virtual Task<absl::StatusOr<bool>> Replace(std::string tenant, v1::Assignment assignment, std::string etag,
                                             absl::Time deadline) = 0;
  virtual Task<absl::StatusOr<bool>> Remove(std::string tenant, std::string assignment, std::string etag,
                                            absl::Time deadline) = 0;

  // How many sessions the learner has made of it.
  virtual Task<absl::StatusOr<int32_t>> CountSessions(LearnerKey learner, std::string assignment,
                                                      absl::Time deadline) = 0;
  // At most `limit` (>= 1) sessions of it, in order of learner and seq, after `after` ({}: from the first).
  virtual Task<absl::StatusOr<std::vector<AssignedSession>>> ListSessions(std::string tenant,
                                                                          std::string assignment,
                                                                          AssignedSession after,
                                                                          int32_t limit,
                                                                          absl::Time deadline) = 0;
  // The learner's exams that are not finished, in order of their creation.
  virtual Task<absl::StatusOr<std::vector<OpenExam>>> ListOpenExams(LearnerKey learner,
                                                                    absl::Time deadline) = 0;
  // At most `limit` (>= 1) learners, of all tenants, who have such an exam on any pack; each once.
  virtual Task<absl::StatusOr<std::vector<LearnerKey>>> ListLearnersInExams(int32_t limit,
                                                                            absl::Time deadline) = 0;
  // At most `limit` (>= 1) exams, of all tenants, whose assignment has a release_time and whose log has no Released.
  virtual Task<absl::StatusOr<std::vector<SessionKey>>> ListUnreleased(int32_t limit,
                                                                       absl::Time deadline) = 0;
};

// "a" of "tenants/t/assignments/a".
inline std::string AssignmentIdOf(const std::string& name) { return name.substr(name.rfind('/') + 1); }

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_ASSIGNMENTS_ASSIGNMENT_STORE_H_
