#include "services/session/progress_service.h"

#include "services/base/rpc.h"
#include "services/session/methods.h"

namespace greenroom::session {

ProgressService::ProgressService(const RpcRuntime& runtime, ProgressParts parts)
    : runtime_(runtime), methods_(ProgressMethods()), handlers_(parts) {}

#define GREENROOM_PROGRESS_RPC(Method, Request, Response)                                                 \
  grpc::ServerUnaryReactor* ProgressService::Method(grpc::CallbackServerContext* context,                 \
                                                    const v1::Request* request, v1::Response* response) { \
    return ServeUnary(runtime_, methods_.Get("greenroom.session.v1.ProgressService/" #Method), context,   \
                      request, response,                                                                  \
                      [this, request](Call& call) { return handlers_.Method(call, *request); });          \
  }
GREENROOM_PROGRESS_RPC(GetProgress, GetProgressRequest, Progress)
GREENROOM_PROGRESS_RPC(ListDueQuestions, ListDueQuestionsRequest, ListDueQuestionsResponse)
GREENROOM_PROGRESS_RPC(GetLearner, GetLearnerRequest, Learner)
GREENROOM_PROGRESS_RPC(UpdateLearner, UpdateLearnerRequest, UpdateLearnerResponse)
GREENROOM_PROGRESS_RPC(ImportMemory, ImportMemoryRequest, ImportMemoryResponse)
GREENROOM_PROGRESS_RPC(GetCalibration, GetCalibrationRequest, Calibration)
#undef GREENROOM_PROGRESS_RPC

}  // namespace greenroom::session
