// AssignmentHandlers: what the RPCs of GradebookService about assignments do, once the wrapper has let the call in.
#ifndef GREENROOM_SERVICES_SESSION_ASSIGNMENT_HANDLERS_H_
#define GREENROOM_SERVICES_SESSION_ASSIGNMENT_HANDLERS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "greenroom/session/v1/gradebook_service.pb.h"
#include "services/base/call.h"
#include "services/base/clock.h"
#include "services/base/task.h"
#include "services/session/assignments/assignment_store.h"
#include "services/session/ledger.h"
#include "services/session/peers/catalogue.h"

namespace greenroom::session {

// What the handlers work with. All of it must outlive them.
struct AssignmentParts {
  AssignmentStore& assignments;
  Ledger& ledger;
  Catalogue& catalogue;
  const Clock& clock;
};

// Thread-safe. Call and request must live until the Task has ended.
class AssignmentHandlers {
 public:
  explicit AssignmentHandlers(AssignmentParts parts) : parts_(parts) {}

  Task<absl::StatusOr<v1::Assignment>> CreateAssignment(Call& call,
                                                        const v1::CreateAssignmentRequest& request);
  Task<absl::StatusOr<v1::Assignment>> GetAssignment(Call& call, const v1::GetAssignmentRequest& request);
  Task<absl::StatusOr<v1::ListAssignmentsResponse>> ListAssignments(
      Call& call, const v1::ListAssignmentsRequest& request);
  Task<absl::StatusOr<v1::Assignment>> UpdateAssignment(Call& call,
                                                        const v1::UpdateAssignmentRequest& request);
  Task<absl::StatusOr<google::protobuf::Empty>> DeleteAssignment(Call& call,
                                                                 const v1::DeleteAssignmentRequest& request);
  Task<absl::StatusOr<v1::ListAssignmentResultsResponse>> ListAssignmentResults(
      Call& call, const v1::ListAssignmentResultsRequest& request);
  Task<absl::StatusOr<v1::Assignment>> ReleaseGrades(Call& call, const v1::ReleaseGradesRequest& request);

 private:
  // ASSIGNMENT_NOT_FOUND where there is none.
  Task<absl::StatusOr<v1::Assignment>> Find(Call& call, std::string tenant, std::string name);
  // Names the revision that is meant in full, and looks whether it has the questions, and whether an exam can be made of its
  // pack.
  Task<absl::Status> Pin(Call& call, v1::Assignment& assignment);

  const AssignmentParts parts_;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_ASSIGNMENT_HANDLERS_H_
