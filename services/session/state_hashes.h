// `greenroom-session --state-hashes`: what two copies of a log, or a log before and after a crash, are compared by.
#ifndef GREENROOM_SERVICES_SESSION_STATE_HASHES_H_
#define GREENROOM_SERVICES_SESSION_STATE_HASHES_H_

#include <ostream>

#include "absl/status/status.h"
#include "services/session/log/event_log.h"

namespace greenroom::session {

// Writes a line "<tenant>/<learner> <hash>" for each learner, in order (domain/state_hash.h). Blocks.
absl::Status PrintStateHashes(EventLog& log, std::ostream& out);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_STATE_HASHES_H_
