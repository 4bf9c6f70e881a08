// A device's outbox as events of the learner's log.
#ifndef GREENROOM_SERVICES_SESSION_DOMAIN_OUTBOX_H_
#define GREENROOM_SERVICES_SESSION_DOMAIN_OUTBOX_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "greenroom/session/v1/live_state.pb.h"
#include "greenroom/session/v1/sync.pb.h"
#include "services/session/domain/event.h"

namespace greenroom::session {

// How far ahead of the later of the server's clock and the log's last event an item may have happened.
inline constexpr absl::Duration kFarthestAhead = absl::Minutes(5);

// The item as an event, but for `seq` and `received_time`. Its content is that of the RPC that does the same online: what
// was done in both ways, under one id, is one event. Ids are in lower case and names in full already. An answer's
// `question_name` is left empty: the revision is its session's, which may arrive later.
Event EventOf(const LearnerKey& learner, const std::string& device, const v1::OutboxItem& item);

// Whether the server times this session, and it is finished or what is received at `now` comes too late (IsTimeUp, as of a
// call), for the session or for `question` (empty: of the session alone).
bool IsOutOfTime(const v1::LiveState& state, absl::string_view question, absl::Time now);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_DOMAIN_OUTBOX_H_
