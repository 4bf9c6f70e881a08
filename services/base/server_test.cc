// Ports, health, metrics, reflection, limits and the drain of a real server.
#include "services/base/server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "services/base/rpc_client.h"
#include "services/base/status.h"
#include "services/base/testing/echo_server.h"
#include "services/base/testing/health.h"

namespace greenroom {
namespace {

using testing::EchoReply;
using testing::EchoRequest;
using testing::EchoServer;
using testing::EchoService;
using ::testing::HasSubstr;
using testing::HealthOf;

grpc::Status Echo(EchoService::Stub& stub, const std::string& text, EchoReply* reply,
                  bool wait_for_ready = false) {
  grpc::ClientContext context;
  context.AddMetadata("authorization", FakeAuthenticator::Credential("acme", "ada", {Role::kLearner}));
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(30)));
  context.set_wait_for_ready(wait_for_ready);
  EchoRequest request;
  request.set_text(text);
  return stub.Echo(&context, request, reply);
}

std::string HttpGet(int port, const std::string& path) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  const std::string request = absl::StrCat("GET ", path, " HTTP/1.0\r\n\r\n");
  EXPECT_EQ(write(fd, request.data(), request.size()), static_cast<ssize_t>(request.size()));
  std::string text;
  char buffer[4096];
  for (ssize_t got; (got = read(fd, buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<size_t>(got));
  close(fd);
  return text;
}

class ServerTest : public ::testing::Test {
 protected:
  OpenAdmission open_;
};

TEST(ServerOptionsTest, StandsBesideTheVariablesOfTheCommandLine) {
  ServerOptions options;
  Flags flags("greenroom-test", "1", "For a test.");
  options.AddFlags(flags);
  EXPECT_TRUE(flags.Parse({}, {{"GREENROOM_HOME", "/x"}, {"GREENROOM_TOKEN", "t"}}).ok());
  EXPECT_FALSE(flags.Parse({}, {{"GREENROOM_TOKENS", "t"}}).ok());
  EXPECT_TRUE(flags.Parse({}, {{"GREENROOM_LISTEN", "127.0.0.1:7"}}).ok());
  EXPECT_EQ(options.listen, "127.0.0.1:7");
}

TEST_F(ServerTest, ListensOnThreePortsAndSaysWhich) {
  const std::string path = absl::StrCat(::testing::TempDir(), "ports-", getpid());
  ServerOptions options = EchoServer::Options();
  options.ports_file = path;
  EchoServer echo(open_, options);
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  EXPECT_EQ(text.str(),
            absl::StrCat("{\"port\":", echo.server->port(), ",\"admin_port\":", echo.server->admin_port(),
                         ",\"metrics_port\":", echo.server->metrics_port(), "}\n"));
  const std::string line = echo.lines.WaitFor("\"message\":\"listening\"");
  EXPECT_THAT(line, HasSubstr(absl::StrCat("\"port\":", echo.server->port())));
  unlink(path.c_str());
}

TEST_F(ServerTest, ServesHealthOnBothPorts) {
  EchoServer echo(open_);
  const std::string admin = absl::StrCat("127.0.0.1:", echo.server->admin_port());
  for (const std::string& target : {admin, echo.target()}) {
    for (const char* service : {"", "live", "ready"})
      EXPECT_EQ(HealthOf(target, service), "SERVING") << service;
    EXPECT_EQ(HealthOf(target, "other"), "NOT_FOUND");
    echo.server->SetReady(false);
    EXPECT_EQ(HealthOf(target, "ready"), "NOT_SERVING");
    EXPECT_EQ(HealthOf(target, "live"), "SERVING");
    echo.server->SetReady(true);
    EXPECT_EQ(HealthOf(target, "ready"), "SERVING");
  }
}

TEST_F(ServerTest, ServesMetricsOverHttp) {
  EchoServer echo(open_);
  auto stub = echo.NewStub();
  EchoReply reply;
  ASSERT_TRUE(Echo(*stub, "x", &reply).ok());
  const std::string text = HttpGet(echo.server->metrics_port(), "/metrics");
  EXPECT_THAT(text, HasSubstr("200 OK"));
  EXPECT_THAT(text, HasSubstr("grpc_server_handled_total{grpc_code=\"OK\",grpc_method=\"Echo\""));
  EXPECT_THAT(HttpGet(echo.server->metrics_port(), "/"), HasSubstr("404"));
}

TEST_F(ServerTest, ReflectsOnlyWhereItIsSwitchedOn) {
  for (const bool reflection : {true, false}) {
    ServerOptions options = EchoServer::Options();
    options.reflection = reflection;
    EchoServer echo(open_, options);
    EXPECT_EQ(testing::Reflects(echo.target()), reflection);
    EXPECT_FALSE(testing::Reflects(absl::StrCat("127.0.0.1:", echo.server->admin_port())));
  }
}

TEST_F(ServerTest, APortInUseIsRefused) {
  EchoServer echo(open_);
  for (std::string ServerOptions::*address :
       {&ServerOptions::listen, &ServerOptions::admin, &ServerOptions::metrics}) {
    ServerOptions options = EchoServer::Options();
    options.*address = echo.target();
    EchoService::CallbackService service;
    const auto second = Server::Start(options, {&service}, echo.metrics, echo.log);
    EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
    EXPECT_THAT(std::string(second.status().message()), HasSubstr(echo.target()));
  }
}

TEST_F(ServerTest, OptionsAreValidated) {
  EXPECT_TRUE(ServerOptions().Validate().ok());
  ServerOptions options;
  options.admin = "nowhere";
  EXPECT_THAT(options.Validate().ToString(), HasSubstr("--admin"));
  options = ServerOptions();
  options.drain_delay = -absl::Seconds(1);
  EXPECT_FALSE(options.Validate().ok());
  options = ServerOptions();
  options.metrics_tenants.assign(TenantCalls::kMaxNamed, "acme");
  EXPECT_TRUE(options.Validate().ok());
  options.metrics_tenants.back() = "Acme";
  EXPECT_THAT(options.Validate().ToString(), HasSubstr("--metrics-tenants: \"Acme\" is no tenant's id"));
  options.metrics_tenants.assign(TenantCalls::kMaxNamed + 1, "acme");
  EXPECT_THAT(options.Validate().ToString(), HasSubstr("--metrics-tenants takes at most 100"));
}

TEST_F(ServerTest, RefusesMetadataAndMessagesBeyondTheLimits) {
  EchoServer echo(open_);
  auto stub = echo.NewStub();
  EchoReply reply;
  const grpc::Status large = Echo(*stub, std::string(100'000, 'x'), &reply);
  EXPECT_EQ(large.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);

  grpc::ClientContext context;
  context.AddMetadata("authorization", FakeAuthenticator::Credential("acme", "ada", {Role::kLearner}));
  context.AddMetadata("x-large", std::string(20'000, 'x'));
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(30)));
  EXPECT_EQ(stub->Echo(&context, EchoRequest(), &reply).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  // gRPC ends the connection that sent such metadata, so the next call may meet its end; the server goes on.
  bool served = false;
  for (int i = 0; i < 50 && !served; ++i) served = Echo(*stub, "x", &reply, /*wait_for_ready=*/true).ok();
  EXPECT_TRUE(served);
}

TEST_F(ServerTest, ADrainLetsCallsInFlightFinishAndRunsItsHooks) {
  ServerOptions options = EchoServer::Options();
  options.drain_delay = absl::Milliseconds(300);
  EchoServer echo(open_, options);
  const std::string admin = absl::StrCat("127.0.0.1:", echo.server->admin_port());
  absl::Notification begun;
  absl::Notification release;
  echo.echo = [&](Call& call, EchoRequest request) -> Task<absl::StatusOr<EchoReply>> {
    if (request.text() == "slow") {
      begun.Notify();
      const bool released = co_await AwaitCallback<bool>([&](auto done) {
        std::thread([&, done]() mutable {
          release.WaitForNotification();
          done(true);
        }).detach();
      });
      EXPECT_TRUE(released);
    }
    const absl::StatusOr<EchoReply> reply = co_await EchoServer::Same(call, request);
    co_return reply;
  };
  std::string order;
  echo.server->OnDraining([&] { order += "draining,"; });
  echo.server->OnDraining([&] { order += "still,"; });
  echo.server->OnDrained([&] { order += "first"; });
  echo.server->OnDrained([&] { order += "second,"; });

  auto stub = echo.NewStub();
  grpc::Status slow;
  EchoReply slow_reply;
  std::thread caller([&] { slow = Echo(*stub, "slow", &slow_reply); });
  begun.WaitForNotification();
  std::atomic<bool> drained = false;
  std::thread drainer([&] {
    echo.server->Drain();
    drained = true;
  });
  ASSERT_NE(echo.lines.WaitFor("draining"), "");
  EXPECT_EQ(HealthOf(admin, "ready"), "NOT_SERVING");
  EXPECT_EQ(HealthOf(admin, ""), "NOT_SERVING");
  EXPECT_EQ(HealthOf(admin, "live"), "SERVING");
  EchoReply reply;
  EXPECT_TRUE(Echo(*stub, "new", &reply).ok()) << "accepted during the drain delay";
  absl::SleepFor(absl::Milliseconds(400));
  EXPECT_FALSE(drained);
  EXPECT_EQ(order, "draining,still,");
  release.Notify();
  caller.join();
  drainer.join();
  EXPECT_TRUE(slow.ok()) << slow.error_message();
  EXPECT_EQ(slow_reply.text(), "slow");
  EXPECT_EQ(order, "draining,still,second,first");
  echo.server->OnDraining([&] { order += ",late"; });
  EXPECT_EQ(order, "draining,still,second,first,late");
  EXPECT_EQ(Echo(*stub, "late", &reply).error_code(), grpc::StatusCode::UNAVAILABLE);
  echo.server->Drain();  // again: nothing
}

TEST_F(ServerTest, AStuckCallIsCancelledAtTheDrainTimeout) {
  ServerOptions options = EchoServer::Options();
  options.drain_timeout = absl::Milliseconds(50);
  EchoServer echo(open_, options);
  absl::Notification begun;
  echo.echo = [&](Call& call, EchoRequest) -> Task<absl::StatusOr<EchoReply>> {
    std::unique_ptr<std::stop_callback<std::function<void()>>> stop;
    begun.Notify();
    const bool stopped = co_await AwaitCallback<bool>([&](auto done) {
      stop = std::make_unique<std::stop_callback<std::function<void()>>>(call.cancellation(),
                                                                         [done]() mutable { done(true); });
    });
    EXPECT_TRUE(stopped);
    co_return absl::CancelledError("stopped");
  };
  auto stub = echo.NewStub();
  grpc::Status status;
  std::thread caller([&] {
    EchoReply reply;
    status = Echo(*stub, "x", &reply);
  });
  begun.WaitForNotification();
  echo.server->Drain();
  caller.join();
  EXPECT_FALSE(status.ok());
}

// Calls that arrive all through the change from one process to its successor on the same port.
TEST_F(ServerTest, ADrainUnderLoadLosesNoCall) {
  ServerOptions options = EchoServer::Options();
  options.drain_delay = absl::Milliseconds(100);
  auto first = std::make_unique<EchoServer>(open_, options);
  options.listen = first->target();
  MetricsRegistry registry;
  RpcMetrics client_metrics(registry);
  auto stub = EchoService::NewStub(MakeChannel(first->target(), ChannelOptions(), client_metrics));
  std::atomic<bool> stop = false;
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      EchoReply reply;
      while (!stop) {
        const grpc::Status status = Echo(*stub, "x", &reply, /*wait_for_ready=*/true);
        if (status.ok()) ++good;
        if (!status.ok()) ADD_FAILURE() << status.error_code() << " " << status.error_message();
      }
    });
  }
  absl::SleepFor(absl::Milliseconds(200));
  const absl::Time before = absl::Now();
  first->server->Drain();
  EXPECT_LT(absl::Now() - before, absl::Seconds(5)) << "watchers of health do not hold up the drain";
  first.reset();
  const int by_first = good;
  EXPECT_GT(by_first, 0);
  EchoServer second(open_, options);
  while (good < by_first + 100) absl::SleepFor(absl::Milliseconds(5));
  stop = true;
  for (std::thread& thread : threads) thread.join();
}

TEST_F(ServerTest, ASignalDrainsAndExitsZero) {
  for (const int number : {SIGTERM, SIGINT}) {
    EchoServer echo(open_);
    TerminationSignal signal;
    std::thread sender([&] { kill(getpid(), number); });
    EXPECT_EQ(RunUntilSignalled(signal, *echo.server, echo.log), 0);
    sender.join();
    EXPECT_NE(echo.lines.WaitFor("drained"), "");
  }
}

}  // namespace
}  // namespace greenroom
