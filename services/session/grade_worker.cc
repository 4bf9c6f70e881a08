#include "services/session/grade_worker.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "absl/time/clock.h"
#include "services/base/status.h"
#include "services/session/domain/follow_ups.h"

namespace greenroom::session {

absl::Status GradeWorkerOptions::Validate() const {
  if (poll <= absl::ZeroDuration()) return absl::InvalidArgumentError("poll must be positive");
  if (batch < 1) return absl::InvalidArgumentError("batch must be at least 1");
  if (lease <= 2 * grade_deadline + write_deadline)
    return absl::InvalidArgumentError("lease is shorter than a round");
  if (std::max(lease, backoff_max) > kFarthestTry)
    return absl::InvalidArgumentError("lease and backoff_max are at most kFarthestTry");
  return absl::OkStatus();
}

GradeWorker::GradeWorker(EventLog& log, Ledger& ledger, Grader& grader, Catalogue& catalogue,
                         const Clock& clock, Rng& rng, SessionMetrics& metrics, Logger& logger,
                         GradeWorkerOptions options)
    : log_(log),
      ledger_(ledger),
      grader_(grader),
      catalogue_(catalogue),
      clock_(clock),
      rng_(rng),
      metrics_(metrics),
      logger_(logger),
      options_(options),
      owner_(rng.Uuid()) {}

GradeWorker::~GradeWorker() { Stop(); }

void GradeWorker::Start() {
  thread_ = std::thread([this] { Run(); });
}

void GradeWorker::Stop() {
  if (!thread_.joinable()) return;
  stop_.set_value();
  thread_.join();
}

void GradeWorker::Run() {
  const std::future<void> stopped = stop_.get_future();
  for (;;) {
    const bool more = RunOnce() >= options_.batch;
    const absl::Duration pause = more ? absl::ZeroDuration() : options_.poll;
    // By the monotonic clock. Abseil waits by the one on the wall: set back by an hour, it would make this an hour longer.
    if (stopped.wait_for(absl::ToChronoNanoseconds(pause)) == std::future_status::ready) return;
  }
}

int GradeWorker::RunOnce() {
  absl::StatusOr<std::vector<PendingGrade>> taken = SyncWait(log_.TakePending(
      owner_, clock_.Now(), options_.lease, options_.batch, absl::Now() + options_.write_deadline));
  if (!taken.ok()) {
    logger_.Warning("pending grades cannot be read",
                    {{"code", absl::StatusCodeToString(taken.status().code())}});
    return 0;
  }
  const int count = static_cast<int>(taken->size());
  metrics_.grades_taken.Set(count);
  absl::BlockingCounter left(count);
  for (PendingGrade& pending : *taken) {
    StartTask(Handle(std::move(pending)), [&left](bool) { left.DecrementCount(); });
  }
  left.Wait();
  metrics_.grades_taken.Set(0);
  return count;
}

Task<bool> GradeWorker::Handle(PendingGrade pending) {
  absl::Status completed = co_await Complete(pending);
  if (completed.ok()) co_return true;
  // Without a session: its creation is still on a device, which may stay away for long.
  const bool orphan = absl::IsNotFound(completed);
  const absl::Time next_try = clock_.Now() + (orphan ? kFarthestTry : Backoff(pending.tries));
  logger_.Info("grade postponed",
               {{"code", absl::StatusCodeToString(completed.code())}, {"tries", pending.tries + 1}});
  absl::Status postponed =
      co_await log_.Postpone(owner_, std::move(pending), next_try, absl::Now() + options_.write_deadline);
  if (!postponed.ok()) {  // the lease ends by itself
    logger_.Warning("grade not postponed", {{"code", absl::StatusCodeToString(postponed.code())}});
  }
  co_return false;
}

Task<absl::Status> GradeWorker::Complete(PendingGrade pending) {
  const LearnerKey learner = pending.session.learner;
  absl::StatusOr<std::optional<Event>> found =
      co_await log_.FindEvent(learner, pending.answer, absl::Now() + options_.write_deadline);
  if (!found.ok()) co_return found.status();
  if (!found->has_value() || !(*found)->payload.has_submitted()) {
    co_return absl::DataLossError("a pending grade without its answer");
  }
  const v1::Submitted& submitted = (*found)->payload.submitted();
  std::string question_name = submitted.question_name();
  if (question_name.empty()) {  // given offline: the revision is its session's, which may not have arrived
    ASSIGN_OR_CO_RETURN(const LoadedSession session,
                        ledger_.Load(pending.session, 0, false, absl::Now() + options_.write_deadline));
    question_name = session.state.revision() + "/questions/" + submitted.question();
  }
  const absl::Time began = absl::Now();
  absl::StatusOr<scoring::v1::Report> report = co_await grader_.Grade(
      learner, question_name, submitted.text(), {}, OutgoingCall(began + options_.grade_deadline));
  v1::EventPayload grade = InitialGrade(pending.answer, question_name, report);
  if (absl::IsInternal(report.status()) && pending.tries + 1 >= options_.internal_tries) {
    grade.mutable_graded()->set_failure("INTERNAL");
  }
  const bool failed = !grade.graded().failure().empty();
  metrics_.Graded(report.ok() ? "graded" : failed ? "failed" : "late", absl::Now() - began);
  if (!report.ok() && !failed) co_return report.status();
  absl::Status recorded = co_await Record(pending, std::move(grade));
  co_return recorded;
}

Task<absl::Status> GradeWorker::Record(const PendingGrade& pending, v1::EventPayload grade) {
  WriteCommand command;
  command.session = pending.session;
  command.event_id = Ledger::GradeEventId(pending.answer, v1::GRADE_CAUSE_INITIAL, 0);
  std::shared_ptr<const RevisionContent> revision;
  command.prepare = [&](const v1::LiveState& state) {
    return FindFollowUps(pending, grade.graded(), state, revision);
  };
  command.decide = [&grade](const v1::LiveState*) { return Verdict::Write(grade); };
  command.follow = [&](const v1::LiveState& state, const v1::Graded& graded) {
    const std::string question = QuestionOfFirstAnswer(state, pending.answer);
    if (question.empty() || revision == nullptr) return std::vector<v1::EventPayload>();
    return FollowUpsOf(state, revision->questions, question, graded);
  };
  // Where another worker was faster this is a replay, and as good.
  absl::StatusOr<WriteOutcome> outcome =
      co_await ledger_.Write(std::move(command), absl::Now() + options_.write_deadline);
  co_return outcome.status();
}

Task<absl::Status> GradeWorker::FindFollowUps(const PendingGrade& pending, const v1::Graded& graded,
                                              const v1::LiveState& state,
                                              std::shared_ptr<const RevisionContent>& revision) {
  if (QuestionOfFirstAnswer(state, pending.answer).empty() || !MissedSomething(graded.report())) {
    co_return absl::OkStatus();
  }
  absl::StatusOr<std::shared_ptr<const RevisionContent>> found = co_await catalogue_.GetRevision(
      pending.session.learner, state.revision(), OutgoingCall(absl::Now() + options_.grade_deadline));
  if (absl::IsNotFound(found.status())) co_return absl::OkStatus();
  if (!found.ok()) co_return found.status();
  revision = *std::move(found);
  co_return absl::OkStatus();
}

absl::Duration GradeWorker::Backoff(int32_t tries) {
  const absl::Duration most = std::min(
      options_.backoff_max, options_.backoff_first * static_cast<double>(int64_t{1} << std::min(tries, 20)));
  return most * (0.5 + rng_.Fraction() / 2);
}

}  // namespace greenroom::session
