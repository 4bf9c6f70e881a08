#include "services/base/sql/connection_threads.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace greenroom::sql {

ConnectionThreads::ConnectionThreads(std::string name, std::vector<std::unique_ptr<Connection>> connections,
                                     size_t queue_limit, std::function<absl::Time()> now)
    : name_(std::move(name)),
      queue_limit_(queue_limit),
      now_(std::move(now)),
      connections_(std::move(connections)) {
  for (const std::unique_ptr<Connection>& connection : connections_) {
    threads_.emplace_back([this, &connection] { Run(*connection); });
  }
}

ConnectionThreads::~ConnectionThreads() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

absl::Status ConnectionThreads::Submit(absl::Time deadline, Job job) {
  absl::MutexLock lock(&mutex_);
  if (queue_.size() >= queue_limit_) {
    return absl::UnavailableError(absl::StrCat("the queue of the ", name_, " is full"));
  }
  queue_.push_back({deadline, std::move(job)});
  return absl::OkStatus();
}

void ConnectionThreads::Run(Connection& connection) {
  while (true) {
    Entry entry;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &ConnectionThreads::Ready));
      if (queue_.empty()) return;
      entry = std::move(queue_.front());
      queue_.pop_front();
    }
    if (now_() >= entry.deadline) {
      entry.job(absl::DeadlineExceededError(absl::StrCat("the deadline passed in the queue of the ", name_)));
      continue;
    }
    connection.SetDeadline(entry.deadline);
    entry.job(&connection);
  }
}

}  // namespace greenroom::sql
