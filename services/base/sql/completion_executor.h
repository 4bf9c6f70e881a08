// A few threads that resume the coroutines whose commits are done, so that the thread that commits goes on at once.
#ifndef GREENROOM_SERVICES_BASE_SQL_COMPLETION_EXECUTOR_H_
#define GREENROOM_SERVICES_BASE_SQL_COMPLETION_EXECUTOR_H_

#include <deque>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"

namespace greenroom::sql {

// Thread-safe. Runs functions in the order they were given, on `threads` threads; they should be short and not block,
// since all waiters of the database share these threads. Not bounded by itself: it holds no more than the bounded
// queues of those who post here, for each posts only what it has finished.
class CompletionExecutor {
 public:
  explicit CompletionExecutor(int threads);
  // Runs what is queued, and what that posts, then returns. Not from one of its own threads.
  ~CompletionExecutor();

  void Post(absl::AnyInvocable<void()> function);
  void Post(std::vector<absl::AnyInvocable<void()>> functions);

 private:
  void Run();
  bool Ready() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return stopping_ || !queue_.empty(); }

  absl::Mutex mutex_;
  std::deque<absl::AnyInvocable<void()>> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace greenroom::sql

#endif  // GREENROOM_SERVICES_BASE_SQL_COMPLETION_EXECUTOR_H_
