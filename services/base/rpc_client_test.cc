// Outgoing calls, from one real server to another.
#include "services/base/rpc_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
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

std::string Learner() { return FakeAuthenticator::Credential("acme", "ada", {Role::kLearner}); }
std::string Service() { return FakeAuthenticator::Credential("acme", "", {Role::kService}); }

class RpcClientTest : public ::testing::Test {
 protected:
  // The front asks the back on behalf of its own call.
  RpcClientTest() {
    front_.echo = [this](Call& call, EchoRequest request) -> Task<absl::StatusOr<EchoReply>> {
      ASSIGN_OR_CO_RETURN(EchoReply reply,
                          CallUnary<EchoReply>(call.Outgoing().With("authorization", Service()),
                                               back_stub_->async(), &EchoAsyncInterface::Echo, request));
      co_return reply;
    };
  }

  using EchoAsyncInterface = EchoService::StubInterface::async_interface;

  absl::StatusOr<std::string> AskFront(grpc::ClientContext& context,
                                       absl::Duration timeout = absl::Seconds(30)) {
    context.AddMetadata("authorization", Learner());
    context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
    EchoRequest request;
    request.set_text("hello");
    EchoReply reply;
    const grpc::Status status = front_stub_->Echo(&context, request, &reply);
    if (!status.ok()) return FromGrpc(status);
    return reply.text();
  }

  absl::StatusOr<EchoReply> AskBack(OutgoingCall call) {
    return SyncWait(CallUnary<EchoReply>(std::move(call).With("authorization", Service()),
                                         back_stub_->async(), &EchoAsyncInterface::Echo, EchoRequest()));
  }

  // A handler that waits for its own cancellation, and says so.
  void MakeBackWait() {
    back_->echo = [this](Call& call, EchoRequest) -> Task<absl::StatusOr<EchoReply>> {
      begun_.Notify();
      const bool stopped = co_await AwaitCallback<bool>([&](auto done) {
        stop_ = std::make_unique<std::stop_callback<std::function<void()>>>(call.cancellation(),
                                                                            [done]() mutable { done(true); });
      });
      if (stopped) back_cancelled_.Notify();
      co_return absl::CancelledError("stopped");
    };
  }

  OpenAdmission open_;
  std::unique_ptr<std::stop_callback<std::function<void()>>> stop_;
  absl::Notification begun_;
  absl::Notification back_cancelled_;
  std::unique_ptr<EchoServer> back_ = std::make_unique<EchoServer>(open_);
  MetricsRegistry client_registry_;
  RpcMetrics client_metrics_{client_registry_};
  std::unique_ptr<EchoService::StubInterface> back_stub_ =
      EchoService::NewStub(MakeChannel(back_->target(), ChannelOptions(), client_metrics_));
  EchoServer front_{open_};
  std::unique_ptr<EchoService::Stub> front_stub_ = front_.NewStub();
};

TEST_F(RpcClientTest, PassesOnDeadlineTraceAndCredential) {
  std::string trace;
  absl::Time deadline;
  bool service = false;
  back_->echo = [&](Call& call, EchoRequest request) -> Task<absl::StatusOr<EchoReply>> {
    trace = call.trace().trace_id;
    deadline = call.deadline();
    service = call.caller().roles.Has(Role::kService);
    return EchoServer::Same(call, std::move(request));
  };
  grpc::ClientContext context;
  context.AddMetadata("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  const absl::Time before = absl::Now();
  EXPECT_EQ(*AskFront(context, absl::Milliseconds(500)), "hello");
  EXPECT_EQ(trace, "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_LE(deadline, before + absl::Milliseconds(520));
  EXPECT_TRUE(service);
  // A span of its own each.
  EXPECT_NE(back_->lines.WaitFor("4bf92f3577b34da6a3ce929d0e0e4736"), "");
}

TEST_F(RpcClientTest, APeersErrorKeepsReasonAndDetails) {
  const absl::Status error =
      ErrorBuilder(absl::StatusCode::kNotFound, "QUESTION_NOT_FOUND", "no").Resource("Question", "x").Build();
  back_->echo = [&](Call&, EchoRequest) -> Task<absl::StatusOr<EchoReply>> { co_return error; };
  grpc::ClientContext context;
  EXPECT_EQ(AskFront(context).status(), error);
}

TEST_F(RpcClientTest, APeersInternalErrorBecomesOurs) {
  back_->echo = [](Call&, EchoRequest) -> Task<absl::StatusOr<EchoReply>> {
    co_return absl::DataLossError("disk");
  };
  grpc::ClientContext context;
  const absl::Status status = AskFront(context).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  const std::string id = *MetadataOf(status, "error_id");
  // The front's line leads to the back's by the id in its cause.
  const std::string line = front_.lines.WaitFor(id);
  EXPECT_THAT(line, HasSubstr("\"cause\":\"INTERNAL: internal error, id "));
  EXPECT_THAT(back_->lines.Text(), Not(HasSubstr(id)));
}

TEST_F(RpcClientTest, AStalledPeerEndsInDeadlineExceededAtTheClampedDeadline) {
  MakeBackWait();
  grpc::ClientContext context;
  const absl::Time before = absl::Now();
  const absl::Status status = AskFront(context, absl::Seconds(30)).status();
  const absl::Duration took = absl::Now() - before;
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(ReasonOf(status), "DEADLINE") << "answered by the server, not by the client's own timer";
  EXPECT_GT(took, absl::Milliseconds(700));
  EXPECT_LT(took, absl::Seconds(5));
  EXPECT_TRUE(back_cancelled_.WaitForNotificationWithTimeout(absl::Seconds(10)));
}

TEST_F(RpcClientTest, CancellationGoesAllTheWay) {
  MakeBackWait();
  grpc::ClientContext context;
  std::thread canceller([&] {
    begun_.WaitForNotification();
    context.TryCancel();
  });
  const absl::Time before = absl::Now();
  EXPECT_EQ(AskFront(context).status().code(), absl::StatusCode::kCancelled);
  canceller.join();
  EXPECT_TRUE(back_cancelled_.WaitForNotificationWithTimeout(absl::Seconds(10)));
  EXPECT_NE(front_.lines.WaitFor("\"code\":\"CANCELLED\""), "");
  EXPECT_LT(absl::Now() - before, absl::Seconds(5));
}

TEST_F(RpcClientTest, ADeadPeerIsUnavailable) {
  back_.reset();
  grpc::ClientContext context;
  const absl::Status status = AskFront(context).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(status), "DEPENDENCY_UNAVAILABLE");
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("127.0.0.1")));
}

TEST_F(RpcClientTest, WorksWithoutAnIncomingCall) {
  EXPECT_TRUE(AskBack(OutgoingCall(absl::Now() + absl::Seconds(10))).ok());
  EXPECT_EQ(AskBack(OutgoingCall(absl::Now() - absl::Seconds(1))).status().code(),
            absl::StatusCode::kDeadlineExceeded);
}

TEST_F(RpcClientTest, WithinOnlyBringsTheDeadlineForward) {
  const absl::Time deadline = absl::Now() + absl::Seconds(10);
  EXPECT_EQ(OutgoingCall(deadline).Within(absl::Hours(1)).deadline, deadline);
  EXPECT_LT(OutgoingCall(deadline).Within(absl::Seconds(1)).deadline, deadline - absl::Seconds(8));
}

TEST_F(RpcClientTest, AStopSourceCancels) {
  MakeBackWait();
  std::stop_source stop;
  OutgoingCall call(absl::Now() + absl::Seconds(30));
  call.cancellation = stop.get_token();
  std::thread stopper([&] {
    begun_.WaitForNotification();
    stop.request_stop();
  });
  EXPECT_EQ(AskBack(std::move(call)).status().code(), absl::StatusCode::kCancelled);
  stopper.join();
  EXPECT_TRUE(back_cancelled_.WaitForNotificationWithTimeout(absl::Seconds(10)));

  OutgoingCall late(absl::Now() + absl::Seconds(30));
  late.cancellation = stop.get_token();
  EXPECT_EQ(AskBack(std::move(late)).status().code(), absl::StatusCode::kCancelled);
}

TEST_F(RpcClientTest, CountsItsCalls) {
  ASSERT_TRUE(AskBack(OutgoingCall(absl::Now() + absl::Seconds(10))).ok());
  const std::string labels =
      R"(grpc_method="Echo",grpc_service="greenroom.testing.EchoService",grpc_type="unary"})";
  const std::string text = client_registry_.Text();
  EXPECT_THAT(text, HasSubstr("grpc_client_started_total{" + labels + " 1"));
  EXPECT_THAT(text, HasSubstr("grpc_client_handled_total{grpc_code=\"OK\"," + labels + " 1"));
  EXPECT_THAT(text, HasSubstr("grpc_client_handling_seconds_count{" + labels + " 1"));
}

}  // namespace
}  // namespace greenroom
