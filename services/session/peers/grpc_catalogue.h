// GrpcCatalogue: the catalogue as the content service has it.
#ifndef GREENROOM_SERVICES_SESSION_PEERS_GRPC_CATALOGUE_H_
#define GREENROOM_SERVICES_SESSION_PEERS_GRPC_CATALOGUE_H_

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "greenroom/content/v1/content_service.grpc.pb.h"
#include "services/base/auth/service_credentials.h"
#include "services/session/peers/catalogue.h"

namespace greenroom::session {

// Calls with the service's own identity, on behalf of the learner. Waits for a connection until the deadline.
class GrpcCatalogue final : public Catalogue {
 public:
  // `credentials` must outlive it.
  GrpcCatalogue(std::shared_ptr<grpc::Channel> channel, auth::ServiceCredentials& credentials);

  Task<absl::StatusOr<std::shared_ptr<const RevisionContent>>> GetRevision(LearnerKey learner,
                                                                           std::string revision,
                                                                           OutgoingCall call) override;
  Task<absl::StatusOr<PackSummary>> GetPack(LearnerKey learner, std::string pack, Freshness freshness,
                                            OutgoingCall call) override;

 private:
  const std::unique_ptr<content::v1::ContentService::Stub> stub_;
  auth::ServiceCredentials& credentials_;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_PEERS_GRPC_CATALOGUE_H_
