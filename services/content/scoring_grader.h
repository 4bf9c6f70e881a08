// ScoringGrader: a PackGrader that asks the scoring service.
#ifndef GREENROOM_SERVICES_CONTENT_SCORING_GRADER_H_
#define GREENROOM_SERVICES_CONTENT_SCORING_GRADER_H_

#include <grpcpp/channel.h>

#include <memory>

#include "greenroom/scoring/v1/scoring_service.grpc.pb.h"
#include "services/base/auth/service_credentials.h"
#include "services/content/grader.h"

namespace greenroom::content {

struct ScoringGraderOptions {
  // Answers of one pack that are under way at once.
  int parallel = 4;
  // For one answer.
  absl::Duration timeout = absl::Seconds(5);
};

class ScoringGrader final : public PackGrader {
 public:
  // `credentials` must outlive it.
  ScoringGrader(const std::shared_ptr<grpc::Channel>& channel, auth::ServiceCredentials& credentials,
                ScoringGraderOptions options = {});

  Task<absl::StatusOr<Grading>> Grade(const Caller& caller, const CheckPlan& plan,
                                      OutgoingCall call) override;

 private:
  struct Progress;
  Task<absl::Status> Lane(Progress& progress);

  const std::unique_ptr<scoring::v1::ScoringService::StubInterface> stub_;
  auth::ServiceCredentials& credentials_;
  const ScoringGraderOptions options_;
};

}  // namespace greenroom::content

#endif  // GREENROOM_SERVICES_CONTENT_SCORING_GRADER_H_
