// The fold: from a learner's events to where a session stands. Total: an event that does not apply at its place changes
// nothing; unknown kinds are skipped. A pure function of the set of events, whatever order they arrived in.
#ifndef GREENROOM_SERVICES_SESSION_DOMAIN_FOLD_H_
#define GREENROOM_SERVICES_SESSION_DOMAIN_FOLD_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "greenroom/session/v1/live_state.pb.h"
#include "services/session/domain/event.h"
#include "services/session/domain/state_table.h"

namespace greenroom::session {

// A session without a deadline that runs finishes itself when nothing has happened for this long.
inline constexpr absl::Duration kIdleExpiry = absl::Hours(24 * 30);

// The canonical order: occurred_time in ms, device, device_seq (none first), event id. Whatever the order of arrival.
bool CanonicallyBefore(const Event& a, const Event& b);

// The question that a learner's event is about; empty for events about none. Part of `payload`.
absl::string_view QuestionOf(const v1::EventPayload& payload);

struct FoldedAnswer {
  const Event* submitted = nullptr;
  const Event* grade =
      nullptr;  // the current one: override, else the highest regrade, else initial; null while pending
  int32_t number = 0;   // the question's number in the plan
  int32_t attempt = 0;  // from 1 within the question
  bool after_reveal = false;
  bool counting = false;  // the first, given before any feedback or reveal
  std::optional<int32_t> score;
  std::optional<int32_t> gained;  // score less the best of earlier attempts; absent where either is missing
  std::vector<std::string> follow_ups;  // questions that its grade added, in their order
};

struct FoldedQuestion {
  std::vector<size_t> answers;  // indexes into SessionFold::answers
  std::vector<std::string> claimed_points;
  const Event* reveal = nullptr;      // the first that applies
  const Event* skip = nullptr;        // the first that applies
  std::vector<const Event*> ratings;  // those that apply, in canonical order
};

// A session folded from all its events. The pointers lead into `events`: movable, not copyable.
struct SessionFold {
  SessionFold() = default;
  SessionFold(SessionFold&&) = default;
  SessionFold& operator=(SessionFold&&) = default;
  SessionFold(const SessionFold&) = delete;
  SessionFold& operator=(const SessionFold&) = delete;

  std::vector<Event> events;  // in canonical order
  v1::LiveState live;
  std::vector<FoldedAnswer> answers;      // those that apply, in canonical order
  std::vector<FoldedQuestion> questions;  // in the plan's order
  std::map<std::string, int32_t>
      hint_numbers;  // by event id of those that apply: which hint of its question it was

  const FoldedAnswer* FindAnswer(absl::string_view id) const;
};

// Folds `events`, all of one session, in any order; an event that is there twice counts once. nullopt while the session's Created is not among them.
std::optional<SessionFold> FoldSession(std::vector<Event> events);

// The grades of the answer that were current before its grade is, latest first. Into the fold's events.
std::vector<const Event*> EarlierGrades(const SessionFold& fold, const FoldedAnswer& answer);

// The grade that a grader gave the answer last, whatever a person decided; nullptr while there is none.
const Event* GradersGrade(const SessionFold& fold, const FoldedAnswer& answer);

// Takes `event`, of any session of the learner, into the state: `key` is the state's own session. Equal to a fold of
// everything so far and `event`. False where that cannot be told from the state alone (the event has an earlier place,
// or changes a grade): the state is then unusable, fold the session's events instead. `event` is not in the state yet, and
// no grade of it: only what has arrived is graded.
bool Advance(v1::LiveState& state, const SessionKey& key, const Event& event);

// The question of the plan; nullptr where the plan does not hold it.
const v1::LiveQuestion* FindQuestion(const v1::LiveState& state, absl::string_view question);

// As the question stands; `time_is_up` only where the session was finished for it (deadlines.h tells of the rest).
Situation SituationOf(const v1::LiveState& state, const v1::LiveQuestion& question);

// The highest sequence above `seen` of an event on this question by another device; 0 where there is none.
int64_t MovedByOthers(const v1::LiveQuestion& question, absl::string_view device, int64_t seen);

// When the session finishes itself; nullopt where it does not or has.
std::optional<absl::Time> ExpiryOf(const v1::LiveState& state);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_DOMAIN_FOLD_H_
