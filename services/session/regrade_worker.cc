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

constexpr int32_t kDecisionsAtOnce = 100;

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
    report.clear_calibrated_with();
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
  if (recollect < absl::ZeroDuration()) return absl::InvalidArgumentError("recollect must not be negative");
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
  const bool worked = Work(regrade);
  examples_ = {};  // words of learners, who may be erased before the next
  examples_of_.clear();
  return worked;
}

bool RegradeWorker::Work(StoredRegrade& regrade) {
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

absl::Status RegradeWorker::Calibrate(StoredRegrade& regrade) {
  const std::string name = regrade.regrade.name();
  if (examples_of_ == name && clock_.Monotonic() - collected_ < options_.recollect) return absl::OkStatus();
  examples_of_.clear();
  ASSIGN_OR_RETURN(examples_, Collect(regrade));
  if (examples_.Name() != regrade.regrade.calibration()) {
    // The first time; or a learner was erased, and what their answer had a part in is not kept either; or a decision that
    // was being committed when the regrade was created can be seen now.
    StoredRegrade anew = regrade;
    anew.cursor = 0;
    v1::Regrade& counts = anew.regrade;
    for (const auto clear :
         {&v1::Regrade::clear_answers, &v1::Regrade::clear_changes, &v1::Regrade::clear_raised,
          &v1::Regrade::clear_lowered, &v1::Regrade::clear_overridden, &v1::Regrade::clear_failures}) {
      (counts.*clear)();
    }
    counts.set_graded_answers(examples_.count());
    counts.set_calibration(examples_.Name());
    ASSIGN_OR_RETURN(const bool held,
                     SyncWait(store_.RestartRegrade(owner_, anew, clock_.Now() + options_.lease, Soon())));
    if (!held) return absl::AbortedError("another works at the regrade");
    renewed_ = clock_.Monotonic();
    regrade = std::move(anew);
  }
  examples_of_ = name;
  collected_ = clock_.Monotonic();
  return absl::OkStatus();
}

absl::StatusOr<GradedExamples> RegradeWorker::Collect(const StoredRegrade& regrade) {
  GradedExamples examples;
  int64_t before = regrade.until + 1;
  for (;;) {
    ASSIGN_OR_RETURN(const std::vector<Decision> decisions,
                     SyncWait(store_.DecisionsBefore(regrade.tenant, before, kDecisionsAtOnce, Soon())));
    for (const Decision& decision : decisions) {
      before = decision.commit_seq;
      RETURN_IF_ERROR(SyncWait(Renew(regrade)));
      RETURN_IF_ERROR(SyncWait(Read(decision, regrade.regrade, examples)));
      if (!pacer_.Rest()) return absl::CancelledError("the worker stops");
    }
    if (decisions.size() < static_cast<size_t>(kDecisionsAtOnce)) return examples;
  }
}

Task<absl::Status> RegradeWorker::Read(const Decision& decision, const v1::Regrade& regrade,
                                       GradedExamples& examples) {
  EventNames names;
  names.event_ids = {decision.answer, decision.grade};
  absl::StatusOr<std::vector<Event>> events =
      co_await log_.FindEvents(decision.session.learner, std::move(names), Soon());
  if (absl::IsDataLoss(events.status())) co_return absl::OkStatus();  // nobody can read it, now or later
  if (!events.ok()) co_return events.status();
  const Event* submitted = nullptr;
  const Event* decided = nullptr;
  for (const Event& event : *events) (event.event_id == decision.grade ? decided : submitted) = &event;
  if (submitted == nullptr || decided == nullptr) co_return absl::OkStatus();  // erased meanwhile
  const std::string& question = decided->payload.graded().question_name();
  const bool asked_for =
      PackOfRevision(question.substr(0, question.rfind("/questions/"))) == regrade.pack() &&
      Holds(regrade.questions(), submitted->payload.submitted().question());
  if (asked_for) examples.Add(*submitted, *decided);
  co_return absl::OkStatus();
}

absl::StatusOr<RegradeWorker::Progress> RegradeWorker::Preview(StoredRegrade& regrade) {
  if (regrade.regrade.calibrate()) RETURN_IF_ERROR(Calibrate(regrade));
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
    failure = LookAt(created.session, regrade, found);
    if (pacer_.stopped()) break;      // perhaps in the middle of the session
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
    const bool enough = changes.size() >= static_cast<size_t>(options_.batch);
    if (!pacer_.Rest() || enough || clock_.Monotonic() - began > options_.piece) break;
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

absl::Status RegradeWorker::LookAt(const SessionKey& session, const StoredRegrade& regrade, Found& found) {
  ASSIGN_OR_RETURN(std::vector<Event> events, SyncWait(log_.ReadSession(session, 0, Soon())));
  const std::optional<SessionFold> fold = FoldSession(std::move(events));
  if (!fold.has_value()) return absl::OkStatus();
  const std::string& revision = fold->live.revision();
  if (PackOfRevision(revision) != regrade.regrade.pack() || !Holds(regrade.regrade.revisions(), revision)) {
    return absl::OkStatus();
  }
  for (const FoldedAnswer& answer : fold->answers) {
    if (!Holds(regrade.regrade.questions(), answer.submitted->payload.submitted().question())) continue;
    RETURN_IF_ERROR(SyncWait(Renew(regrade)));
    RETURN_IF_ERROR(SyncWait(Grade(session, *fold, answer, regrade, found)));
    // After each: what all answers of a session take at once, learners would wait for.
    if (!pacer_.Rest()) break;
  }
  return absl::OkStatus();
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
  // Not the answer's own: one that was given offline does not name its revision.
  change.grade.set_question_name(
      absl::StrCat(against.empty() ? fold.live.revision() : against, "/questions/", change.question));
  const GradedAnswers graded =
      regrade.regrade.calibrate() ? examples_.Of(change.grade.question_name()) : GradedAnswers();
  absl::StatusOr<scoring::v1::Report> report = co_await grader_.Grade(
      session.learner, change.grade.question_name(), submitted.text(), graded, OutgoingCall(Soon()));
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
