// Finishing a session, and reports.
#include <algorithm>
#include <utility>

#include "services/base/uuid.h"
#include "services/session/domain/content_hash.h"
#include "services/session/domain/decide.h"
#include "services/session/domain/plan.h"
#include "services/session/errors.h"
#include "services/session/handlers.h"

namespace greenroom::session {
namespace {

// What a report waits for its prompts, which it can do without.
constexpr absl::Duration kPromptWait = absl::Milliseconds(500);

}  // namespace

Task<absl::StatusOr<v1::FinishSessionResponse>> Handlers::FinishSession(
    Call& call, const v1::FinishSessionRequest& request) {
  CO_RETURN_IF_ERROR_NOW(Validate(request));
  ASSIGN_OR_CO_RETURN_NOW(const Target target,
                          ResolveSession(request.name(), "name", call.caller(), Access::kOwn));
  WriteCommand command;
  command.session = target.session;
  command.event_id = *CanonicalUuid(request.request_id());
  command.content_sha256 = ContentOfFinish(target.session.session);
  command.device = request.device();
  command.seen_sequence = request.seen_sequence();
  // Its report would help with an exam.
  command.prepare = [&](const v1::LiveState& state) { return CheckShown(call, target, state); };
  command.decide = [&](const v1::LiveState* state) {
    const Refusal refusal = DecideFinish(*state);
    if (refusal != Refusal::kNone) return Verdict::Refuse(error::Refused(refusal, target.name, ""));
    v1::EventPayload payload;
    payload.mutable_finished();
    return Verdict::Write(std::move(payload));
  };
  ASSIGN_OR_CO_RETURN(const WriteOutcome outcome, parts_.ledger.Write(command, call.deadline()));
  v1::FinishSessionResponse response;
  ASSIGN_OR_CO_RETURN(*response.mutable_report(), ReportAsOf(call, target, outcome.event.seq));
  response.set_sequence(outcome.event.seq);
  response.set_replayed(outcome.replayed);
  co_return response;
}

// The first reply and every replay are the same function of the log: the session up to its finish, and the grades now
// current.
Task<absl::StatusOr<v1::SessionReport>> Handlers::ReportAsOf(Call& call, const Target& target,
                                                             int64_t finish_seq) {
  ASSIGN_OR_CO_RETURN(const SessionFold fold, FoldUpTo(call, target, finish_seq));
  v1::SessionReport report = co_await Report(call, target.session, fold, target.reader);
  co_return report;
}

Task<absl::StatusOr<SessionFold>> Handlers::FoldUpTo(Call& call, const Target& target, int64_t seq) {
  absl::StatusOr<std::vector<Event>> events =
      co_await parts_.log.ReadSession(target.session, 0, call.deadline());
  if (!events.ok()) co_return error::OfLog(events.status());
  std::erase_if(*events, [&](const Event& event) { return event.seq > seq && !event.payload.has_graded(); });
  std::optional<SessionFold> fold = FoldSession(*std::move(events));
  if (!fold.has_value()) co_return error::SessionNotFound(target.name);
  co_return *std::move(fold);
}

Task<v1::SessionReport> Handlers::Report(Call& call, const SessionKey& key, const SessionFold& fold,
                                         Reader reader) {
  absl::StatusOr<std::shared_ptr<const RevisionContent>> content = co_await parts_.catalogue.GetRevision(
      key.learner, fold.live.revision(), call.Outgoing().Within(kPromptWait));
  co_return ReportView(key, fold, reader, [&](const std::string& id, int32_t form) {
    const content::v1::Question* question = content.ok() ? (*content)->Find(id) : nullptr;
    return question == nullptr ? std::string() : PromptOf(*question, form);
  });
}

Task<absl::StatusOr<v1::SessionReport>> Handlers::GetSessionReport(
    Call& call, const v1::GetSessionReportRequest& request) {
  CO_RETURN_IF_ERROR_NOW(Validate(request));
  ASSIGN_OR_CO_RETURN_NOW(const Target target,
                          ResolveSession(request.name(), "name", call.caller(), Access::kStaffToo));
  ASSIGN_OR_CO_RETURN(const SessionFold fold, parts_.ledger.ReadFold(target.session, call.deadline()));
  CO_RETURN_IF_ERROR(CheckShown(call, target, fold.live));
  v1::SessionReport report = co_await Report(call, target.session, fold, target.reader);
  co_return report;
}

}  // namespace greenroom::session
