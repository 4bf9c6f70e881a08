// Time in modes that the server times: when a session and its questions end, and what is done then. A pure function of
// when the server received things (received_time); no device's clock has a say.
#ifndef GREENROOM_SERVICES_SESSION_DOMAIN_DEADLINES_H_
#define GREENROOM_SERVICES_SESSION_DOMAIN_DEADLINES_H_

#include <optional>
#include <set>
#include <string>

#include "absl/time/time.h"
#include "greenroom/session/v1/event.pb.h"
#include "greenroom/session/v1/live_state.pb.h"

namespace greenroom::session {

// What was sent before a deadline may arrive this much behind it: the network's time, not the learner's.
inline constexpr absl::Duration kDeadlineGrace = absl::Seconds(5);

// Mocks and exams.
bool IsTimed(v1::SessionMode mode);

// Sets the limits that the session was created with; its own runs from then on.
void BeginTimes(v1::LiveState& state, const v1::Created& created, absl::Time received);
// Whether showing the question starts it: its mode is timed, it was not started, and the session is not finished.
bool StartsWhenShown(const v1::LiveState& state, const v1::LiveQuestion& question);
void StartQuestion(const v1::LiveState& state, v1::LiveQuestion& question, absl::Time received);
// Whether the clocks of the session, which is active, can be stopped: not in an exam, nor when its time is up.
bool CanPause(const v1::LiveState& state, absl::Time received);
void StopClocks(v1::LiveState& state, absl::Time received);
// Deadlines that were ahead move on by the time that the clocks stood still.
void RestartClocks(v1::LiveState& state, absl::Time received);

// Whether the session's deadline is behind then, the grace not counted: its plan grows no more.
bool IsBehindDeadline(const v1::LiveState& state, absl::Time received);

// Whether what is received then comes too late, grace included: for the session, or for the question of it.
bool IsTimeUp(const v1::LiveState& state, absl::Time received);
bool IsTimeUp(const v1::LiveState& state, const v1::LiveQuestion& question, absl::Time received);

// When the server must do something with the session by itself: strictly after this, which includes the grace. nullopt
// while it is finished, paused or has no time running.
std::optional<absl::Time> NextDeadline(const v1::LiveState& state);

// Whether the clock demands something of the session now: that, or its end for want of use (ExpiryOf).
bool IsClockDue(const v1::LiveState& state, absl::Time now);

// What the clock demands.
struct ClockAct {
  enum class Kind {
    kSubmitDraft,  // the draft becomes the question's answer
    kLeave,        // the question is left without an answer
    kFinish,       // the session ends
  };
  Kind kind = Kind::kFinish;
  std::string question;  // empty: of the session
  absl::Time deadline;   // what it is dated

  friend bool operator==(const ClockAct&, const ClockAct&) = default;
};

// The next thing that the clock demands of the session; nullopt where there is nothing (any more). `drafts` are the
// questions that have a draft. Carried out one after the other they end: the drafts of a session before its finish.
std::optional<ClockAct> NextClockAct(const v1::LiveState& state, const std::set<std::string>& drafts,
                                     absl::Time now);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_DOMAIN_DEADLINES_H_
