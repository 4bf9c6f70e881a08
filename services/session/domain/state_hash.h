// The hash by which two copies of a learner's state are compared: before and after a crash, live and replayed.
#ifndef GREENROOM_SERVICES_SESSION_DOMAIN_STATE_HASH_H_
#define GREENROOM_SERVICES_SESSION_DOMAIN_STATE_HASH_H_

#include <string>
#include <vector>

#include "greenroom/session/v1/live_state.pb.h"
#include "services/session/domain/event.h"

namespace greenroom::session {

// The state without what depends on the order of arrival: sequences and device marks. What hashes are made of.
v1::LiveState WithoutSequences(v1::LiveState state);

// SHA-256, in hex, of the learner's sessions, each folded and written deterministically with its answers and grades.
// `events` are all events of one learner's log, in any order.
std::string StateHash(const std::vector<Event>& events);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_DOMAIN_STATE_HASH_H_
