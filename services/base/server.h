// A process that serves: the public port, the admin port (health), the metrics port, and an orderly end.
#ifndef GREENROOM_SERVICES_BASE_SERVER_H_
#define GREENROOM_SERVICES_BASE_SERVER_H_

#include <grpcpp/impl/service_type.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/base/config.h"
#include "services/base/log.h"
#include "services/base/metrics.h"

namespace greenroom {

struct ServerOptions {
  // "host:port"; port 0 takes a free one.
  std::string listen = "127.0.0.1:0";
  // grpc.health.v1 without credentials, plaintext, with the services "" and "ready" (takes calls) and "live" (the
  // process runs); for probes, never reachable from outside. The public port answers the same.
  std::string admin = "127.0.0.1:0";
  // HTTP, /metrics.
  std::string metrics = "127.0.0.1:0";
  // Written when all ports listen, atomically: {"port":1,"admin_port":2,"metrics_port":3}. Empty: not written.
  std::string ports_file;
  // Server reflection on the public port.
  bool reflection = false;
  // How long new calls are still accepted after NOT_SERVING, until load balancers have noticed, and clients that watch
  // health (MakeChannel's do). gRPC 1.51 cancels a call that arrives between the end of this delay and the moment its
  // client has seen the GOAWAY, so without a delay, or from clients that do not watch, a call can be lost there.
  absl::Duration drain_delay = absl::Seconds(2);
  // How long calls in flight may take after that before they are cancelled.
  absl::Duration drain_timeout = absl::Seconds(20);
  // Of one message, after decompression; the wrapper enforces each method's own limit below it.
  int max_receive_bytes = 256 * 1024;
  // Memory that gRPC may use for what it receives and sends.
  int64_t memory_quota_bytes = int64_t{256} << 20;
  // A connection is told to go after max_connection_age (with gRPC's +-10 % of jitter) and closed after the grace, so
  // that clients find new replicas.
  absl::Duration max_connection_age = absl::Minutes(2);
  absl::Duration max_connection_age_grace = absl::Seconds(30);
  // For main's RpcMetrics, which counts the calls of these tenants under their own names; ids, at most
  // TenantCalls::kMaxNamed. The server itself does not look at them.
  std::vector<std::string> metrics_tenants;

  absl::Status Validate() const;

  // --listen --admin --metrics --metrics-tenants --ports-file --reflection --drain-delay --drain-timeout
  // --max-connection-age; also lets the variables of the command line and of deploy/run stand in the environment.
  void AddFlags(Flags& flags);
};

// Owned by main, thread-safe after Start.
class Server {
 public:
  // Listens and serves; health is SERVING for "live" at once and for "" and "ready" until the drain. The services,
  // the registry and the logger must outlive the server. UNAVAILABLE when a port cannot be had.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options,
                                                       const std::vector<grpc::Service*>& services,
                                                       MetricsRegistry& metrics, Logger& log);
  // Drains without delay when it was not drained.
  ~Server();

  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  int port() const;
  int admin_port() const;
  int metrics_port() const;

  // Whether health says "ready"; has no effect once the drain has begun.
  void SetReady(bool ready);

  // `hook` runs once, on the draining thread, when the drain begins, before its delay: streams that would outlive it are
  // told to end. At once, on this thread, where it has begun already. Hooks run in the order of their registration and
  // must not wait for calls.
  void OnDraining(std::function<void()> hook);

  // `hook` runs once, on the draining thread, when no call is in flight any more: flush, stop workers. Hooks run in
  // the reverse order of their registration and must end by themselves.
  void OnDrained(std::function<void()> hook);

  // NOT_SERVING, hooks of OnDraining, drain_delay, GOAWAY, calls in flight finish (until drain_timeout), hooks of
  // OnDrained. Blocks; a second call waits for the first.
  void Drain();

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// SIGTERM and SIGINT as something to wait for. Construct one, first thing in main; SIGPIPE is ignored from then on.
// After the first signal the default action is back: a second one ends the process at once.
class TerminationSignal {
 public:
  TerminationSignal();
  ~TerminationSignal();
  TerminationSignal(const TerminationSignal&) = delete;
  TerminationSignal& operator=(const TerminationSignal&) = delete;

  // Blocks until a signal has come; returns its number.
  int Wait();

 private:
  int pipe_[2];
};

// What a main ends with: waits for `signal`, drains, returns the exit code 0.
int RunUntilSignalled(TerminationSignal& signal, Server& server, Logger& log);

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_SERVER_H_
