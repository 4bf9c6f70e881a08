#include "services/session/deadline_worker.h"

#include <utility>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "absl/time/clock.h"
#include "services/session/domain/deadlines.h"

namespace greenroom::session {

absl::Status DeadlineWorkerOptions::Validate() const {
  if (poll <= absl::ZeroDuration()) return absl::InvalidArgumentError("poll must be positive");
  if (batch < 1) return absl::InvalidArgumentError("batch must be at least 1");
  if (lease <= 2 * deadline) return absl::InvalidArgumentError("lease is shorter than a round");
  if (lease > kFarthestTry) return absl::InvalidArgumentError("lease is at most kFarthestTry");
  return absl::OkStatus();
}

DeadlineWorker::DeadlineWorker(EventLog& log, Ledger& ledger, const Clock& clock, Rng& rng, Logger& logger,
                               DeadlineWorkerOptions options)
    : log_(log), ledger_(ledger), clock_(clock), logger_(logger), options_(options), owner_(rng.Uuid()) {}

DeadlineWorker::~DeadlineWorker() { Stop(); }

void DeadlineWorker::Start() {
  thread_ = std::thread([this] { Run(); });
}

void DeadlineWorker::Stop() {
  if (!thread_.joinable()) return;
  stop_.set_value();
  thread_.join();
}

void DeadlineWorker::Run() {
  const std::future<void> stopped = stop_.get_future();
  for (;;) {
    const bool more = RunOnce() >= options_.batch;
    const absl::Duration pause = more ? absl::ZeroDuration() : options_.poll;
    // By the monotonic clock, as the grade worker.
    if (stopped.wait_for(absl::ToChronoNanoseconds(pause)) == std::future_status::ready) return;
  }
}

int DeadlineWorker::RunOnce() {
  absl::StatusOr<std::vector<SessionKey>> taken = SyncWait(
      log_.TakeAlarms(owner_, clock_.Now(), options_.lease, options_.batch, absl::Now() + options_.deadline));
  if (!taken.ok()) {
    logger_.Warning("alarms cannot be read", {{"code", absl::StatusCodeToString(taken.status().code())}});
    return 0;
  }
  const int count = static_cast<int>(taken->size());
  absl::BlockingCounter left(count);
  for (SessionKey& session : *taken) {
    StartTask(Handle(std::move(session)), [&left](bool) { left.DecrementCount(); });
  }
  left.Wait();
  return count;
}

Task<bool> DeadlineWorker::Handle(SessionKey session) {
  const absl::Time deadline = absl::Now() + options_.deadline;
  // As the log has it: an alarm must not be dropped for a live state that lags behind.
  absl::StatusOr<LogHead> head = co_await log_.Head(session.learner, deadline);
  if (!head.ok()) co_return false;
  absl::StatusOr<LoadedSession> loaded = co_await ledger_.Load(session, head->seq, false, deadline);
  if (!loaded.ok() && !absl::IsNotFound(loaded.status())) {
    logger_.Info("session not ended", {{"code", absl::StatusCodeToString(loaded.status().code())}});
    co_return false;
  }
  const std::optional<absl::Time> next = loaded.ok() ? NextDeadline(loaded->state) : std::nullopt;
  if (next.has_value() && *next < clock_.Now()) co_return false;  // it waits for its drafts
  // Where something was done the log has another alarm by now; this is for one that came to nothing.
  absl::Status set =
      co_await log_.SetAlarm(owner_, std::move(session), next.value_or(absl::InfinitePast()), deadline);
  if (!set.ok()) logger_.Warning("alarm not set", {{"code", absl::StatusCodeToString(set.code())}});
  co_return set.ok();
}

}  // namespace greenroom::session
