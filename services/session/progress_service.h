// The RPC entries of greenroom.session.v1.ProgressService.
#ifndef GREENROOM_SERVICES_SESSION_PROGRESS_SERVICE_H_
#define GREENROOM_SERVICES_SESSION_PROGRESS_SERVICE_H_

#include "greenroom/session/v1/progress_service.grpc.pb.h"
#include "services/base/call.h"
#include "services/base/method.h"
#include "services/session/privacy_handlers.h"
#include "services/session/progress_handlers.h"

namespace greenroom::session {

class ProgressService final : public v1::ProgressService::CallbackService {
 public:
  // `runtime`, and what the others refer to, must outlive the server.
  ProgressService(const RpcRuntime& runtime, ProgressParts parts, PrivacyHandlers privacy);
  // In the .cc, as the constructor, so that those who include this need not compile gRPC's part of every method.
  ~ProgressService() override;

#define GREENROOM_PROGRESS_RPC(Method, Request, Response)                                            \
  grpc::ServerUnaryReactor* Method(grpc::CallbackServerContext* context, const v1::Request* request, \
                                   v1::Response* response) override;
  GREENROOM_PROGRESS_RPC(GetProgress, GetProgressRequest, Progress)
  GREENROOM_PROGRESS_RPC(ListDueQuestions, ListDueQuestionsRequest, ListDueQuestionsResponse)
  GREENROOM_PROGRESS_RPC(GetLearner, GetLearnerRequest, Learner)
  GREENROOM_PROGRESS_RPC(UpdateLearner, UpdateLearnerRequest, UpdateLearnerResponse)
  GREENROOM_PROGRESS_RPC(ImportMemory, ImportMemoryRequest, ImportMemoryResponse)
  GREENROOM_PROGRESS_RPC(GetCalibration, GetCalibrationRequest, Calibration)
  GREENROOM_PROGRESS_RPC(EraseLearner, EraseLearnerRequest, EraseLearnerResponse)
#undef GREENROOM_PROGRESS_RPC
  grpc::ServerWriteReactor<v1::ExportLearnerResponse>* ExportLearner(
      grpc::CallbackServerContext* context, const v1::ExportLearnerRequest* request) override;

 private:
  const RpcRuntime& runtime_;
  const MethodTable methods_;
  ProgressHandlers handlers_;
  PrivacyHandlers privacy_;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_PROGRESS_SERVICE_H_
