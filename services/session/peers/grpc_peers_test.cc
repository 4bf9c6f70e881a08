// The adapters, against real servers.
#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/base/fake_clock.h"
#include "services/base/status.h"
#include "services/base/status_wire.h"
#include "services/session/peers/grpc_catalogue.h"
#include "services/session/peers/grpc_grader.h"

namespace greenroom::session {
namespace {

// What a call carried besides its request.
std::map<std::string, std::string> MetadataOfCall(const grpc::ServerContext& context) {
  std::map<std::string, std::string> metadata;
  for (const auto& [key, value] : context.client_metadata()) {
    metadata[std::string(key.data(), key.size())] = std::string(value.data(), value.size());
  }
  return metadata;
}

class FakeContent final : public content::v1::ContentService::Service {
 public:
  grpc::Status ListQuestions(grpc::ServerContext* context, const content::v1::ListQuestionsRequest* request,
                             content::v1::ListQuestionsResponse* response) override {
    metadata = MetadataOfCall(*context);
    if (!failure.ok()) return ToGrpc(failure);
    EXPECT_EQ(request->view(), content::v1::QUESTION_VIEW_FULL);
    const int page = request->page_token().empty() ? 0 : 1;
    for (int i = 0; i < 2; ++i) response->add_questions()->set_id(absl::StrCat("q", 2 * page + i));
    if (page == 0) response->set_next_page_token("more");
    response->set_revision(request->parent());
    return grpc::Status::OK;
  }
  grpc::Status GetPack(grpc::ServerContext* context, const content::v1::GetPackRequest* request,
                       content::v1::Pack* response) override {
    metadata = MetadataOfCall(*context);
    if (!failure.ok()) return ToGrpc(failure);
    response->set_name(request->name());
    response->set_revision(revision);
    response->set_visibility(content::v1::VISIBILITY_EXAM);
    response->set_offline(content::v1::OFFLINE_POLICY_FULL);
    return grpc::Status::OK;
  }
  absl::Status failure;
  std::string revision = "tenants/acme/packs/p/revisions/r1";
  std::map<std::string, std::string> metadata;
};

class FakeScoring final : public scoring::v1::ScoringService::Service {
 public:
  grpc::Status GradeAnswer(grpc::ServerContext* context, const scoring::v1::GradeAnswerRequest* request,
                           scoring::v1::GradeAnswerResponse* response) override {
    metadata = MetadataOfCall(*context);
    while (stall && !context->IsCancelled()) std::this_thread::yield();
    if (!failure.ok()) return ToGrpc(failure);
    response->mutable_report()->set_question(request->question());
    response->mutable_report()->set_score(static_cast<int32_t>(request->answer().size()));
    for (const scoring::v1::GradedAnswer& one : request->graded()) graded += one.ShortDebugString() + "\n";
    return grpc::Status::OK;
  }
  absl::Status failure;
  std::atomic<bool> stall = false;
  std::map<std::string, std::string> metadata;
  std::string graded;
};

class GrpcPeersTest : public ::testing::Test {
 protected:
  GrpcPeersTest() : credentials_(auth::SigningKey::Generate().value(), "session", clock_) {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&content_);
    builder.RegisterService(&scoring_);
    server_ = builder.BuildAndStart();
    const auto channel =
        grpc::CreateChannel(absl::StrCat("127.0.0.1:", port), grpc::InsecureChannelCredentials());
    catalogue_ = std::make_unique<GrpcCatalogue>(channel, credentials_);
    grader_ = std::make_unique<GrpcGrader>(channel, credentials_);
  }
  static OutgoingCall Soon() { return OutgoingCall(absl::Now() + absl::Seconds(10)); }
  absl::StatusOr<std::shared_ptr<const RevisionContent>> Revision() {
    return SyncWait(catalogue_->GetRevision({"acme", "ada"}, "tenants/acme/packs/p/revisions/r1", Soon()));
  }
  absl::StatusOr<PackSummary> Pack() {
    return SyncWait(
        catalogue_->GetPack({"acme", "ada"}, "tenants/acme/packs/p", Freshness::kCurrent, Soon()));
  }
  absl::StatusOr<scoring::v1::Report> Grade(OutgoingCall call = Soon()) {
    return SyncWait(grader_->Grade({"acme", "ada"}, "the question", "12345", graded_, std::move(call)));
  }

  FakeClock clock_;
  auth::ServiceCredentials credentials_;
  FakeContent content_;
  FakeScoring scoring_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<GrpcCatalogue> catalogue_;
  std::unique_ptr<GrpcGrader> grader_;
  std::vector<scoring::v1::GradedAnswer> graded_;
};

TEST_F(GrpcPeersTest, AllPagesOfARevisionAreRead) {
  auto revision = Revision();
  ASSERT_TRUE(revision.ok()) << revision.status();
  EXPECT_EQ((*revision)->name, "tenants/acme/packs/p/revisions/r1");
  ASSERT_EQ((*revision)->questions.size(), 4);
  EXPECT_NE((*revision)->Find("q3"), nullptr);
  EXPECT_EQ((*revision)->Find("q4"), nullptr);
}

TEST_F(GrpcPeersTest, CallsSayWhoseTheyAre) {
  ASSERT_TRUE(Revision().ok());
  ASSERT_TRUE(Grade().ok());
  for (const auto* metadata : {&content_.metadata, &scoring_.metadata}) {
    EXPECT_THAT(metadata->at("authorization"), ::testing::StartsWith("Bearer "));
    EXPECT_EQ(metadata->at("x-greenroom-tenant"), "acme");
    EXPECT_EQ(metadata->at("x-greenroom-learner"), "ada");
  }
}

TEST_F(GrpcPeersTest, APackIsItsCurrentRevisionAndVisibility) {
  auto pack = Pack();
  ASSERT_TRUE(pack.ok()) << pack.status();
  EXPECT_EQ(pack->current_revision, "tenants/acme/packs/p/revisions/r1");
  EXPECT_EQ(pack->visibility, content::v1::VISIBILITY_EXAM);
  EXPECT_EQ(pack->offline, content::v1::OFFLINE_POLICY_FULL);
  content_.revision.clear();  // nothing is published
  EXPECT_EQ(ReasonOf(Pack().status()), "PACK_NOT_FOUND");
}

TEST_F(GrpcPeersTest, OnlyTheCataloguesOwnErrorsPass) {
  content_.failure = ErrorBuilder(absl::StatusCode::kNotFound, "REVISION_NOT_FOUND", "none").Build();
  EXPECT_EQ(ReasonOf(Revision().status()), "REVISION_NOT_FOUND");
  EXPECT_EQ(Revision().status().code(), absl::StatusCode::kNotFound);
  for (absl::StatusCode code : {absl::StatusCode::kUnauthenticated, absl::StatusCode::kPermissionDenied,
                                absl::StatusCode::kInternal, absl::StatusCode::kInvalidArgument}) {
    content_.failure = ErrorBuilder(code, "ROLE_FORBIDS", "not of the client's making").Build();
    EXPECT_EQ(Revision().status().code(), absl::StatusCode::kUnavailable);
    EXPECT_EQ(ReasonOf(Pack().status()), "DEPENDENCY_UNAVAILABLE");
  }
}

TEST_F(GrpcPeersTest, AGradeIsTheWholeReport) {
  auto report = Grade();
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->question(), "the question");
  EXPECT_EQ(report->score(), 5);
  EXPECT_EQ(scoring_.graded, "");
  graded_.resize(2);
  graded_[0].set_answer("one");
  graded_[0].set_score(70);
  (*graded_[1].mutable_credits())["item"] = 0.5;
  ASSERT_TRUE(Grade().ok());
  EXPECT_EQ(scoring_.graded,
            absl::StrCat(graded_[0].ShortDebugString(), "\n", graded_[1].ShortDebugString(), "\n"));
  graded_.clear();
  scoring_.failure = ErrorBuilder(absl::StatusCode::kInvalidArgument, "QUESTION_NOT_GRADABLE", "no").Build();
  EXPECT_EQ(OwnFailure(Grade().status()), "QUESTION_NOT_GRADABLE");
}

TEST_F(GrpcPeersTest, ALateGradeIsDropped) {
  scoring_.stall = true;
  const absl::Time began = absl::Now();
  EXPECT_EQ(Grade(Soon().Within(absl::Milliseconds(100))).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_LT(absl::Now() - began, absl::Seconds(5));
  scoring_.stall = false;
}

TEST_F(GrpcPeersTest, AGraderThatIsDownIsNotWaitedFor) {
  server_->Shutdown();
  const absl::Time began = absl::Now();
  EXPECT_EQ(Grade().status().code(), absl::StatusCode::kUnavailable);
  EXPECT_LT(absl::Now() - began, absl::Seconds(5));
}

}  // namespace
}  // namespace greenroom::session
