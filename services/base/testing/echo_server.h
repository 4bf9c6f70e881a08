// A real server on free ports whose handlers are decided by the test.
#ifndef GREENROOM_SERVICES_BASE_TESTING_ECHO_SERVER_H_
#define GREENROOM_SERVICES_BASE_TESTING_ECHO_SERVER_H_

#include <grpcpp/create_channel.h>
#include <grpcpp/server_context.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/mutex.h"
#include "services/base/check.h"
#include "services/base/clock.h"
#include "services/base/fake_authenticator.h"
#include "services/base/fake_rng.h"
#include "services/base/log.h"
#include "services/base/method.h"
#include "services/base/metrics.h"
#include "services/base/rpc.h"
#include "services/base/rpc_stream.h"
#include "services/base/server.h"
#include "services/base/testing/echo_service.grpc.pb.h"

namespace greenroom::testing {

// Remembers log lines.
class LogLines {
 public:
  Logger::Sink sink() {
    return [this](absl::string_view line) {
      absl::MutexLock lock(&mutex_);
      lines_.emplace_back(line);
    };
  }
  std::string Text() const {
    absl::MutexLock lock(&mutex_);
    return absl::StrJoin(lines_, "\n");
  }
  // Waits until a line holds `part`, for 10 s at most, and returns it; "" when none came.
  std::string WaitFor(const std::string& part) {
    std::string found;
    const auto has = [&] {
      for (const std::string& line : lines_) {
        if (line.find(part) != std::string::npos) found = line;
      }
      return !found.empty();
    };
    absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(&has), absl::Seconds(10));
    return found;
  }

 private:
  mutable absl::Mutex mutex_;
  std::vector<std::string> lines_;
};

inline std::vector<MethodPolicy> EchoMethods() {
  MethodPolicy echo{"greenroom.testing.EchoService/Echo", {Role::kLearner, Role::kService}};
  echo.default_deadline = absl::Milliseconds(400);
  echo.max_deadline = absl::Milliseconds(800);
  echo.max_request_bytes = 2048;
  MethodPolicy repeat = echo;
  repeat.full_name = "greenroom.testing.EchoService/Repeat";
  MethodPolicy talk = echo;
  talk.full_name = "greenroom.testing.EchoService/Talk";
  return {echo, repeat, talk};
}

class EchoServer final : public EchoService::CallbackService {
 public:
  explicit EchoServer(Admission& admission, const ServerOptions& options = Options())
      : rpc_metrics(metrics, {"acme"}),
        log("echo", "1.2.3", LogLevel::kDebug, clock, lines.sink()),
        runtime{authenticator, admission, rpc_metrics, log, rng},
        methods(EchoMethods()) {
    auto started = Server::Start(options, {this}, metrics, log);
    CHECK_THAT(started.ok(), started.status().ToString());
    server = *std::move(started);
  }

  static ServerOptions Options() {
    ServerOptions options;
    options.drain_delay = absl::ZeroDuration();
    options.max_receive_bytes = 64 * 1024;
    return options;
  }

  std::string target() const { return absl::StrCat("127.0.0.1:", server->port()); }

  std::unique_ptr<EchoService::Stub> NewStub() const {
    return EchoService::NewStub(grpc::CreateChannel(target(), grpc::InsecureChannelCredentials()));
  }

  // What the handlers do; set before the first call.
  std::function<Task<absl::StatusOr<EchoReply>>(Call&, EchoRequest)> echo = Same;
  std::function<Task<absl::Status>(Call&, EchoRequest, ServerWriter<EchoReply>&)> repeat;
  std::function<Task<absl::StatusOr<EchoReply>>(Call&, EchoRequest)> talk = Same;

  static Task<absl::StatusOr<EchoReply>> Same(Call&, EchoRequest request) {
    EchoReply reply;
    reply.set_text(request.text());
    co_return reply;
  }

  grpc::ServerUnaryReactor* Echo(grpc::CallbackServerContext* context, const EchoRequest* request,
                                 EchoReply* reply) override {
    return ServeUnary(runtime, methods.Get("greenroom.testing.EchoService/Echo"), context, request, reply,
                      [this, request](Call& call) { return echo(call, *request); });
  }
  grpc::ServerWriteReactor<EchoReply>* Repeat(grpc::CallbackServerContext* context,
                                              const EchoRequest* request) override {
    return ServeServerStream<EchoReply>(runtime, methods.Get("greenroom.testing.EchoService/Repeat"), context,
                                        request,
                                        [this, request](Call& call, ServerWriter<EchoReply>& writer) {
                                          return repeat(call, *request, writer);
                                        });
  }
  grpc::ServerBidiReactor<EchoRequest, EchoReply>* Talk(grpc::CallbackServerContext* context) override {
    return ServeBidi<EchoRequest, EchoReply>(
        runtime, methods.Get("greenroom.testing.EchoService/Talk"), context,
        [this](Call& call, EchoRequest request) { return talk(call, std::move(request)); });
  }

  RealClock clock;
  FakeRng rng;
  LogLines lines;
  MetricsRegistry metrics;
  RpcMetrics rpc_metrics;
  Logger log;
  FakeAuthenticator authenticator;
  RpcRuntime runtime;
  MethodTable methods;
  std::unique_ptr<Server> server;  // last: drained before anything that its calls use
};

}  // namespace greenroom::testing

#endif  // GREENROOM_SERVICES_BASE_TESTING_ECHO_SERVER_H_
