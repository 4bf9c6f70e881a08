// Stopping the clocks of a session, and letting them go on.
#include <utility>

#include "services/base/uuid.h"
#include "services/session/domain/content_hash.h"
#include "services/session/domain/decide.h"
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
  command.received_time = received;
  return command;
}

Verdict VerdictOf(const Ruling& ruling, const Target& target, v1::EventPayload payload) {
  if (ruling.refusal != Refusal::kNone) {
    return Verdict::Refuse(error::Refused(ruling.refusal, target.name, ""));
  }
  return ruling.repeats ? Verdict::Repeat() : Verdict::Write(std::move(payload));
}

}  // namespace

Task<absl::StatusOr<v1::PauseSessionResponse>> Handlers::PauseSession(
    Call& call, const v1::PauseSessionRequest& request) {
  CO_RETURN_IF_ERROR_NOW(Validate(request));
  ASSIGN_OR_CO_RETURN_NOW(const Target target,
                          ResolveSession(request.name(), "name", call.caller(), Access::kOwn));
  const absl::Time received = parts_.clock.Now();
  WriteCommand command = CommandOf(request, target, ContentOfPause(target.session.session), received);
  command.decide = [&](const v1::LiveState* state) {
    v1::EventPayload payload;
    payload.mutable_paused();
    return VerdictOf(DecidePause(*state, received), target, std::move(payload));
  };
  ASSIGN_OR_CO_RETURN(const WriteOutcome outcome, parts_.ledger.Write(command, call.deadline()));
  v1::PauseSessionResponse response;
  ASSIGN_OR_CO_RETURN(*response.mutable_session(), SessionAfter(call, target, outcome));
  response.set_sequence(outcome.repeated ? outcome.state.sequence() : outcome.event.seq);
  response.set_replayed(outcome.repeated || outcome.replayed);
  co_return response;
}

Task<absl::StatusOr<v1::ResumeSessionResponse>> Handlers::ResumeSession(
    Call& call, const v1::ResumeSessionRequest& request) {
  CO_RETURN_IF_ERROR_NOW(Validate(request));
  ASSIGN_OR_CO_RETURN_NOW(const Target target,
                          ResolveSession(request.name(), "name", call.caller(), Access::kOwn));
  WriteCommand command =
      CommandOf(request, target, ContentOfResume(target.session.session), parts_.clock.Now());
  command.decide = [&](const v1::LiveState* state) {
    v1::EventPayload payload;
    payload.mutable_resumed();
    return VerdictOf(DecideResume(*state), target, std::move(payload));
  };
  ASSIGN_OR_CO_RETURN(const WriteOutcome outcome, parts_.ledger.Write(command, call.deadline()));
  v1::ResumeSessionResponse response;
  ASSIGN_OR_CO_RETURN(*response.mutable_session(), SessionAfter(call, target, outcome));
  response.set_sequence(outcome.repeated ? outcome.state.sequence() : outcome.event.seq);
  response.set_replayed(outcome.repeated || outcome.replayed);
  co_return response;
}

Task<absl::StatusOr<v1::Session>> Handlers::SessionAfter(Call& call, const Target& target,
                                                         const WriteOutcome& outcome) {
  v1::Session session;
  if (outcome.replayed) {
    ASSIGN_OR_CO_RETURN(const SessionFold fold, FoldUpTo(call, target, outcome.event.seq));
    session = SessionView(target.session, fold.live, target.reader);
  } else {
    session = SessionView(target.session, outcome.state, target.reader);
  }
  CO_RETURN_IF_ERROR(WithholdScores(call, target, session));
  co_return session;
}

}  // namespace greenroom::session
