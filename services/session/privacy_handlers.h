// PrivacyHandlers: what ExportLearner and EraseLearner do, once the wrapper has let the call in.
#ifndef GREENROOM_SERVICES_SESSION_PRIVACY_HANDLERS_H_
#define GREENROOM_SERVICES_SESSION_PRIVACY_HANDLERS_H_

#include <cstdint>
#include <map>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "greenroom/session/v1/privacy.pb.h"
#include "services/base/call.h"
#include "services/base/clock.h"
#include "services/base/rpc_stream.h"
#include "services/base/task.h"
#include "services/session/assignments/assignment_store.h"
#include "services/session/ledger.h"
#include "services/session/log/event_log.h"
#include "services/session/memory_deriver.h"

namespace greenroom::session {

// Thread-safe. Call and request must live until the Task has ended, what it is made with longer.
class PrivacyHandlers {
 public:
  PrivacyHandlers(Ledger& ledger, EventLog& log, MemoryDeriver& deriver, const Clock& clock,
                  AssignmentStore& assignments)
      : ledger_(ledger), log_(log), deriver_(deriver), clock_(clock), assignments_(assignments) {}

  Task<absl::Status> ExportLearner(Call& call, const v1::ExportLearnerRequest& request,
                                   ServerWriter<v1::ExportLearnerResponse>& writer);
  Task<absl::StatusOr<v1::EraseLearnerResponse>> EraseLearner(Call& call,
                                                              const v1::EraseLearnerRequest& request);

 private:
  // What is remembered of the learner, of all events up to `sequence` at least.
  Task<absl::StatusOr<std::map<ItemKey, MemoryItem>>> Remembered(Call& call, LearnerKey learner,
                                                                 int64_t sequence);

  Ledger& ledger_;
  EventLog& log_;
  MemoryDeriver& deriver_;
  const Clock& clock_;
  AssignmentStore& assignments_;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_PRIVACY_HANDLERS_H_
