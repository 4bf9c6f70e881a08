#include "services/base/sql/completion_executor.h"

#include <iterator>
#include <utility>

namespace greenroom::sql {

CompletionExecutor::CompletionExecutor(int threads) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Run(); });
}

CompletionExecutor::~CompletionExecutor() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

void CompletionExecutor::Post(absl::AnyInvocable<void()> function) {
  absl::MutexLock lock(&mutex_);
  queue_.push_back(std::move(function));
}

void CompletionExecutor::Post(std::vector<absl::AnyInvocable<void()>> functions) {
  absl::MutexLock lock(&mutex_);
  queue_.insert(queue_.end(), std::make_move_iterator(functions.begin()),
                std::make_move_iterator(functions.end()));
}

void CompletionExecutor::Run() {
  while (true) {
    absl::AnyInvocable<void()> function;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &CompletionExecutor::Ready));
      // Whatever a function posts while stopping, its own thread finds here afterwards.
      if (queue_.empty()) return;
      function = std::move(queue_.front());
      queue_.pop_front();
    }
    function();
  }
}

}  // namespace greenroom::sql
