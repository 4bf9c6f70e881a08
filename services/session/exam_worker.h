// ExamWorker: tells the logs of exams that their grades are released, and keeps in mind who has an exam open.
#ifndef GREENROOM_SERVICES_SESSION_EXAM_WORKER_H_
#define GREENROOM_SERVICES_SESSION_EXAM_WORKER_H_

#include <cstdint>
#include <future>
#include <thread>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/base/log.h"
#include "services/base/task.h"
#include "services/session/assignments/assignment_store.h"
#include "services/session/assignments/open_exams.h"
#include "services/session/ledger.h"

namespace greenroom::session {

struct ExamWorkerOptions {
  absl::Duration poll = absl::Seconds(1);
  int32_t batch = 64;  // sessions at once
  absl::Duration deadline = absl::Seconds(10);

  absl::Status Validate() const;
};

// One thread. Any number of workers, in any processes, may run over one store: a session is released once. What cannot be
// done now is found again in the next round.
class ExamWorker {
 public:
  // All that is borrowed must outlive it. Does nothing before Start.
  ExamWorker(AssignmentStore& assignments, OpenExams& open_exams, Ledger& ledger, Logger& logger,
             ExamWorkerOptions options = {});
  // Stops.
  ~ExamWorker();
  ExamWorker(const ExamWorker&) = delete;
  ExamWorker& operator=(const ExamWorker&) = delete;

  void Start();
  // Ends the round under way, by its deadlines, and joins.
  void Stop();

  // One round; blocks until it is done. Yields how many sessions were released. For tests, and the thread.
  int RunOnce();

 private:
  void Run();
  void LookWhoHasOne();
  Task<bool> Release(SessionKey session);

  AssignmentStore& assignments_;
  OpenExams& open_exams_;
  Ledger& ledger_;
  Logger& logger_;
  const ExamWorkerOptions options_;
  std::promise<void> stop_;
  std::thread thread_;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_EXAM_WORKER_H_
