// The RPC entries of greenroom.session.v1.ProgressService that are about privacy.
#ifndef GREENROOM_SERVICES_SESSION_PRIVACY_SERVICE_H_
#define GREENROOM_SERVICES_SESSION_PRIVACY_SERVICE_H_

#include "greenroom/session/v1/progress_service.grpc.pb.h"
#include "services/base/call.h"
#include "services/base/method.h"
#include "services/session/privacy_handlers.h"

namespace greenroom::session {

class PrivacyService final : public v1::ProgressService::CallbackService {
 public:
  // All must outlive the server.
  PrivacyService(const RpcRuntime& runtime, Ledger& ledger, EventLog& log, const Clock& clock);

  grpc::ServerWriteReactor<v1::ExportLearnerResponse>* ExportLearner(
      grpc::CallbackServerContext* context, const v1::ExportLearnerRequest* request) override;
  grpc::ServerUnaryReactor* EraseLearner(grpc::CallbackServerContext* context,
                                         const v1::EraseLearnerRequest* request,
                                         v1::EraseLearnerResponse* response) override;

 private:
  const RpcRuntime& runtime_;
  const MethodTable methods_;
  PrivacyHandlers handlers_;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_PRIVACY_SERVICE_H_
