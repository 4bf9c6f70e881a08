// PublishPack and CheckPack through a real server with real stubs, and a scoring service that is a real server too.
#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "services/content/domain/pack_reader.h"
#include "services/content/domain/revision.h"
#include "services/content/testing/authoring_test.h"

namespace greenroom::content {
namespace {

using testing::As;
using testing::Author;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::ImportRequest;
using testing::Learner;
using ::testing::Not;
using testing::PackYaml;
using testing::PublishRequest;
using ::testing::SizeIs;

class PublishPackTest : public testing::AuthoringTest {};

TEST_F(PublishPackTest, APublishedPackIsReadByLearnersAtOnce) {
  ASSERT_TRUE(Import(ImportRequest(PackYaml("ml"), 1)).ok());
  ExpectError(GetPack("tenants/-/packs/ml", Learner()), absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
  const auto published = Publish(PublishRequest("ml", 2));
  ASSERT_TRUE(published.ok()) << published.status();
  EXPECT_EQ(published->name(),
            "tenants/acme/packs/ml/revisions/" + RevisionId(ReadPack(PackYaml("ml")).pack));
  EXPECT_TRUE(published->current());
  EXPECT_EQ(published->question_count(), 2);
  EXPECT_EQ(published->change_number(), 1);
  EXPECT_EQ(published->publish_time().seconds(), absl::ToUnixSeconds(server_.clock.Now()));
  EXPECT_EQ(GetPack("tenants/-/packs/ml", Learner())->revision(), published->name());
  EXPECT_FALSE(GetPack("tenants/-/packs/ml")->has_draft());
}

TEST_F(PublishPackTest, APublicationIsCarriedOutOnce) {
  ASSERT_TRUE(Import(ImportRequest(PackYaml("ml"), 1)).ok());
  const auto first = Publish(PublishRequest("ml", 2));
  server_.scoring.FailWith(absl::UnavailableError("not needed"));
  const auto replayed = Publish(PublishRequest("ml", 2));
  ASSERT_TRUE(replayed.ok()) << replayed.status();
  EXPECT_EQ(replayed->SerializeAsString(), first->SerializeAsString());
  ExpectError(Publish(PublishRequest("ml", 2, "\"1\"")), absl::StatusCode::kAlreadyExists, "ID_REUSED");
  ExpectError(Publish(PublishRequest("ml", 3)), absl::StatusCode::kFailedPrecondition, "NOTHING_TO_PUBLISH");
}

TEST_F(PublishPackTest, AnEarlierRevisionBecomesCurrentAgain) {
  const std::string first = Put(PackYaml("ml"));
  const std::string second = Put(PackYaml("ml", "Second?"));
  EXPECT_EQ(Put(PackYaml("ml")), first);
  const auto revisions = ListRevisions("tenants/-/packs/ml");
  ASSERT_TRUE(revisions.ok()) << revisions.status();
  ASSERT_THAT(revisions->revisions(), SizeIs(2));
  EXPECT_THAT(revisions->revisions(0).name(), HasSubstr(second));
  EXPECT_FALSE(revisions->revisions(0).current());
  EXPECT_TRUE(revisions->revisions(1).current());
}

TEST_F(PublishPackTest, APackWhoseExamplesAreGradedOtherwiseIsNotPublished) {
  std::string yaml = PackYaml("ml");
  yaml.replace(yaml.find("10 poor"), 7, "90 poor");
  ASSERT_TRUE(Import(ImportRequest(yaml, 1)).ok());
  const auto refused = Publish(PublishRequest("ml", 2));
  ExpectError(refused, absl::StatusCode::kFailedPrecondition, "PACK_CHECK_FAILED");
  EXPECT_THAT(refused.status().ToString(), Not(HasSubstr("SECRET")));
  EXPECT_EQ(GetPack("tenants/-/packs/ml")->revision(), "");
  // The draft can be mended, and the id used again: nothing was done with it.
  ASSERT_TRUE(Import(ImportRequest(PackYaml("ml"), 3)).ok());
  EXPECT_TRUE(Publish(PublishRequest("ml", 2)).ok());
}

TEST_F(PublishPackTest, TheEtagGuardsAPublication) {
  const auto first = Import(ImportRequest(PackYaml("ml"), 1));
  const auto second = Import(ImportRequest(PackYaml("ml", "Changed?"), 2));
  const auto stale = Publish(PublishRequest("ml", 3, first->pack().etag()));
  ExpectError(stale, absl::StatusCode::kAborted, "ETAG_MISMATCH");
  EXPECT_EQ(MetadataOf(stale.status(), "etag"), second->pack().etag());
  ExpectError(Publish(PublishRequest("ml", 3, "nonsense")), absl::StatusCode::kAborted, "ETAG_MISMATCH");
  EXPECT_TRUE(Publish(PublishRequest("ml", 3, second->pack().etag())).ok());
}

TEST_F(PublishPackTest, ADraftThatChangesWhileItIsCheckedIsCheckedAgain) {
  ASSERT_TRUE(Import(ImportRequest(PackYaml("ml"), 1)).ok());
  std::atomic<bool> changed = false;
  server_.scoring.before_answer = [&] {
    if (!changed.exchange(true)) ASSERT_TRUE(Import(ImportRequest(PackYaml("ml", "Changed?"), 2)).ok());
  };
  const auto published = Publish(PublishRequest("ml", 3));
  ASSERT_TRUE(published.ok()) << published.status();
  EXPECT_THAT(published->name(), HasSubstr(RevisionId(ReadPack(PackYaml("ml", "Changed?")).pack)));
}

TEST_F(PublishPackTest, ADraftThatChangesUnderItsEtagIsNotPublished) {
  const auto imported = Import(ImportRequest(PackYaml("ml"), 1));
  std::atomic<bool> changed = false;
  server_.scoring.before_answer = [&] {
    if (!changed.exchange(true)) ASSERT_TRUE(Import(ImportRequest(PackYaml("ml", "Changed?"), 2)).ok());
  };
  ExpectError(Publish(PublishRequest("ml", 3, imported->pack().etag())), absl::StatusCode::kAborted,
              "ETAG_MISMATCH");
}

TEST_F(PublishPackTest, FieldsOfAPublicationMustBeRight) {
  ExpectBadFields(Publish(PublishRequest("Not An Id", 1)), {"name"});
  v1::PublishPackRequest request = PublishRequest("ml", 1);
  request.clear_request_id();
  ExpectBadFields(Publish(request), {"request_id"});
  ExpectError(Publish(PublishRequest("none", 1)), absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
}

TEST_F(PublishPackTest, ACheckGradesAllOfAPacksAnswersAsTheServiceItself) {
  v1::CheckPackRequest request;
  request.set_name("tenants/-");
  request.set_source(PackYaml("ml"));
  const auto checked = Check(request);
  ASSERT_TRUE(checked.ok()) << checked.status();
  EXPECT_TRUE(checked->passed());
  EXPECT_EQ(checked->examples(), 4);
  EXPECT_EQ(checked->examples_in_range(), 4);
  EXPECT_THAT(checked->results(), SizeIs(7));
  EXPECT_EQ(checked->results(1).score(), 80);
  EXPECT_EQ(server_.scoring.metadata()["x-greenroom-tenant"], "acme");
  EXPECT_THAT(server_.scoring.metadata()["authorization"], ::testing::StartsWith("Bearer "));
  EXPECT_TRUE(server_.scoring.last().has_inline_question());
  EXPECT_EQ(server_.scoring.last().inline_question().language(), "en");
  ExpectError(GetPack("tenants/-/packs/ml"), absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
}

TEST_F(PublishPackTest, ASourceThatIsNoPackIsNotGraded) {
  v1::CheckPackRequest request;
  request.set_name("tenants/-");
  request.set_source("pack: [");
  const auto checked = Check(request);
  ASSERT_TRUE(checked.ok()) << checked.status();
  EXPECT_FALSE(checked->passed());
  ASSERT_THAT(checked->issues(), SizeIs(1));
  EXPECT_EQ(checked->issues(0).code(), "yaml-syntax");
  EXPECT_EQ(server_.scoring.calls(), 0);
}

TEST_F(PublishPackTest, IssuesOfASourceHaveTheirPlace) {
  std::string yaml = PackYaml("ml");
  yaml.replace(yaml.find("10 poor"), 7, "90 poor");
  v1::CheckPackRequest request;
  request.set_name("tenants/-");
  request.set_source(yaml);
  const auto checked = Check(request);
  ASSERT_TRUE(checked.ok()) << checked.status();
  EXPECT_FALSE(checked->passed());
  std::vector<std::string> codes;
  for (const v1::Issue& issue : checked->issues()) {
    if (issue.severity() != v1::SEVERITY_ERROR) continue;
    codes.push_back(issue.code());
    if (issue.code() == "poor-above-good") EXPECT_GT(issue.line(), 0);
  }
  EXPECT_THAT(codes, ElementsAre("poor-above-good", "examples-out-of-range"));
}

TEST_F(PublishPackTest, WhatIsStoredCanBeChecked) {
  const std::string revision = Put(PackYaml("ml"));
  std::string bad = PackYaml("ml", "Changed?");
  bad.replace(bad.find("10 poor"), 7, "90 poor");
  ASSERT_TRUE(Import(ImportRequest(bad, 1)).ok());
  EXPECT_FALSE(Check("tenants/-/packs/ml")->passed()) << "the draft";
  EXPECT_TRUE(Check("tenants/-/packs/ml/revisions/" + revision)->passed());
  EXPECT_TRUE(Check("tenants/acme/packs/ml/revisions/current")->passed());
  ASSERT_TRUE(Import(ImportRequest(PackYaml("ml"), 2)).ok());
  EXPECT_TRUE(Check("tenants/-/packs/ml")->passed()) << "the current revision, as there is no draft";
  ExpectError(Check("tenants/-/packs/none"), absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
  ExpectError(Check("tenants/-/packs/ml/revisions/r1"), absl::StatusCode::kNotFound, "REVISION_NOT_FOUND");
  ExpectBadFields(Check("tenants/-"), {"name"});
  v1::CheckPackRequest both;
  both.set_name("tenants/-/packs/ml");
  both.set_source(PackYaml("ml"));
  ExpectBadFields(Check(both), {"name"});
  both.set_name("tenants/-");
  both.set_source(std::string((4 << 20) + 1, ' '));
  ExpectBadFields(Check(both), {"source"});
}

TEST_F(PublishPackTest, AQuestionThatTheGraderRefusesIsAnIssue) {
  ASSERT_TRUE(Import(ImportRequest(PackYaml("ml"), 1)).ok());
  server_.scoring.FailWith(
      ErrorBuilder(absl::StatusCode::kInvalidArgument, "QUESTION_NOT_GRADABLE", "no rubric").Build());
  const auto checked = Check("tenants/-/packs/ml");
  ASSERT_TRUE(checked.ok()) << checked.status();
  EXPECT_FALSE(checked->passed());
  ASSERT_THAT(checked->issues(), SizeIs(1));
  EXPECT_EQ(checked->issues(0).code(), "not-gradable");
  EXPECT_THAT(checked->issues(0).message(), HasSubstr("no rubric"));
  ExpectError(Publish(PublishRequest("ml", 2)), absl::StatusCode::kFailedPrecondition, "PACK_CHECK_FAILED");
}

TEST_F(PublishPackTest, ScoringThatFailsOrStallsIsUnavailable) {
  ASSERT_TRUE(Import(ImportRequest(PackYaml("ml"), 1)).ok());
  server_.scoring.FailWith(absl::UnavailableError("restarting"));
  ExpectError(Check("tenants/-/packs/ml"), absl::StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE");
  ExpectError(Publish(PublishRequest("ml", 2)), absl::StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE");
  server_.scoring.FailWith(
      ErrorBuilder(absl::StatusCode::kUnauthenticated, "CREDENTIAL_INVALID", "SECRET").Build());
  const auto refused = Check("tenants/-/packs/ml");
  ExpectError(refused, absl::StatusCode::kInternal, "INTERNAL");
  EXPECT_THAT(refused.status().ToString(), Not(HasSubstr("SECRET")));
  server_.scoring.FailWith(absl::OkStatus());
  server_.scoring.Stall();
  ExpectError(Check("tenants/-/packs/ml"), absl::StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE");
  const As hasty{{Role::kAuthor}, "acme", absl::Milliseconds(100)};
  EXPECT_EQ(Publish(PublishRequest("ml", 2), hasty).status().code(), absl::StatusCode::kDeadlineExceeded);
  server_.scoring.Stop();
  ExpectError(Check("tenants/-/packs/ml"), absl::StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE");
}

TEST_F(PublishPackTest, ACancelledCheckAsksForNoMore) {
  ASSERT_TRUE(Import(ImportRequest(PackYaml("ml"), 1)).ok());
  server_.scoring.Stall();
  grpc::ClientContext context;
  Author().Prepare(context);
  std::thread canceller([&] {
    server_.scoring.WaitForCall();
    context.TryCancel();
  });
  v1::CheckPackRequest request;
  request.set_name("tenants/-/packs/ml");
  v1::CheckPackResponse response;
  EXPECT_EQ(server_.authors->CheckPack(&context, request, &response).error_code(),
            grpc::StatusCode::CANCELLED);
  canceller.join();
  EXPECT_LE(server_.scoring.calls(), 2) << "as many as were under way at once";
}

}  // namespace
}  // namespace greenroom::content
