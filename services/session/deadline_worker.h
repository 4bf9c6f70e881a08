// DeadlineWorker: ends what the clock ends, without a client's doing.
#ifndef GREENROOM_SERVICES_SESSION_DEADLINE_WORKER_H_
#define GREENROOM_SERVICES_SESSION_DEADLINE_WORKER_H_

#include <cstdint>
#include <future>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/base/clock.h"
#include "services/base/log.h"
#include "services/base/rng.h"
#include "services/base/task.h"
#include "services/session/ledger.h"
#include "services/session/log/event_log.h"

namespace greenroom::session {

struct DeadlineWorkerOptions {
  absl::Duration poll = absl::Seconds(1);       // how often it looks, when there was little to do
  int32_t batch = 32;                           // sessions at once
  absl::Duration lease = absl::Seconds(30);     // longer than a round takes
  absl::Duration deadline = absl::Seconds(10);  // of what is done with one session

  absl::Status Validate() const;
};

// One thread. Any number of workers, in any processes, may run over one log: the log says which sessions have an alarm,
// and what comes of it is written once. A session that cannot be brought to its end is taken again when its lease is over.
class DeadlineWorker {
 public:
  // All that is borrowed must outlive it. Does nothing before Start.
  DeadlineWorker(EventLog& log, Ledger& ledger, const Clock& clock, Rng& rng, Logger& logger,
                 DeadlineWorkerOptions options = {});
  // Stops.
  ~DeadlineWorker();
  DeadlineWorker(const DeadlineWorker&) = delete;
  DeadlineWorker& operator=(const DeadlineWorker&) = delete;

  void Start();
  // Ends the round under way, by its deadlines, and joins.
  void Stop();

  // One round: takes the sessions whose alarm has gone off, and does with each what the clock demands. Blocks until all
  // are done; yields how many there were. For tests, and the thread.
  int RunOnce();

 private:
  void Run();
  Task<bool> Handle(SessionKey session);

  EventLog& log_;
  Ledger& ledger_;
  const Clock& clock_;
  Logger& logger_;
  const DeadlineWorkerOptions options_;
  const std::string owner_;
  std::promise<void> stop_;
  std::thread thread_;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_DEADLINE_WORKER_H_
