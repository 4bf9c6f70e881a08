// FakeGradebookStore: the grade book's store in memory, for tests.
#ifndef GREENROOM_SERVICES_SESSION_GRADEBOOK_FAKE_GRADEBOOK_STORE_H_
#define GREENROOM_SERVICES_SESSION_GRADEBOOK_FAKE_GRADEBOOK_STORE_H_

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/session/fakes/fault_gate.h"
#include "services/session/gradebook/gradebook_store.h"
#include "services/session/log/fake_event_log.h"

namespace greenroom::session {

// Keeps the contract of GradebookStore over a fake log, which must outlive it.
class FakeGradebookStore final : public GradebookStore {
 public:
  explicit FakeGradebookStore(const FakeEventLog& log) : log_(log) {}

  // Operations are named like the methods. What the gate fails changes nothing.
  FaultGate& gate() { return gate_; }

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
  struct Lease {
    std::string owner;
    absl::Time until = absl::InfinitePast();

    bool IsFree(absl::Time now) const;
  };
  struct Entry {
    StoredRegrade stored;
    Lease lease;
    std::map<ChangeKey, StoredChange> changes;
  };
  using RegradeKey = std::pair<std::string, std::string>;  // tenant, id

  const FakeEventLog& log_;
  FaultGate gate_;
  absl::Mutex mutex_;
  std::map<RegradeKey, Entry> regrades_ ABSL_GUARDED_BY(mutex_);
  std::map<SessionKey, SessionIndex> index_ ABSL_GUARDED_BY(mutex_);
  Lease index_lease_ ABSL_GUARDED_BY(mutex_);
  int64_t indexed_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_GRADEBOOK_FAKE_GRADEBOOK_STORE_H_
