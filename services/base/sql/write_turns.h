// Whose turn it is to write, among the connections of one process to one database.
#ifndef GREENROOM_SERVICES_BASE_SQL_WRITE_TURNS_H_
#define GREENROOM_SERVICES_BASE_SQL_WRITE_TURNS_H_

#include <cstddef>
#include <cstdint>
#include <deque>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace greenroom::sql {

// Thread-safe, first come, first served. SQLite lets those who want its write lock try again now and then: beside a
// committer that takes the lock again as soon as it has let go of it, others would seldom find it free.
class WriteTurns {
 public:
  // Waits for the turn, `timeout` at most. False: it did not come.
  bool Take(absl::Duration timeout);
  // Ends a turn that was taken.
  void Return();
  // How many wait just now.
  size_t waiting();

 private:
  absl::Mutex mutex_;
  std::deque<int64_t> waiting_ ABSL_GUARDED_BY(mutex_);
  int64_t next_ ABSL_GUARDED_BY(mutex_) = 0;
  bool taken_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace greenroom::sql

#endif  // GREENROOM_SERVICES_BASE_SQL_WRITE_TURNS_H_
