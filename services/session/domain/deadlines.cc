#include "services/session/domain/deadlines.h"

#include <algorithm>
#include <cstdint>

#include "services/session/domain/fold.h"

namespace greenroom::session {
namespace {

int64_t MillisOf(const google::protobuf::Duration& duration) {
  return duration.seconds() * 1000 + duration.nanos() / 1000000;
}

int64_t MillisOf(const google::protobuf::Timestamp& time) {
  return time.seconds() * 1000 + time.nanos() / 1000000;
}

bool IsPast(int64_t deadline_ms, absl::Time received) {
  return deadline_ms != 0 && received > absl::FromUnixMillis(deadline_ms) + kDeadlineGrace;
}

// The earlier of two deadlines, of which 0 is none.
int64_t Earlier(int64_t a, int64_t b) {
  if (a == 0 || b == 0) return a + b;
  return std::min(a, b);
}

// What the session's clocks show then: in a pause they stand still.
absl::Time ByItsClock(const v1::LiveState& state, absl::Time received) {
  const bool paused = state.state() == v1::SESSION_STATE_PAUSED;
  return paused ? absl::FromUnixMillis(state.pause_time_ms()) : received;
}

}  // namespace

bool IsTimed(v1::SessionMode mode) { return mode == v1::SESSION_MODE_MOCK || mode == v1::SESSION_MODE_EXAM; }

void BeginTimes(v1::LiveState& state, const v1::Created& created, absl::Time received) {
  if (!IsTimed(created.mode())) return;
  int64_t deadline = 0;
  if (created.has_time_limit()) deadline = absl::ToUnixMillis(received) + MillisOf(created.time_limit());
  if (created.has_close_time()) deadline = Earlier(deadline, MillisOf(created.close_time()));
  state.set_deadline_ms(deadline);
  for (int i = 0; i < std::min(state.questions_size(), created.question_time_limits_size()); ++i) {
    state.mutable_questions(i)->set_time_limit_ms(MillisOf(created.question_time_limits(i)));
  }
}

bool StartsWhenShown(const v1::LiveState& state, const v1::LiveQuestion& question) {
  return IsTimed(state.mode()) && state.state() != v1::SESSION_STATE_FINISHED &&
         question.start_time_ms() == 0;
}

void StartQuestion(const v1::LiveState& state, v1::LiveQuestion& question, absl::Time received) {
  question.set_start_time_ms(absl::ToUnixMillis(received));
  if (question.time_limit_ms() == 0) return;
  question.set_deadline_ms(Earlier(question.start_time_ms() + question.time_limit_ms(), state.deadline_ms()));
}

bool CanPause(const v1::LiveState& state, absl::Time received) {
  return state.mode() != v1::SESSION_MODE_EXAM &&
         (state.deadline_ms() == 0 || received < absl::FromUnixMillis(state.deadline_ms()));
}

void StopClocks(v1::LiveState& state, absl::Time received) {
  state.set_state(v1::SESSION_STATE_PAUSED);
  state.set_pause_time_ms(absl::ToUnixMillis(received));
}

void RestartClocks(v1::LiveState& state, absl::Time received) {
  const int64_t paused = state.pause_time_ms();
  const int64_t stood = std::max<int64_t>(absl::ToUnixMillis(received) - paused, 0);
  state.set_state(v1::SESSION_STATE_ACTIVE);
  state.set_pause_time_ms(0);
  if (state.deadline_ms() != 0) state.set_deadline_ms(state.deadline_ms() + stood);
  for (v1::LiveQuestion& question : *state.mutable_questions()) {
    if (question.deadline_ms() > paused) question.set_deadline_ms(question.deadline_ms() + stood);
  }
}

bool IsBehindDeadline(const v1::LiveState& state, absl::Time received) {
  return state.state() == v1::SESSION_STATE_ACTIVE && state.deadline_ms() != 0 &&
         received > absl::FromUnixMillis(state.deadline_ms());
}

bool IsTimeUp(const v1::LiveState& state, absl::Time received) {
  return IsPast(state.deadline_ms(), ByItsClock(state, received));
}

bool IsTimeUp(const v1::LiveState& state, const v1::LiveQuestion& question, absl::Time received) {
  return IsPast(Earlier(state.deadline_ms(), question.deadline_ms()), ByItsClock(state, received));
}

std::optional<absl::Time> NextDeadline(const v1::LiveState& state) {
  if (state.state() != v1::SESSION_STATE_ACTIVE) return std::nullopt;
  int64_t next = state.deadline_ms();
  for (const v1::LiveQuestion& question : state.questions()) {
    if (question.state() == v1::QUESTION_STATE_OPEN) next = Earlier(next, question.deadline_ms());
  }
  if (next == 0) return std::nullopt;
  return absl::FromUnixMillis(next) + kDeadlineGrace;
}

bool IsClockDue(const v1::LiveState& state, absl::Time now) {
  const std::optional<absl::Time> expiry = ExpiryOf(state);
  const std::optional<absl::Time> next = NextDeadline(state);
  return (expiry.has_value() && now >= *expiry) || (next.has_value() && now > *next);
}

std::optional<ClockAct> NextClockAct(const v1::LiveState& state, const std::set<std::string>& drafts,
                                     absl::Time now) {
  if (state.state() != v1::SESSION_STATE_ACTIVE) return std::nullopt;
  const bool over = IsTimeUp(state, now);
  for (const v1::LiveQuestion& question : state.questions()) {
    const bool left = question.state() == v1::QUESTION_STATE_SKIPPED;
    if (!(left || question.state() == v1::QUESTION_STATE_OPEN) || !IsTimeUp(state, question, now)) continue;
    const absl::Time deadline = absl::FromUnixMillis(Earlier(state.deadline_ms(), question.deadline_ms()));
    if (drafts.contains(question.question())) {
      return ClockAct{ClockAct::Kind::kSubmitDraft, question.question(), deadline};
    }
    if (!left && !over) return ClockAct{ClockAct::Kind::kLeave, question.question(), deadline};
  }
  if (!over) return std::nullopt;
  return ClockAct{ClockAct::Kind::kFinish, "", absl::FromUnixMillis(state.deadline_ms())};
}

}  // namespace greenroom::session
