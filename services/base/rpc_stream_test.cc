// Streams, through a real server with real stubs.
#include "services/base/rpc_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "services/base/status.h"
#include "services/base/status_wire.h"
#include "services/base/testing/echo_server.h"

namespace greenroom {
namespace {

using testing::EchoReply;
using testing::EchoRequest;
using testing::EchoServer;
using testing::EchoService;
using ::testing::HasSubstr;

EchoReply Reply(std::string text) {
  EchoReply reply;
  reply.set_text(std::move(text));
  return reply;
}

EchoRequest Request(std::string text) {
  EchoRequest request;
  request.set_text(std::move(text));
  return request;
}

class RpcStreamTest : public ::testing::Test {
 protected:
  RpcStreamTest() { Identify(context_, {Role::kLearner}); }

  static void Identify(grpc::ClientContext& context, RoleSet roles) {
    context.AddMetadata("authorization", FakeAuthenticator::Credential("acme", "ada", roles));
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(30)));
  }

  OpenAdmission open_;
  EchoServer server_{open_};
  std::unique_ptr<EchoService::Stub> stub_ = server_.NewStub();
  grpc::ClientContext context_;
};

TEST_F(RpcStreamTest, AServerStreamEndsWithItsHandler) {
  server_.repeat = [](Call&, EchoRequest request, ServerWriter<EchoReply>& writer) -> Task<absl::Status> {
    for (int i = 0; i < 200; ++i) {
      CO_RETURN_IF_ERROR(writer.Write(Reply(absl::StrCat(request.text(), i))));
    }
    co_return ErrorBuilder(absl::StatusCode::kNotFound, "PACK_NOT_FOUND", "gone").Build();
  };
  auto reader = stub_->Repeat(&context_, Request("n"));
  EchoReply reply;
  int read = 0;
  while (reader->Read(&reply)) EXPECT_EQ(reply.text(), absl::StrCat("n", read++));
  EXPECT_EQ(read, 200);
  EXPECT_EQ(ReasonOf(FromGrpc(reader->Finish())), "PACK_NOT_FOUND");
  EXPECT_THAT(server_.metrics.Text(), HasSubstr("grpc_type=\"server_stream\"} 1"));
}

TEST_F(RpcStreamTest, AServerStreamIsRefusedLikeAnyCall) {
  grpc::ClientContext context;
  Identify(context, {Role::kAuthor});
  auto reader = stub_->Repeat(&context, Request("n"));
  EchoReply reply;
  EXPECT_FALSE(reader->Read(&reply));
  EXPECT_EQ(ReasonOf(FromGrpc(reader->Finish())), "ROLE_FORBIDS");
}

TEST_F(RpcStreamTest, AServerStreamEndsAtItsDeadlineBetweenWrites) {
  absl::Status last;
  absl::Notification ended;
  server_.repeat = [&](Call&, EchoRequest, ServerWriter<EchoReply>& writer) -> Task<absl::Status> {
    for (;;) {
      last = co_await writer.Write(Reply("x"));
      if (!last.ok()) break;
      absl::SleepFor(absl::Milliseconds(20));
    }
    absl::Status result = last;
    ended.Notify();
    co_return result;
  };
  auto reader = stub_->Repeat(&context_, Request("n"));
  EchoReply reply;
  int read = 0;
  while (reader->Read(&reply)) ++read;
  EXPECT_EQ(ReasonOf(FromGrpc(reader->Finish())), "DEADLINE");
  EXPECT_GT(read, 5);
  ended.WaitForNotification();
  EXPECT_EQ(last.code(), absl::StatusCode::kDeadlineExceeded);
}

TEST_F(RpcStreamTest, AServerStreamThatIsNotReadEndsAtItsDeadline) {
  absl::Status last;
  absl::Notification ended;
  server_.repeat = [&](Call&, EchoRequest, ServerWriter<EchoReply>& writer) -> Task<absl::Status> {
    SystemRng rng;
    const std::string incompressible = absl::BytesToHexString(rng.Bytes(100'000));
    for (;;) {
      last = co_await writer.Write(Reply(incompressible));
      if (!last.ok()) break;
    }
    absl::Status result = last;
    ended.Notify();
    co_return result;
  };
  auto reader = stub_->Repeat(&context_, Request("n"));
  EXPECT_TRUE(ended.WaitForNotificationWithTimeout(absl::Seconds(10)));
  EXPECT_EQ(last.code(), absl::StatusCode::kDeadlineExceeded);
  EchoReply reply;
  while (reader->Read(&reply)) {
  }
  // Broken off: a status would have waited behind what is not read.
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(RpcStreamTest, AServerStreamNoticesThatItsClientHasGone) {
  absl::Status last;
  absl::Notification ended;
  server_.repeat = [&](Call& call, EchoRequest, ServerWriter<EchoReply>& writer) -> Task<absl::Status> {
    do {
      last = co_await writer.Write(Reply("x"));
    } while (last.ok());
    EXPECT_EQ(call.caller().learner, "ada");
    absl::Status result = last;
    ended.Notify();
    co_return result;
  };
  auto reader = stub_->Repeat(&context_, Request("n"));
  EchoReply reply;
  ASSERT_TRUE(reader->Read(&reply));
  context_.TryCancel();
  EXPECT_TRUE(ended.WaitForNotificationWithTimeout(absl::Seconds(10)));
  EXPECT_FALSE(last.ok());
  while (reader->Read(&reply)) {
  }
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(RpcStreamTest, ABidiStreamAnswersEachMessageInOrder) {
  auto stream = stub_->Talk(&context_);
  EchoReply reply;
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(stream->Write(Request(absl::StrCat(i))));
    ASSERT_TRUE(stream->Read(&reply));
    EXPECT_EQ(reply.text(), absl::StrCat(i));
  }
  ASSERT_TRUE(stream->WritesDone());
  EXPECT_FALSE(stream->Read(&reply));
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_NE(server_.lines.WaitFor("\"code\":\"OK\""), "");
}

TEST_F(RpcStreamTest, ABidiClientMayWriteEverythingFirst) {
  auto stream = stub_->Talk(&context_);
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(stream->Write(Request(std::string(1500, 'x'))));
  ASSERT_TRUE(stream->WritesDone());
  EchoReply reply;
  int read = 0;
  while (stream->Read(&reply)) ++read;
  EXPECT_EQ(read, 50);
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(RpcStreamTest, ABidiStreamEndsWithTheFirstError) {
  server_.talk = [](Call& call, EchoRequest request) -> Task<absl::StatusOr<EchoReply>> {
    if (request.text() == "bad")
      return [](EchoRequest) -> Task<absl::StatusOr<EchoReply>> {
        co_return InvalidField("text", "is bad");
      }(request);
    return EchoServer::Same(call, std::move(request));
  };
  auto stream = stub_->Talk(&context_);
  EchoReply reply;
  ASSERT_TRUE(stream->Write(Request("good")));
  ASSERT_TRUE(stream->Read(&reply));
  ASSERT_TRUE(stream->Write(Request("bad")));
  EXPECT_FALSE(stream->Read(&reply));
  EXPECT_EQ(ReasonOf(FromGrpc(stream->Finish())), "INVALID_REQUEST");
}

TEST_F(RpcStreamTest, EachBidiMessageHasTheMethodsLimit) {
  auto stream = stub_->Talk(&context_);
  EchoReply reply;
  ASSERT_TRUE(stream->Write(Request(std::string(3000, 'x'))));
  EXPECT_FALSE(stream->Read(&reply));
  EXPECT_EQ(ReasonOf(FromGrpc(stream->Finish())), "REQUEST_TOO_LARGE");
}

TEST_F(RpcStreamTest, ABidiStreamIsRefusedLikeAnyCall) {
  grpc::ClientContext context;
  Identify(context, {Role::kAuthor});
  auto stream = stub_->Talk(&context);
  EchoReply reply;
  EXPECT_FALSE(stream->Read(&reply));
  EXPECT_EQ(ReasonOf(FromGrpc(stream->Finish())), "ROLE_FORBIDS");
}

TEST_F(RpcStreamTest, ASilentBidiClientEndsAtTheClampedDeadline) {
  auto stream = stub_->Talk(&context_);
  EchoReply reply;
  ASSERT_TRUE(stream->Write(Request("one")));
  ASSERT_TRUE(stream->Read(&reply));
  const absl::Time before = absl::Now();
  EXPECT_FALSE(stream->Read(&reply));
  EXPECT_LT(absl::Now() - before, absl::Seconds(5));
  EXPECT_EQ(ReasonOf(FromGrpc(stream->Finish())), "DEADLINE");
}

TEST_F(RpcStreamTest, ACancelledBidiStreamEndsItsHandler) {
  auto stream = stub_->Talk(&context_);
  EchoReply reply;
  ASSERT_TRUE(stream->Write(Request("one")));
  ASSERT_TRUE(stream->Read(&reply));
  context_.TryCancel();
  EXPECT_FALSE(stream->Read(&reply));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_NE(server_.lines.WaitFor("EchoService/Talk"), "");
}

}  // namespace
}  // namespace greenroom
