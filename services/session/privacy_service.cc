#include "services/session/privacy_service.h"

#include "services/base/rpc.h"
#include "services/base/rpc_stream.h"
#include "services/session/methods.h"

namespace greenroom::session {

PrivacyService::PrivacyService(const RpcRuntime& runtime, Ledger& ledger, EventLog& log, const Clock& clock)
    : runtime_(runtime), methods_(PrivacyMethods()), handlers_(ledger, log, clock) {}

grpc::ServerWriteReactor<v1::ExportLearnerResponse>* PrivacyService::ExportLearner(
    grpc::CallbackServerContext* context, const v1::ExportLearnerRequest* request) {
  return ServeServerStream<v1::ExportLearnerResponse>(
      runtime_, methods_.Get("greenroom.session.v1.ProgressService/ExportLearner"), context, request,
      [this, request](Call& call, ServerWriter<v1::ExportLearnerResponse>& writer) {
        return handlers_.ExportLearner(call, *request, writer);
      });
}

grpc::ServerUnaryReactor* PrivacyService::EraseLearner(grpc::CallbackServerContext* context,
                                                       const v1::EraseLearnerRequest* request,
                                                       v1::EraseLearnerResponse* response) {
  return ServeUnary(runtime_, methods_.Get("greenroom.session.v1.ProgressService/EraseLearner"), context,
                    request, response,
                    [this, request](Call& call) { return handlers_.EraseLearner(call, *request); });
}

}  // namespace greenroom::session
