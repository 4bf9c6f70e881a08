// The handler wrapper, through a real server with real stubs.
#include "services/base/rpc.h"

#include <gmock/gmock.h>
#include <grpcpp/impl/client_unary_call.h>
#include <grpcpp/support/byte_buffer.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "services/base/status.h"
#include "services/base/testing/echo_server.h"

namespace greenroom {
namespace {

using testing::EchoReply;
using testing::EchoRequest;
using testing::EchoServer;
using testing::EchoService;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

// A handler's await that ends when the test says so.
class Latch {
 public:
  Task<absl::Status> Wait() {
    absl::Status status = co_await AwaitCallback<absl::Status>([this](auto done) {
      absl::MutexLock lock(&mutex_);
      done_ = done;
    });
    co_return status;
  }
  void Open(absl::Status status = absl::OkStatus()) {
    std::function<void(absl::Status)> done;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(
          +[](std::function<void(absl::Status)>* f) { return *f != nullptr; }, &done_));
      done.swap(done_);
    }
    done(std::move(status));
  }

 private:
  absl::Mutex mutex_;
  std::function<void(absl::Status)> done_;
};

class Doorman final : public Admission {
 public:
  absl::Status Admit(const MethodPolicy& method) override {
    ++admitted;
    seen = std::string(method.method());
    return answer;
  }
  void Done(const MethodPolicy&, absl::StatusCode code, absl::Duration took) override {
    EXPECT_GT(took, absl::ZeroDuration());
    last = code;
    ++done;
  }
  absl::Status answer;
  std::string seen;
  std::atomic<int> admitted = 0;
  std::atomic<int> done = 0;
  std::atomic<absl::StatusCode> last = absl::StatusCode::kOk;
};

struct Ask {
  std::string text = "hello";
  std::string credential = FakeAuthenticator::Credential("acme", "ada", {Role::kLearner});
  std::optional<absl::Duration> timeout = absl::Seconds(30);
  std::string traceparent = {};
};

class RpcTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::string> Call(const Ask& ask = {}) {
    grpc::ClientContext context;
    return Call(ask, context);
  }
  absl::StatusOr<std::string> Call(const Ask& ask, grpc::ClientContext& context) {
    if (!ask.credential.empty()) context.AddMetadata("authorization", ask.credential);
    if (!ask.traceparent.empty()) context.AddMetadata("traceparent", ask.traceparent);
    if (ask.timeout.has_value()) context.set_deadline(absl::ToChronoTime(absl::Now() + *ask.timeout));
    EchoRequest request;
    request.set_text(ask.text);
    EchoReply reply;
    const grpc::Status status = stub_->Echo(&context, request, &reply);
    if (!status.ok()) return FromGrpc(status);
    return reply.text();
  }

  // The lines of one metric, as they are served.
  std::vector<std::string> SeriesOf(absl::string_view name) const {
    std::vector<std::string> series;
    for (const absl::string_view line : absl::StrSplit(server_.metrics.Text(), '\n')) {
      if (absl::StartsWith(line, absl::StrCat(name, "{"))) series.emplace_back(line);
    }
    return series;
  }

  Doorman doorman_;
  EchoServer server_{doorman_};
  std::unique_ptr<EchoService::Stub> stub_ = server_.NewStub();
};

TEST_F(RpcTest, Ok) {
  EXPECT_EQ(*Call(), "hello");
  const std::string line = server_.lines.WaitFor("\"message\":\"rpc\"");
  EXPECT_THAT(line, HasSubstr("\"method\":\"greenroom.testing.EchoService/Echo\""));
  EXPECT_THAT(line, HasSubstr("\"code\":\"OK\""));
  EXPECT_THAT(line, HasSubstr("\"tenant\":\"acme\""));
  EXPECT_THAT(line, HasSubstr("\"level\":\"info\""));
  for (const char* key : {"trace_id", "request_id", "latency"})
    EXPECT_THAT(line, HasSubstr(absl::StrCat("\"", key)));
  EXPECT_THAT(line, Not(HasSubstr("cause")));
  EXPECT_THAT(line, Not(HasSubstr("hello")));
  EXPECT_EQ(doorman_.seen, "Echo");
  EXPECT_EQ(doorman_.done, 1);
}

TEST_F(RpcTest, TheHandlerKnowsItsCall) {
  server_.echo = [](greenroom::Call& call, EchoRequest) -> Task<absl::StatusOr<EchoReply>> {
    EchoReply reply;
    reply.set_text(absl::StrCat(call.caller().learner, " ", call.method().method(), " ", call.cancelled(),
                                " ", call.request_id().size(), " ", call.metadata().Count("authorization")));
    co_return reply;
  };
  EXPECT_EQ(*Call(), "ada Echo 0 36 1");
}

TEST_F(RpcTest, NoCredential) {
  const absl::Status status = Call({.credential = ""}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(ReasonOf(status), "CREDENTIAL_MISSING");
  EXPECT_EQ(doorman_.done, 1);
  EXPECT_EQ(doorman_.last, absl::StatusCode::kUnauthenticated);
}

TEST_F(RpcTest, BadCredential) {
  EXPECT_EQ(ReasonOf(Call({.credential = "Bearer x"}).status()), "CREDENTIAL_INVALID");
  EXPECT_THAT(server_.lines.Text(), Not(HasSubstr("Bearer")));
}

TEST_F(RpcTest, EveryRoleIsAdmittedOrRefusedByThePolicy) {
  for (const Role role : kAllRoles) {
    const auto reply = Call({.credential = FakeAuthenticator::Credential("acme", "ada", {role})});
    if (server_.methods.Get("greenroom.testing.EchoService/Echo").roles.Has(role)) {
      EXPECT_TRUE(reply.ok()) << RoleName(role);
    } else {
      EXPECT_EQ(reply.status().code(), absl::StatusCode::kPermissionDenied) << RoleName(role);
      EXPECT_EQ(ReasonOf(reply.status()), "ROLE_FORBIDS");
    }
  }
  EXPECT_EQ(doorman_.admitted, doorman_.done);
}

TEST_F(RpcTest, ARequestAboveTheMethodsLimit) {
  EXPECT_TRUE(Call({.text = std::string(2048 - 3, 'x')}).ok());
  const absl::Status status = Call({.text = std::string(2048 - 2, 'x')}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(status), "REQUEST_TOO_LARGE");
  EXPECT_EQ(MetadataOf(status, "limit_bytes"), "2048");
}

TEST_F(RpcTest, ARequestThatIsLargeOnlyAfterDecompression) {
  grpc::ClientContext context;
  context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  std::string text;
  text.resize(size_t{10} << 20, 'x');
  // 10 MiB of one letter are 10 KB on the wire, below the server's limit of 64 KiB.
  const auto reply = Call({.text = text}, context);
  EXPECT_EQ(reply.status().code(), absl::StatusCode::kResourceExhausted) << reply.status();
}

TEST_F(RpcTest, ErrorsArriveWithTheirDetails) {
  const absl::Status error =
      ErrorBuilder(absl::StatusCode::kFailedPrecondition, "SESSION_FINISHED", "it is over")
          .Resource("greenroom.dev/Session", "tenants/a")
          .Metadata("sequence", "4")
          .Build();
  server_.echo = [&](greenroom::Call&, EchoRequest) -> Task<absl::StatusOr<EchoReply>> { co_return error; };
  EXPECT_EQ(Call().status(), error);
  const std::string line = server_.lines.WaitFor("SESSION_FINISHED");
  EXPECT_THAT(line, HasSubstr("\"code\":\"FAILED_PRECONDITION\""));
  EXPECT_THAT(line, Not(HasSubstr("it is over")));
  EXPECT_EQ(doorman_.last, absl::StatusCode::kFailedPrecondition);
}

TEST_F(RpcTest, InternalErrorsHideTheirCause) {
  server_.echo = [](greenroom::Call&, EchoRequest) -> Task<absl::StatusOr<EchoReply>> {
    co_return absl::InternalError("password=hunter2");
  };
  const absl::Status status = Call().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(ReasonOf(status), "INTERNAL");
  EXPECT_THAT(status.ToString(), Not(HasSubstr("hunter2")));
  const std::optional<std::string> id = MetadataOf(status, "error_id");
  ASSERT_TRUE(id.has_value());
  const std::string line = server_.lines.WaitFor(*id);
  EXPECT_THAT(line, HasSubstr("INTERNAL: password=hunter2"));
  EXPECT_THAT(line, HasSubstr("\"level\":\"error\""));
}

TEST_F(RpcTest, ACallWithoutADeadlineGetsTheMethodsDefault) {
  absl::Duration left;
  server_.echo = [&](greenroom::Call& call, EchoRequest request) -> Task<absl::StatusOr<EchoReply>> {
    left = call.deadline() - absl::Now();
    return EchoServer::Same(call, std::move(request));
  };
  ASSERT_TRUE(Call({.timeout = std::nullopt}).ok());
  EXPECT_GT(left, absl::Milliseconds(200));
  EXPECT_LE(left, absl::Milliseconds(400));
}

TEST_F(RpcTest, ALongDeadlineIsClampedAndAShortOneKept) {
  absl::Duration left;
  server_.echo = [&](greenroom::Call& call, EchoRequest request) -> Task<absl::StatusOr<EchoReply>> {
    left = call.deadline() - absl::Now();
    return EchoServer::Same(call, std::move(request));
  };
  ASSERT_TRUE(Call({.timeout = absl::Hours(1)}).ok());
  EXPECT_GT(left, absl::Milliseconds(500));
  EXPECT_LE(left, absl::Milliseconds(800));
  ASSERT_TRUE(Call({.timeout = absl::Milliseconds(300)}).ok());
  EXPECT_LE(left, absl::Milliseconds(350));
}

TEST_F(RpcTest, TheClientsDeadlineCancelsTheHandler) {
  absl::Notification cancelled;
  server_.echo = [&](greenroom::Call& call, EchoRequest) -> Task<absl::StatusOr<EchoReply>> {
    Latch latch;
    std::stop_callback stop(call.cancellation(), [&] { latch.Open(absl::CancelledError("stopped")); });
    absl::Status waited = co_await latch.Wait();
    if (call.cancelled()) cancelled.Notify();
    co_return waited;
  };
  EXPECT_EQ(Call({.timeout = absl::Milliseconds(50)}).status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_TRUE(cancelled.WaitForNotificationWithTimeout(absl::Seconds(10)));
}

TEST_F(RpcTest, TheClientsCancellationReachesTheHandler) {
  absl::Notification begun;
  absl::Notification cancelled;
  server_.echo = [&](greenroom::Call& call, EchoRequest) -> Task<absl::StatusOr<EchoReply>> {
    Latch latch;
    std::stop_callback stop(call.cancellation(), [&] { latch.Open(absl::CancelledError("stopped")); });
    begun.Notify();
    absl::Status waited = co_await latch.Wait();
    cancelled.Notify();
    co_return waited;
  };
  grpc::ClientContext context;
  std::thread canceller([&] {
    begun.WaitForNotification();
    context.TryCancel();
  });
  EXPECT_EQ(Call({}, context).status().code(), absl::StatusCode::kCancelled);
  canceller.join();
  EXPECT_TRUE(cancelled.WaitForNotificationWithTimeout(absl::Seconds(10)));
  EXPECT_NE(server_.lines.WaitFor("\"code\":\"CANCELLED\""), "");
}

TEST_F(RpcTest, AHandlerMayEndLongAfterItsClientHasGone) {
  Latch latch;
  absl::Notification used;
  server_.echo = [&](greenroom::Call& call, EchoRequest request) -> Task<absl::StatusOr<EchoReply>> {
    absl::Status waited = co_await latch.Wait();
    // Call, request and runtime are still there.
    EXPECT_TRUE(call.cancelled());
    EXPECT_EQ(call.caller().tenant, "acme");
    EXPECT_EQ(request.text(), "hello");
    used.Notify();
    co_return EchoReply();
  };
  EXPECT_FALSE(Call({.timeout = absl::Milliseconds(30)}).ok());
  absl::SleepFor(absl::Milliseconds(30));
  latch.Open();
  EXPECT_TRUE(used.WaitForNotificationWithTimeout(absl::Seconds(10)));
}

// Whoever calls: what the process cannot answer costs it nothing but the refusal.
TEST_F(RpcTest, AdmissionIsAskedFirst) {
  doorman_.answer = ErrorBuilder(absl::StatusCode::kUnavailable, "OVERLOADED", "busy").Build();
  EXPECT_EQ(ReasonOf(Call({.credential = ""}).status()), "OVERLOADED");
  EXPECT_EQ(ReasonOf(Call({.text = std::string(9999, 'x')}).status()), "OVERLOADED");
  EXPECT_EQ(doorman_.done, 0);
}

TEST_F(RpcTest, AdmissionMayRefuse) {
  doorman_.answer = ErrorBuilder(absl::StatusCode::kUnavailable, "OVERLOADED", "busy")
                        .RetryAfter(absl::Milliseconds(20))
                        .Build();
  const absl::Status status = Call().status();
  EXPECT_EQ(ReasonOf(status), "OVERLOADED");
  EXPECT_EQ(RetryDelayOf(status), absl::Milliseconds(20));
  EXPECT_EQ(doorman_.done, 0);
}

TEST_F(RpcTest, AShedCallTellsGrpcWhenToRetryAndWritesNoLine) {
  doorman_.answer = ErrorBuilder(absl::StatusCode::kUnavailable, "OVERLOADED", "busy")
                        .RetryAfter(absl::Milliseconds(20))
                        .Build();
  grpc::ClientContext context;
  context.AddMetadata("authorization", FakeAuthenticator::Credential("acme", "ada", {Role::kLearner}));
  EchoReply reply;
  EXPECT_EQ(server_.NewStub()->Echo(&context, EchoRequest(), &reply).error_code(),
            grpc::StatusCode::UNAVAILABLE);
  const auto& trailers = context.GetServerTrailingMetadata();
  const auto pushback = trailers.find("grpc-retry-pushback-ms");
  ASSERT_NE(pushback, trailers.end());
  EXPECT_EQ(std::string(pushback->second.data(), pushback->second.size()), "20");
  EXPECT_THAT(server_.lines.Text(), Not(HasSubstr("OVERLOADED")));
  EXPECT_NE(server_.metrics.Text().find("shed_seconds_count 1"), std::string::npos);
}

TEST_F(RpcTest, TheTraceIsTakenAndLogged) {
  ASSERT_TRUE(Call({.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}).ok());
  EXPECT_NE(server_.lines.WaitFor("\"trace_id\":\"4bf92f3577b34da6a3ce929d0e0e4736\""), "");
}

// The bytes of the reply as `channel` gets them.
size_t ReplyBytes(const std::shared_ptr<grpc::Channel>& channel, const std::string& text) {
  grpc::ClientContext context;
  context.AddMetadata("authorization", FakeAuthenticator::Credential("acme", "ada", {Role::kLearner}));
  const grpc::internal::RpcMethod method("/greenroom.testing.EchoService/Echo",
                                         grpc::internal::RpcMethod::NORMAL_RPC, channel);
  EchoRequest request;
  request.set_text(text);
  const grpc::Slice slice(request.SerializeAsString());
  grpc::ByteBuffer reply;
  const grpc::Status status = grpc::internal::BlockingUnaryCall<grpc::ByteBuffer, grpc::ByteBuffer>(
      channel.get(), method, &context, grpc::ByteBuffer(&slice, 1), &reply);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return reply.Length();
}

TEST_F(RpcTest, LargeRepliesAreCompressedAndSmallOnesAreNot) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);  // as they come over the wire
  const auto channel =
      grpc::CreateCustomChannel(server_.target(), grpc::InsecureChannelCredentials(), arguments);
  EXPECT_LT(ReplyBytes(channel, std::string(2000, 'x')), 200u);
  EXPECT_EQ(ReplyBytes(channel, std::string(1000, 'x')), 1003u);
}

TEST_F(RpcTest, RepliesToPeersAreNotCompressed) {
  grpc::ChannelArguments arguments = ClientArguments(ChannelOptions());
  arguments.SetInt(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  const auto channel =
      grpc::CreateCustomChannel(server_.target(), grpc::InsecureChannelCredentials(), arguments);
  EXPECT_EQ(ReplyBytes(channel, std::string(2000, 'x')), 2003u);
}

TEST_F(RpcTest, MetricsCountWhatHappened) {
  ASSERT_TRUE(Call().ok());
  EXPECT_FALSE(Call({.credential = ""}).ok());
  const std::string text = server_.metrics.Text();
  const std::string labels =
      R"(grpc_method="Echo",grpc_service="greenroom.testing.EchoService",grpc_type="unary"})";
  EXPECT_THAT(text, HasSubstr("grpc_server_started_total{" + labels + " 2"));
  EXPECT_THAT(text, HasSubstr("grpc_server_handled_total{grpc_code=\"OK\"," + labels + " 1"));
  EXPECT_THAT(text, HasSubstr("grpc_server_handled_total{grpc_code=\"Unauthenticated\"," + labels + " 1"));
  EXPECT_THAT(text, HasSubstr("grpc_server_handling_seconds_count{" + labels + " 2"));
}

TEST_F(RpcTest, MetricsCountCallsByTenant) {
  server_.echo = [](greenroom::Call&, EchoRequest request) -> Task<absl::StatusOr<EchoReply>> {
    if (request.text() == "break") co_return absl::DataLossError("damaged");
    co_return EchoReply();
  };
  const auto of = [](absl::string_view tenant, Role role) {
    return FakeAuthenticator::Credential(tenant, "ada", {role});
  };
  EXPECT_TRUE(Call().ok());
  EXPECT_FALSE(Call({.text = "break"}).ok());
  EXPECT_FALSE(Call({.credential = of("acme", Role::kAuthor)}).ok()) << "a role that may not";
  for (const char* tenant : {"globex", "initech", "other"}) {
    EXPECT_FALSE(Call({.text = "break", .credential = of(tenant, Role::kLearner)}).ok());
  }
  EXPECT_FALSE(Call({.credential = ""}).ok()) << "of no tenant: not counted";
  EXPECT_THAT(SeriesOf("tenant_calls_total"),
              UnorderedElementsAre(R"(tenant_calls_total{outcome="ok",tenant="acme"} 1)",
                                   R"(tenant_calls_total{outcome="client_error",tenant="acme"} 1)",
                                   R"(tenant_calls_total{outcome="server_error",tenant="acme"} 1)",
                                   R"(tenant_calls_total{outcome="ok",tenant="other"} 0)",
                                   R"(tenant_calls_total{outcome="client_error",tenant="other"} 0)",
                                   R"(tenant_calls_total{outcome="server_error",tenant="other"} 3)"));
}

TEST_F(RpcTest, ManyAtOnce) {
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) {
        if (Call().ok()) ++good;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 800);
  EXPECT_EQ(doorman_.done, 800);
}

}  // namespace
}  // namespace greenroom
