// Who tries to reach a database that cannot be reached.
#ifndef GREENROOM_SERVICES_BASE_SQL_RECONNECTS_H_
#define GREENROOM_SERVICES_BASE_SQL_RECONNECTS_H_

#include <functional>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

namespace greenroom::sql {

// For the connections of one process to one database. Behind a network that is cut a try takes seconds and comes to
// nothing: as long as the last one failed, one connection tries at a time, and what the others are asked meanwhile fails
// at once. Thread-safe.
class Reconnects {
 public:
  // What `connect` yields; or, while another tries and the last try failed, that failure.
  absl::Status Try(const std::function<absl::Status()>& connect);

 private:
  absl::Mutex mutex_;
  int trying_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status last_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace greenroom::sql

#endif  // GREENROOM_SERVICES_BASE_SQL_RECONNECTS_H_
