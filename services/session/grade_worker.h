// GradeWorker: completes the grades that were late, without a client's doing.
#ifndef GREENROOM_SERVICES_SESSION_GRADE_WORKER_H_
#define GREENROOM_SERVICES_SESSION_GRADE_WORKER_H_

#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/base/clock.h"
#include "services/base/log.h"
#include "services/base/rng.h"
#include "services/base/task.h"
#include "services/session/ledger.h"
#include "services/session/log/event_log.h"
#include "services/session/peers/catalogue.h"
#include "services/session/peers/grader.h"
#include "services/session/session_metrics.h"

namespace greenroom::session {

struct GradeWorkerOptions {
  absl::Duration poll = absl::Seconds(1);    // how often it looks, when there was little to do
  int32_t batch = 16;                        // grades at once
  absl::Duration lease = absl::Seconds(30);  // longer than a round takes
  absl::Duration grade_deadline = absl::Seconds(5);
  absl::Duration write_deadline = absl::Seconds(10);
  // The nth try follows the one before after half to the whole of min(backoff_max, backoff_first * 2^n).
  absl::Duration backoff_first = absl::Seconds(1);
  absl::Duration backoff_max = absl::Seconds(60);
  // An internal error of the grader counts as the answer's own failure after this many tries.
  int32_t internal_tries = 10;

  absl::Status Validate() const;
};

// One thread. Any number of workers, in any processes, may run over one log: an answer is graded once.
class GradeWorker {
 public:
  // All that is borrowed must outlive it. Does nothing before Start.
  GradeWorker(EventLog& log, Ledger& ledger, Grader& grader, Catalogue& catalogue, const Clock& clock,
              Rng& rng, SessionMetrics& metrics, Logger& logger, GradeWorkerOptions options = {});
  // Stops.
  ~GradeWorker();
  GradeWorker(const GradeWorker&) = delete;
  GradeWorker& operator=(const GradeWorker&) = delete;

  void Start();
  // Ends the round under way, by its deadlines, and joins.
  void Stop();

  // One round: takes what is due, grades all of it at once, records or postpones each. Blocks until all are done; yields
  // how many there were. For tests, and the thread.
  int RunOnce();

 private:
  void Run();
  // Grades one answer and records what came of it; not OK: it was not recorded and shall be tried again.
  Task<absl::Status> Complete(PendingGrade pending);
  Task<absl::Status> Record(const PendingGrade& pending, v1::EventPayload grade);
  // The revision in which the follow-ups of the grade are looked for; leaves it empty where there can be none.
  Task<absl::Status> FindFollowUps(const PendingGrade& pending, const v1::Graded& graded,
                                   const v1::LiveState& state,
                                   std::shared_ptr<const RevisionContent>& revision);
  // Complete, and postpone where that failed.
  Task<bool> Handle(PendingGrade pending);
  absl::Duration Backoff(int32_t tries);

  EventLog& log_;
  Ledger& ledger_;
  Grader& grader_;
  Catalogue& catalogue_;
  const Clock& clock_;
  Rng& rng_;
  SessionMetrics& metrics_;
  Logger& logger_;
  const GradeWorkerOptions options_;
  const std::string owner_;
  std::promise<void> stop_;
  std::thread thread_;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_GRADE_WORKER_H_
