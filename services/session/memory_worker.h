// MemoryWorker: takes logs into the memory index without anybody's asking.
#ifndef GREENROOM_SERVICES_SESSION_MEMORY_WORKER_H_
#define GREENROOM_SERVICES_SESSION_MEMORY_WORKER_H_

#include <atomic>
#include <cstdint>
#include <future>
#include <thread>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/base/clock.h"
#include "services/base/log.h"
#include "services/session/index/memory_index.h"
#include "services/session/memory_deriver.h"

namespace greenroom::session {

struct MemoryWorkerOptions {
  absl::Duration poll = absl::Seconds(1);  // how often it looks, when there was little to do
  // A learner of whom nothing came for so long is taken in: a session under way is not folded again and again, and whoever
  // asks for it meanwhile takes it in then.
  absl::Duration quiet = absl::Seconds(30);
  int32_t batch = 256;                                  // events that a round walks over
  absl::Duration lease = absl::Minutes(5);              // longer than a round takes
  absl::Duration learner_deadline = absl::Seconds(10);  // of each attempt at a learner
  absl::Duration round =
      absl::Minutes(1);  // no learner is begun after so much of a round: the rest waits for another

  absl::Status Validate() const;
};

// One thread. Any number of workers, in any processes, may run over one index: one of them walks at a time. Whatever it does
// not get to is taken in by the next read, so it saves time and decides nothing.
class MemoryWorker {
 public:
  // All that is borrowed must outlive it. Does nothing before Start.
  MemoryWorker(MemoryIndex& index, MemoryDeriver& deriver, const Clock& clock, Logger& logger,
               MemoryWorkerOptions options = {});
  // Stops.
  ~MemoryWorker() { Stop(); }
  MemoryWorker(const MemoryWorker&) = delete;
  MemoryWorker& operator=(const MemoryWorker&) = delete;

  void Start();
  // Ends the learner under way, by its deadline, and joins.
  void Stop();

  // One round: walks on, and takes in the learners met. Blocks until it is done; yields how many there were, and whether
  // there is more to walk over now. For tests, and the thread.
  struct Round {
    int learners = 0;
    bool more = false;
  };
  Round RunOnce();

 private:
  void Run();
  // All of the learner's log; not OK where it cannot be read now.
  absl::Status TakeIn(const LearnerKey& learner);

  MemoryIndex& index_;
  MemoryDeriver& deriver_;
  const Clock& clock_;
  Logger& logger_;
  const MemoryWorkerOptions options_;
  std::atomic<bool> stopping_ = false;
  std::promise<void> stop_;
  std::thread thread_;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_MEMORY_WORKER_H_
