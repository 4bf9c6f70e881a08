#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/base/page_token.h"
#include "services/base/resource_name.h"
#include "services/base/status.h"
#include "services/session/domain/deadlines.h"
#include "services/session/domain/decide.h"
#include "services/session/domain/follow_ups.h"
#include "services/session/domain/plan.h"
#include "services/session/domain/wire_time.h"
#include "services/session/errors.h"
#include "services/session/handlers.h"

namespace greenroom::session {
namespace {

constexpr int kDefaultSessions = 20;
constexpr int kMaxSessions = 100;
// Sessions looked at for one page: a filter that few meet gives short pages, not slow ones.
constexpr int kMaxExamined = 200;
constexpr int kDefaultAnswers = 50;
constexpr int kMaxAnswers = 200;
constexpr size_t kMaxPageBytes = 3 << 20;

v1::Draft DraftOf(const LiveDraft& draft) {
  v1::Draft wire;
  wire.set_text(draft.text);
  *wire.mutable_save_time() = ToTimestamp(draft.save_time);
  return wire;
}

v1::PresentedQuestion Present(const v1::LiveState& state, const v1::LiveQuestion& planned,
                              const content::v1::Question& question) {
  v1::PresentedQuestion presented;
  presented.set_name(absl::StrCat(state.revision(), "/questions/", question.id()));
  presented.set_question(question.id());
  presented.set_prompt(PromptOf(question, planned.variant()));
  presented.set_variant(planned.variant());
  const std::vector<std::string> parents = ParentsOf(state);
  for (int i = 0; i < state.questions_size(); ++i) {
    if (&state.questions(i) != &planned) continue;
    presented.set_number(i + 1);
    presented.set_follow_up_of(parents[static_cast<size_t>(i)]);
  }
  presented.set_total(state.questions_size());
  presented.set_minutes(question.minutes());
  presented.set_kind(question.kind());
  presented.set_topic(question.topic());
  presented.set_difficulty(question.difficulty());
  const int32_t taken = std::min(planned.hints_taken(), question.hints_size());
  presented.set_hints_left(question.hints_size() - taken);
  for (int32_t i = 0; i < taken; ++i) presented.add_hints(question.hints(i));
  for (const content::v1::Tip& tip : question.tips()) {
    content::v1::Tip* shown = presented.add_tips();
    shown->set_id(tip.id());
    shown->set_text(tip.text());
  }
  presented.set_state(planned.state());
  if (planned.deadline_ms() != 0) *presented.mutable_deadline() = MillisToTimestamp(planned.deadline_ms());
  presented.set_attempts(planned.attempts());
  return presented;
}

}  // namespace

Task<absl::StatusOr<v1::Session>> Handlers::GetSession(Call& call, const v1::GetSessionRequest& request) {
  CO_RETURN_IF_ERROR_NOW(Validate(request));
  ASSIGN_OR_CO_RETURN_NOW(const Target target,
                          ResolveSession(request.name(), "name", call.caller(), Access::kStaffToo));
  const bool own = target.reader == Reader::kLearner;  // what is not yet sent is nobody else's
  ASSIGN_OR_CO_RETURN(const LoadedSession loaded,
                      parts_.ledger.Load(target.session, request.seen_sequence(), own, call.deadline()));
  v1::Session session = SessionView(target.session, loaded.state, target.reader);
  for (v1::SessionQuestion& question : *session.mutable_questions()) {
    const auto draft = loaded.drafts.find(question.question());
    if (draft != loaded.drafts.end()) *question.mutable_draft() = DraftOf(draft->second);
  }
  CO_RETURN_IF_ERROR(AddNewerRevision(call, target.session.learner, session));
  CO_RETURN_IF_ERROR(WithholdScores(call, target, session));
  co_return session;
}

Task<absl::Status> Handlers::AddNewerRevision(Call& call, LearnerKey learner, v1::Session& session) {
  absl::StatusOr<PackSummary> pack = co_await parts_.catalogue.GetPack(
      std::move(learner), PackOfRevision(session.revision()), Freshness::kMayBeStale, call.Outgoing());
  if (pack.ok() && pack->current_revision != session.revision())
    session.set_newer_revision(pack->current_revision);
  co_return absl::OkStatus();
}

Task<absl::StatusOr<v1::ListSessionsResponse>> Handlers::ListSessions(
    Call& call, const v1::ListSessionsRequest& request) {
  CO_RETURN_IF_ERROR_NOW(Validate(request));
  ASSIGN_OR_CO_RETURN_NOW(const Target target,
                          ResolveLearner(request.parent(), "parent", call.caller(), Access::kStaffToo));
  std::string pack;
  if (!request.pack().empty()) {
    ASSIGN_OR_CO_RETURN_NOW(const ResolvedName resolved,
                            ResolveName("tenants/*/packs/*", request.pack(), "pack", call.caller()));
    pack = resolved.name;
  }
  ASSIGN_OR_CO_RETURN_NOW(const int size, PageSize(request.page_size(), kDefaultSessions, kMaxSessions));
  const std::vector<std::string> binding = {"sessions", target.name,
                                            absl::StrCat(static_cast<int>(request.state())), pack};
  ASSIGN_OR_CO_RETURN_NOW(const std::string cursor, DecodePageToken(binding, request.page_token()));
  int64_t before = 0;
  if (!cursor.empty() && (!absl::SimpleAtoi(cursor, &before) || before < 1)) {
    co_return error::PageTokenInvalid();
  }

  ASSIGN_OR_CO_RETURN(const ShutPacks shut, ShutFor(call, target));
  v1::ListSessionsResponse response;
  for (int examined = 0; examined < kMaxExamined;) {
    // One more than is wanted tells whether there is another page.
    const int wanted = size - response.sessions_size() + 1;
    absl::StatusOr<std::vector<Event>> created =
        co_await parts_.log.ListSessions(target.session.learner, before, wanted, call.deadline());
    if (!created.ok()) co_return error::OfLog(created.status());
    for (const Event& event : *created) {
      if (response.sessions_size() == size) {
        response.set_next_page_token(EncodePageToken(binding, absl::StrCat(before)));
        co_return response;
      }
      before = event.seq;
      ++examined;
      if (!pack.empty() && PackOfRevision(event.payload.created().revision()) != pack) continue;
      const SessionKey key = {target.session.learner, event.session};
      ASSIGN_OR_CO_RETURN(const LoadedSession loaded,
                          parts_.ledger.Load(key, request.seen_sequence(), false, call.deadline()));
      if (request.state() != v1::SESSION_STATE_UNSPECIFIED && loaded.state.state() != request.state())
        continue;
      v1::Session& session = *response.add_sessions();
      session = SessionView(key, loaded.state, target.reader);
      shut.Withhold(session);
    }
    if (created->size() < static_cast<size_t>(wanted)) co_return response;
  }
  response.set_next_page_token(EncodePageToken(binding, absl::StrCat(before)));
  co_return response;
}

Task<absl::StatusOr<v1::PresentedQuestion>> Handlers::NextQuestion(Call& call,
                                                                   const v1::NextQuestionRequest& request) {
  CO_RETURN_IF_ERROR_NOW(Validate(request));
  ASSIGN_OR_CO_RETURN_NOW(const Target target,
                          ResolveSession(request.session(), "session", call.caller(), Access::kOwn));
  const auto find = [&](const v1::LiveState& state) {
    return request.question().empty() ? OpenQuestion(state) : FindQuestion(state, request.question());
  };
  const auto judge = [&](const v1::LiveState& state) {
    if (request.question().empty() && state.state() == v1::SESSION_STATE_FINISHED) {
      return error::SessionFinished(target.name);
    }
    if (state.state() == v1::SESSION_STATE_PAUSED) return error::SessionPaused(target.name);
    if (find(state) != nullptr) return absl::OkStatus();
    return request.question().empty() ? error::NoQuestionLeft(target.name)
                                      : error::QuestionNotInSession(request.question());
  };
  ASSIGN_OR_CO_RETURN(LoadedSession loaded, parts_.ledger.LoadFor(target.session, request.seen_sequence(),
                                                                  true, judge, call.deadline()));
  // Hints that were taken are shown again.
  if (parts_.open_exams.MayHave(target.session.learner)) {
    CO_RETURN_IF_ERROR(CheckShown(call, target, loaded.state));
  }
  const std::string question = find(loaded.state)->question();
  PlannedQuestion content;
  CO_RETURN_IF_ERROR(FindContent(call, target.session, loaded.state, question, content));
  ASSIGN_OR_CO_RETURN(const v1::LiveState state,
                      StartQuestion(call, target, question, std::move(loaded.state)));
  v1::PresentedQuestion presented = Present(state, *FindQuestion(state, question), *content.question);
  const auto draft = loaded.drafts.find(question);
  if (draft != loaded.drafts.end()) *presented.mutable_draft() = DraftOf(draft->second);
  co_return presented;
}

Task<absl::StatusOr<v1::LiveState>> Handlers::StartQuestion(Call& call, const Target& target,
                                                            std::string question, v1::LiveState state) {
  if (!StartsWhenShown(state, *FindQuestion(state, question))) co_return state;
  WriteCommand command;
  command.session = target.session;
  command.event_id = Ledger::StartEventId(target.session.session, question);
  command.decide = [&](const v1::LiveState* now) {
    const Ruling ruling = DecideStart(*now, question);
    if (ruling.refusal != Refusal::kNone) {
      return Verdict::Refuse(error::Refused(ruling.refusal, target.name, question));
    }
    if (ruling.repeats) return Verdict::Repeat();
    v1::EventPayload payload;
    payload.mutable_question_started()->set_question(question);
    return Verdict::Write(std::move(payload));
  };
  ASSIGN_OR_CO_RETURN(WriteOutcome outcome, parts_.ledger.Write(command, call.deadline()));
  if (!outcome.replayed) co_return std::move(outcome.state);
  // Another device was faster.
  ASSIGN_OR_CO_RETURN(LoadedSession loaded,
                      parts_.ledger.Load(target.session, outcome.event.seq, false, call.deadline()));
  co_return std::move(loaded.state);
}

Task<absl::StatusOr<v1::SaveDraftResponse>> Handlers::SaveDraft(Call& call,
                                                                const v1::SaveDraftRequest& request) {
  CO_RETURN_IF_ERROR_NOW(Validate(request));
  ASSIGN_OR_CO_RETURN_NOW(const Target target,
                          ResolveSession(request.session(), "session", call.caller(), Access::kOwn));
  const absl::Time now = ToWholeMillis(parts_.clock.Now());
  const auto judge = [&](const v1::LiveState& state) {
    return error::Refused(DecideDraft(state, request.question(), now), target.name, request.question());
  };
  ASSIGN_OR_CO_RETURN(
      const LoadedSession loaded,
      parts_.ledger.LoadFor(target.session, request.seen_sequence(), false, judge, call.deadline()));
  absl::StatusOr<absl::Duration> left = co_await parts_.live.SaveDraft(target.session, request.question(),
                                                                       request.text(), now, call.deadline());
  if (!left.ok()) co_return error::OfLiveStore(left.status());
  if (*left > absl::ZeroDuration()) co_return error::DraftTooSoon(*left);
  v1::SaveDraftResponse response;
  *response.mutable_save_time() = ToTimestamp(now);
  co_return response;
}

Task<absl::StatusOr<v1::Answer>> Handlers::GetAnswer(Call& call, const v1::GetAnswerRequest& request) {
  CO_RETURN_IF_ERROR_NOW(Validate(request));
  ASSIGN_OR_CO_RETURN_NOW(const Target target,
                          ResolveAnswer(request.name(), "name", call.caller(), Access::kStaffToo));
  ASSIGN_OR_CO_RETURN(const SessionFold fold, parts_.ledger.ReadFold(target.session, call.deadline()));
  CO_RETURN_IF_ERROR(CheckShown(call, target, fold.live));
  const FoldedAnswer* answer = fold.FindAnswer(target.answer);
  if (answer == nullptr) co_return error::AnswerNotFound(target.name);
  const Sight sight = SightOf(fold.live, answer->number, target.reader);
  v1::Answer view = AnswerView(target.session, *answer, sight, true);
  AddEarlierGrades(fold, *answer, sight, view);
  co_return view;
}

Task<absl::StatusOr<v1::ListAnswersResponse>> Handlers::ListAnswers(Call& call,
                                                                    const v1::ListAnswersRequest& request) {
  CO_RETURN_IF_ERROR_NOW(Validate(request));
  ASSIGN_OR_CO_RETURN_NOW(const Target target,
                          ResolveSession(request.parent(), "parent", call.caller(), Access::kStaffToo));
  ASSIGN_OR_CO_RETURN_NOW(const int size, PageSize(request.page_size(), kDefaultAnswers, kMaxAnswers));
  const std::vector<std::string> binding = {"answers", target.name, request.question()};
  ASSIGN_OR_CO_RETURN_NOW(const std::string cursor, DecodePageToken(binding, request.page_token()));
  ASSIGN_OR_CO_RETURN(const SessionFold fold, parts_.ledger.ReadFold(target.session, call.deadline()));
  CO_RETURN_IF_ERROR(CheckShown(call, target, fold.live));
  v1::ListAnswersResponse response;
  size_t bytes = 0;
  bool begun = cursor.empty();  // the cursor is the answer after which the page begins
  std::string last;
  for (const FoldedAnswer& answer : fold.answers) {
    const std::string& id = answer.submitted->event_id;
    if (!begun) {
      begun = id == cursor;
      continue;
    }
    if (!request.question().empty() && answer.submitted->payload.submitted().question() != request.question())
      continue;
    v1::Answer view =
        AnswerView(target.session, answer, SightOf(fold.live, answer.number, target.reader), true);
    bytes += view.ByteSizeLong();
    if (response.answers_size() == size || (bytes > kMaxPageBytes && response.answers_size() > 0)) {
      response.set_next_page_token(EncodePageToken(binding, last));
      break;
    }
    last = id;
    *response.add_answers() = std::move(view);
  }
  co_return response;
}

}  // namespace greenroom::session
