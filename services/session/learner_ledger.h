// LearnerLedger: writes of a learner's log that belong to no session.
#ifndef GREENROOM_SERVICES_SESSION_LEARNER_LEDGER_H_
#define GREENROOM_SERVICES_SESSION_LEARNER_LEDGER_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/base/clock.h"
#include "services/base/task.h"
#include "services/session/log/event_log.h"

namespace greenroom::session {

struct LearnerCommand {
  LearnerKey learner;
  std::string event_id;  // a UUID in lower case
  std::string content_sha256;
  std::string device;
};

struct LearnerWrite {
  Event event;            // what the log holds
  bool replayed = false;  // it was there before
};

// Thread-safe. Everything it borrows must outlive it and every Task it gave.
class LearnerLedger {
 public:
  LearnerLedger(EventLog& log, const Clock& clock) : log_(log), clock_(clock) {}

  // What the command's id did before; nullopt where it is new; ID_REUSED where it did something else.
  Task<absl::StatusOr<std::optional<LearnerWrite>>> FindReplay(const LearnerCommand& command,
                                                               absl::Time deadline);

  // Writes the event. When it answers OK the event is in the log, by this call or an earlier one of the same content:
  // ID_REUSED where the id did something else. A place in the log that others take meanwhile is tried for again until the
  // deadline. After UNAVAILABLE and DEADLINE_EXCEEDED it may be in the log.
  Task<absl::StatusOr<LearnerWrite>> Write(LearnerCommand command, v1::EventPayload payload,
                                           absl::Time deadline);

 private:
  EventLog& log_;
  const Clock& clock_;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_LEARNER_LEDGER_H_
