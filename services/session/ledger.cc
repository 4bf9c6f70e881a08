#include "services/session/ledger.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/base/uuid.h"
#include "services/session/domain/deadlines.h"
#include "services/session/domain/digest.h"
#include "services/session/domain/views.h"
#include "services/session/errors.h"

namespace greenroom::session {
namespace {

// Of what is remembered about a store that is away; beyond it a read lags until the session's next write.
constexpr size_t kMaxUnsettled = 100000;

// The state that is stored, where this program can go on from it; otherwise why not.
const char* ReadStored(const LiveView& view, v1::LiveState& state) {
  if (!view.state.has_value()) return "missing";
  if (view.state->format != kLiveStateFormat) return "format";
  if (!view.state->same_run) return "run";
  if (!state.ParseFromString(view.state->bytes) || state.revision().empty()) return "damaged";
  return nullptr;
}

}  // namespace

Ledger::Ledger(EventLog& log, LiveStore& live, const Clock& clock, SessionMetrics& metrics)
    : log_(log), live_(live), clock_(clock), metrics_(metrics) {}

Task<absl::StatusOr<LoadedSession>> Ledger::Load(SessionKey session, int64_t seen_sequence, bool with_drafts,
                                                 absl::Time deadline) {
  BeginOptions options;
  options.with_drafts = with_drafts;
  ASSIGN_OR_CO_RETURN(Working working, Open(session, options, seen_sequence, false, deadline));
  if (!working.state.has_value()) co_return error::SessionNotFound(SessionName(session));
  CO_RETURN_IF_ERROR(ObeyClock(session, working, deadline));
  co_return LoadedSession{*std::move(working.state), working.head, std::move(working.drafts)};
}

Task<absl::StatusOr<LoadedSession>> Ledger::LoadFor(SessionKey session, int64_t seen_sequence,
                                                    bool with_drafts,
                                                    std::function<absl::Status(const v1::LiveState&)> judge,
                                                    absl::Time deadline) {
  ASSIGN_OR_CO_RETURN(LoadedSession loaded, Load(session, seen_sequence, with_drafts, deadline));
  absl::Status refusal = judge(loaded.state);
  if (!refusal.ok()) {
    absl::StatusOr<LogHead> head = co_await log_.Head(session.learner, deadline);
    if (!head.ok()) co_return error::OfLog(head.status());
    if (head->seq > loaded.head.seq) {
      ASSIGN_OR_CO_RETURN(loaded, Load(session, head->seq, with_drafts, deadline));
      refusal = judge(loaded.state);
    }
  }
  if (!refusal.ok()) co_return refusal;
  co_return loaded;
}

Task<absl::StatusOr<SessionFold>> Ledger::ReadFold(SessionKey session, absl::Time deadline) {
  for (bool obeyed = false;; obeyed = true) {
    absl::StatusOr<std::vector<Event>> events = co_await log_.ReadSession(session, 0, deadline);
    if (!events.ok()) co_return error::OfLog(events.status());
    std::optional<SessionFold> fold = FoldSession(*std::move(events));
    if (!fold.has_value()) co_return error::SessionNotFound(SessionName(session));
    if (obeyed || !IsClockDue(fold->live, clock_.Now())) co_return *std::move(fold);
    absl::StatusOr<LoadedSession> loaded = co_await Load(session, fold->live.sequence(), false, deadline);
    if (!loaded.ok()) co_return loaded.status();
  }
}

Task<size_t> Ledger::Settle(size_t most, absl::Time deadline) {
  std::vector<SessionKey> some;
  {
    absl::MutexLock lock(&mutex_);
    for (const SessionKey& session : unsettled_) {
      if (some.size() == most) break;
      some.push_back(session);
    }
  }
  for (const SessionKey& session : some) {
    absl::StatusOr<Working> opened = co_await Open(session, {}, 0, false, deadline);
    const bool away = opened.ok()
                          ? IsUnsettled(session)
                          : absl::IsUnavailable(opened.status()) || absl::IsDeadlineExceeded(opened.status());
    if (away) break;
    if (!opened.ok()) MarkSettled(session);  // whose log nobody can read: it must not keep the others waiting
  }
  absl::MutexLock lock(&mutex_);
  co_return unsettled_.size();
}

std::string Ledger::GradeEventId(absl::string_view answer, v1::GradeCause cause, int32_t number) {
  return UuidV5(answer, "graded/" + std::to_string(static_cast<int>(cause)) + "/" + std::to_string(number));
}

std::string Ledger::FollowUpEventId(absl::string_view session, absl::string_view question) {
  return UuidV5(session, absl::StrCat("follow_up/", question));
}

std::string Ledger::StartEventId(absl::string_view session, absl::string_view question) {
  return UuidV5(session, absl::StrCat("question_started/", question));
}

Task<absl::StatusOr<Ledger::Working>> Ledger::Open(SessionKey session, BeginOptions options,
                                                   int64_t seen_sequence, bool creates, absl::Time deadline) {
  const bool for_write = !options.open_write.empty();
  const absl::Time bound = std::min(deadline, absl::Now() + kLiveBound);
  absl::StatusOr<LiveView> view = co_await live_.Begin(session, std::move(options), clock_.Now(), bound);
  if (view.ok()) {
    ASSIGN_OR_CO_RETURN(Working working,
                        OpenFrom(session, *std::move(view), for_write, seen_sequence, creates, deadline));
    co_return working;
  }
  // Nobody is told of this write: this process must know that what the store has will be behind.
  if (for_write) MarkUnsettled(session);
  metrics_.Rebuilt("redis");
  Working working;
  CO_RETURN_IF_ERROR(Refresh(session, working, deadline));
  co_return working;
}

Task<absl::StatusOr<Ledger::Working>> Ledger::OpenFrom(const SessionKey& session, LiveView view,
                                                       bool for_write, int64_t seen_sequence, bool creates,
                                                       absl::Time deadline) {
  Working working;
  working.drafts = std::move(view.drafts);
  v1::LiveState state;
  const char* unusable = ReadStored(view, state);
  if (unusable != nullptr) {
    if (creates && view.head.has_value()) {
      working.head = *view.head;  // a hint: where it is behind, the place in the log turns out to be taken
    } else if (creates) {
      CO_RETURN_IF_ERROR(Refresh(session, working, deadline));
    } else {
      CO_RETURN_IF_ERROR(Rebuild(session, working, unusable, "", deadline));
    }
    co_return working;
  }
  working.head = {view.state->seq, absl::FromUnixMillis(state.last_occurred_ms())};
  working.state = std::move(state);
  if (IsUnsettled(session)) {
    CO_RETURN_IF_ERROR(Rebuild(session, working, "unsettled", "", deadline));
  } else if (view.state->seq < seen_sequence) {
    CO_RETURN_IF_ERROR(Rebuild(session, working, "seen", "", deadline));
  } else if (for_write && view.head.has_value() && view.head->seq > view.state->seq) {
    // The learner was elsewhere since: the place after this state's is taken for certain.
    CO_RETURN_IF_ERROR(Refresh(session, working, deadline));
  } else if (view.oldest_open_write.value_or(absl::ZeroDuration()) > kOpenWriteGrace) {
    absl::StatusOr<LogHead> head = co_await log_.Head(session.learner, deadline);
    if (!head.ok()) co_return error::OfLog(head.status());
    if (head->seq > working.head.seq) {
      CO_RETURN_IF_ERROR(Rebuild(session, working, "open_write", "", deadline));
    } else if (*view.oldest_open_write > kOpenWriteForgotten) {
      const absl::Time before = clock_.Now() - kOpenWriteForgotten;
      absl::Status closed = co_await live_.Close(session, "", before, absl::Now() + kLiveBound);
      closed.IgnoreError();  // the next reader tries again
    }
  }
  co_return working;
}

Task<absl::Status> Ledger::Refresh(const SessionKey& session, Working& working, absl::Time deadline) {
  // The head first: every event of the session up to it is then among those read.
  absl::StatusOr<LogHead> head = co_await log_.Head(session.learner, deadline);
  if (!head.ok()) co_return error::OfLog(head.status());
  if (head->seq < working.head.seq) {
    // Live state of a log that is not this one, as after a restore: the log is the truth.
    working.state.reset();
    working.head = *head;
  }
  int64_t last = 0;
  bool advanced = working.state.has_value();
  if (advanced) {
    absl::StatusOr<std::vector<Event>> since = co_await log_.ReadSession(session, working.head.seq, deadline);
    if (!since.ok()) co_return error::OfLog(since.status());
    for (size_t i = 0; advanced && i < since->size(); ++i) {
      advanced = Advance(*working.state, session, (*since)[i]);
      last = (*since)[i].seq;
    }
  }
  if (!advanced) {
    absl::StatusOr<std::vector<Event>> all = co_await log_.ReadSession(session, 0, deadline);
    if (!all.ok()) co_return error::OfLog(all.status());
    if (!all->empty()) last = all->back().seq;
    const std::optional<SessionFold> fold = FoldSession(*std::move(all));
    working.state.reset();
    if (fold.has_value()) working.state = fold->live;
  }
  working.head.seq = std::max({head->seq, last, working.head.seq});
  working.head.last_occurred = std::max(working.head.last_occurred, head->last_occurred);
  if (working.state.has_value()) {
    const absl::Time own = absl::FromUnixMillis(working.state->last_occurred_ms());
    working.head.last_occurred = std::max(working.head.last_occurred, own);
    working.state->set_last_occurred_ms(absl::ToUnixMillis(working.head.last_occurred));
  }
  co_return absl::OkStatus();
}

Task<absl::Status> Ledger::Rebuild(const SessionKey& session, Working& working, const char* reason,
                                   std::string close_write, absl::Time deadline) {
  const absl::Time now = clock_.Now();
  metrics_.Rebuilt(reason);
  CO_RETURN_IF_ERROR(Refresh(session, working, deadline));
  if (!working.state.has_value()) {
    MarkSettled(session);  // no such session, or not yet: whoever makes it writes its state
    co_return absl::OkStatus();
  }
  LiveWrite write;
  write.rebuilt = true;
  write.close_write = std::move(close_write);
  write.close_opened_before = now - kOpenWriteForgotten;
  co_await PutState(session, working, std::move(write));
  co_return absl::OkStatus();
}

Task<bool> Ledger::PutState(const SessionKey& session, const Working& working, LiveWrite write) {
  write.bytes = DeterministicBytes(*working.state);
  write.seq = working.head.seq;
  write.head = working.head;
  absl::StatusOr<PutOutcome> put = co_await live_.Put(session, std::move(write), absl::Now() + kLiveBound);
  if (!put.ok()) {
    metrics_.live_write_failures.Increment();
    MarkUnsettled(session);
    co_return false;
  }
  MarkSettled(session);
  co_return true;
}

bool Ledger::IsUnsettled(const SessionKey& session) const {
  absl::MutexLock lock(&mutex_);
  return unsettled_.contains(session);
}

void Ledger::MarkUnsettled(const SessionKey& session) {
  absl::MutexLock lock(&mutex_);
  if (unsettled_.size() < kMaxUnsettled) unsettled_.insert(session);
}

void Ledger::MarkSettled(const SessionKey& session) {
  absl::MutexLock lock(&mutex_);
  unsettled_.erase(session);
}

}  // namespace greenroom::session
