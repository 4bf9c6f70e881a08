#include "services/session/fakes/fault_gate.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/time/clock.h"

namespace greenroom::session {

FaultGate::FaultGate() : timers_([this] { RunTimers(); }) {}

FaultGate::~FaultGate() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  timers_.join();
  for (Waiter& waiter : waiters_) waiter.done(absl::UnavailableError("the fake is gone"));
}

void FaultGate::Fail(absl::string_view operation, absl::Status status, int times) {
  std::lock_guard<std::mutex> lock(mutex_);
  faults_[std::string(operation)] = Fault{std::move(status), times, false};
}

void FaultGate::Stall(absl::string_view operation) {
  std::lock_guard<std::mutex> lock(mutex_);
  faults_[std::string(operation)] = Fault{absl::OkStatus(), -1, true};
}

void FaultGate::First(absl::string_view operation, std::function<void()> hook) {
  std::lock_guard<std::mutex> lock(mutex_);
  first_[std::string(operation)] = std::move(hook);
}

void FaultGate::Heal() {
  std::vector<Waiter> waiters;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    faults_.clear();
    waiters.swap(waiters_);
  }
  for (Waiter& waiter : waiters) waiter.done(absl::OkStatus());
}

int FaultGate::calls(absl::string_view operation) const {
  std::lock_guard<std::mutex> lock(mutex_);
  if (operation.empty()) {
    int all = 0;
    for (const auto& [name, count] : calls_) all += count;
    return all;
  }
  auto found = calls_.find(std::string(operation));
  return found == calls_.end() ? 0 : found->second;
}

int FaultGate::waiting() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return static_cast<int>(waiters_.size());
}

FaultGate::Fault* FaultGate::Find(absl::string_view operation) {
  for (const std::string& name : {std::string(operation), std::string()}) {
    auto found = faults_.find(name);
    if (found != faults_.end() && found->second.times != 0) return &found->second;
  }
  return nullptr;
}

Task<absl::Status> FaultGate::Pass(std::string operation, absl::Time deadline) {
  std::function<void()> hook;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (auto first = first_.extract(operation); !first.empty()) hook = std::move(first.mapped());
  }
  if (hook) hook();
  bool stalled = false;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    ++calls_[operation];
    if (Fault* fault = Find(operation); fault != nullptr) {
      if (fault->times > 0) --fault->times;
      if (!fault->stall) co_return fault->status;
      stalled = true;
    }
  }
  if (deadline <= absl::Now()) co_return absl::DeadlineExceededError("the deadline has passed");
  if (!stalled) co_return absl::OkStatus();
  absl::Status passed = co_await AwaitCallback<absl::Status>([&](auto done) {
    std::lock_guard<std::mutex> lock(mutex_);
    waiters_.push_back(Waiter{deadline, std::move(done)});
    changed_.notify_all();
  });
  co_return passed;
}

void FaultGate::RunTimers() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stopping_) {
    const absl::Time now = absl::Now();
    auto due =
        std::find_if(waiters_.begin(), waiters_.end(), [&](const Waiter& w) { return w.deadline <= now; });
    if (due != waiters_.end()) {
      Waiter waiter = std::move(*due);
      waiters_.erase(due);
      lock.unlock();
      waiter.done(absl::DeadlineExceededError("stalled until the deadline"));
      lock.lock();
      continue;
    }
    absl::Time next = absl::InfiniteFuture();
    for (const Waiter& waiter : waiters_) next = std::min(next, waiter.deadline);
    const absl::Duration wait = std::clamp(next - now, absl::Milliseconds(1), absl::Seconds(1));
    changed_.wait_for(lock, absl::ToChronoMilliseconds(wait));
  }
}

}  // namespace greenroom::session
