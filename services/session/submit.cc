#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "services/base/uuid.h"
#include "services/session/domain/content_hash.h"
#include "services/session/domain/decide.h"
#include "services/session/domain/follow_ups.h"
#include "services/session/errors.h"
#include "services/session/handlers.h"

namespace greenroom::session {
namespace {

// What grading may take of a call's time.
constexpr absl::Duration kGradeWait = absl::Milliseconds(300);

v1::EventPayload PayloadOf(const v1::SubmitAnswerRequest& request, const std::string& question_name) {
  v1::EventPayload payload;
  v1::Submitted& submitted = *payload.mutable_submitted();
  submitted.set_question_name(question_name);
  submitted.set_question(request.question());
  submitted.set_text(request.text());
  // Values that a newer client knows are unspecified here.
  if (v1::Confidence_IsValid(request.confidence())) submitted.set_confidence(request.confidence());
  if (v1::InputMethod_IsValid(request.input())) submitted.set_input(request.input());
  if (request.has_active_duration()) *submitted.mutable_active_duration() = request.active_duration();
  if (request.has_shown_time()) *submitted.mutable_shown_time() = request.shown_time();
  return payload;
}

// What the reply of a submit shows, now and whenever it is replayed: as the question stood when it was answered.
Sight SightAtSubmit(v1::SessionMode mode, bool after_reveal) {
  Situation then;
  then.mode = mode;
  then.revealed = after_reveal;
  return SightOfLearner(then);
}

FoldedAnswer AnswerOf(const WriteOutcome& outcome, const std::string& question) {
  const v1::LiveQuestion* before = FindQuestion(outcome.before, question);
  FoldedAnswer answer;
  answer.submitted = &outcome.event;
  answer.attempt = before->attempts() + 1;
  answer.after_reveal = before->revealed();
  answer.counting = answer.attempt == 1 && !answer.after_reveal;
  for (const Event& event : outcome.follow_ups) {
    answer.follow_ups.push_back(event.payload.follow_up_added().question());
  }
  if (outcome.grade.has_value()) {
    answer.grade = &*outcome.grade;
    const v1::Graded& graded = outcome.grade->payload.graded();
    if (graded.report().has_score()) answer.score = graded.report().score();
    if (answer.score.has_value() && before->has_best_score_of_all()) {
      answer.gained = *answer.score - before->best_score_of_all();
    }
  }
  return answer;
}

}  // namespace

Task<absl::StatusOr<v1::SubmitAnswerResponse>> Handlers::SubmitAnswer(
    Call& call, const v1::SubmitAnswerRequest& request) {
  CO_RETURN_IF_ERROR_NOW(Validate(request));
  ASSIGN_OR_CO_RETURN_NOW(const Target target,
                          ResolveSession(request.session(), "session", call.caller(), Access::kOwn));
  std::string question_name;
  bool may_add = false;
  std::shared_ptr<const RevisionContent> revision;

  WriteCommand command;
  command.session = target.session;
  command.event_id = *CanonicalUuid(request.answer_id());
  command.content_sha256 = ContentOfSubmit(request, target.session.session);
  command.device = request.device();
  command.seen_sequence = request.seen_sequence();
  command.question = request.question();
  command.clear_draft = request.question();
  const absl::Time received = parts_.clock.Now();
  command.received_time = received;
  if (parts_.open_exams.MayHave(target.session.learner)) {
    command.prepare = [&](const v1::LiveState& state) { return CheckShown(call, target, state); };
  }
  command.decide = [&](const v1::LiveState* state) {
    const Ruling ruling = Decide(*state, request.question(), Act::kSubmit, received);
    if (!ruling.applies()) {
      return Verdict::Refuse(error::Refused(ruling.refusal, target.name, request.question()));
    }
    question_name = state->revision() + "/questions/" + request.question();
    may_add = MayAddFollowUps(*state, request.question());
    return Verdict::Write(PayloadOf(request, question_name));
  };
  command.grade = [&] {
    return GradeNow(call, target.session.learner, command.event_id, question_name, request.text(),
                    may_add ? &revision : nullptr);
  };
  command.follow = [&](const v1::LiveState& state, const v1::Graded& graded) {
    if (!may_add || revision == nullptr) return std::vector<v1::EventPayload>();
    return FollowUpsOf(state, revision->questions, request.question(), graded);
  };
  ASSIGN_OR_CO_RETURN(const WriteOutcome outcome, parts_.ledger.Write(command, call.deadline()));

  v1::SubmitAnswerResponse response;
  response.set_sequence(outcome.event.seq);
  response.set_replayed(outcome.replayed);
  if (outcome.replayed) {
    ASSIGN_OR_CO_RETURN(*response.mutable_answer(), ReplayedAnswer(call, target, outcome.event));
    co_return response;
  }
  parts_.metrics.AnswerAcknowledged(outcome.grade.has_value() ? "inline" : "pending");
  const FoldedAnswer answer = AnswerOf(outcome, request.question());
  *response.mutable_answer() =
      AnswerView(target.session, answer, SightAtSubmit(outcome.before.mode(), answer.after_reveal), false);
  co_return response;
}

Task<std::optional<v1::EventPayload>> Handlers::GradeNow(Call& call, LearnerKey learner, std::string answer,
                                                         std::string question_name, std::string text,
                                                         std::shared_ptr<const RevisionContent>* revision) {
  const absl::Time began = absl::Now();
  const absl::Duration wait = std::min(kGradeWait, (call.deadline() - began) / 2);
  absl::StatusOr<scoring::v1::Report> report =
      co_await parts_.grader.Grade(learner, question_name, std::move(text), {}, call.Outgoing().Within(wait));
  const bool failed = !report.ok() && !OwnFailure(report.status()).empty();
  parts_.metrics.Graded(report.ok() ? "graded" : failed ? "failed" : "late", absl::Now() - began);
  std::optional<v1::EventPayload> grade;
  if (report.ok() && revision != nullptr && MissedSomething(*report)) {
    const std::string name = question_name.substr(0, question_name.rfind("/questions/"));
    absl::StatusOr<std::shared_ptr<const RevisionContent>> found =
        co_await parts_.catalogue.GetRevision(std::move(learner), name, call.Outgoing().Within(wait));
    if (!found.ok() && !absl::IsNotFound(found.status())) co_return grade;  // the worker does both
    if (found.ok()) *revision = *std::move(found);
  }
  if (report.ok() || failed) grade = InitialGrade(answer, question_name, std::move(report));
  co_return grade;
}

Task<absl::StatusOr<v1::Answer>> Handlers::ReplayedAnswer(Call& call, const Target& target,
                                                          const Event& event) {
  ASSIGN_OR_CO_RETURN(const SessionFold fold, parts_.ledger.ReadFold(target.session, call.deadline()));
  const FoldedAnswer* answer = fold.FindAnswer(event.event_id);
  FoldedAnswer kept;  // in the log, but another event came to stand before it and it does not count
  kept.submitted = &event;
  if (answer == nullptr) answer = &kept;
  co_return AnswerView(target.session, *answer, SightAtSubmit(fold.live.mode(), answer->after_reveal), false);
}

}  // namespace greenroom::session
