// Threads with a connection each, and one bounded queue of work for them: what ReaderPool and Writer are made of.
#ifndef GREENROOM_SERVICES_BASE_SQL_CONNECTION_THREADS_H_
#define GREENROOM_SERVICES_BASE_SQL_CONNECTION_THREADS_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/base/sql/database.h"

namespace greenroom::sql {

class ConnectionThreads {
 public:
  // Called once, on one of the threads: with a connection whose deadline is set, or with the reason why not.
  using Job = absl::AnyInvocable<void(absl::StatusOr<Connection*>)>;

  // `name` says in messages whose queue it is.
  ConnectionThreads(std::string name, std::vector<std::unique_ptr<Connection>> connections,
                    size_t queue_limit, std::function<absl::Time()> now);
  // Runs what is queued, then joins.
  ~ConnectionThreads();

  // Thread-safe. UNAVAILABLE when the queue is full: `job` is dropped and never called. It is called with
  // DEADLINE_EXCEEDED, on one of the threads, when `deadline` has passed before its turn.
  absl::Status Submit(absl::Time deadline, Job job);

 private:
  struct Entry {
    absl::Time deadline;
    Job job;
  };

  void Run(Connection& connection);
  bool Ready() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return stopping_ || !queue_.empty(); }

  const std::string name_;
  const size_t queue_limit_;
  const std::function<absl::Time()> now_;
  std::vector<std::unique_ptr<Connection>> connections_;
  absl::Mutex mutex_;
  std::deque<Entry> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace greenroom::sql

#endif  // GREENROOM_SERVICES_BASE_SQL_CONNECTION_THREADS_H_
