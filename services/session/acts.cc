// Hints, reveals, ratings, skips.
#include <utility>

#include "services/base/resource_name.h"
#include "services/base/uuid.h"
#include "services/session/domain/content_hash.h"
#include "services/session/domain/decide.h"
#include "services/session/domain/learner_view.h"
#include "services/session/errors.h"
#include "services/session/handlers.h"

namespace greenroom::session {
namespace {

template <typename Request>
WriteCommand CommandOf(const Request& request, const Target& target, std::string content,
                       absl::Time received) {
  WriteCommand command;
  command.session = target.session;
  command.event_id = *CanonicalUuid(request.request_id());
  command.content_sha256 = std::move(content);
  command.device = request.device();
  command.seen_sequence = request.seen_sequence();
  command.question = request.question();
  command.received_time = received;
  return command;
}

// The table's word on an act whose event is `payload`.
Verdict VerdictOf(const Ruling& ruling, const Target& target, const std::string& question,
                  v1::EventPayload payload) {
  if (ruling.refusal != Refusal::kNone) {
    return Verdict::Refuse(error::Refused(ruling.refusal, target.name, question));
  }
  return ruling.repeats ? Verdict::Repeat() : Verdict::Write(std::move(payload));
}

}  // namespace

Task<absl::Status> Handlers::FindContent(Call& call, SessionKey key, const v1::LiveState& state,
                                         std::string question, PlannedQuestion& found) {
  if (FindQuestion(state, question) == nullptr) co_return absl::OkStatus();
  ASSIGN_OR_CO_RETURN(found.revision,
                      parts_.catalogue.GetRevision(key.learner, state.revision(), call.Outgoing()));
  found.question = found.revision->Find(question);
  if (found.question == nullptr) co_return absl::InternalError("a revision has lost a question of a plan");
  co_return absl::OkStatus();
}

Task<absl::Status> Handlers::FindToShow(Call& call, const Target& target, const v1::LiveState& state,
                                        std::string question, PlannedQuestion& found) {
  CO_RETURN_IF_ERROR(CheckShown(call, target, state));
  CO_RETURN_IF_ERROR(FindContent(call, target.session, state, std::move(question), found));
  co_return absl::OkStatus();
}

Task<absl::StatusOr<v1::TakeHintResponse>> Handlers::TakeHint(Call& call,
                                                              const v1::TakeHintRequest& request) {
  CO_RETURN_IF_ERROR_NOW(Validate(request));
  ASSIGN_OR_CO_RETURN_NOW(const Target target,
                          ResolveSession(request.session(), "session", call.caller(), Access::kOwn));
  PlannedQuestion planned;
  const absl::Time received = parts_.clock.Now();
  WriteCommand command = CommandOf(request, target, ContentOfHint(request, target.session.session), received);
  command.prepare = [&](const v1::LiveState& state) {
    return FindToShow(call, target, state, request.question(), planned);
  };
  command.decide = [&](const v1::LiveState* state) {
    const int32_t hints = planned.question == nullptr ? 0 : planned.question->hints_size();
    v1::EventPayload payload;
    payload.mutable_hint_taken()->set_question(request.question());
    return VerdictOf(session::Decide(*state, request.question(), Act::kTakeHint, received, hints), target,
                     request.question(), std::move(payload));
  };
  ASSIGN_OR_CO_RETURN(const WriteOutcome outcome, parts_.ledger.Write(command, call.deadline()));

  int32_t number = 0;
  if (outcome.replayed) {
    ASSIGN_OR_CO_RETURN(const SessionFold fold, parts_.ledger.ReadFold(target.session, call.deadline()));
    const auto found = fold.hint_numbers.find(outcome.event.event_id);
    if (found != fold.hint_numbers.end()) number = found->second;
  } else {
    number = FindQuestion(outcome.before, request.question())->hints_taken() + 1;
  }
  v1::TakeHintResponse response;
  if (number >= 1 && number <= planned.question->hints_size())
    response.set_hint(planned.question->hints(number - 1));
  response.set_number(number);
  response.set_hints_left(planned.question->hints_size() - number);
  response.set_sequence(outcome.event.seq);
  response.set_replayed(outcome.replayed);
  co_return response;
}

Task<absl::StatusOr<v1::RevealAnswerResponse>> Handlers::RevealAnswer(
    Call& call, const v1::RevealAnswerRequest& request) {
  CO_RETURN_IF_ERROR_NOW(Validate(request));
  ASSIGN_OR_CO_RETURN_NOW(const Target target,
                          ResolveSession(request.session(), "session", call.caller(), Access::kOwn));
  PlannedQuestion planned;
  const absl::Time received = parts_.clock.Now();
  WriteCommand command =
      CommandOf(request, target, ContentOfReveal(request, target.session.session), received);
  command.prepare = [&](const v1::LiveState& state) {
    return FindToShow(call, target, state, request.question(), planned);
  };
  command.decide = [&](const v1::LiveState* state) {
    v1::EventPayload payload;
    payload.mutable_revealed()->set_question(request.question());
    return VerdictOf(session::Decide(*state, request.question(), Act::kReveal, received), target,
                     request.question(), std::move(payload));
  };
  ASSIGN_OR_CO_RETURN(const WriteOutcome outcome, parts_.ledger.Write(command, call.deadline()));

  v1::RevealAnswerResponse response;
  *response.mutable_reveal() = RevealOf(*planned.question);
  response.set_sequence(outcome.repeated ? FindQuestion(outcome.state, request.question())->reveal_sequence()
                                         : outcome.event.seq);
  response.set_replayed(outcome.repeated || outcome.replayed);
  co_return response;
}

Task<absl::StatusOr<v1::RateAnswerResponse>> Handlers::RateAnswer(Call& call,
                                                                  const v1::RateAnswerRequest& request) {
  CO_RETURN_IF_ERROR_NOW(Validate(request));
  ASSIGN_OR_CO_RETURN_NOW(const Target target,
                          ResolveSession(request.session(), "session", call.caller(), Access::kOwn));
  std::string answer;
  if (!request.answer().empty()) {
    const absl::StatusOr<Target> rated =
        ResolveAnswer(request.answer(), "answer", call.caller(), Access::kOwn);
    const bool elsewhere =
        absl::IsNotFound(rated.status()) || (rated.ok() && rated->session != target.session);
    if (elsewhere) co_return error::AnswerNotFound(request.answer());
    if (!rated.ok()) co_return rated.status();
    answer = rated->answer;
  }
  const absl::Time received = parts_.clock.Now();
  WriteCommand command =
      CommandOf(request, target, ContentOfRate(request, target.session.session, answer), received);
  if (!answer.empty()) {
    command.prepare = [&](const v1::LiveState&) {
      return CheckAnswer(call, target.session, answer, request.question(), request.answer());
    };
  }
  command.decide = [&](const v1::LiveState* state) {
    v1::EventPayload payload;
    v1::Rated& rated = *payload.mutable_rated();
    rated.set_question(request.question());
    rated.set_answer(answer);
    rated.set_rating(request.rating());
    *rated.mutable_claimed_points() = request.claimed_points();
    return VerdictOf(session::Decide(*state, request.question(), Act::kRate, received), target,
                     request.question(), std::move(payload));
  };
  ASSIGN_OR_CO_RETURN(const WriteOutcome outcome, parts_.ledger.Write(command, call.deadline()));
  v1::RateAnswerResponse response;
  response.set_sequence(outcome.event.seq);
  response.set_replayed(outcome.replayed);
  co_return response;
}

Task<absl::Status> Handlers::CheckAnswer(Call& call, const SessionKey& key, std::string answer,
                                         std::string question, std::string name) {
  absl::StatusOr<std::optional<Event>> found =
      co_await parts_.log.FindEvent(key.learner, answer, call.deadline());
  if (!found.ok()) co_return error::OfLog(found.status());
  const bool matches = found->has_value() && (*found)->session == key.session &&
                       (*found)->payload.has_submitted() &&
                       (*found)->payload.submitted().question() == question;
  co_return matches ? absl::OkStatus() : error::AnswerNotFound(name);
}

Task<absl::StatusOr<v1::SkipQuestionResponse>> Handlers::SkipQuestion(
    Call& call, const v1::SkipQuestionRequest& request) {
  CO_RETURN_IF_ERROR_NOW(Validate(request));
  ASSIGN_OR_CO_RETURN_NOW(const Target target,
                          ResolveSession(request.session(), "session", call.caller(), Access::kOwn));
  const absl::Time received = parts_.clock.Now();
  WriteCommand command = CommandOf(request, target, ContentOfSkip(request, target.session.session), received);
  command.decide = [&](const v1::LiveState* state) {
    v1::EventPayload payload;
    payload.mutable_skipped()->set_question(request.question());
    return VerdictOf(session::Decide(*state, request.question(), Act::kSkip, received), target,
                     request.question(), std::move(payload));
  };
  ASSIGN_OR_CO_RETURN(const WriteOutcome outcome, parts_.ledger.Write(command, call.deadline()));
  v1::SkipQuestionResponse response;
  response.set_sequence(outcome.event.seq);
  response.set_replayed(outcome.replayed);
  co_return response;
}

}  // namespace greenroom::session
