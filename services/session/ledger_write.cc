#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "services/base/uuid.h"
#include "services/session/domain/deadlines.h"
#include "services/session/domain/views.h"
#include "services/session/domain/wire_time.h"
#include "services/session/errors.h"
#include "services/session/ledger.h"

namespace greenroom::session {
namespace {

// What the log shall know of the session's next deadline, where the unit moves it.
std::optional<absl::Time> AlarmAfter(const SessionKey& session, const std::optional<v1::LiveState>& before,
                                     const std::vector<Event>& unit) {
  std::optional<absl::Time> known;
  v1::LiveState after;
  if (before.has_value()) {
    if (!IsTimed(before->mode())) return std::nullopt;
    known = NextDeadline(*before);
    after = *before;
    // The clock's events have an earlier place; as far as deadlines go they might as well come last.
    after.set_last_occurred_ms(0);
    for (const Event& event : unit) Advance(after, session, event);
  } else {
    if (!IsTimed(unit[0].payload.created().mode())) return std::nullopt;
    after = FoldSession(unit)->live;
  }
  const std::optional<absl::Time> next = NextDeadline(after);
  if (next == known) return std::nullopt;
  return next.value_or(absl::InfinitePast());
}

}  // namespace

Task<absl::StatusOr<WriteOutcome>> Ledger::Write(WriteCommand command, absl::Time deadline) {
  BeginOptions options;
  options.open_write = command.event_id;
  absl::StatusOr<Working> opened =
      co_await Open(command.session, std::move(options), command.seen_sequence, command.creates, deadline);
  absl::Status ready = opened.status();
  if (ready.ok() && !command.creates && !opened->state.has_value()) {
    ready = error::SessionNotFound(SessionName(command.session));
  }
  if (ready.ok() && !command.creates) {
    absl::Status obeyed = co_await ObeyClock(command.session, *opened, deadline);
    ready = obeyed;
  }
  if (ready.ok() && command.prepare) {
    absl::Status prepared = co_await command.prepare(*opened->state);
    ready = prepared;
  }
  if (!ready.ok()) {
    co_await CloseWrite(command);
    co_return ready;
  }
  absl::StatusOr<WriteOutcome> outcome = co_await Carry(command, *opened, deadline);
  co_return outcome;
}

Task<absl::StatusOr<WriteOutcome>> Ledger::Carry(const WriteCommand& command, Working& working,
                                                 absl::Time deadline) {
  std::optional<v1::EventPayload> grade;
  bool asked_for_grade = false;
  absl::Status failure;
  int decisions = 0;  // those that an act of the learner's came before
  while (failure.ok()) {
    Verdict verdict = Judge(command, working);
    bool writes = verdict.refusal.ok() && !verdict.repeats;
    if (writes && command.confirm) {
      absl::Status confirmed = co_await command.confirm();
      if (!confirmed.ok()) verdict = Verdict::Refuse(std::move(confirmed));
      writes = verdict.refusal.ok();
    }
    if (writes && command.grade && !std::exchange(asked_for_grade, true)) {
      std::optional<v1::EventPayload> given = co_await command.grade();
      grade = std::move(given);
    }
    if (writes) {
      const bool graded = grade.has_value();
      std::vector<Event> unit =
          MakeUnit(command, working, std::move(verdict.payload), std::exchange(grade, std::nullopt));
      absl::StatusOr<AppendOutcome> appended = co_await log_.Append(unit, deadline);
      if (absl::IsUnavailable(appended.status())) {
        co_return error::OfLog(appended.status());  // it may be written: readers must go on looking for it
      }
      if (!appended.ok()) {
        failure = error::OfLog(appended.status());
        break;
      }
      if (*appended == AppendOutcome::kWritten) {
        WriteOutcome outcome = co_await Conclude(command, working, std::move(unit), deadline);
        co_return outcome;
      }
      if (*appended == AppendOutcome::kErased) {
        failure = error::LearnerErased();
        break;
      }
      // The place was taken; what was graded stays graded.
      if (graded) grade = std::move(unit[1].payload);
    }
    // A replay must not be refused because the session has moved on since: the id is looked up before anything is said.
    absl::StatusOr<std::optional<WriteOutcome>> replay = co_await FindReplay(command, deadline);
    if (!replay.ok()) {
      failure = replay.status();
    } else if (!replay->has_value() && writes && decisions == kRedecisions) {
      metrics_.fence_conflicts.Increment();
      failure = error::SessionMoved(working.state.has_value() ? working.state->sequence() : working.head.seq);
    } else if (!replay->has_value() && writes) {
      metrics_.fence_conflicts.Increment();
      absl::StatusOr<bool> only_grades =
          co_await HasOnlyGradesAfter(command.session.learner, working.head.seq, deadline);
      if (only_grades.ok() && !*only_grades) ++decisions;
      failure = only_grades.status();
      if (failure.ok()) {
        absl::Status refreshed = co_await Refresh(command.session, working, deadline);
        failure = refreshed;
      }
    } else {
      // Nor must anything be refused because the state in hand is behind: another process may have written what the
      // live store does not have.
      absl::StatusOr<bool> behind = false;
      if (!replay->has_value() && decisions < kRedecisions) {
        absl::StatusOr<bool> looked = co_await IsBehind(command.session, working, deadline);
        behind = std::move(looked);
      }
      if (behind.ok() && !*behind) {
        absl::StatusOr<WriteOutcome> answer =
            co_await Answer(command, working, verdict, *std::move(replay), deadline);
        co_return answer;
      }
      ++decisions;
      failure = behind.status();
      if (failure.ok()) {
        absl::Status refreshed = co_await Refresh(command.session, working, deadline);
        failure = refreshed;
      }
    }
  }
  co_await CloseWrite(command);
  co_return failure;
}

Task<absl::StatusOr<WriteOutcome>> Ledger::Answer(const WriteCommand& command, Working& working,
                                                  const Verdict& verdict, std::optional<WriteOutcome> replay,
                                                  absl::Time deadline) {
  if (replay.has_value() && replay->event.seq > working.head.seq) {
    // Whoever wrote it may have died before its state was: only the state that holds it closes the open write.
    absl::Status rebuilt = co_await Rebuild(command.session, working, "replay", command.event_id, deadline);
    if (!rebuilt.ok()) MarkUnsettled(command.session);
  } else {
    co_await CloseWrite(command);
  }
  if (replay.has_value()) co_return *std::move(replay);
  if (!verdict.refusal.ok()) co_return verdict.refusal;
  WriteOutcome repeated;
  repeated.repeated = true;
  repeated.state = *working.state;
  co_return repeated;
}

Task<absl::StatusOr<bool>> Ledger::IsBehind(const SessionKey& session, const Working& working,
                                            absl::Time deadline) {
  absl::StatusOr<LogHead> head = co_await log_.Head(session.learner, deadline);
  if (!head.ok()) co_return error::OfLog(head.status());
  co_return head->seq > working.head.seq;
}

Task<absl::StatusOr<bool>> Ledger::HasOnlyGradesAfter(const LearnerKey& learner, int64_t seq,
                                                      absl::Time deadline) {
  constexpr int32_t kMost = 64;  // a worker's batch is smaller
  absl::StatusOr<std::vector<Event>> events = co_await log_.ReadAfter(learner, seq, kMost, deadline);
  if (!events.ok()) co_return error::OfLog(events.status());
  co_return !events->empty() && std::all_of(events->begin(), events->end(), [](const Event& event) {
    return event.payload.has_graded() || event.payload.has_follow_up_added();
  });
}

Verdict Ledger::Judge(const WriteCommand& command, const Working& working) const {
  if (!working.state.has_value()) {
    return command.creates ? command.decide(nullptr)
                           : Verdict::Refuse(error::SessionNotFound(SessionName(command.session)));
  }
  const v1::LiveQuestion* question = FindQuestion(*working.state, command.question);
  if (command.seen_sequence > 0 && question != nullptr &&
      MovedByOthers(*question, command.device, command.seen_sequence) > 0) {
    return Verdict::Refuse(error::SessionMoved(working.state->sequence()));
  }
  return command.decide(&*working.state);
}

std::vector<Event> Ledger::MakeUnit(const WriteCommand& command, const Working& working,
                                    v1::EventPayload payload, std::optional<v1::EventPayload> grade) const {
  const absl::Time now = command.received_time.value_or(clock_.Now());
  Event event;
  event.learner = command.session.learner;
  event.seq = working.head.seq + 1;
  event.event_id = command.event_id;
  event.session = command.session.session;
  event.occurred_time = command.occurred_time.value_or(Stamp(now, working.head.last_occurred));
  event.received_time = ToWholeMillis(now);
  event.device = command.device;
  event.content_sha256 = command.content_sha256;
  event.payload = std::move(payload);
  event.kind = KindOf(event.payload);
  std::vector<Event> unit;
  unit.reserve(grade.has_value() ? 2 : 1);
  unit.push_back(std::move(event));
  const auto add = [&unit](v1::EventPayload more, std::string event_id, absl::Duration later) {
    const Event& last = unit.back();
    Event next;
    next.learner = last.learner;
    next.seq = last.seq + 1;
    next.event_id = std::move(event_id);
    next.session = last.session;
    next.occurred_time = last.occurred_time + later;
    next.received_time = last.received_time;
    next.payload = std::move(more);
    next.kind = KindOf(next.payload);
    unit.push_back(std::move(next));
  };
  if (grade.has_value()) {
    add(*std::move(grade), GradeEventId(unit[0].event_id, v1::GRADE_CAUSE_INITIAL, 0), absl::ZeroDuration());
  }
  const bool grows = working.state.has_value() && !IsBehindDeadline(*working.state, now);
  if (command.follow && unit.back().payload.has_graded() && grows) {
    // Each has a place of its own behind what caused it, so that the log keeps their order.
    for (v1::EventPayload& more : command.follow(*working.state, unit.back().payload.graded())) {
      std::string id = FollowUpEventId(command.session.session, more.follow_up_added().question());
      add(std::move(more), std::move(id), absl::Milliseconds(1));
    }
  }
  unit.back().alarm = AlarmAfter(command.session, working.state, unit);
  return unit;
}

Task<WriteOutcome> Ledger::Conclude(const WriteCommand& command, Working& working, std::vector<Event> unit,
                                    absl::Time deadline) {
  WriteOutcome outcome;
  if (working.state.has_value()) outcome.before = *working.state;
  const bool creation = !working.state.has_value();
  bool known = true;
  if (creation) {
    // What a device did in it may have arrived before its creation.
    absl::StatusOr<std::vector<Event>> all = co_await log_.ReadSession(command.session, 0, deadline);
    std::optional<SessionFold> fold;
    if (all.ok()) {
      std::erase_if(*all, [&](const Event& event) { return event.seq > unit.back().seq; });
      fold = FoldSession(*std::move(all));
    }
    known = fold.has_value();
    if (known) working.state = fold->live;
  } else {
    for (const Event& event : unit) known = known && Advance(*working.state, command.session, event);
  }
  working.head.seq = unit.back().seq;
  working.head.last_occurred = std::max(working.head.last_occurred, unit.back().occurred_time);
  if (!known) {
    // A grade that changes another: the state alone cannot tell what comes of it. Or the log could not be read, or it has
    // nothing any more, as the learner was erased since: then the answer is what was there when it was written.
    working.state.reset();
    absl::Status refreshed = co_await Refresh(command.session, working, deadline);
    if (!refreshed.ok() || !working.state.has_value()) {
      working.state = creation ? FoldSession(unit)->live : outcome.before;
      MarkUnsettled(command.session);
      known = false;
    } else {
      known = true;
    }
  }
  if (known) {
    LiveWrite write;
    write.close_write = command.event_id;
    write.clear_draft = command.clear_draft;
    co_await PutState(command.session, working, std::move(write));
  }
  outcome.state = *working.state;
  outcome.event = std::move(unit[0]);
  for (size_t i = 1; i < unit.size(); ++i) {
    if (unit[i].payload.has_graded()) {
      outcome.grade = std::move(unit[i]);
    } else {
      outcome.follow_ups.push_back(std::move(unit[i]));
    }
  }
  co_return outcome;
}

Task<absl::StatusOr<std::optional<WriteOutcome>>> Ledger::FindReplay(const WriteCommand& command,
                                                                     absl::Time deadline) {
  absl::StatusOr<std::optional<Event>> found =
      co_await log_.FindEvent(command.session.learner, command.event_id, deadline);
  if (!found.ok()) co_return error::OfLog(found.status());
  std::optional<WriteOutcome> replay;
  if (!found->has_value()) co_return replay;
  if ((*found)->content_sha256 != command.content_sha256 || (*found)->session != command.session.session) {
    co_return error::IdReused(command.event_id);
  }
  metrics_.idempotent_replays.Increment();
  replay.emplace();
  replay->replayed = true;
  replay->event = **std::move(found);
  co_return replay;
}

Task<bool> Ledger::CloseWrite(const WriteCommand& command) {
  absl::Status closed = co_await live_.Close(command.session, command.event_id, absl::InfinitePast(),
                                             absl::Now() + absl::Milliseconds(100));
  co_return closed.ok();  // where it failed readers forget the write in time
}

}  // namespace greenroom::session
