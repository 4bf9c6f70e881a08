#include "services/session/exam_worker.h"

#include <atomic>
#include <utility>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "absl/time/clock.h"
#include "services/base/uuid.h"

namespace greenroom::session {

absl::Status ExamWorkerOptions::Validate() const {
  if (poll <= absl::ZeroDuration()) return absl::InvalidArgumentError("poll must be positive");
  if (batch < 1) return absl::InvalidArgumentError("batch must be at least 1");
  return absl::OkStatus();
}

ExamWorker::ExamWorker(AssignmentStore& assignments, OpenExams& open_exams, Ledger& ledger, Logger& logger,
                       ExamWorkerOptions options)
    : assignments_(assignments),
      open_exams_(open_exams),
      ledger_(ledger),
      logger_(logger),
      options_(options) {}

ExamWorker::~ExamWorker() { Stop(); }

void ExamWorker::Start() {
  thread_ = std::thread([this] { Run(); });
}

void ExamWorker::Stop() {
  if (!thread_.joinable()) return;
  stop_.set_value();
  thread_.join();
}

void ExamWorker::Run() {
  const std::future<void> stopped = stop_.get_future();
  for (;;) {
    const bool more = RunOnce() >= options_.batch;
    const absl::Duration pause = more ? absl::ZeroDuration() : options_.poll;
    // By the monotonic clock, as the grade worker.
    if (stopped.wait_for(absl::ToChronoNanoseconds(pause)) == std::future_status::ready) return;
  }
}

void ExamWorker::LookWhoHasOne() {
  open_exams_.BeginLook();
  absl::StatusOr<std::vector<LearnerKey>> learners = SyncWait(assignments_.ListLearnersInExams(
      static_cast<int32_t>(OpenExams::kMost) + 1, absl::Now() + options_.deadline));
  if (learners.ok()) open_exams_.Replace(*std::move(learners));  // else what was known stays
}

int ExamWorker::RunOnce() {
  LookWhoHasOne();
  absl::StatusOr<std::vector<SessionKey>> sessions =
      SyncWait(assignments_.ListUnreleased(options_.batch, absl::Now() + options_.deadline));
  if (!sessions.ok()) {
    logger_.Warning("exams cannot be read", {{"code", absl::StatusCodeToString(sessions.status().code())}});
    return 0;
  }
  std::atomic<int> released = 0;
  absl::BlockingCounter left(static_cast<int>(sessions->size()));
  for (SessionKey& session : *sessions) {
    StartTask(Release(std::move(session)), [&](bool done) {
      if (done) ++released;
      left.DecrementCount();
    });
  }
  left.Wait();
  return released;
}

Task<bool> ExamWorker::Release(SessionKey session) {
  WriteCommand command;
  command.event_id = UuidV5(session.session, "released");
  command.session = std::move(session);
  command.decide = [](const v1::LiveState*) {
    v1::EventPayload payload;
    payload.mutable_released();
    return Verdict::Write(std::move(payload));
  };
  // Where another worker was faster this is a replay, and as good.
  absl::StatusOr<WriteOutcome> outcome =
      co_await ledger_.Write(std::move(command), absl::Now() + options_.deadline);
  if (!outcome.ok()) {
    logger_.Info("exam not released", {{"code", absl::StatusCodeToString(outcome.status().code())}});
  }
  co_return outcome.ok();
}

}  // namespace greenroom::session
