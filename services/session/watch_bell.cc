#include "services/session/watch_bell.h"

#include <grpcpp/alarm.h>

#include <algorithm>

namespace greenroom::session {

void WatchBell::Ring() {
  std::function<void(bool)> done;
  {
    absl::MutexLock lock(&mutex_);
    done.swap(waiting_);
    rung_ = !done;
  }
  if (done) done(true);
}

Task<bool> WatchBell::Wait(absl::Time until) {
  grpc::Alarm alarm;
  auto start = [this, &alarm, until](auto done) {
    uint64_t wait = 0;
    bool rung = false;
    {
      absl::MutexLock lock(&mutex_);
      rung = rung_;
      rung_ = false;
      wait = ++waits_;
      if (!rung) waiting_ = done;
    }
    if (rung) {
      done(true);
      return;
    }
    // gRPC takes a time before 1970 for one that never comes.
    alarm.Set(absl::ToChronoTime(std::max(until, absl::UnixEpoch())),
              [bell = shared_from_this(), wait](bool reached) {
                if (reached) bell->End(wait);
              });
  };
  const bool rang = co_await AwaitCallback<bool>(start);
  co_return rang;
}

void WatchBell::End(uint64_t wait) {
  std::function<void(bool)> done;
  {
    absl::MutexLock lock(&mutex_);
    if (wait == waits_) done.swap(waiting_);
  }
  if (done) done(false);
}

}  // namespace greenroom::session
