#include "services/session/regrade_worker.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/session/domain/digest.h"
#include "services/session/domain/fold.h"
#include "services/session/domain/views.h"

namespace greenroom::session {
namespace {

bool Holds(const google::protobuf::RepeatedPtrField<std::string>& wanted, const std::string& one) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), one) != wanted.end();
}

std::optional<int32_t> ScoreOf(const v1::Graded& graded) {
  if (!graded.report().has_score()) return std::nullopt;
  return graded.report().score();
}

// Whether both say the same of the answer, whoever says it and against whichever revision.
bool SaysTheSame(const v1::Graded& a, const v1::Graded& b) {
  const auto said = [](scoring::v1::Report report) {
    report.clear_grader();
    report.clear_question();
    return DeterministicBytes(report);
  };
  return a.has_report() == b.has_report() && said(a.report()) == said(b.report());
}

// The answer's log is gone, or closed to writes for good: there is nothing to record any more.
bool IsGone(const absl::Status& status) {
  return absl::IsNotFound(status) || absl::IsFailedPrecondition(status);
}

}  // namespace

absl::Status RegradeWorkerOptions::Validate() const {
  if (poll <= absl::ZeroDuration()) return absl::InvalidArgumentError("poll must be positive");
  if (batch < 1) return absl::InvalidArgumentError("batch must be at least 1");
  if (share <= 0 || share > 1) return absl::InvalidArgumentError("share must be in (0, 1]");
  if (lease <= 2 * (piece + deadline)) return absl::InvalidArgumentError("lease is shorter than two pieces");
  if (lease > kFarthestTry) return absl::InvalidArgumentError("lease is at most kFarthestTry");
  return absl::OkStatus();
}

RegradeWorker::RegradeWorker(GradebookStore& store, EventLog& log, Ledger& ledger, Grader& grader,
                             const Clock& clock, Rng& rng, Logger& logger, RegradeWorkerOptions options)
    : store_(store),
      log_(log),
      ledger_(ledger),
      grader_(grader),
      clock_(clock),
      logger_(logger),
      options_(options),
      owner_(rng.Uuid()),
      pacer_(options.share, clock) {}

void RegradeWorker::Start() {
  thread_ = std::thread([this] {
    while (pacer_.Wait(RunOnce() ? absl::ZeroDuration() : options_.poll)) {
    }
  });
}

void RegradeWorker::Stop() {
  if (!thread_.joinable()) return;
  pacer_.Stop();
  thread_.join();
}

absl::Time RegradeWorker::Soon() const { return absl::Now() + options_.deadline; }

bool RegradeWorker::RunOnce() {
  absl::StatusOr<std::optional<StoredRegrade>> taken =
      SyncWait(store_.TakeRegrade(owner_, clock_.Now(), options_.lease, Soon()));
  if (!taken.ok()) {
    logger_.Warning("regrades cannot be read", {{"code", absl::StatusCodeToString(taken.status().code())}});
    return false;
  }
  if (!taken->has_value()) return false;
  StoredRegrade regrade = **std::move(taken);
  renewed_ = clock_.Monotonic();
  pacer_.Begin();
  for (;;) {
    const bool computing = regrade.regrade.state() == v1::REGRADE_STATE_COMPUTING;
    const absl::StatusOr<Progress> progress = computing ? Preview(regrade) : Apply(regrade);
    if (!progress.ok()) {
      logger_.Warning("a regrade waits", {{"regrade", regrade.id},
                                          {"code", absl::StatusCodeToString(progress.status().code())}});
      return false;
    }
    if (*progress == Progress::kMore && !pacer_.stopped()) continue;
    logger_.Info("a regrade is left", {{"regrade", regrade.id},
                                       {"state", v1::RegradeState_Name(regrade.regrade.state())},
                                       {"answers", regrade.regrade.answers()},
                                       {"changes", regrade.regrade.changes()}});
    return true;
  }
}

absl::StatusOr<RegradeWorker::Progress> RegradeWorker::Preview(StoredRegrade& regrade) {
  ASSIGN_OR_RETURN(
      const std::vector<CreatedSession> sessions,
      SyncWait(store_.SessionsAfter(regrade.tenant, regrade.cursor, regrade.until, options_.batch, Soon())));
  const absl::Duration began = clock_.Monotonic();
  absl::Status failure;
  std::vector<StoredChange> changes;
  size_t looked_at = 0;
  StoredRegrade next = regrade;
  for (const CreatedSession& created : sessions) {
    Found found;
    failure = SyncWait(LookAt(created.session, regrade, found));
    if (absl::IsDataLoss(failure)) {  // nobody can read it, now or later
      logger_.Warning("a session cannot be read", {{"regrade", regrade.id}});
      failure = absl::OkStatus();
    }
    if (!failure.ok()) break;
    v1::Regrade& counts = next.regrade;
    counts.set_answers(counts.answers() + found.answers);
    counts.set_changes(counts.changes() + found.changes);
    counts.set_raised(counts.raised() + found.raised);
    counts.set_lowered(counts.lowered() + found.lowered);
    counts.set_overridden(counts.overridden() + found.overridden);
    counts.set_failures(counts.failures() + found.failures);
    std::move(found.list.begin(), found.list.end(), std::back_inserter(changes));
    next.cursor = created.commit_seq;
    ++looked_at;
    if (!pacer_.Rest() || clock_.Monotonic() - began > options_.piece) break;
  }
  const bool all = looked_at == sessions.size() && sessions.size() < static_cast<size_t>(options_.batch);
  if (all) next.regrade.set_state(v1::REGRADE_STATE_READY);
  ASSIGN_OR_RETURN(const Progress progress, Save(next, std::move(changes)));
  regrade = std::move(next);
  if (!failure.ok()) return failure;
  return progress == Progress::kMore && all ? Progress::kDone : progress;
}

absl::StatusOr<RegradeWorker::Progress> RegradeWorker::Apply(StoredRegrade& regrade) {
  ASSIGN_OR_RETURN(
      const std::vector<StoredChange> changes,
      SyncWait(store_.ListChanges(regrade.tenant, regrade.id, regrade.applied, options_.batch, Soon())));
  const absl::Duration began = clock_.Monotonic();
  absl::Status failure;
  size_t done = 0;
  StoredRegrade next = regrade;
  for (const StoredChange& change : changes) {
    if (change.grade.failure().empty()) {
      failure = SyncWait(Record(change, regrade.regrade.number()));
      if (failure.ok()) next.regrade.set_applied(next.regrade.applied() + 1);
      if (IsGone(failure)) failure = absl::OkStatus();
    }
    if (!failure.ok()) break;
    next.applied = change.key();
    ++done;
    if (!pacer_.Rest() || clock_.Monotonic() - began > options_.piece) break;
  }
  const bool all = done == changes.size() && changes.size() < static_cast<size_t>(options_.batch);
  if (all) {
    next.regrade.set_state(v1::REGRADE_STATE_APPLIED);
    next.applied = {};  // it names a learner, who may be erased one day
  }
  ASSIGN_OR_RETURN(const Progress progress, Save(next, {}));
  regrade = std::move(next);
  if (!failure.ok()) return failure;
  return progress == Progress::kMore && all ? Progress::kDone : progress;
}

absl::StatusOr<RegradeWorker::Progress> RegradeWorker::Save(const StoredRegrade& regrade,
                                                            std::vector<StoredChange> changes) {
  // Whoever stops leaves the rest to others at once.
  const absl::Time lease = pacer_.stopped() ? absl::UnixEpoch() : clock_.Now() + options_.lease;
  ASSIGN_OR_RETURN(const bool saved,
                   SyncWait(store_.SavePiece(owner_, regrade, std::move(changes), lease, Soon())));
  renewed_ = clock_.Monotonic();
  return saved ? Progress::kMore : Progress::kLost;
}

Task<absl::Status> RegradeWorker::Renew(const StoredRegrade& regrade) {
  if (clock_.Monotonic() - renewed_ < options_.lease / 3) co_return absl::OkStatus();
  ASSIGN_OR_CO_RETURN(const bool held,
                      store_.SavePiece(owner_, regrade, {}, clock_.Now() + options_.lease, Soon()));
  renewed_ = clock_.Monotonic();
  co_return held ? absl::OkStatus() : absl::AbortedError("another works at the regrade");
}

Task<absl::Status> RegradeWorker::LookAt(SessionKey session, const StoredRegrade& regrade, Found& found) {
  ASSIGN_OR_CO_RETURN(std::vector<Event> events, log_.ReadSession(session, 0, Soon()));
  const std::optional<SessionFold> fold = FoldSession(std::move(events));
  if (!fold.has_value()) co_return absl::OkStatus();
  const std::string& revision = fold->live.revision();
  if (PackOfRevision(revision) != regrade.regrade.pack() || !Holds(regrade.regrade.revisions(), revision)) {
    co_return absl::OkStatus();
  }
  for (const FoldedAnswer& answer : fold->answers) {
    if (!Holds(regrade.regrade.questions(), answer.submitted->payload.submitted().question())) continue;
    CO_RETURN_IF_ERROR(Renew(regrade));
    CO_RETURN_IF_ERROR(Grade(session, *fold, answer, regrade, found));
  }
  co_return absl::OkStatus();
}

Task<absl::Status> RegradeWorker::Grade(const SessionKey& session, const SessionFold& fold,
                                        const FoldedAnswer& answer, const StoredRegrade& regrade,
                                        Found& found) {
  const Event* before = GradersGrade(fold, answer);
  if (before == nullptr) co_return absl::OkStatus();  // its first grade is to come
  const v1::Submitted& submitted = answer.submitted->payload.submitted();
  const std::string& against = regrade.regrade.against();
  StoredChange change;
  change.session = session;
  change.answer = answer.submitted->event_id;
  change.question = submitted.question();
  change.old_score = ScoreOf(before->payload.graded());
  change.overridden = answer.grade->payload.graded().cause() == v1::GRADE_CAUSE_OVERRIDE;
  change.grade.set_answer(change.answer);
  change.grade.set_cause(v1::GRADE_CAUSE_REGRADE);
  change.grade.set_decided_by(regrade.id);
  change.grade.set_question_name(against.empty() ? submitted.question_name()
                                                 : absl::StrCat(against, "/questions/", change.question));
  absl::StatusOr<scoring::v1::Report> report = co_await grader_.Grade(
      session.learner, change.grade.question_name(), submitted.text(), OutgoingCall(Soon()));
  if (!report.ok()) {
    change.grade.set_failure(OwnFailure(report.status()));
    if (change.grade.failure().empty()) co_return report.status();
  } else {
    *change.grade.mutable_report() = *std::move(report);
  }
  ++found.answers;
  change.new_score = ScoreOf(change.grade);
  if (!change.grade.failure().empty()) {
    ++found.failures;
    found.list.push_back(std::move(change));
  } else if (!SaysTheSame(before->payload.graded(), change.grade)) {
    ++found.changes;
    // No score counts as lower than any.
    found.raised += change.new_score.value_or(-1) > change.old_score.value_or(-1) ? 1 : 0;
    found.lowered += change.new_score.value_or(-1) < change.old_score.value_or(-1) ? 1 : 0;
    found.overridden += change.overridden ? 1 : 0;
    found.list.push_back(std::move(change));
  }
  co_return absl::OkStatus();
}

Task<absl::Status> RegradeWorker::Record(StoredChange change, int32_t number) {
  WriteCommand command;
  command.session = change.session;
  command.event_id = Ledger::GradeEventId(change.answer, v1::GRADE_CAUSE_REGRADE, number);
  v1::EventPayload payload;
  *payload.mutable_graded() = std::move(change.grade);
  payload.mutable_graded()->set_regrade_number(number);
  command.decide = [&payload](const v1::LiveState*) { return Verdict::Write(payload); };
  // Where it was recorded before this is a replay, and as good.
  absl::StatusOr<WriteOutcome> outcome = co_await ledger_.Write(std::move(command), Soon());
  co_return outcome.status();
}

}  // namespace greenroom::session
