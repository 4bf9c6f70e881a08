// GrpcCatalogue: the catalogue as the content service has it.
#ifndef GREENROOM_SERVICES_SCORING_GRPC_CATALOGUE_H_
#define GREENROOM_SERVICES_SCORING_GRPC_CATALOGUE_H_

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "greenroom/content/v1/content_service.grpc.pb.h"
#include "services/base/auth/service_credentials.h"
#include "services/scoring/catalogue.h"

namespace greenroom::scoring {

// Calls with the service's own identity, in the caller's tenant. Waits for a connection until the deadline.
class GrpcCatalogue final : public Catalogue {
 public:
  // `credentials` must outlive it.
  GrpcCatalogue(std::shared_ptr<grpc::Channel> channel, auth::ServiceCredentials& credentials);

  Task<absl::StatusOr<content::v1::Question>> GetQuestion(std::string tenant, std::string name,
                                                          OutgoingCall call) override;

 private:
  const std::unique_ptr<content::v1::ContentService::Stub> stub_;
  auth::ServiceCredentials& credentials_;
};

}  // namespace greenroom::scoring

#endif  // GREENROOM_SERVICES_SCORING_GRPC_CATALOGUE_H_
