// GradebookHandlers: what each RPC of GradebookService does, once the wrapper has let the call in.
#ifndef GREENROOM_SERVICES_SESSION_GRADEBOOK_HANDLERS_H_
#define GREENROOM_SERVICES_SESSION_GRADEBOOK_HANDLERS_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "greenroom/session/v1/gradebook_service.pb.h"
#include "services/base/call.h"
#include "services/base/clock.h"
#include "services/base/task.h"
#include "services/session/domain/fold.h"
#include "services/session/gradebook/gradebook_store.h"
#include "services/session/ledger.h"
#include "services/session/peers/catalogue.h"
#include "services/session/requests.h"

namespace greenroom::session {

// What the handlers work with. All of it must outlive them.
struct GradebookParts {
  Ledger& ledger;
  Catalogue& catalogue;
  GradebookStore& store;
  const Clock& clock;
};

// Thread-safe. Call and request must live until the Task has ended.
class GradebookHandlers {
 public:
  explicit GradebookHandlers(GradebookParts parts) : parts_(parts) {}

  Task<absl::StatusOr<v1::OverrideGradeResponse>> OverrideGrade(Call& call,
                                                                const v1::OverrideGradeRequest& request);
  Task<absl::StatusOr<v1::CreateRegradeResponse>> CreateRegrade(Call& call,
                                                                const v1::CreateRegradeRequest& request);
  Task<absl::StatusOr<v1::Regrade>> GetRegrade(Call& call, const v1::GetRegradeRequest& request);
  Task<absl::StatusOr<v1::ListRegradesResponse>> ListRegrades(Call& call,
                                                              const v1::ListRegradesRequest& request);
  Task<absl::StatusOr<v1::ListRegradeChangesResponse>> ListRegradeChanges(
      Call& call, const v1::ListRegradeChangesRequest& request);
  Task<absl::StatusOr<v1::Regrade>> ApplyRegrade(Call& call, const v1::ApplyRegradeRequest& request);
  Task<absl::StatusOr<v1::Regrade>> CancelRegrade(Call& call, const v1::CancelRegradeRequest& request);
  Task<absl::StatusOr<v1::ListReviewQueueResponse>> ListReviewQueue(
      Call& call, const v1::ListReviewQueueRequest& request);
  Task<absl::StatusOr<v1::QuestionStats>> GetQuestionStats(Call& call,
                                                           const v1::GetQuestionStatsRequest& request);

 private:
  // The grade that the request decides, from the one that the grader gave last.
  Task<absl::StatusOr<v1::EventPayload>> Decide(Call& call, const Target& target,
                                                const v1::OverrideGradeRequest& request);
  // REVISION_NOT_FOUND unless the pack has it.
  Task<absl::Status> CheckRevision(Call& call, const std::string& revision);
  // REGRADE_NOT_FOUND.
  Task<absl::StatusOr<StoredRegrade>> Find(Call& call, const std::string& name, std::string field);
  // Moves the regrade from `from` to `to`; fine where it is at `to` or at `behind` already, else REGRADE_STATE.
  Task<absl::StatusOr<v1::Regrade>> Move(Call& call, const std::string& name, v1::RegradeState from,
                                         v1::RegradeState to, v1::RegradeState behind);

  const GradebookParts parts_;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_GRADEBOOK_HANDLERS_H_
