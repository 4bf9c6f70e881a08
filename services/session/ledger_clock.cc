// What a session's clock demands, done by whoever meets it: readers, writers and the deadline worker alike.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/base/uuid.h"
#include "services/session/domain/deadlines.h"
#include "services/session/domain/views.h"
#include "services/session/errors.h"
#include "services/session/ledger.h"

namespace greenroom::session {
namespace {

// What is left to do with a session, over all its questions, when its time is up.
constexpr int kMostActs = 1000;

v1::EventPayload PayloadOf(const ClockAct& act, const v1::LiveState& state, const std::string& draft) {
  v1::EventPayload payload;
  switch (act.kind) {
    case ClockAct::Kind::kSubmitDraft: {
      v1::Submitted& submitted = *payload.mutable_submitted();
      submitted.set_question_name(absl::StrCat(state.revision(), "/questions/", act.question));
      submitted.set_question(act.question);
      submitted.set_text(draft);
      submitted.set_auto_submitted(true);
      break;
    }
    case ClockAct::Kind::kLeave:
      payload.mutable_skipped()->set_question(act.question);
      break;
    case ClockAct::Kind::kFinish:
      payload.mutable_finished()->set_out_of_time(true);
      break;
  }
  return payload;
}

std::string EventIdOf(const ClockAct& act, const std::string& session) {
  switch (act.kind) {
    case ClockAct::Kind::kSubmitDraft:
      return UuidV5(session, absl::StrCat("submitted/draft/", act.question));
    case ClockAct::Kind::kLeave:
      return UuidV5(session, absl::StrCat("skipped/out_of_time/", act.question));
    case ClockAct::Kind::kFinish:
      break;
  }
  return UuidV5(session, "finished/out_of_time/0");
}

}  // namespace

Task<absl::Status> Ledger::ObeyClock(const SessionKey& session, Working& working, absl::Time deadline) {
  if (!IsClockDue(*working.state, clock_.Now())) co_return absl::OkStatus();
  CO_RETURN_IF_ERROR(Expire(session, working, deadline));
  CO_RETURN_IF_ERROR(RunOut(session, working, deadline));
  co_return absl::OkStatus();
}

Task<absl::Status> Ledger::Expire(const SessionKey& session, Working& working, absl::Time deadline) {
  const absl::Time now = clock_.Now();
  const auto is_idle = [now](const v1::LiveState& state) {
    const std::optional<absl::Time> expiry = ExpiryOf(state);
    return expiry.has_value() && now >= *expiry;
  };
  if (!is_idle(*working.state)) co_return absl::OkStatus();
  WriteCommand command;
  command.session = session;
  command.event_id = UuidV5(session.session, "finished/expired/0");
  command.decide = [&is_idle](const v1::LiveState* state) {
    if (!is_idle(*state)) return Verdict::Repeat();
    v1::EventPayload payload;
    payload.mutable_finished()->set_expired(true);
    return Verdict::Write(payload);
  };
  absl::Status expired = co_await CarryOnce(command, working, deadline);
  co_return expired;
}

Task<absl::Status> Ledger::RunOut(const SessionKey& session, Working& working, absl::Time deadline) {
  const absl::Time now = clock_.Now();
  const std::optional<absl::Time> due = NextDeadline(*working.state);
  if (!due.has_value() || now <= *due) co_return absl::OkStatus();
  BeginOptions options;
  options.with_drafts = true;
  absl::StatusOr<LiveView> view =
      co_await live_.Begin(session, std::move(options), now, std::min(deadline, absl::Now() + kLiveBound));
  if (!view.ok() && now <= *due + kDraftPatience) co_return absl::OkStatus();
  std::map<std::string, std::string> texts;
  std::set<std::string> drafts;
  if (view.ok()) {
    for (const auto& [question, draft] : view->drafts) {
      if (absl::StripAsciiWhitespace(draft.text).empty()) continue;
      texts[question] = draft.text;
      drafts.insert(question);
    }
  }
  for (int acts = 0; acts < kMostActs; ++acts) {
    const std::optional<ClockAct> act = NextClockAct(*working.state, drafts, now);
    if (!act.has_value()) break;
    WriteCommand command;
    command.session = session;
    command.event_id = EventIdOf(*act, session.session);
    command.occurred_time = act->deadline;
    command.decide = [&](const v1::LiveState* state) {
      if (NextClockAct(*state, drafts, now) != act) return Verdict::Repeat();
      return Verdict::Write(PayloadOf(*act, *state, texts[act->question]));
    };
    if (act->kind == ClockAct::Kind::kSubmitDraft) command.clear_draft = act->question;
    CO_RETURN_IF_ERROR(CarryOnce(command, working, deadline));
    // Submitted once: should another event have come to stand before it, it is kept and changes nothing.
    drafts.erase(act->question);
    working.drafts.erase(act->question);
  }
  co_return absl::OkStatus();
}

Task<absl::Status> Ledger::CarryOnce(const WriteCommand& command, Working& working, absl::Time deadline) {
  absl::StatusOr<WriteOutcome> outcome = co_await Carry(command, working, deadline);
  if (!outcome.ok()) co_return outcome.status();
  if (outcome->replayed) {
    // Another did it first.
    CO_RETURN_IF_ERROR(Rebuild(command.session, working, "expired", "", deadline));
    const bool erased_since = !working.state.has_value();
    if (erased_since) co_return error::SessionNotFound(SessionName(command.session));
  }
  co_return absl::OkStatus();
}

}  // namespace greenroom::session
