#include "services/session/memory_worker.h"

#include <utility>

#include "absl/time/clock.h"
#include "services/base/task.h"

namespace greenroom::session {

absl::Status MemoryWorkerOptions::Validate() const {
  if (poll <= absl::ZeroDuration()) return absl::InvalidArgumentError("poll must be positive");
  if (batch < 1) return absl::InvalidArgumentError("batch must be at least 1");
  if (lease <= round + 2 * learner_deadline)
    return absl::InvalidArgumentError("lease is shorter than a round");
  if (lease > kFarthestWalk) return absl::InvalidArgumentError("lease is at most kFarthestWalk");
  return absl::OkStatus();
}

MemoryWorker::MemoryWorker(MemoryIndex& index, MemoryDeriver& deriver, const Clock& clock, Logger& logger,
                           MemoryWorkerOptions options)
    : index_(index), deriver_(deriver), clock_(clock), logger_(logger), options_(options) {}

void MemoryWorker::Start() {
  thread_ = std::thread([this] { Run(); });
}

void MemoryWorker::Stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  stop_.set_value();
  thread_.join();
}

void MemoryWorker::Run() {
  const std::future<void> stopped = stop_.get_future();
  for (;;) {
    const bool more = RunOnce().more;
    // By the monotonic clock, as GradeWorker waits.
    const absl::Duration pause = more ? absl::ZeroDuration() : options_.poll;
    if (stopped.wait_for(absl::ToChronoNanoseconds(pause)) == std::future_status::ready) return;
  }
}

MemoryWorker::Round MemoryWorker::RunOnce() {
  absl::StatusOr<MemoryWalk> walk = SyncWait(index_.BeginWalk(
      clock_.Now(), options_.quiet, options_.lease, options_.batch, absl::Now() + options_.learner_deadline));
  if (!walk.ok()) {
    logger_.Warning("the memory index cannot be read",
                    {{"code", absl::StatusCodeToString(walk.status().code())}});
    return {};
  }
  if (walk->to == walk->from) return {};
  Round round;
  const absl::Duration end = clock_.Monotonic() + options_.round;
  for (const LearnerKey& learner : walk->learners) {
    // What is begun anew after the lease's end, or by another process, has been taken in as far as it came.
    if (stopping_ || clock_.Monotonic() > end) return round;
    const absl::Status taken_in = TakeIn(learner);
    if (taken_in.ok()) {
      ++round.learners;
      continue;
    }
    logger_.Warning("a log was not taken into the memory index",
                    {{"code", absl::StatusCodeToString(taken_in.code())}});
    // One that cannot be read keeps no other waiting; where the store is away all of them wait for the lease's end.
    if (absl::IsUnavailable(taken_in) || absl::IsDeadlineExceeded(taken_in)) return round;
  }
  const absl::Status ended = SyncWait(index_.EndWalk(*walk, absl::Now() + options_.learner_deadline));
  if (!ended.ok()) {
    logger_.Warning("the memory index's walk did not end",
                    {{"code", absl::StatusCodeToString(ended.code())}});
    return round;
  }
  round.more = walk->to - walk->from >= options_.batch;
  return round;
}

absl::Status MemoryWorker::TakeIn(const LearnerKey& learner) {
  // A log that is longer than the time of one attempt is taken in by several.
  for (int64_t before = -1;;) {
    const absl::Time deadline = absl::Now() + options_.learner_deadline;
    ASSIGN_OR_RETURN(const int64_t reflected, SyncWait(deriver_.CatchUp(learner, deadline)));
    ASSIGN_OR_RETURN(const MemoryBacklog left, SyncWait(index_.Backlog(learner, 1, deadline)));
    if (left.head <= reflected || reflected == before || stopping_) return absl::OkStatus();
    before = reflected;
  }
}

}  // namespace greenroom::session
