// greenroom-session: the conversation.
#include <iostream>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "absl/strings/str_split.h"
#include "services/base/adaptive_admission.h"
#include "services/base/auth/jwks_authenticator.h"
#include "services/base/auth/service_credentials.h"
#include "services/base/clock.h"
#include "services/base/config.h"
#include "services/base/log.h"
#include "services/base/metrics.h"
#include "services/base/redis/redis_client.h"
#include "services/base/rng.h"
#include "services/base/server.h"
#include "services/base/sql/database.h"
#include "services/base/text.h"
#include "services/session/assignments/sql_assignment_store.h"
#include "services/session/calibrated_grader.h"
#include "services/session/deadline_worker.h"
#include "services/session/decided_answers.h"
#include "services/session/exam_worker.h"
#include "services/session/exposures.h"
#include "services/session/grade_worker.h"
#include "services/session/gradebook/sql_gradebook_store.h"
#include "services/session/gradebook_service.h"
#include "services/session/index/sql_memory_index.h"
#include "services/session/learner_ledger.h"
#include "services/session/live/redis_live_store.h"
#include "services/session/live/redis_wakeups.h"
#include "services/session/log/sql_event_log.h"
#include "services/session/memory_deriver.h"
#include "services/session/memory_due_questions.h"
#include "services/session/memory_worker.h"
#include "services/session/methods.h"
#include "services/session/peers/breaker_grader.h"
#include "services/session/peers/cached_catalogue.h"
#include "services/session/peers/grpc_catalogue.h"
#include "services/session/peers/grpc_grader.h"
#include "services/session/privacy_handlers.h"
#include "services/session/progress_service.h"
#include "services/session/question_selector.h"
#include "services/session/regrade_worker.h"
#include "services/session/review_indexer.h"
#include "services/session/service.h"
#include "services/session/settler.h"
#include "services/session/state_hashes.h"

namespace greenroom::session {
namespace {

struct Options {
  ServerOptions server;
  std::string event_log = "sqlite:session.db";
  std::string redis = "redis://127.0.0.1:6379";
  std::string content = "127.0.0.1:7101";
  std::string scoring = "127.0.0.1:7102";
  std::string jwks;
  std::string key;
  std::string log_level = "info";
  WatchOptions watch;
  bool state_hashes = false;
  bool new_epoch = false;
  std::string restore_learner;

  void AddFlags(Flags& flags) {
    server.AddFlags(flags);
    flags.Url("event-log", &event_log, {"sqlite", "postgresql"},
              "database of the learners' logs: sqlite:PATH or postgresql://USER@HOST/DATABASE");
    flags.Url("redis", &redis,
              {"redis", "redis+sentinel", "redis+cluster", "rediss", "rediss+sentinel", "rediss+cluster"},
              "the store of live sessions: redis://HOST, redis+sentinel://HOST,HOST/PRIMARY or "
              "redis+cluster://HOST,HOST; by TLS with rediss for redis");
    flags.Text("content", &content, "gRPC target of the content service");
    flags.Text("scoring", &scoring, "gRPC target of the scoring service");
    flags.Text("jwks", &jwks, "file with the public keys of callers' tokens; read again when it changes");
    flags.Text("key", &key, "file with this service's signing key");
    flags.Choice("log-level", &log_level, {std::begin(kLogLevels), std::end(kLogLevels)},
                 "least level that is logged");
    flags.Length("watch-heartbeat", &watch.heartbeat, absl::Milliseconds(100), absl::Minutes(1),
                 "how often a watcher is sent something at least");
    flags.Length("watch-time", &watch.longest, absl::Seconds(1), absl::Seconds(110),
                 "how long a watch lasts before the client begins another");
    flags.Switch("new-epoch", &new_epoch,
                 "after a backup was restored: tell devices that sync to drop their copies and begin anew");
    flags.Text("restore-learner", &restore_learner,
               "TENANT/LEARNER, who was erased, may begin anew; do that and end");
    flags.Switch("state-hashes", &state_hashes,
                 "print a hash of each learner's state, folded from the log, and end");
  }

  absl::Status Validate() const {
    if (state_hashes || !restore_learner.empty()) return absl::OkStatus();
    if (jwks.empty()) return absl::InvalidArgumentError("--jwks is required");
    if (key.empty()) return absl::InvalidArgumentError("--key is required");
    if (absl::Status valid = watch.Validate(); !valid.ok()) return valid;
    return server.Validate();
  }
};

// Where what the adapters see is counted.
struct StoreMetrics {
  explicit StoreMetrics(MetricsRegistry& metrics)
      : registry(metrics),
        commit_seconds(
            registry.GetHistogram("log_commit_seconds", "Time of a batch's commit.", LatencyBuckets())),
        batch_size(registry.GetHistogram("log_batch_size", "Units in a batch.", PowersOfTwo(10))),
        evalsha_seconds(CommandSeconds("EVALSHA", absl::StatusCode::kOk)) {}

  void OnBatch(const sql::BatchStats& batch) {
    commit_seconds.Observe(absl::ToDoubleSeconds(batch.duration));
    batch_size.Observe(batch.units);
  }
  void OnCommand(absl::string_view command, absl::Duration took, absl::StatusCode code) {
    // Nearly every command is a script that went well; the others may look their metric up.
    const bool usual = command == "EVALSHA" && code == absl::StatusCode::kOk;
    Histogram seconds = usual ? evalsha_seconds : CommandSeconds(command, code);
    seconds.Observe(absl::ToDoubleSeconds(took));
  }
  Histogram CommandSeconds(absl::string_view command, absl::StatusCode code) {
    return registry.GetHistogram(
        "redis_command_seconds", "Time of a Redis command.", LatencyBuckets(),
        {{"command", std::string(command)}, {"ok", code == absl::StatusCode::kOk ? "true" : "false"}});
  }

  MetricsRegistry& registry;
  Histogram commit_seconds;
  Histogram batch_size;
  Histogram evalsha_seconds;
};

int Fail(const absl::Status& status, int code = kExitUsage) {
  std::cerr << "greenroom-session: " << status.message() << "\n";
  return code;
}

int RestoreLearner(sql::Database& database, const std::string& name) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(name, absl::MaxSplits('/', 1));
  if (!IsId(parts.first) || !IsId(parts.second)) {
    return Fail(absl::InvalidArgumentError("--restore-learner takes TENANT/LEARNER"));
  }
  const absl::StatusOr<bool> lifted = LiftErasure(database, {parts.first, parts.second});
  if (!lifted.ok()) return Fail(lifted.status(), 1);
  if (!*lifted) return Fail(absl::NotFoundError("that learner is not erased"), 1);
  return 0;
}

int Run(int argc, char** argv) {
  TerminationSignal signal;
  Options options;
  options.server.max_receive_bytes = static_cast<int>(kMaxSyncMessageBytes);
  Flags flags("greenroom-session", GREENROOM_VERSION, "Holds practice sessions and keeps what learners do.");
  options.AddFlags(flags);
  if (const std::optional<int> code = flags.ParseOrExitCode(argc, argv)) return *code;
  if (const absl::Status valid = options.Validate(); !valid.ok()) return Fail(valid);

  RealClock clock;
  SystemRng rng;
  Logger log("greenroom-session", GREENROOM_VERSION, *ParseLogLevel(options.log_level), clock);
  MetricsRegistry metrics;
  metrics.SetBuildInfo("greenroom-session", GREENROOM_VERSION);
  StoreMetrics store_metrics(metrics);

  auto database = sql::Database::Open(options.event_log);
  if (!database.ok()) return Fail(database.status());
  if (options.new_epoch) {
    if (const absl::Status begun = BeginEpoch(**database, rng.Uuid()); !begun.ok()) return Fail(begun);
  }
  if (!options.restore_learner.empty()) return RestoreLearner(**database, options.restore_learner);
  SqlEventLogOptions log_options;
  log_options.on_batch = [&](const sql::BatchStats& batch) { store_metrics.OnBatch(batch); };
  auto event_log = SqlEventLog::Open(**database, std::move(log_options));
  if (!event_log.ok()) return Fail(event_log.status());
  if (options.state_hashes) {
    const absl::Status printed = PrintStateHashes(**event_log, std::cout);
    return printed.ok() ? 0 : Fail(printed, 1);
  }

  auto gradebook_store = SqlGradebookStore::Open(**database);
  if (!gradebook_store.ok()) return Fail(gradebook_store.status());

  RpcMetrics rpc_metrics(metrics, options.server.metrics_tenants);
  auto authenticator =
      auth::JwksAuthenticator::Create({.jwks_path = options.jwks,
                                       .on_reload =
                                           [&](const absl::Status& s) {
                                             log.Info("key set read", {{"status", s.ToString()}});
                                           }},
                                      clock);
  if (!authenticator.ok()) return Fail(authenticator.status());
  absl::StatusOr<auth::SigningKey> key = auth::SigningKey::Load(options.key);
  if (!key.ok()) return Fail(key.status());
  auth::ServiceCredentials credentials(*std::move(key), "session", clock);

  RedisOptions redis_options;
  redis_options.url = options.redis;
  redis_options.on_command = [&](absl::string_view command, absl::Duration took, absl::StatusCode code) {
    store_metrics.OnCommand(command, took, code);
  };
  redis_options.on_connection = [&](absl::string_view role, const absl::Status& status) {
    log.Log(status.ok() ? LogLevel::kInfo : LogLevel::kWarning, "redis connection",
            {{"role", role}, {"status", status.ToString()}});
  };
  auto redis = MakeRedisClient(redis_options);
  if (!redis.ok()) return Fail(redis.status());
  RedisLiveStore live(**redis);

  GrpcCatalogue remote_catalogue(MakeChannel(options.content, ChannelOptions(), rpc_metrics), credentials);
  CachedCatalogue catalogue(remote_catalogue, clock);
  GrpcGrader remote_grader(MakeChannel(options.scoring, ChannelOptions(), rpc_metrics), credentials);
  BreakerGrader breaker_grader(remote_grader, clock);
  DecidedAnswers decided(**event_log, clock);
  CalibratedGrader grader(breaker_grader, decided);
  CalibratedGrader late_grader(remote_grader, decided);

  SessionMetrics session_metrics(metrics);
  Ledger ledger(**event_log, live, clock, session_metrics);
  GradeWorker worker(**event_log, ledger, late_grader, catalogue, clock, rng, session_metrics, log);
  RegradeWorker regrades(**gradebook_store, **event_log, ledger, remote_grader, clock, rng, log);
  ReviewIndexer reviews(**gradebook_store, **event_log, clock, rng, log);
  DeadlineWorker deadline_worker(**event_log, ledger, clock, rng, log);
  auto assignments = SqlAssignmentStore::Open(**database);
  if (!assignments.ok()) return Fail(assignments.status());
  OpenExams open_exams;
  ExamWorker exam_worker(**assignments, open_exams, ledger, log);
  Settler settler(ledger);
  auto memory_index = SqlMemoryIndex::Open(**database);
  if (!memory_index.ok()) return Fail(memory_index.status());
  MemoryDeriver memory_deriver(**event_log, **memory_index, metrics);
  MemoryWorker memory_worker(**memory_index, memory_deriver, clock, log);
  MemoryDueQuestions due_questions(**memory_index, memory_deriver);
  Exposures exposures(**gradebook_store, clock);
  QuestionSelector selector(**event_log, **memory_index, memory_deriver, exposures, clock, metrics);
  LearnerLedger learner_ledger(**event_log, clock);
  AdaptiveAdmission admission({}, clock, rng, metrics);
  const RpcRuntime runtime{**authenticator, admission, rpc_metrics, log, rng};
  RedisWakeups wakeups(**redis);
  std::stop_source draining;
  Service service(runtime, {ledger, **event_log, live, catalogue, grader, clock, rng, session_metrics,
                            wakeups, options.watch, draining.get_token(), **assignments, open_exams,
                            memory_deriver, &due_questions, &selector});
  ProgressService progress_service(
      runtime, {learner_ledger, **memory_index, memory_deriver, catalogue, clock, **assignments},
      PrivacyHandlers(ledger, **event_log, memory_deriver, clock, **assignments));
  GradebookService gradebook(runtime, {ledger, catalogue, **gradebook_store, clock},
                             {**assignments, ledger, catalogue, clock});
  // A connection's age must not cut the watches on it short: they end by themselves.
  options.server.max_connection_age_grace = options.watch.longest + absl::Seconds(10);
  absl::StatusOr<std::unique_ptr<Server>> server =
      Server::Start(options.server, {&service, &progress_service, &gradebook}, metrics, log);
  if (!server.ok()) return Fail(server.status());
  (*server)->OnDraining([&] { draining.request_stop(); });
  (*server)->OnDrained([&] {
    worker.Stop();
    regrades.Stop();
    reviews.Stop();
    deadline_worker.Stop();
    exam_worker.Stop();
    settler.Stop();
    memory_worker.Stop();
  });
  worker.Start();
  regrades.Start();
  reviews.Start();
  deadline_worker.Start();
  exam_worker.Start();
  settler.Start();
  memory_worker.Start();
  return RunUntilSignalled(signal, **server, log);
}

}  // namespace
}  // namespace greenroom::session

int main(int argc, char** argv) { return greenroom::session::Run(argc, argv); }
