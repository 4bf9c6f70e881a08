// Decide: what a command may do to a session as it stands.
#ifndef GREENROOM_SERVICES_SESSION_DOMAIN_DECIDE_H_
#define GREENROOM_SERVICES_SESSION_DOMAIN_DECIDE_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "greenroom/session/v1/live_state.pb.h"
#include "services/session/domain/state_table.h"

namespace greenroom::session {

// The state table for one question of the plan, for a command that the server got at `received`. `hint_count` is how many
// hints the question has; read for kTakeHint.
Ruling Decide(const v1::LiveState& state, absl::string_view question, Act act, absl::Time received,
              int32_t hint_count = 0);

// Whether the session can be finished: kNone or kSessionFinished.
Refusal DecideFinish(const v1::LiveState& state);

// Whether a draft of the question can be kept: kNone, or why not.
Refusal DecideDraft(const v1::LiveState& state, absl::string_view question, absl::Time received);

// Whether the clocks can be stopped, or go on. Repeats where they stand still, or run, already.
Ruling DecidePause(const v1::LiveState& state, absl::Time received);
Ruling DecideResume(const v1::LiveState& state);

// Whether the question, which is in the plan, is started by being shown. Repeats where it is started, or its mode has no
// such thing, or the session is finished and shows it all the same.
Ruling DecideStart(const v1::LiveState& state, absl::string_view question);

// The first question of the plan that is neither answered, revealed, skipped nor rated; nullptr where none is left.
const v1::LiveQuestion* OpenQuestion(const v1::LiveState& state);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_DOMAIN_DECIDE_H_
