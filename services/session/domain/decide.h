// Decide: what a command may do to a session as it stands.
#ifndef GREENROOM_SERVICES_SESSION_DOMAIN_DECIDE_H_
#define GREENROOM_SERVICES_SESSION_DOMAIN_DECIDE_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "greenroom/session/v1/live_state.pb.h"
#include "services/session/domain/state_table.h"

namespace greenroom::session {

// The state table for one question of the plan. `hint_count` is how many hints the question has; read for kTakeHint.
Ruling Decide(const v1::LiveState& state, absl::string_view question, Act act, int32_t hint_count = 0);

// Whether the session can be finished: kNone or kSessionFinished.
Refusal DecideFinish(const v1::LiveState& state);

// The first question of the plan that is neither answered, revealed, skipped nor rated; nullptr where none is left.
const v1::LiveQuestion* OpenQuestion(const v1::LiveState& state);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_DOMAIN_DECIDE_H_
