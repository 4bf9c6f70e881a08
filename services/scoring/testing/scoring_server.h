// ScoringService on a real server with a real stub; the content service is a real server too, whose answers the test
// decides.
#ifndef GREENROOM_SERVICES_SCORING_TESTING_SCORING_SERVER_H_
#define GREENROOM_SERVICES_SCORING_TESTING_SCORING_SERVER_H_

#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "greenroom/scoring/v1/scoring_service.grpc.pb.h"
#include "services/base/check.h"
#include "services/base/clock.h"
#include "services/base/fake_authenticator.h"
#include "services/base/fake_rng.h"
#include "services/base/server.h"
#include "services/base/status.h"
#include "services/base/status_wire.h"
#include "services/scoring/grpc_catalogue.h"
#include "services/scoring/methods.h"
#include "services/scoring/service.h"
#include "services/scoring/testing/fake_content.h"

namespace greenroom::scoring {

inline constexpr char kRevision[] = "tenants/acme/packs/p/revisions/r1/questions/";

inline auth::SigningKey NewKey() {
  absl::StatusOr<auth::SigningKey> key = auth::SigningKey::Generate();
  CHECK_THAT(key.ok(), key.status().ToString());
  return *std::move(key);
}

struct Ask {
  RoleSet roles = {Role::kService};
  std::string tenant = "acme";
  absl::Duration timeout = absl::Seconds(30);
};

class ScoringServiceTest : public ::testing::Test {
 protected:
  ScoringServiceTest() {
    content_.Serve(absl::StrCat(kRevision, "overfitting"),
                   Overfitting(absl::StrCat(kRevision, "overfitting")));
    ServerOptions options;
    options.drain_delay = absl::ZeroDuration();
    options.max_receive_bytes = 1 << 20;
    absl::StatusOr<std::unique_ptr<Server>> server = Server::Start(options, {&service_}, metrics_, log_);
    CHECK_THAT(server.ok(), server.status().ToString());
    server_ = *std::move(server);
    channel_ =
        grpc::CreateChannel(absl::StrCat("127.0.0.1:", server_->port()), grpc::InsecureChannelCredentials());
    stub_ = v1::ScoringService::NewStub(channel_);
  }

  static void Prepare(const Ask& ask, grpc::ClientContext& context) {
    context.AddMetadata("authorization", FakeAuthenticator::Credential(ask.tenant, "", ask.roles));
    context.set_deadline(absl::ToChronoTime(absl::Now() + ask.timeout));
  }

  absl::StatusOr<v1::Report> GradeAnswer(const v1::GradeAnswerRequest& request, const Ask& ask = {}) {
    grpc::ClientContext context;
    Prepare(ask, context);
    v1::GradeAnswerResponse response;
    const grpc::Status status = stub_->GradeAnswer(&context, request, &response);
    if (!status.ok()) return FromGrpc(status);
    return response.report();
  }

  absl::StatusOr<v1::Report> GradeStored(absl::string_view name, const Ask& ask = {}) {
    v1::GradeAnswerRequest request;
    request.set_question(std::string(name));
    request.set_answer("It learns the noise and fails on new data.");
    return GradeAnswer(request, ask);
  }

  // The paths of the fields that are complained about.
  static std::vector<std::string> Paths(const absl::Status& status) {
    std::vector<std::string> paths;
    for (const FieldViolation& violation : FieldViolationsOf(status)) paths.push_back(violation.field);
    return paths;
  }

  FakeContent content_;
  RealClock clock_;
  FakeRng rng_;
  MetricsRegistry metrics_;
  RpcMetrics rpc_metrics_{metrics_};
  Logger log_{"scoring", "1", LogLevel::kError, clock_, [](absl::string_view) {}};
  FakeAuthenticator authenticator_;
  OpenAdmission admission_;
  RpcRuntime runtime_{authenticator_, admission_, rpc_metrics_, log_, rng_};
  MethodTable methods_{ScoringMethods()};
  auth::ServiceCredentials credentials_{NewKey(), "scoring", clock_};
  GrpcCatalogue catalogue_{MakeChannel(content_.target(), ChannelOptions(), rpc_metrics_), credentials_};
  RubricCache cache_{RubricCacheOptions(), metrics_};
  ScoringServiceImpl service_{runtime_, methods_, catalogue_, cache_, metrics_};
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::ScoringService::Stub> stub_;
};

inline const std::string kStored = absl::StrCat(kRevision, "overfitting");

}  // namespace greenroom::scoring

#endif  // GREENROOM_SERVICES_SCORING_TESTING_SCORING_SERVER_H_
