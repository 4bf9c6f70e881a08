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
  // In the .cc, as the constructor, so that those who include this need not compile gRPC's part of every method.
  ~GradebookService() override;

#define GREENROOM_GRADEBOOK_RPC(Method, Request, Response)                                           \
  grpc::ServerUnaryReactor* Method(grpc::CallbackServerContext* context, const v1::Request* request, \
                                   v1::Response* response) override;
  GREENROOM_GRADEBOOK_RPC(OverrideGrade, OverrideGradeRequest, OverrideGradeResponse)
  GREENROOM_GRADEBOOK_RPC(CreateRegrade, CreateRegradeRequest, CreateRegradeResponse)
  GREENROOM_GRADEBOOK_RPC(GetRegrade, GetRegradeRequest, Regrade)
  GREENROOM_GRADEBOOK_RPC(ListRegrades, ListRegradesRequest, ListRegradesResponse)
  GREENROOM_GRADEBOOK_RPC(ListRegradeChanges, ListRegradeChangesRequest, ListRegradeChangesResponse)
  GREENROOM_GRADEBOOK_RPC(ApplyRegrade, ApplyRegradeRequest, Regrade)
  GREENROOM_GRADEBOOK_RPC(CancelRegrade, CancelRegradeRequest, Regrade)
  GREENROOM_GRADEBOOK_RPC(ListReviewQueue, ListReviewQueueRequest, ListReviewQueueResponse)
  GREENROOM_GRADEBOOK_RPC(GetQuestionStats, GetQuestionStatsRequest, QuestionStats)
  GREENROOM_GRADEBOOK_RPC(CreateAssignment, CreateAssignmentRequest, Assignment)
  GREENROOM_GRADEBOOK_RPC(GetAssignment, GetAssignmentRequest, Assignment)
  GREENROOM_GRADEBOOK_RPC(ListAssignments, ListAssignmentsRequest, ListAssignmentsResponse)
  GREENROOM_GRADEBOOK_RPC(UpdateAssignment, UpdateAssignmentRequest, Assignment)
  GREENROOM_GRADEBOOK_RPC(ListAssignmentResults, ListAssignmentResultsRequest, ListAssignmentResultsResponse)
  GREENROOM_GRADEBOOK_RPC(ReleaseGrades, ReleaseGradesRequest, Assignment)
#undef GREENROOM_GRADEBOOK_RPC
  grpc::ServerUnaryReactor* DeleteAssignment(grpc::CallbackServerContext* context,
                                             const v1::DeleteAssignmentRequest* request,
                                             google::protobuf::Empty* response) override;

 private:
  const RpcRuntime& runtime_;
  const MethodTable methods_;
  GradebookHandlers grades_;
  AssignmentHandlers assignments_;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_GRADEBOOK_SERVICE_H_
