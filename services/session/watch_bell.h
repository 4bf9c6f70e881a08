// WatchBell: what a watcher waits by.
#ifndef GREENROOM_SERVICES_SESSION_WATCH_BELL_H_
#define GREENROOM_SERVICES_SESSION_WATCH_BELL_H_

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/base/task.h"

namespace greenroom::session {

// Any number of rings before the watcher looks are one: however fast a session changes, one look is pending at most.
// Thread-safe; one waits at a time, while a gRPC server runs, whose timers these are. Owned by a shared_ptr, as a timer about to go off may outlive the watcher.
class WatchBell : public std::enable_shared_from_this<WatchBell> {
 public:
  void Ring();

  // Yields at the next ring, at once where it has rung since the last wait, or at `until` (real time), whichever is
  // first; true: it rang. Resumes on the thread that rings, or on one of gRPC's.
  Task<bool> Wait(absl::Time until);

 private:
  // Ends the wait that had this number, where it is not over.
  void End(uint64_t wait);

  absl::Mutex mutex_;
  bool rung_ ABSL_GUARDED_BY(mutex_) = false;
  uint64_t waits_ ABSL_GUARDED_BY(mutex_) = 0;
  std::function<void(bool)> waiting_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_WATCH_BELL_H_
