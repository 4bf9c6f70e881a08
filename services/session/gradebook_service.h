// The RPC entries of greenroom.session.v1.GradebookService, and who may call them.
#ifndef GREENROOM_SERVICES_SESSION_GRADEBOOK_SERVICE_H_
#define GREENROOM_SERVICES_SESSION_GRADEBOOK_SERVICE_H_

#include <vector>

#include "greenroom/session/v1/gradebook_service.grpc.pb.h"
#include "services/base/call.h"
#include "services/base/method.h"
#include "services/session/gradebook_handlers.h"

namespace greenroom::session {

// One policy for each RPC of GradebookService.
std::vector<MethodPolicy> GradebookMethods();

class GradebookServiceImpl final : public v1::GradebookService::CallbackService {
 public:
  // Both, and what `parts` refers to, must outlive the server.
  GradebookServiceImpl(const RpcRuntime& runtime, GradebookParts parts);

#define GREENROOM_GRADEBOOK_RPC(Method, Request, Response)                                           \
  grpc::ServerUnaryReactor* Method(grpc::CallbackServerContext* context, const v1::Request* request, \
                                   v1::Response* response) override;
  GREENROOM_GRADEBOOK_RPC(OverrideGrade, OverrideGradeRequest, OverrideGradeResponse)
  GREENROOM_GRADEBOOK_RPC(CreateRegrade, CreateRegradeRequest, CreateRegradeResponse)
  GREENROOM_GRADEBOOK_RPC(GetRegrade, GetRegradeRequest, Regrade)
  GREENROOM_GRADEBOOK_RPC(ListRegradeChanges, ListRegradeChangesRequest, ListRegradeChangesResponse)
  GREENROOM_GRADEBOOK_RPC(ApplyRegrade, ApplyRegradeRequest, Regrade)
  GREENROOM_GRADEBOOK_RPC(CancelRegrade, CancelRegradeRequest, Regrade)
  GREENROOM_GRADEBOOK_RPC(ListReviewQueue, ListReviewQueueRequest, ListReviewQueueResponse)
  GREENROOM_GRADEBOOK_RPC(GetQuestionStats, GetQuestionStatsRequest, QuestionStats)
#undef GREENROOM_GRADEBOOK_RPC

 private:
  const RpcRuntime& runtime_;
  const MethodTable methods_;
  GradebookHandlers handlers_;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_GRADEBOOK_SERVICE_H_
