#include "services/session/progress_service.h"

#include "services/base/rpc.h"
#include "services/base/rpc_stream.h"
#include "services/session/methods.h"

namespace greenroom::session {

ProgressService::ProgressService(const RpcRuntime& runtime, ProgressParts parts, PrivacyHandlers privacy)
    : runtime_(runtime), methods_(ProgressMethods()), handlers_(parts), privacy_(privacy) {}

ProgressService::~ProgressService() = default;

#define GREENROOM_PROGRESS_RPC(Method, Request, Response, handlers)                                       \
  grpc::ServerUnaryReactor* ProgressService::Method(grpc::CallbackServerContext* context,                 \
                                                    const v1::Request* request, v1::Response* response) { \
    return ServeUnary(runtime_, methods_.Get("greenroom.session.v1.ProgressService/" #Method), context,   \
                      request, response,                                                                  \
                      [this, request](Call& call) { return (handlers).Method(call, *request); });         \
  }
GREENROOM_PROGRESS_RPC(GetProgress, GetProgressRequest, Progress, handlers_)
GREENROOM_PROGRESS_RPC(ListDueQuestions, ListDueQuestionsRequest, ListDueQuestionsResponse, handlers_)
GREENROOM_PROGRESS_RPC(GetLearner, GetLearnerRequest, Learner, handlers_)
GREENROOM_PROGRESS_RPC(UpdateLearner, UpdateLearnerRequest, UpdateLearnerResponse, handlers_)
GREENROOM_PROGRESS_RPC(ImportMemory, ImportMemoryRequest, ImportMemoryResponse, handlers_)
GREENROOM_PROGRESS_RPC(GetCalibration, GetCalibrationRequest, Calibration, handlers_)
GREENROOM_PROGRESS_RPC(EraseLearner, EraseLearnerRequest, EraseLearnerResponse, privacy_)
#undef GREENROOM_PROGRESS_RPC

grpc::ServerWriteReactor<v1::ExportLearnerResponse>* ProgressService::ExportLearner(
    grpc::CallbackServerContext* context, const v1::ExportLearnerRequest* request) {
  return ServeServerStream<v1::ExportLearnerResponse>(
      runtime_, methods_.Get("greenroom.session.v1.ProgressService/ExportLearner"), context, request,
      [this, request](Call& call, ServerWriter<v1::ExportLearnerResponse>& writer) {
        return privacy_.ExportLearner(call, *request, writer);
      });
}

}  // namespace greenroom::session
