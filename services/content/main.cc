// greenroom-content: what to ask.
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
#include "services/base/sql/database.h"
#include "services/content/authoring_service.h"
#include "services/content/catalogue.h"
#include "services/content/methods.h"
#include "services/content/scoring_grader.h"
#include "services/content/service.h"
#include "services/content/sql_store.h"

namespace greenroom::content {
namespace {

struct Options {
  ServerOptions server;
  std::string store = "sqlite:content.db";
  std::string scoring = "127.0.0.1:7102";
  std::string jwks;
  std::string key;
  std::string log_level = "info";
  bool new_epoch = false;

  void AddFlags(Flags& flags) {
    server.AddFlags(flags);
    flags.Url("store", &store, {"sqlite", "postgresql"},
              "database of the packs: sqlite:PATH or postgresql://USER@HOST/DATABASE");
    flags.Text("scoring", &scoring, "gRPC target of the scoring service, which grades packs' own answers");
    flags.Text("jwks", &jwks, "file with the public keys of callers' tokens; read again when it changes");
    flags.Text("key", &key, "file with this service's signing key");
    flags.Switch("new-epoch", &new_epoch,
                 "after a backup was restored: devices that follow changes read everything anew");
    flags.Choice("log-level", &log_level, {std::begin(kLogLevels), std::end(kLogLevels)},
                 "least level that is logged");
  }

  absl::Status Validate() const {
    if (jwks.empty()) return absl::InvalidArgumentError("--jwks is required");
    if (key.empty()) return absl::InvalidArgumentError("--key is required");
    return server.Validate();
  }
};

int Fail(const absl::Status& status) {
  std::cerr << "greenroom-content: " << status.message() << "\n";
  return kExitUsage;
}

int Run(int argc, char** argv) {
  TerminationSignal signal;
  Options options;
  options.server.max_receive_bytes = static_cast<int>(kMaxSourceMessageBytes);
  Flags flags("greenroom-content", GREENROOM_VERSION, "Keeps packs and serves what is published.");
  options.AddFlags(flags);
  if (const std::optional<int> code = flags.ParseOrExitCode(argc, argv)) return *code;
  if (const absl::Status valid = options.Validate(); !valid.ok()) return Fail(valid);

  RealClock clock;
  SystemRng rng;
  Logger log("greenroom-content", GREENROOM_VERSION, *ParseLogLevel(options.log_level), clock);
  MetricsRegistry metrics;
  metrics.SetBuildInfo("greenroom-content", GREENROOM_VERSION);
  RpcMetrics rpc_metrics(metrics, options.server.metrics_tenants);

  auto database = sql::Database::Open(options.store);
  if (!database.ok()) return Fail(database.status());
  if (const absl::Status migrated = PreparePackStore(**database); !migrated.ok()) return Fail(migrated);
  if (options.new_epoch) {
    if (const absl::Status begun = BeginEpoch(**database, rng.Uuid()); !begun.ok()) return Fail(begun);
  }
  auto readers = sql::ReaderPool::Start(**database);
  if (!readers.ok()) return Fail(readers.status());
  auto writer = sql::Writer::Start(**database);
  if (!writer.ok()) return Fail(writer.status());
  SqlPackStore store(**readers, **writer);

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
  auth::ServiceCredentials credentials(*std::move(key), "content", clock);

  AdaptiveAdmission admission({}, clock, rng, metrics);
  const RpcRuntime runtime{**authenticator, admission, rpc_metrics, log, rng};
  const MethodTable methods(ContentMethods());
  ScoringGrader grader(MakeChannel(options.scoring, ChannelOptions(), rpc_metrics), credentials);
  Catalogue catalogue(store, clock);
  ContentService service(runtime, methods, catalogue);
  ContentAuthoringService authoring(runtime, methods, store, catalogue, grader, clock);
  absl::StatusOr<std::unique_ptr<Server>> server =
      Server::Start(options.server, {&service, &authoring}, metrics, log);
  if (!server.ok()) return Fail(server.status());
  return RunUntilSignalled(signal, **server, log);
}

}  // namespace
}  // namespace greenroom::content

int main(int argc, char** argv) { return greenroom::content::Run(argc, argv); }
