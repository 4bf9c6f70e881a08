// Follow-ups: questions that join a plan because the first answer to another one missed something.
#ifndef GREENROOM_SERVICES_SESSION_DOMAIN_FOLLOW_UPS_H_
#define GREENROOM_SERVICES_SESSION_DOMAIN_FOLLOW_UPS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "greenroom/content/v1/pack.pb.h"
#include "greenroom/session/v1/event.pb.h"
#include "greenroom/session/v1/live_state.pb.h"

namespace greenroom::session {

// What live state may take: a plan grows no further where all of its questions, once everything was done with them,
// might need more.
inline constexpr size_t kMaxLiveBytes = size_t{16} * 1024;

// Adds the question to the plan: behind its parent and what follows that up already, with the parent's time where that
// has a limit. Its number there, from 1; 0 where
// it does not apply: the parent is not in the plan, the question is there already, or the session is finished.
int32_t AddFollowUp(v1::LiveState& state, const v1::FollowUpAdded& added);

// For each question of the plan, in its order, the id of the one it follows up on; empty for those the session began
// with.
std::vector<std::string> ParentsOf(const v1::LiveState& state);

// Whether the grade of an answer that is now given to `question` may add follow-ups: it is the first, nothing was
// revealed before it, and the session takes them.
bool MayAddFollowUps(const v1::LiveState& state, absl::string_view question);

// The same of an answer whose grade is pending; the question's id, empty where it may not.
std::string QuestionOfFirstAnswer(const v1::LiveState& state, absl::string_view answer);

// Whether any item of the report, or member of one, is missed (credit under 0.5).
bool MissedSomething(const scoring::v1::Report& report);

// The follow-ups that this first grade of an answer to `question` adds: those of the question that name an item which
// was missed, in the author's order, as far as they are not in the plan and there is room (kMaxLiveBytes). `revision` is
// the session's. The caller has asked whether it may.
std::vector<v1::EventPayload> FollowUpsOf(const v1::LiveState& state,
                                          const std::vector<content::v1::Question>& revision,
                                          absl::string_view question, const v1::Graded& graded);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_DOMAIN_FOLLOW_UPS_H_
