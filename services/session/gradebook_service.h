// The RPC entries of greenroom.session.v1.GradebookService.
#ifndef GREENROOM_SERVICES_SESSION_GRADEBOOK_SERVICE_H_
#define GREENROOM_SERVICES_SESSION_GRADEBOOK_SERVICE_H_

#include "greenroom/session/v1/gradebook_service.grpc.pb.h"
#include "services/base/call.h"
#include "services/base/method.h"
#include "services/session/assignment_handlers.h"
#include "services/session/gradebook_handlers.h"

namespace greenroom::session {

class GradebookService final : public v1::GradebookService::CallbackService {
 public:
  // `runtime`, and what the others refer to, must outlive the server.
  GradebookService(const RpcRuntime& runtime, GradebookParts grades, AssignmentParts assignments);

#define GREENROOM_GRADEBOOK_RPC(Method, Request, Response)                                           \
  grpc::ServerUnaryReactor* Method(grpc::CallbackServerContext* context, const v1::Request* request, \
                                   Response* response) override;
  GREENROOM_GRADEBOOK_RPC(OverrideGrade, OverrideGradeRequest, v1::OverrideGradeResponse)
  GREENROOM_GRADEBOOK_RPC(CreateRegrade, CreateRegradeRequest, v1::CreateRegradeResponse)
  GREENROOM_GRADEBOOK_RPC(GetRegrade, GetRegradeRequest, v1::Regrade)
  GREENROOM_GRADEBOOK_RPC(ListRegradeChanges, ListRegradeChangesRequest, v1::ListRegradeChangesResponse)
  GREENROOM_GRADEBOOK_RPC(ApplyRegrade, ApplyRegradeRequest, v1::Regrade)
  GREENROOM_GRADEBOOK_RPC(CancelRegrade, CancelRegradeRequest, v1::Regrade)
  GREENROOM_GRADEBOOK_RPC(ListReviewQueue, ListReviewQueueRequest, v1::ListReviewQueueResponse)
  GREENROOM_GRADEBOOK_RPC(GetQuestionStats, GetQuestionStatsRequest, v1::QuestionStats)
  GREENROOM_GRADEBOOK_RPC(CreateAssignment, CreateAssignmentRequest, v1::Assignment)
  GREENROOM_GRADEBOOK_RPC(GetAssignment, GetAssignmentRequest, v1::Assignment)
  GREENROOM_GRADEBOOK_RPC(ListAssignments, ListAssignmentsRequest, v1::ListAssignmentsResponse)
  GREENROOM_GRADEBOOK_RPC(UpdateAssignment, UpdateAssignmentRequest, v1::Assignment)
  GREENROOM_GRADEBOOK_RPC(DeleteAssignment, DeleteAssignmentRequest, google::protobuf::Empty)
  GREENROOM_GRADEBOOK_RPC(ListAssignmentResults, ListAssignmentResultsRequest,
                          v1::ListAssignmentResultsResponse)
  GREENROOM_GRADEBOOK_RPC(ReleaseGrades, ReleaseGradesRequest, v1::Assignment)
#undef GREENROOM_GRADEBOOK_RPC

 private:
  const RpcRuntime& runtime_;
  const MethodTable methods_;
  GradebookHandlers grades_;
  AssignmentHandlers assignments_;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_GRADEBOOK_SERVICE_H_
