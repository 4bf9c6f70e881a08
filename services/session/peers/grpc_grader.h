// GrpcGrader: the grader as the scoring service has it.
#ifndef GREENROOM_SERVICES_SESSION_PEERS_GRPC_GRADER_H_
#define GREENROOM_SERVICES_SESSION_PEERS_GRPC_GRADER_H_

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "greenroom/scoring/v1/scoring_service.grpc.pb.h"
#include "services/base/auth/service_credentials.h"
#include "services/session/peers/grader.h"

namespace greenroom::session {

// Calls with the service's own identity, on behalf of the learner. Does not wait for a connection: a grade that is late is
// made later.
class GrpcGrader final : public Grader {
 public:
  // `credentials` must outlive it.
  GrpcGrader(std::shared_ptr<grpc::Channel> channel, auth::ServiceCredentials& credentials);

  Task<absl::StatusOr<scoring::v1::Report>> Grade(LearnerKey learner, std::string question,
                                                  std::string answer, GradedAnswers graded,
                                                  OutgoingCall call) override;

 private:
  const std::unique_ptr<scoring::v1::ScoringService::Stub> stub_;
  auth::ServiceCredentials& credentials_;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_PEERS_GRPC_GRADER_H_
