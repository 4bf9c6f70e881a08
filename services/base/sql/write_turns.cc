#include "services/base/sql/write_turns.h"

#include <algorithm>

namespace greenroom::sql {

bool WriteTurns::Take(absl::Duration timeout) {
  absl::MutexLock lock(&mutex_);
  const int64_t mine = next_++;
  waiting_.push_back(mine);
  const auto my_turn = [this, mine]()
                           ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return !taken_ && waiting_.front() == mine; };
  const bool came = mutex_.AwaitWithTimeout(absl::Condition(&my_turn), timeout);
  waiting_.erase(std::find(waiting_.begin(), waiting_.end(), mine));
  if (came) taken_ = true;
  return came;
}

void WriteTurns::Return() {
  absl::MutexLock lock(&mutex_);
  taken_ = false;
}

size_t WriteTurns::waiting() {
  absl::MutexLock lock(&mutex_);
  return waiting_.size();
}

}  // namespace greenroom::sql
