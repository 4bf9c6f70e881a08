#include "tests/bench/load.h"

#include <grpcpp/alarm.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "services/base/status.h"
#include "services/base/status_wire.h"

namespace greenroom::bench {
namespace {

using clock = std::chrono::steady_clock;

class Loop {
 public:
  Loop(const StartCall& start, size_t in_flight, absl::Duration warm_up, absl::Duration length)
      : start_(start),
        begin_(clock::now() + absl::ToChronoNanoseconds(warm_up)),
        end_(begin_ + absl::ToChronoNanoseconds(length)),
        slots_(in_flight),
        running_(in_flight) {
    for (Slot& slot : slots_) slot.times.reserve(1 << 14);
  }

  absl::StatusOr<LoadFigures> Run() {
    for (size_t slot = 0; slot < slots_.size(); ++slot) Next(slot);
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(this, &Loop::Ended));
    if (!failure_.ok()) return failure_;
    return Figures();
  }

 private:
  // What the one call of a slot writes; read when all have ended.
  struct Slot {
    clock::time_point began;
    std::vector<float> times;
    grpc::Alarm pause;
  };

  // A callback comes on a gRPC thread with no lock of the slot held, so the next call may begin inside it.
  void Next(size_t slot) {
    slots_[slot].began = clock::now();
    if (slots_[slot].began < end_) return Try(slot);
    absl::MutexLock lock(&mutex_);
    --running_;
  }

  void Try(size_t slot) {
    start_(slot, [this, slot](const grpc::Status& status) {
      if (!status.ok()) return Failed(slot, FromGrpc(status));
      ++calls_;
      const clock::time_point now = clock::now();
      Slot& of = slots_[slot];
      if (now >= begin_ && now <= end_) {
        of.times.push_back(std::chrono::duration<float, std::micro>(now - of.began).count());
      }
      Next(slot);
    });
  }

  void Failed(size_t slot, absl::Status status) {
    if (ReasonOf(status) == "OVERLOADED") {
      ++refused_;
      const absl::Duration pause = RetryDelayOf(status).value_or(absl::ZeroDuration());
      slots_[slot].pause.Set(absl::ToChronoTime(absl::Now() + pause), [this, slot](bool) { Try(slot); });
      return;
    }
    absl::MutexLock lock(&mutex_);
    failure_ = std::move(status);
    --running_;
  }

  bool Ended() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return running_ == 0; }

  absl::StatusOr<LoadFigures> Figures() const {
    std::vector<float> all;
    for (const Slot& slot : slots_) all.insert(all.end(), slot.times.begin(), slot.times.end());
    if (all.empty()) return absl::DeadlineExceededError("no call ended within the measured time");
    std::sort(all.begin(), all.end());
    LoadFigures figures;
    figures.rps = static_cast<double>(all.size()) / std::chrono::duration<double>(end_ - begin_).count();
    figures.calls = calls_;
    figures.refused = static_cast<double>(refused_) / static_cast<double>(calls_);
    figures.p50_us = all[all.size() / 2];
    figures.p99_us = all[all.size() * 99 / 100];
    return figures;
  }

  const StartCall& start_;
  const clock::time_point begin_;
  const clock::time_point end_;
  std::vector<Slot> slots_;
  std::atomic<int64_t> calls_ = 0;
  std::atomic<int64_t> refused_ = 0;
  absl::Mutex mutex_;
  size_t running_ ABSL_GUARDED_BY(mutex_);
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

absl::Status RunCalls(const StartNumbered& start, int64_t count, size_t in_flight) {
  struct State {
    absl::Mutex mutex;
    int64_t next ABSL_GUARDED_BY(mutex) = 0;
    size_t running ABSL_GUARDED_BY(mutex) = 0;
    absl::Status failure ABSL_GUARDED_BY(mutex);
    std::function<void()> go;
  } state;
  state.go = [&] {
    int64_t number;
    {
      absl::MutexLock lock(&state.mutex);
      if (state.next == count || !state.failure.ok()) {
        --state.running;
        return;
      }
      number = state.next++;
    }
    start(number, [&state](const grpc::Status& status) {
      if (!status.ok()) {
        absl::MutexLock lock(&state.mutex);
        state.failure =
            absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
      }
      state.go();
    });
  };
  {
    absl::MutexLock lock(&state.mutex);
    state.running = in_flight;
  }
  for (size_t i = 0; i < in_flight; ++i) state.go();
  absl::MutexLock lock(&state.mutex);
  const auto ended = [&state]() ABSL_SHARED_LOCKS_REQUIRED(state.mutex) { return state.running == 0; };
  state.mutex.Await(absl::Condition(&ended));
  return state.failure;
}

absl::StatusOr<LoadFigures> RunLoad(const StartCall& start, size_t in_flight, absl::Duration warm_up,
                                    absl::Duration length) {
  return Loop(start, in_flight, warm_up, length).Run();
}

}  // namespace greenroom::bench
