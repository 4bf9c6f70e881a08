#include "services/session/gradebook_service.h"

#include "services/base/rpc.h"
#include "services/session/methods.h"

namespace greenroom::session {

GradebookService::GradebookService(const RpcRuntime& runtime, GradebookParts grades,
                                   AssignmentParts assignments)
    : runtime_(runtime), methods_(GradebookMethods()), grades_(grades), assignments_(assignments) {}

GradebookService::~GradebookService() = default;

#define GREENROOM_GRADEBOOK_RPC(Handlers, Method, Request, Response)                                       \
  grpc::ServerUnaryReactor* GradebookService::Method(grpc::CallbackServerContext* context,                 \
                                                     const v1::Request* request, v1::Response* response) { \
    return ServeUnary(runtime_, methods_.Get("greenroom.session.v1.GradebookService/" #Method), context,   \
                      request, response,                                                                   \
                      [this, request](Call& call) { return (Handlers).Method(call, *request); });          \
  }
GREENROOM_GRADEBOOK_RPC(grades_, OverrideGrade, OverrideGradeRequest, OverrideGradeResponse)
GREENROOM_GRADEBOOK_RPC(grades_, CreateRegrade, CreateRegradeRequest, CreateRegradeResponse)
GREENROOM_GRADEBOOK_RPC(grades_, GetRegrade, GetRegradeRequest, Regrade)
GREENROOM_GRADEBOOK_RPC(grades_, ListRegrades, ListRegradesRequest, ListRegradesResponse)
GREENROOM_GRADEBOOK_RPC(grades_, ListRegradeChanges, ListRegradeChangesRequest, ListRegradeChangesResponse)
GREENROOM_GRADEBOOK_RPC(grades_, ApplyRegrade, ApplyRegradeRequest, Regrade)
GREENROOM_GRADEBOOK_RPC(grades_, CancelRegrade, CancelRegradeRequest, Regrade)
GREENROOM_GRADEBOOK_RPC(grades_, ListReviewQueue, ListReviewQueueRequest, ListReviewQueueResponse)
GREENROOM_GRADEBOOK_RPC(grades_, GetQuestionStats, GetQuestionStatsRequest, QuestionStats)
GREENROOM_GRADEBOOK_RPC(assignments_, CreateAssignment, CreateAssignmentRequest, Assignment)
GREENROOM_GRADEBOOK_RPC(assignments_, GetAssignment, GetAssignmentRequest, Assignment)
GREENROOM_GRADEBOOK_RPC(assignments_, ListAssignments, ListAssignmentsRequest, ListAssignmentsResponse)
GREENROOM_GRADEBOOK_RPC(assignments_, UpdateAssignment, UpdateAssignmentRequest, Assignment)
GREENROOM_GRADEBOOK_RPC(assignments_, ListAssignmentResults, ListAssignmentResultsRequest,
                        ListAssignmentResultsResponse)
GREENROOM_GRADEBOOK_RPC(assignments_, ReleaseGrades, ReleaseGradesRequest, Assignment)
#undef GREENROOM_GRADEBOOK_RPC

grpc::ServerUnaryReactor* GradebookService::DeleteAssignment(grpc::CallbackServerContext* context,
                                                             const v1::DeleteAssignmentRequest* request,
                                                             google::protobuf::Empty* response) {
  return ServeUnary(runtime_, methods_.Get("greenroom.session.v1.GradebookService/DeleteAssignment"), context,
                    request, response,
                    [this, request](Call& call) { return assignments_.DeleteAssignment(call, *request); });
}

}  // namespace greenroom::session
