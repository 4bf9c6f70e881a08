// greenroom-scoring: grades answers.
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "services/base/adaptive_admission.h"
#include "services/base/auth/jwks_authenticator.h"
#include "services/base/auth/service_credentials.h"
#include "services/base/clock.h"
#include "services/base/config.h"
#include "services/base/log.h"
#include "services/base/metrics.h"
#include "services/base/rng.h"
#include "services/base/server.h"
#include "services/scoring/grpc_catalogue.h"
#include "services/scoring/methods.h"
#include "services/scoring/service.h"

namespace greenroom::scoring {
namespace {

struct Options {
  ServerOptions server;
  std::string content = "127.0.0.1:7101";
  std::string jwks;
  std::string key;
  std::string log_level = "info";
  RubricCacheOptions cache;

  void AddFlags(Flags& flags) {
    server.AddFlags(flags);
    flags.Text("content", &content, "gRPC target of the content service");
    flags.Text("jwks", &jwks, "file with the public keys of callers' tokens; read again when it changes");
    flags.Text("key", &key, "file with this service's signing key");
    flags.Choice("log-level", &log_level, {std::begin(kLogLevels), std::end(kLogLevels)},
                 "least level that is logged");
  }
};

int Fail(const absl::Status& status) {
  std::cerr << "greenroom-scoring: " << status.message() << "\n";
  return kExitUsage;
}

int Run(int argc, char** argv) {
  TerminationSignal signal;
  Options options;
  options.server.max_receive_bytes = 1 << 20;
  Flags flags("greenroom-scoring", GREENROOM_VERSION, "Grades answers.");
  options.AddFlags(flags);
  if (const std::optional<int> code = flags.ParseOrExitCode(argc, argv)) return *code;
  if (options.jwks.empty()) return Fail(absl::InvalidArgumentError("--jwks is required"));
  if (options.key.empty()) return Fail(absl::InvalidArgumentError("--key is required"));
  if (const absl::Status valid = options.server.Validate(); !valid.ok()) return Fail(valid);

  RealClock clock;
  SystemRng rng;
  Logger log("greenroom-scoring", GREENROOM_VERSION, *ParseLogLevel(options.log_level), clock);
  MetricsRegistry metrics;
  metrics.SetBuildInfo("greenroom-scoring", GREENROOM_VERSION);
  RpcMetrics rpc_metrics(metrics, options.server.metrics_tenants);
  auto authenticator =
      auth::JwksAuthenticator::Create({.jwks_path = options.jwks,
                                       .on_reload =
                                           [&log](const absl::Status& status) {
                                             log.Info("key set read", {{"status", status.ToString()}});
                                           }},
                                      clock);
  if (!authenticator.ok()) return Fail(authenticator.status());
  absl::StatusOr<auth::SigningKey> key = auth::SigningKey::Load(options.key);
  if (!key.ok()) return Fail(key.status());
  auth::ServiceCredentials credentials(*std::move(key), "scoring", clock);

  AdaptiveAdmission admission({}, clock, rng, metrics);
  const RpcRuntime runtime{**authenticator, admission, rpc_metrics, log, rng};
  const MethodTable methods(ScoringMethods());
  GrpcCatalogue catalogue(MakeChannel(options.content, ChannelOptions(), rpc_metrics), credentials);
  RubricCache cache(options.cache, metrics);
  ScoringServiceImpl service(runtime, methods, catalogue, cache, metrics);
  absl::StatusOr<std::unique_ptr<Server>> server = Server::Start(options.server, {&service}, metrics, log);
  if (!server.ok()) return Fail(server.status());
  return RunUntilSignalled(signal, **server, log);
}

}  // namespace
}  // namespace greenroom::scoring

int main(int argc, char** argv) { return greenroom::scoring::Run(argc, argv); }
