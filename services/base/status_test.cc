#include "services/base/status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "services/base/status_wire.h"

namespace greenroom {
namespace {

using testing::ElementsAre;

absl::Status Full() {
  return ErrorBuilder(absl::StatusCode::kAborted, "SESSION_MOVED", "somebody was faster")
      .Metadata("sequence", "17")
      .Field("answer.text", "too long")
      .Field("answer_id", "not a UUID")
      .Precondition("SESSION_OPEN", "tenants/a/learners/b/sessions/c", "finished")
      .Quota("tenants/a", "answers a day")
      .RetryAfter(absl::Milliseconds(1500))
      .Resource("greenroom.dev/Session", "tenants/a/learners/b/sessions/c")
      .Build();
}

TEST(ErrorBuilderTest, KeepsEverythingInTheStatus) {
  const absl::Status status = Full();
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(status.message(), "somebody was faster");
  EXPECT_EQ(ReasonOf(status), "SESSION_MOVED");
  EXPECT_EQ(MetadataOf(status, "sequence"), "17");
  EXPECT_EQ(MetadataOf(status, "other"), std::nullopt);
  EXPECT_THAT(FieldViolationsOf(status), ElementsAre(FieldViolation{"answer.text", "too long"},
                                                     FieldViolation{"answer_id", "not a UUID"}));
  EXPECT_EQ(RetryDelayOf(status), absl::Milliseconds(1500));
  EXPECT_EQ(ResourceOf(status), "tenants/a/learners/b/sessions/c");
}

TEST(ErrorBuilderTest, ANegativeDelayIsNone) {
  const absl::Status status =
      ErrorBuilder(absl::StatusCode::kUnavailable, "OVERLOADED", "").RetryAfter(-absl::Seconds(1)).Build();
  EXPECT_EQ(RetryDelayOf(status), absl::ZeroDuration());
}

TEST(StatusTest, PlainStatusesHaveNoDetails) {
  for (const absl::Status& status : {absl::OkStatus(), absl::NotFoundError("x")}) {
    EXPECT_EQ(ReasonOf(status), "");
    EXPECT_EQ(MetadataOf(status, "x"), std::nullopt);
    EXPECT_TRUE(FieldViolationsOf(status).empty());
    EXPECT_EQ(RetryDelayOf(status), std::nullopt);
    EXPECT_EQ(ResourceOf(status), "");
  }
}

TEST(FieldErrorsTest, ReportsAllProblemsTogether) {
  FieldErrors errors;
  errors.Check("a", "");
  EXPECT_TRUE(errors.ToStatus().ok());
  errors.Check("b", "must be set");
  errors.Check("c", "too long");
  const absl::Status status = errors.ToStatus();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(status), "INVALID_REQUEST");
  EXPECT_EQ(status.message(), "b: must be set (and 1 more)");
  EXPECT_THAT(FieldViolationsOf(status),
              ElementsAre(FieldViolation{"b", "must be set"}, FieldViolation{"c", "too long"}));
}

TEST(StatusWireTest, AnErrorComesBackAsItWent) {
  const absl::Status sent = ForClient(Full(), "id");
  EXPECT_EQ(FromGrpc(ToGrpc(sent)), Full());
}

TEST(StatusWireTest, TheWireFormIsGoogleRpcStatus) {
  const grpc::Status wire = ToGrpc(ForClient(Full(), "id"));
  EXPECT_EQ(wire.error_code(), grpc::StatusCode::ABORTED);
  google::rpc::Status status;
  ASSERT_TRUE(status.ParseFromString(wire.error_details()));
  EXPECT_EQ(status.code(), 10);
  EXPECT_EQ(status.message(), "somebody was faster");
  ASSERT_EQ(status.details_size(), 6);
  int infos = 0;
  for (const auto& detail : status.details()) {
    google::rpc::ErrorInfo info;
    if (!detail.UnpackTo(&info)) continue;
    ++infos;
    EXPECT_EQ(info.domain(), "greenroom.dev");
    EXPECT_EQ(info.reason(), "SESSION_MOVED");
  }
  EXPECT_EQ(infos, 1);
}

TEST(StatusWireTest, OkIsOk) {
  EXPECT_TRUE(ForClient(absl::OkStatus(), "id").ok());
  EXPECT_TRUE(ToGrpc(absl::OkStatus()).ok());
  EXPECT_TRUE(FromGrpc(grpc::Status::OK).ok());
}

TEST(StatusWireTest, WhatHasNoReasonIsHidden) {
  const absl::Status causes[] = {
      absl::InternalError("secret"), absl::UnknownError("secret"), absl::NotFoundError("secret"),
      absl::FailedPreconditionError("secret"),
      ErrorBuilder(absl::StatusCode::kInternal, "SOMETHING", "secret").Metadata("secret", "secret").Build()};
  for (const absl::Status& cause : causes) {
    const absl::Status told = ForClient(cause, "the-id");
    EXPECT_EQ(told.code(), absl::StatusCode::kInternal) << cause;
    EXPECT_EQ(ReasonOf(told), "INTERNAL");
    EXPECT_EQ(MetadataOf(told, "error_id"), "the-id");
    EXPECT_FALSE(absl::StrContains(ToGrpc(told).error_details(), "secret"));
    EXPECT_FALSE(absl::StrContains(told.ToString(), "secret"));
  }
}

TEST(StatusWireTest, GrpcsOwnErrorsGetAReasonAndAFixedText) {
  const std::pair<absl::Status, const char*> cases[] = {
      {absl::DeadlineExceededError("redis 10.0.0.1"), "DEADLINE"},
      {absl::CancelledError("redis 10.0.0.1"), "CANCELLED"},
      {absl::UnavailableError("redis 10.0.0.1"), "DEPENDENCY_UNAVAILABLE"}};
  for (const auto& [cause, reason] : cases) {
    const absl::Status told = ForClient(cause, "id");
    EXPECT_EQ(told.code(), cause.code());
    EXPECT_EQ(ReasonOf(told), reason);
    EXPECT_FALSE(absl::StrContains(told.message(), "redis"));
  }
}

TEST(StatusWireTest, DetailsAndMessageAreBounded) {
  ErrorBuilder error(absl::StatusCode::kInvalidArgument, "PACK_INVALID", std::string(2000, 'm'));
  for (int i = 0; i < 1000; ++i) error.Field(absl::StrCat("questions[", i, "].prompt"), "must be set");
  const absl::Status told = ForClient(error.Build(), "id");
  EXPECT_EQ(ReasonOf(told), "PACK_INVALID");
  EXPECT_EQ(told.message().size(), 512u);
  EXPECT_GT(FieldViolationsOf(told).size(), 50u);
  EXPECT_EQ(FieldViolationsOf(told).front().field, "questions[0].prompt");
  EXPECT_LT(ToGrpc(told).error_details().size(), 5000u);

  const absl::Status huge = ErrorBuilder(absl::StatusCode::kNotFound, "PACK_NOT_FOUND", "no")
                                .Resource("greenroom.dev/Pack", std::string(9000, 'x'))
                                .Metadata("name", std::string(9000, 'x'))
                                .Build();
  EXPECT_EQ(ReasonOf(ForClient(huge, "id")), "PACK_NOT_FOUND");
  EXPECT_LT(ToGrpc(ForClient(huge, "id")).error_details().size(), 5000u);
}

TEST(StatusWireTest, ForeignDetailsAreNoReason) {
  const grpc::Status plain(grpc::StatusCode::UNAVAILABLE, "connection refused");
  EXPECT_EQ(FromGrpc(plain), absl::UnavailableError("connection refused"));
  const grpc::Status garbage(grpc::StatusCode::NOT_FOUND, "no", "\xff\xff\xff");
  EXPECT_EQ(FromGrpc(garbage), absl::NotFoundError("no"));

  google::rpc::ErrorInfo info;
  info.set_reason("QUOTA");
  info.set_domain("elsewhere.example");
  google::rpc::Status foreign;
  foreign.set_code(8);
  foreign.add_details()->PackFrom(info);
  const grpc::Status wire(grpc::StatusCode::RESOURCE_EXHAUSTED, "no", foreign.SerializeAsString());
  EXPECT_EQ(ReasonOf(FromGrpc(wire)), "");
}

}  // namespace
}  // namespace greenroom
