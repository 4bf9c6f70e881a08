// FindShutPacks: what an open exam of a learner's keeps shut, for whoever tells the learner of more than one session.
#ifndef GREENROOM_SERVICES_SESSION_FIND_SHUT_PACKS_H_
#define GREENROOM_SERVICES_SESSION_FIND_SHUT_PACKS_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/base/task.h"
#include "services/session/assignments/assignment_store.h"
#include "services/session/domain/shut_packs.h"
#include "services/session/requests.h"

namespace greenroom::session {

// For what `target` is told as of the learner's log when the call began: call it after the log was read, so that an exam's
// end that was not read keeps shut what was. Empty for staff. Errors: as error::OfLog's. `assignments` must outlive the
// Task.
Task<absl::StatusOr<ShutPacks>> FindShutPacks(AssignmentStore& assignments, Target target,
                                              absl::Time deadline);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_FIND_SHUT_PACKS_H_
