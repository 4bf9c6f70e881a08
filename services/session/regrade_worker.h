// RegradeWorker: goes through answers for regrades, and records what was previewed, without haste.
#ifndef GREENROOM_SERVICES_SESSION_REGRADE_WORKER_H_
#define GREENROOM_SERVICES_SESSION_REGRADE_WORKER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/base/clock.h"
#include "services/base/log.h"
#include "services/base/rng.h"
#include "services/base/task.h"
#include "services/session/domain/graded_examples.h"
#include "services/session/gradebook/gradebook_store.h"
#include "services/session/ledger.h"
#include "services/session/log/event_log.h"
#include "services/session/pacer.h"
#include "services/session/peers/grader.h"

namespace greenroom::session {

struct RegradeWorkerOptions {
  absl::Duration poll =
      absl::Seconds(1);  // how often it looks for work, and how long it pauses after a failure
  int32_t batch =
      32;  // sessions or changes in a piece, which ends with the session that has the last of them
  absl::Duration piece = absl::Seconds(2);      // a piece ends after this, however many it has
  absl::Duration lease = absl::Seconds(30);     // how long a regrade waits for a worker that died
  absl::Duration deadline = absl::Seconds(10);  // of each call
  // A preview that is calibrated looks this often whether the decisions are still all there.
  absl::Duration recollect = absl::Seconds(30);
  // Of one core's time for a regrade, scoring's and the database's for it included. Half a core is what is promised, and
  // that learners' calls take no more than twice as long at 99 % meanwhile, which is what asks for so little: with 0.2, and
  // rests of 5 ms, it was 2.7 times on two cores that were half busy (tests/scale/regrade.cc).
  double share = 0.15;

  absl::Status Validate() const;
};

// One thread, one answer at a time. Any number of workers, in any processes, may run over one store: a piece of work and
// how far it goes are kept together or not at all, so whoever goes on ends with the same changes.
//
// The share is a regrade's, however many replicas there are: its lease is held by one worker, renewed with every piece, and
// several pieces long. Of two regrades at once two replicas may each take one; one replica takes one after the other.
class RegradeWorker {
 public:
  // All that is borrowed must outlive it. Does nothing before Start.
  RegradeWorker(GradebookStore& store, EventLog& log, Ledger& ledger, Grader& grader, const Clock& clock,
                Rng& rng, Logger& logger, RegradeWorkerOptions options = {});
  // Stops.
  ~RegradeWorker() { Stop(); }
  RegradeWorker(const RegradeWorker&) = delete;
  RegradeWorker& operator=(const RegradeWorker&) = delete;

  void Start();
  // Keeps what is done of the piece under way, and joins.
  void Stop();

  // Takes a regrade and works at it to its end, a failure, or Stop. False: there was none, or it failed; look again
  // later. For tests, and the thread.
  bool RunOnce();

 private:
  // What came of looking at some answers.
  struct Found {
    int64_t answers = 0, raised = 0, lowered = 0, overridden = 0, changes = 0, failures = 0;
    std::vector<StoredChange> list;
  };
  // Where a piece ended.
  enum class Progress { kMore, kDone, kLost };

  // To the regrade's end, a failure, or Stop, as RunOnce.
  bool Work(StoredRegrade& regrade);
  absl::StatusOr<Progress> Preview(StoredRegrade& regrade);
  absl::StatusOr<Progress> Apply(StoredRegrade& regrade);
  // Sees to it that examples_ are the regrade's. Where they are others than those that it was computed with so far, it
  // begins anew.
  absl::Status Calibrate(StoredRegrade& regrade);
  // What people had decided about answers of the regrade's pack when it was created.
  absl::StatusOr<GradedExamples> Collect(const StoredRegrade& regrade);
  // Adds the decision, if it is about an answer that the regrade asks for.
  Task<absl::Status> Read(const Decision& decision, const v1::Regrade& regrade, GradedExamples& examples);
  // Keeps how far `regrade` is.
  absl::StatusOr<Progress> Save(const StoredRegrade& regrade, std::vector<StoredChange> changes);
  // Adds what the answers of the session come to; of some of them only once the worker is stopped.
  absl::Status LookAt(const SessionKey& session, const StoredRegrade& regrade, Found& found);
  Task<absl::Status> Grade(const SessionKey& session, const SessionFold& fold, const FoldedAnswer& answer,
                           const StoredRegrade& regrade, Found& found);
  Task<absl::Status> Record(StoredChange change, int32_t number);
  // Keeps the lease where the piece under way takes long.
  Task<absl::Status> Renew(const StoredRegrade& regrade);
  absl::Time Soon() const;

  GradebookStore& store_;
  EventLog& log_;
  Ledger& ledger_;
  Grader& grader_;
  const Clock& clock_;
  Logger& logger_;
  const RegradeWorkerOptions options_;
  const std::string owner_;
  Pacer pacer_;
  absl::Duration renewed_;  // monotonic: when the lease was last made longer
  // Of the regrade at hand, once it is calibrated: nothing of them is kept but their number and name.
  GradedExamples examples_;
  std::string examples_of_;   // the regrade's name
  absl::Duration collected_;  // monotonic
  std::thread thread_;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_REGRADE_WORKER_H_
