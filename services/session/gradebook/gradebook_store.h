// GradebookStore: the port to what the grade book keeps beside the log: regrades with what they would change, and an index
// of answers that waits behind the log. All of it but the regrades can be made again from the log.
#ifndef GREENROOM_SERVICES_SESSION_GRADEBOOK_GRADEBOOK_STORE_H_
#define GREENROOM_SERVICES_SESSION_GRADEBOOK_GRADEBOOK_STORE_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "greenroom/session/v1/event.pb.h"
#include "greenroom/session/v1/gradebook_service.pb.h"
#include "services/base/task.h"
#include "services/session/domain/keys.h"
#include "services/session/domain/review_index.h"

namespace greenroom::session {

// A place among a regrade's changes.
struct ChangeKey {
  std::string learner;
  std::string answer;

  friend auto operator<=>(const ChangeKey&, const ChangeKey&) = default;
};

struct StoredRegrade {
  std::string tenant;
  std::string id;  // a UUID in lower case
  v1::Regrade regrade;
  std::string content_sha256;
  int64_t until = 0;   // sessions created at a commit_seq up to it are looked at
  int64_t cursor = 0;  // those up to it have been
  ChangeKey applied;   // changes up to it have been recorded
};

// An answer whose grade a regrade would change, or that cannot be graded so.
struct StoredChange {
  SessionKey session;
  std::string answer;
  std::string question;
  std::optional<int32_t> old_score;
  std::optional<int32_t> new_score;
  bool overridden = false;
  v1::Graded
      grade;  // what is recorded when it is applied, less its number; `failure` is set where it cannot be graded

  ChangeKey key() const { return {session.learner.learner, answer}; }
};

// Where a page of the tenant's regrades begins: behind this one. As it is made, before all of them.
struct RegradePlace {
  int64_t created_ms = std::numeric_limits<int64_t>::max();
  std::string id;
};

// A session by the place of its creation among all events of the store.
struct CreatedSession {
  int64_t commit_seq = 0;
  SessionKey session;
};

// What a session was created to ask.
struct SessionPlan {
  std::string pack;  // full name
  std::vector<std::string> questions;

  friend bool operator==(const SessionPlan&, const SessionPlan&) = default;
};
inline SessionPlan PlanOf(const v1::Created& created) {
  return {created.revision().substr(0, created.revision().rfind("/revisions/")),
          {created.questions().begin(), created.questions().end()}};
}

// What a person decided about an answer, by the place of the decision among all events of the store.
struct Decision {
  int64_t commit_seq = 0;
  SessionKey session;
  std::string answer;  // the event id of its Submitted
  std::string grade;   // the event id of the decision
};

// An event that the index may not reflect yet.
struct UnseenEvent {
  int64_t commit_seq = 0;
  SessionKey session;  // `session.session` is empty where it is of none
  int64_t seq = 0;     // in its learner's log
};

struct ReviewRow {
  SessionKey session;
  std::string pack;
  ReviewNeed need;
  int32_t claimants = 0;  // CLAIMED: learners who claim this point of this question
};

// Where a page of the queue begins: behind this row. As it is made, before all rows of its reason.
struct ReviewPlace {
  v1::ReviewReason reason = v1::REVIEW_REASON_UNSPECIFIED;
  int32_t claimants = std::numeric_limits<int32_t>::max();
  std::string pack, question, point;  // CLAIMED only
  int64_t received_ms = std::numeric_limits<int64_t>::min();
  std::string learner, answer;
};

// Newest answers that GetQuestionStats counts at most.
inline constexpr int32_t kStatsAnswers = 10000;

// Thread-safe. Errors of every call: DEADLINE_EXCEEDED, UNAVAILABLE, RESOURCE_EXHAUSTED, DATA_LOSS, as of EventLog.
// Every write is one transaction, and harmless to repeat.
class GradebookStore {
 public:
  virtual ~GradebookStore() = default;

  // ---- regrades

  // Keeps a new regrade and sets its `until` to where the log ends now, so that it covers every session whose creation was
  // acknowledged before. False: the tenant has one of that id.
  virtual Task<absl::StatusOr<bool>> CreateRegrade(StoredRegrade regrade, absl::Time deadline) = 0;
  // nullopt where there is none.
  virtual Task<absl::StatusOr<std::optional<StoredRegrade>>> GetRegrade(std::string tenant, std::string id,
                                                                        absl::Time deadline) = 0;
  // At most `limit` (>= 1) regrades of the tenant behind `after`, of one pack or of all (empty), the newest first, those of
  // one millisecond by id, the highest first.
  virtual Task<absl::StatusOr<std::vector<StoredRegrade>>> ListRegrades(std::string tenant, std::string pack,
                                                                        RegradePlace after, int32_t limit,
                                                                        absl::Time deadline) = 0;
  // Moves the regrade to `to` if its state is `from`, and takes it from whoever works at it; to APPLYING it also gets the
  // tenant's next number. Yields the regrade as it is then, moved or not; nullopt where there is none.
  virtual Task<absl::StatusOr<std::optional<StoredRegrade>>> MoveRegrade(std::string tenant, std::string id,
                                                                         v1::RegradeState from,
                                                                         v1::RegradeState to,
                                                                         absl::Time deadline) = 0;
  // Takes a regrade, of any tenant, that is COMPUTING or APPLYING and that nobody holds, the oldest first; nullopt where
  // there is none. Nobody else is given it before now + lease: of any number of workers one is at a regrade.
  virtual Task<absl::StatusOr<std::optional<StoredRegrade>>> TakeRegrade(std::string owner, absl::Time now,
                                                                         absl::Duration lease,
                                                                         absl::Time deadline) = 0;
  // Keeps a piece of work: how far the regrade is, its state, and `changes`; renews the lease to `lease_until`, or gives
  // the regrade back where it is neither COMPUTING nor APPLYING now. False, and nothing is kept: `owner` does not hold it
  // any more.
  virtual Task<absl::StatusOr<bool>> SavePiece(std::string owner, StoredRegrade regrade,
                                               std::vector<StoredChange> changes, absl::Time lease_until,
                                               absl::Time deadline) = 0;
  // As SavePiece, for a regrade that begins anew: what was kept of its changes is dropped.
  virtual Task<absl::StatusOr<bool>> RestartRegrade(std::string owner, StoredRegrade regrade,
                                                    absl::Time lease_until, absl::Time deadline) = 0;
  // At most `limit` (>= 1) changes behind `after`, in order of their keys.
  virtual Task<absl::StatusOr<std::vector<StoredChange>>> ListChanges(std::string tenant, std::string id,
                                                                      ChangeKey after, int32_t limit,
                                                                      absl::Time deadline) = 0;
  // At most `limit` (>= 1) sessions of the tenant created at a commit_seq in (after, until], in that order.
  virtual Task<absl::StatusOr<std::vector<CreatedSession>>> SessionsAfter(std::string tenant, int64_t after,
                                                                          int64_t until, int32_t limit,
                                                                          absl::Time deadline) = 0;
  // At most `limit` (>= 1) decisions about answers of the tenant at a commit_seq below `before`, the latest first; none of
  // learners who were erased.
  virtual Task<absl::StatusOr<std::vector<Decision>>> DecisionsBefore(std::string tenant, int64_t before,
                                                                      int32_t limit, absl::Time deadline) = 0;

  // ---- sessions

  // The plans of the tenant's newest `limit` (>= 1) sessions, of whichever learners and packs, newest first. As they were
  // created: what joined a plan later is not in it. Reads no more than these sessions' creations.
  virtual Task<absl::StatusOr<std::vector<SessionPlan>>> NewestPlans(std::string tenant, int32_t limit,
                                                                     absl::Time deadline) = 0;

  // ---- the index of answers

  // The next `limit` (>= 1) events of the log that the index does not reflect, of all tenants, in the order of their
  // commits, up to the first one received after `settled`: what was received so long ago is committed, or never will be.
  // None where another holds the index. Where there are some, nobody else is given any before now + lease.
  virtual Task<absl::StatusOr<std::vector<UnseenEvent>>> TakeUnseen(std::string owner, absl::Time now,
                                                                    absl::Time settled, absl::Duration lease,
                                                                    int32_t limit, absl::Time deadline) = 0;
  // Replaces what the index has of these sessions, and remembers that it reflects all events up to `cursor`. False, and nothing is kept: `owner` does not
  // hold the index any more.
  virtual Task<absl::StatusOr<bool>> SaveIndex(std::string owner, std::vector<SessionIndex> sessions,
                                               int64_t cursor, absl::Time deadline) = 0;
  // At most `limit` (>= 1) rows of the tenant behind `after`, for after.reason, of one pack or of all (empty). CLAIMED: by
  // how many learners claim the point, most first, then by pack, question, point, time, learner and answer; else by time,
  // learner and answer.
  virtual Task<absl::StatusOr<std::vector<ReviewRow>>> ListReview(std::string tenant, std::string pack,
                                                                  ReviewPlace after, int32_t limit,
                                                                  absl::Time deadline) = 0;
  // The newest kStatsAnswers answers to the question with a score, and the learner of each.
  virtual Task<absl::StatusOr<std::vector<std::pair<std::string, ScoredAnswer>>>> ListScored(
      std::string tenant, std::string pack, std::string question, absl::Time deadline) = 0;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_GRADEBOOK_GRADEBOOK_STORE_H_
