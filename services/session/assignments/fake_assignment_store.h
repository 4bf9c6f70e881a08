// FakeAssignmentStore: assignments in memory, and what a FakeEventLog says of their sessions.
#ifndef GREENROOM_SERVICES_SESSION_ASSIGNMENTS_FAKE_ASSIGNMENT_STORE_H_
#define GREENROOM_SERVICES_SESSION_ASSIGNMENTS_FAKE_ASSIGNMENT_STORE_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/session/assignments/assignment_store.h"
#include "services/session/fakes/fault_gate.h"
#include "services/session/log/fake_event_log.h"

namespace greenroom::session {

// Thread-safe; keeps the contract of AssignmentStore. Operations of the gate are named like the methods.
class FakeAssignmentStore final : public AssignmentStore {
 public:
  // `log` must outlive it.
  explicit FakeAssignmentStore(FakeEventLog& log) : log_(log) {}

  FaultGate& gate() { return gate_; }

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
  struct Stored {
    v1::Assignment assignment;
    std::string content;
  };
  // What the log says of a session that was made of an assignment.
  struct Known {
    AssignedSession session;
    std::string assignment;
    std::string pack;
    bool exam = false;
    bool open = true;
    bool released = false;
  };
  // Of all learners, in order of learner and seq.
  std::vector<Known> Sessions() const;

  FakeEventLog& log_;
  FaultGate gate_;
  mutable absl::Mutex mutex_;
  std::map<std::pair<std::string, std::string>, Stored> assignments_ ABSL_GUARDED_BY(mutex_);
  int64_t version_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_ASSIGNMENTS_FAKE_ASSIGNMENT_STORE_H_
