#include "services/base/server.h"

#include <errno.h>
#include <fcntl.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/server_builder_option.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <chrono>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "services/base/acceptor.h"
#include "services/base/check.h"
#include "services/base/task.h"
#include "services/base/tenant_calls.h"
#include "services/base/text.h"

namespace greenroom {
namespace {

// Exposes what is asked for and nothing else: linking the reflection library would put it on every server.
class Plugins final : public grpc::ServerBuilderOption {
 public:
  explicit Plugins(bool reflection) : reflection_(reflection) {}
  void UpdateArguments(grpc::ChannelArguments*) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
    plugins->clear();
    if (reflection_) plugins->push_back(std::make_unique<grpc::reflection::ProtoServerReflectionPlugin>());
  }

 private:
  const bool reflection_;
};

int Milliseconds(absl::Duration duration) { return static_cast<int>(absl::ToInt64Milliseconds(duration)); }

// A gRPC server on a port that we listen on (see Acceptor).
class ListeningServer {
 public:
  static absl::StatusOr<std::unique_ptr<ListeningServer>> Start(absl::string_view flag,
                                                                const std::string& address,
                                                                grpc::ServerBuilder& builder) {
    auto acceptor = Acceptor::Listen(address);
    if (!acceptor.ok()) {
      return absl::UnavailableError(absl::StrCat(acceptor.status().message(), " (", flag, ")"));
    }
    auto server = std::make_unique<ListeningServer>();
    server->acceptor_ = *std::move(acceptor);
    server->connections_ = builder.experimental().AddExternalConnectionAcceptor(
        grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
        grpc::InsecureServerCredentials());
    // gRPC's switch is one of the process, read while a server is built.
    grpc::EnableDefaultHealthCheckService(true);
    server->server_ = builder.BuildAndStart();
    if (server->server_ == nullptr) {
      return absl::UnavailableError(absl::StrCat("cannot serve on ", address, " (", flag, ")"));
    }
    server->acceptor_->Start([connections = server->connections_.get()](int fd) {
      grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
      connection.fd = fd;
      connections->HandleNewConnection(&connection);
    });
    return server;
  }

  int port() const { return acceptor_->port(); }
  void SetHealth(const std::string& service, bool serving) {
    server_->GetHealthCheckService()->SetServingStatus(service, serving);
  }
  // Takes no more connections; calls in flight may take that long.
  void Shutdown(absl::Duration timeout) {
    acceptor_->Stop();
    server_->Shutdown(absl::ToChronoTime(absl::Now() + timeout));
  }

 private:
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> connections_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Acceptor> acceptor_;
};

// Distributions build Abseil with its mutexes' deadlock detection on, which notes every lock that is taken in a graph of
// the process. Our own debug builds keep it: that is where it finds something.
void TrustMutexes() {
#ifdef NDEBUG
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
#endif
}

absl::StatusOr<std::unique_ptr<ListeningServer>> StartPublic(const ServerOptions& options,
                                                             const std::vector<grpc::Service*>& services) {
  grpc::ServerBuilder builder;
  for (grpc::Service* service : services) builder.RegisterService(service);
  builder.SetOption(std::make_unique<Plugins>(options.reflection));
  builder.SetMaxReceiveMessageSize(options.max_receive_bytes);
  builder.SetResourceQuota(
      grpc::ResourceQuota("greenroom").Resize(static_cast<size_t>(options.memory_quota_bytes)));
  // Nobody asks channelz, and it counts and times every call.
  builder.AddChannelArgument(GRPC_ARG_ENABLE_CHANNELZ, 0);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, 8 * 1024);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 100);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 60'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, Milliseconds(options.max_connection_age));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS,
                             Milliseconds(options.max_connection_age_grace));
  return ListeningServer::Start("--listen", options.listen, builder);
}

// `rest` answers UNIMPLEMENTED to what is not health, and outlives the server. (The builder wants a callback service of
// ours: its own health service does not count.)
absl::StatusOr<std::unique_ptr<ListeningServer>> StartAdmin(const ServerOptions& options,
                                                            grpc::CallbackGenericService& rest) {
  grpc::ServerBuilder builder;
  builder.RegisterCallbackGenericService(&rest);
  builder.SetOption(std::make_unique<Plugins>(/*reflection=*/false));
  return ListeningServer::Start("--admin", options.admin, builder);
}

absl::Status WritePortsFile(const std::string& path, int port, int admin_port, int metrics_port) {
  const std::string text = absl::StrCat("{\"port\":", port, ",\"admin_port\":", admin_port,
                                        ",\"metrics_port\":", metrics_port, "}\n");
  const std::string temporary = absl::StrCat(path, ".", getpid(), ".tmp");
  FILE* file = fopen(temporary.c_str(), "w");
  bool written = file != nullptr && fwrite(text.data(), 1, text.size(), file) == text.size();
  if (file != nullptr) written = fclose(file) == 0 && written;
  if (!written || rename(temporary.c_str(), path.c_str()) != 0) {
    return absl::UnavailableError(absl::StrCat("cannot write --ports-file ", path, ": ", strerror(errno)));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ServerOptions::Validate() const {
  for (const auto& [name, address] : {std::pair("listen", listen), {"admin", admin}, {"metrics", metrics}}) {
    if (!ParseHostPort(address).has_value()) {
      return absl::InvalidArgumentError(absl::StrCat("--", name, " must be HOST:PORT"));
    }
  }
  if (drain_delay < absl::ZeroDuration() || drain_timeout < absl::ZeroDuration()) {
    return absl::InvalidArgumentError("--drain-delay and --drain-timeout must not be negative");
  }
  if (max_receive_bytes <= 0 || memory_quota_bytes <= 0 || max_connection_age <= absl::ZeroDuration() ||
      max_connection_age_grace <= absl::ZeroDuration()) {
    return absl::InvalidArgumentError("sizes and ages of the server must be positive");
  }
  if (metrics_tenants.size() > TenantCalls::kMaxNamed) {
    return absl::InvalidArgumentError(
        absl::StrCat("--metrics-tenants takes at most ", TenantCalls::kMaxNamed, " tenants"));
  }
  for (const std::string& tenant : metrics_tenants) {
    if (!IsId(tenant)) {
      return absl::InvalidArgumentError(
          absl::StrCat("--metrics-tenants: \"", tenant, "\" is no tenant's id"));
    }
  }
  return absl::OkStatus();
}

void ServerOptions::AddFlags(Flags& flags) {
  flags.Address("listen", &listen, "where gRPC is served; port 0 takes a free one");
  flags.Address("admin", &admin, "where grpc.health.v1 is served, plaintext: never public");
  flags.Address("metrics", &metrics, "where /metrics is served over HTTP: never public");
  flags.List("metrics-tenants", &metrics_tenants,
             "tenants whose calls are counted under their own name; all others are \"other\"");
  flags.Text("ports-file", &ports_file, "file to write the ports to as JSON, once all listen");
  flags.Switch("reflection", &reflection, "offer server reflection");
  flags.Length("drain-delay", &drain_delay, absl::ZeroDuration(), absl::Minutes(5),
               "how long to go on accepting calls after SIGTERM, until load balancers know");
  flags.Length("drain-timeout", &drain_timeout, absl::ZeroDuration(), absl::Minutes(10),
               "how long calls in flight may take after that");
  flags.Length("max-connection-age", &max_connection_age, absl::Seconds(1), absl::Hours(24),
               "when a connection is told to go, so that clients find new replicas");
  // What somebody exports for the command line and for deploy/run stands in the environment of the services too.
  for (const char* variable :
       {"GREENROOM_HOME", "GREENROOM_TOKEN", "GREENROOM_TOKEN_FILE", "GREENROOM_CONTENT", "GREENROOM_SCORING",
        "GREENROOM_SESSION", "GREENROOM_STATE", "GREENROOM_LEARNER", "GREENROOM_JOBS"}) {
    flags.AllowVariable(variable);
  }
}

class Server::Impl {
 public:
  Impl(const ServerOptions& given, Logger& logger) : options(given), log(logger) {}

  void Drain(absl::Duration delay) ABSL_LOCKS_EXCLUDED(mutex) {
    std::vector<std::function<void()>> draining;
    {
      absl::MutexLock lock(&mutex);
      if (drain_begun) {
        mutex.Await(absl::Condition(&drain_ended));
        return;
      }
      drain_begun = true;
      SetHealth("ready", false);
      SetHealth("", false);
      draining.swap(draining_hooks);
    }
    log.Info("draining", {{"delay", delay}, {"timeout", options.drain_timeout}});
    for (const std::function<void()>& hook : draining) hook();
    absl::SleepFor(delay);
    server->Shutdown(options.drain_timeout);
    for (;;) {
      std::function<void()> hook;
      {
        absl::MutexLock lock(&mutex);
        if (hooks.empty()) break;
        hook = std::move(hooks.back());
        hooks.pop_back();
      }
      hook();
    }
    endpoint.reset();
    admin->Shutdown(absl::Seconds(1));
    log.Info("drained");
    absl::MutexLock lock(&mutex);
    drain_ended = true;
  }

  // The same on both ports.
  void SetHealth(const std::string& service, bool serving) {
    for (ListeningServer* where : {server.get(), admin.get()}) {
      if (where != nullptr) where->SetHealth(service, serving);
    }
  }

  const ServerOptions options;
  Logger& log;
  grpc::CallbackGenericService rest;
  std::unique_ptr<ListeningServer> server;
  std::unique_ptr<ListeningServer> admin;
  std::unique_ptr<MetricsEndpoint> endpoint;
  int metrics_port = 0;

  absl::Mutex mutex;
  bool drain_begun ABSL_GUARDED_BY(mutex) = false;
  bool drain_ended ABSL_GUARDED_BY(mutex) = false;
  std::vector<std::function<void()>> draining_hooks ABSL_GUARDED_BY(mutex);
  std::vector<std::function<void()>> hooks ABSL_GUARDED_BY(mutex);
};

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options,
                                                      const std::vector<grpc::Service*>& services,
                                                      MetricsRegistry& metrics, Logger& log) {
  RETURN_IF_ERROR(options.Validate());
  TrustMutexes();
  auto impl = std::make_unique<Impl>(options, log);
  ASSIGN_OR_RETURN(impl->endpoint, MetricsEndpoint::Listen(options.metrics, metrics));
  impl->metrics_port = impl->endpoint->port();
  ASSIGN_OR_RETURN(impl->admin, StartAdmin(options, impl->rest));
  impl->SetHealth("", false);
  impl->SetHealth("ready", false);
  impl->SetHealth("live", true);
  ASSIGN_OR_RETURN(impl->server, StartPublic(options, services));
  for (const char* service : {"live", "ready", ""}) impl->SetHealth(service, true);
  log.Info("listening", {{"port", impl->server->port()},
                         {"admin_port", impl->admin->port()},
                         {"metrics_port", impl->metrics_port}});
  std::unique_ptr<Server> server(new Server(std::move(impl)));
  if (!options.ports_file.empty()) {
    RETURN_IF_ERROR(
        WritePortsFile(options.ports_file, server->port(), server->admin_port(), server->metrics_port()));
  }
  return server;
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() { impl_->Drain(absl::ZeroDuration()); }

int Server::port() const { return impl_->server->port(); }
int Server::admin_port() const { return impl_->admin->port(); }
int Server::metrics_port() const { return impl_->metrics_port; }

void Server::SetReady(bool ready) {
  absl::MutexLock lock(&impl_->mutex);
  if (impl_->drain_begun) return;
  impl_->SetHealth("ready", ready);
  impl_->SetHealth("", ready);
}

void Server::OnDraining(std::function<void()> hook) {
  {
    absl::MutexLock lock(&impl_->mutex);
    if (!impl_->drain_begun) {
      impl_->draining_hooks.push_back(std::move(hook));
      return;
    }
  }
  hook();
}

void Server::OnDrained(std::function<void()> hook) {
  absl::MutexLock lock(&impl_->mutex);
  impl_->hooks.push_back(std::move(hook));
}

void Server::Drain() { impl_->Drain(impl_->options.drain_delay); }

namespace {

// The write end of the one TerminationSignal's pipe; a signal handler can reach nothing else.
volatile sig_atomic_t signal_pipe = -1;

void OnSignal(int number) {
  const int saved = errno;
  const char byte = static_cast<char>(number);
  (void)!write(signal_pipe, &byte, 1);
  errno = saved;
}

}  // namespace

TerminationSignal::TerminationSignal() {
  CHECK_THAT(signal_pipe == -1, "a second TerminationSignal");
  CHECK_THAT(pipe2(pipe_, O_CLOEXEC) == 0, strerror(errno));
  signal_pipe = pipe_[1];
  struct sigaction action = {};
  action.sa_handler = OnSignal;
  action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

TerminationSignal::~TerminationSignal() {
  signal(SIGTERM, SIG_DFL);
  signal(SIGINT, SIG_DFL);
  signal_pipe = -1;
  close(pipe_[0]);
  close(pipe_[1]);
}

int TerminationSignal::Wait() {
  char number = 0;
  while (read(pipe_[0], &number, 1) != 1) {
  }
  return number;
}

int RunUntilSignalled(TerminationSignal& signal, Server& server, Logger& log) {
  const int number = signal.Wait();
  log.Info("signalled", {{"signal", strsignal(number)}});
  server.Drain();
  return 0;
}

}  // namespace greenroom
