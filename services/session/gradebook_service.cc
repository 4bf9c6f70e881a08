#include "services/session/gradebook_service.h"

#include "services/base/rpc.h"
#include "services/session/methods.h"

namespace greenroom::session {

GradebookService::GradebookService(const RpcRuntime& runtime, GradebookParts grades,
                                   AssignmentParts assignments)
    : runtime_(runtime), methods_(GradebookMethods()), grades_(grades), assignments_(assignments) {}

#define GREENROOM_GRADEBOOK_RPC(Handlers, Method, Request, Response)                                     \
  grpc::ServerUnaryReactor* GradebookService::Method(grpc::CallbackServerContext* context,               \
                                                     const v1::Request* request, Response* response) {   \
    return ServeUnary(runtime_, methods_.Get("greenroom.session.v1.GradebookService/" #Method), context, \
                      request, response,                                                                 \
                      [this, request](Call& call) { return Handlers.Method(call, *request); });          \
  }
GREENROOM_GRADEBOOK_RPC(grades_, OverrideGrade, OverrideGradeRequest, v1::OverrideGradeResponse)
GREENROOM_GRADEBOOK_RPC(grades_, CreateRegrade, CreateRegradeRequest, v1::CreateRegradeResponse)
GREENROOM_GRADEBOOK_RPC(grades_, GetRegrade, GetRegradeRequest, v1::Regrade)
GREENROOM_GRADEBOOK_RPC(grades_, ListRegradeChanges, ListRegradeChangesRequest,
                        v1::ListRegradeChangesResponse)
GREENROOM_GRADEBOOK_RPC(grades_, ApplyRegrade, ApplyRegradeRequest, v1::Regrade)
GREENROOM_GRADEBOOK_RPC(grades_, CancelRegrade, CancelRegradeRequest, v1::Regrade)
GREENROOM_GRADEBOOK_RPC(grades_, ListReviewQueue, ListReviewQueueRequest, v1::ListReviewQueueResponse)
GREENROOM_GRADEBOOK_RPC(grades_, GetQuestionStats, GetQuestionStatsRequest, v1::QuestionStats)
GREENROOM_GRADEBOOK_RPC(assignments_, CreateAssignment, CreateAssignmentRequest, v1::Assignment)
GREENROOM_GRADEBOOK_RPC(assignments_, GetAssignment, GetAssignmentRequest, v1::Assignment)
GREENROOM_GRADEBOOK_RPC(assignments_, ListAssignments, ListAssignmentsRequest, v1::ListAssignmentsResponse)
GREENROOM_GRADEBOOK_RPC(assignments_, UpdateAssignment, UpdateAssignmentRequest, v1::Assignment)
GREENROOM_GRADEBOOK_RPC(assignments_, DeleteAssignment, DeleteAssignmentRequest, google::protobuf::Empty)
GREENROOM_GRADEBOOK_RPC(assignments_, ListAssignmentResults, ListAssignmentResultsRequest,
                        v1::ListAssignmentResultsResponse)
GREENROOM_GRADEBOOK_RPC(assignments_, ReleaseGrades, ReleaseGradesRequest, v1::Assignment)
#undef GREENROOM_GRADEBOOK_RPC

}  // namespace greenroom::session
