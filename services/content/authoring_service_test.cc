// ContentAuthoringService through a real server with real stubs, and a scoring service that is a real server too.
#include "services/content/authoring_service.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "services/content/domain/pack_reader.h"
#include "services/content/domain/pack_writer.h"
#include "services/content/domain/revision.h"
#include "services/content/testing/content_server.h"

namespace greenroom::content {
namespace {

using testing::As;
using testing::Ask;
using testing::Author;
using testing::ContentServer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Instructor;
using ::testing::IsEmpty;
using testing::Learner;
using ::testing::Not;
using testing::Operator;
using testing::PackYaml;
using testing::ServiceRole;
using ::testing::SizeIs;
using testing::Stranger;
using testing::Uuid;

using Stub = v1::ContentAuthoringService::Stub;

v1::ImportPackRequest ImportRequest(const std::string& yaml, int id) {
  v1::ImportPackRequest request;
  request.set_parent("tenants/-");
  request.set_format(v1::PACK_FORMAT_YAML);
  request.set_source(yaml);
  request.set_request_id(Uuid(id));
  return request;
}

v1::PublishPackRequest PublishRequest(const std::string& pack, int id, const std::string& etag = "") {
  v1::PublishPackRequest request;
  request.set_name("tenants/-/packs/" + pack);
  request.set_etag(etag);
  request.set_request_id(Uuid(id));
  return request;
}

class AuthoringServiceTest : public ::testing::Test {
 protected:
  absl::StatusOr<v1::ImportPackResponse> Import(const v1::ImportPackRequest& request,
                                                const As& as = Author()) {
    return Ask(*server_.authors, &Stub::ImportPack, request, as);
  }
  absl::StatusOr<v1::Revision> Publish(const v1::PublishPackRequest& request, const As& as = Author()) {
    return Ask(*server_.authors, &Stub::PublishPack, request, as);
  }
  absl::StatusOr<v1::CheckPackResponse> Check(const v1::CheckPackRequest& request, const As& as = Author()) {
    return Ask(*server_.authors, &Stub::CheckPack, request, as);
  }
  absl::StatusOr<v1::CheckPackResponse> Check(const std::string& name, const As& as = Author()) {
    v1::CheckPackRequest request;
    request.set_name(name);
    return Check(request, as);
  }
  absl::StatusOr<v1::ListRevisionsResponse> ListRevisions(const v1::ListRevisionsRequest& request,
                                                          const As& as = Author()) {
    return Ask(*server_.authors, &Stub::ListRevisions, request, as);
  }
  absl::StatusOr<v1::ListRevisionsResponse> ListRevisions(const std::string& parent,
                                                          const As& as = Author()) {
    v1::ListRevisionsRequest request;
    request.set_parent(parent);
    return ListRevisions(request, as);
  }
  absl::StatusOr<v1::ExportPackResponse> Export(const std::string& name, const As& as = Author()) {
    v1::ExportPackRequest request;
    request.set_name(name);
    return Ask(*server_.authors, &Stub::ExportPack, request, as);
  }
  absl::StatusOr<v1::Pack> GetPack(const std::string& name, const As& as = Author()) {
    v1::GetPackRequest request;
    request.set_name(name);
    return Ask(*server_.content, &v1::ContentService::Stub::GetPack, request, as);
  }

  // Imports and publishes; the revision's id.
  std::string Put(const std::string& yaml) {
    const auto imported = Import(ImportRequest(yaml, ++ids_));
    EXPECT_TRUE(imported.ok()) << imported.status();
    const std::string id = ReadPack(yaml).pack.pack();
    const auto published = Publish(PublishRequest(id, ++ids_));
    EXPECT_TRUE(published.ok()) << published.status();
    return published.ok() ? published->name().substr(published->name().rfind('/') + 1) : "";
  }

  template <typename Result>
  static void ExpectError(const Result& result, absl::StatusCode code, const std::string& reason) {
    EXPECT_EQ(result.status().code(), code) << result.status();
    EXPECT_EQ(ReasonOf(result.status()), reason) << result.status();
  }
  template <typename Result>
  static void ExpectBadFields(const Result& result, const std::vector<std::string>& fields) {
    ExpectError(result, absl::StatusCode::kInvalidArgument, "INVALID_REQUEST");
    std::vector<std::string> found;
    for (const FieldViolation& violation : FieldViolationsOf(result.status()))
      found.push_back(violation.field);
    EXPECT_EQ(found, fields);
  }

  ContentServer server_;
  int ids_ = 1000;
};

// --- ImportPack ---

TEST_F(AuthoringServiceTest, AnImportedPackIsADraft) {
  const auto imported = Import(ImportRequest(PackYaml("ml"), 1));
  ASSERT_TRUE(imported.ok()) << imported.status();
  EXPECT_FALSE(imported->replayed());
  EXPECT_EQ(imported->pack().name(), "tenants/acme/packs/ml");
  EXPECT_TRUE(imported->pack().has_draft());
  EXPECT_EQ(imported->pack().revision(), "");
  EXPECT_FALSE(imported->has_content());
  EXPECT_THAT(imported->issues(), IsEmpty());
  EXPECT_EQ(GetPack("tenants/-/packs/ml")->etag(), imported->pack().etag());
  const auto again = Import(ImportRequest(PackYaml("ml", "Changed?"), 2));
  EXPECT_NE(again->pack().etag(), imported->pack().etag());
  EXPECT_EQ(GetPack("tenants/-/packs/ml")->etag(), again->pack().etag());
}

TEST_F(AuthoringServiceTest, ValidateOnlyStoresNothingAndSaysAll) {
  v1::ImportPackRequest request = ImportRequest(PackYaml("ml"), 1);
  request.set_validate_only(true);
  request.clear_request_id();
  server_.store.FailWith(absl::UnavailableError("not needed"));
  const auto valid = Import(request);
  ASSERT_TRUE(valid.ok()) << valid.status();
  EXPECT_EQ(valid->content().questions_size(), 3);
  EXPECT_EQ(valid->pack().name(), "tenants/acme/packs/ml");
  EXPECT_EQ(valid->pack().question_count(), 2);
  request.set_source("format: greenroom-pack/1\npack: ml\nlanguage: en\nrole: R\nquestion: []\n");
  const auto invalid = Import(request);
  ASSERT_TRUE(invalid.ok()) << "the issues are the answer: " << invalid.status();
  ASSERT_THAT(invalid->issues(), SizeIs(2));
  EXPECT_EQ(invalid->issues(1).code(), "unknown-key");
  EXPECT_EQ(invalid->issues(1).line(), 5);
  EXPECT_EQ(invalid->issues(1).suggestion(), "questions");
  server_.store.FailWith(absl::OkStatus());
  ExpectError(GetPack("tenants/-/packs/ml"), absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
}

TEST_F(AuthoringServiceTest, ASourceThatIsNoPackIsRefusedWithItsIssues) {
  const auto refused = Import(ImportRequest("format: greenroom-pack/1\npack: ml\nwieght: 1\n", 1));
  ExpectError(refused, absl::StatusCode::kInvalidArgument, "PACK_INVALID");
  std::string all;
  for (const FieldViolation& violation : FieldViolationsOf(refused.status())) {
    EXPECT_EQ(violation.field, "source");
    all += violation.description + "\n";
  }
  EXPECT_THAT(all, HasSubstr("line 3, column 1: wieght"));
  ExpectError(GetPack("tenants/-/packs/ml"), absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
}

TEST_F(AuthoringServiceTest, AnImportIsCarriedOutOnce) {
  const v1::ImportPackRequest request = ImportRequest(PackYaml("ml"), 1);
  const auto first = Import(request);
  v1::ImportPackRequest upper = request;
  upper.set_parent("tenants/acme");
  upper.set_request_id("00000000-0000-4000-8000-10000000000A");
  v1::ImportPackRequest lower = upper;
  lower.set_parent("tenants/-");
  lower.set_request_id("00000000-0000-4000-8000-10000000000a");
  const auto replayed = Import(request);
  ASSERT_TRUE(replayed.ok()) << replayed.status();
  EXPECT_TRUE(replayed->replayed());
  EXPECT_EQ(replayed->pack().etag(), first->pack().etag());
  EXPECT_FALSE(Import(upper)->replayed());
  EXPECT_TRUE(Import(lower)->replayed()) << "the same id and meaning in other letters";
}

TEST_F(AuthoringServiceTest, AnIdIsUsedForOneThing) {
  ASSERT_TRUE(Import(ImportRequest(PackYaml("ml"), 1)).ok());
  ExpectError(Import(ImportRequest(PackYaml("ml", "Other?"), 1)), absl::StatusCode::kAlreadyExists,
              "ID_REUSED");
  ExpectError(Publish(PublishRequest("ml", 1)), absl::StatusCode::kAlreadyExists, "ID_REUSED");
  EXPECT_TRUE(Import(ImportRequest(PackYaml("ml", "Other?"), 1), Stranger()).ok()) << "ids are a tenant's";
}

TEST_F(AuthoringServiceTest, TheSameImportTwentyTimesAtOnceIsOne) {
  std::vector<std::thread> threads;
  std::atomic<int> written = 0;
  for (int i = 0; i < 20; ++i) {
    threads.emplace_back([&] {
      const auto imported = Import(ImportRequest(PackYaml("ml"), 1));
      ASSERT_TRUE(imported.ok()) << imported.status();
      if (!imported->replayed()) ++written;
      EXPECT_EQ(imported->pack().etag(), "\"1\"");
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(written, 1);
}

TEST_F(AuthoringServiceTest, PagesAreReadToo) {
  v1::ImportPackRequest request =
      ImportRequest("Site reliability interview prep\nWhat is an SLO?\nShow model answer\nA target.\n", 1);
  request.set_format(v1::PACK_FORMAT_PAGE);
  request.set_pack("sre");
  const auto imported = Import(request);
  ASSERT_TRUE(imported.ok()) << imported.status();
  EXPECT_EQ(imported->pack().name(), "tenants/acme/packs/sre");
  EXPECT_EQ(imported->pack().role(), "Site reliability");
}

TEST_F(AuthoringServiceTest, FieldsOfAnImportMustBeRight) {
  v1::ImportPackRequest request;
  ExpectBadFields(Import(request), {"format", "source", "request_id"});
  request = ImportRequest(PackYaml("ml"), 1);
  request.set_format(static_cast<v1::PackFormat>(9));
  ExpectBadFields(Import(request), {"format"});
  request = ImportRequest(PackYaml("ml"), 1);
  request.set_request_id("1");
  ExpectBadFields(Import(request), {"request_id"});
  request.set_validate_only(true);
  ExpectBadFields(Import(request), {"request_id"});
  request = ImportRequest(PackYaml("ml"), 1);
  request.set_parent("tenants/-/packs/ml");
  ExpectBadFields(Import(request), {"parent"});
  request = ImportRequest(PackYaml("ml"), 1);
  request.set_pack("ml");
  ExpectBadFields(Import(request), {"pack"});
  request.set_format(v1::PACK_FORMAT_PAGE);
  request.set_pack("Not An Id");
  ExpectBadFields(Import(request), {"pack"});
  request = ImportRequest(std::string((4 << 20) + 1, ' '), 1);
  ExpectBadFields(Import(request), {"source"});
}

TEST_F(AuthoringServiceTest, ATooLargeMessageIsRefusedUnread) {
  const absl::Status status = Import(ImportRequest(std::string((5 << 20) + 1000, ' '), 1)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
}

// --- PublishPack ---

TEST_F(AuthoringServiceTest, APublishedPackIsReadByLearnersAtOnce) {
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

TEST_F(AuthoringServiceTest, APublicationIsCarriedOutOnce) {
  ASSERT_TRUE(Import(ImportRequest(PackYaml("ml"), 1)).ok());
  const auto first = Publish(PublishRequest("ml", 2));
  server_.scoring.FailWith(absl::UnavailableError("not needed"));
  const auto replayed = Publish(PublishRequest("ml", 2));
  ASSERT_TRUE(replayed.ok()) << replayed.status();
  EXPECT_EQ(replayed->SerializeAsString(), first->SerializeAsString());
  ExpectError(Publish(PublishRequest("ml", 2, "\"1\"")), absl::StatusCode::kAlreadyExists, "ID_REUSED");
  ExpectError(Publish(PublishRequest("ml", 3)), absl::StatusCode::kFailedPrecondition, "NOTHING_TO_PUBLISH");
}

TEST_F(AuthoringServiceTest, AnEarlierRevisionBecomesCurrentAgain) {
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

TEST_F(AuthoringServiceTest, APackWhoseExamplesAreGradedOtherwiseIsNotPublished) {
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

TEST_F(AuthoringServiceTest, TheEtagGuardsAPublication) {
  const auto first = Import(ImportRequest(PackYaml("ml"), 1));
  const auto second = Import(ImportRequest(PackYaml("ml", "Changed?"), 2));
  const auto stale = Publish(PublishRequest("ml", 3, first->pack().etag()));
  ExpectError(stale, absl::StatusCode::kAborted, "ETAG_MISMATCH");
  EXPECT_EQ(MetadataOf(stale.status(), "etag"), second->pack().etag());
  ExpectError(Publish(PublishRequest("ml", 3, "nonsense")), absl::StatusCode::kAborted, "ETAG_MISMATCH");
  EXPECT_TRUE(Publish(PublishRequest("ml", 3, second->pack().etag())).ok());
}

TEST_F(AuthoringServiceTest, ADraftThatChangesWhileItIsCheckedIsCheckedAgain) {
  ASSERT_TRUE(Import(ImportRequest(PackYaml("ml"), 1)).ok());
  std::atomic<bool> changed = false;
  server_.scoring.before_answer = [&] {
    if (!changed.exchange(true)) ASSERT_TRUE(Import(ImportRequest(PackYaml("ml", "Changed?"), 2)).ok());
  };
  const auto published = Publish(PublishRequest("ml", 3));
  ASSERT_TRUE(published.ok()) << published.status();
  EXPECT_THAT(published->name(), HasSubstr(RevisionId(ReadPack(PackYaml("ml", "Changed?")).pack)));
}

TEST_F(AuthoringServiceTest, ADraftThatChangesUnderItsEtagIsNotPublished) {
  const auto imported = Import(ImportRequest(PackYaml("ml"), 1));
  std::atomic<bool> changed = false;
  server_.scoring.before_answer = [&] {
    if (!changed.exchange(true)) ASSERT_TRUE(Import(ImportRequest(PackYaml("ml", "Changed?"), 2)).ok());
  };
  ExpectError(Publish(PublishRequest("ml", 3, imported->pack().etag())), absl::StatusCode::kAborted,
              "ETAG_MISMATCH");
}

TEST_F(AuthoringServiceTest, FieldsOfAPublicationMustBeRight) {
  ExpectBadFields(Publish(PublishRequest("Not An Id", 1)), {"name"});
  v1::PublishPackRequest request = PublishRequest("ml", 1);
  request.clear_request_id();
  ExpectBadFields(Publish(request), {"request_id"});
  ExpectError(Publish(PublishRequest("none", 1)), absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
}

// --- CheckPack ---

TEST_F(AuthoringServiceTest, ACheckGradesAllOfAPacksAnswersAsTheServiceItself) {
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

TEST_F(AuthoringServiceTest, ASourceThatIsNoPackIsNotGraded) {
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

TEST_F(AuthoringServiceTest, IssuesOfASourceHaveTheirPlace) {
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

TEST_F(AuthoringServiceTest, WhatIsStoredCanBeChecked) {
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

TEST_F(AuthoringServiceTest, AQuestionThatTheGraderRefusesIsAnIssue) {
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

TEST_F(AuthoringServiceTest, ScoringThatFailsOrStallsIsUnavailable) {
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

TEST_F(AuthoringServiceTest, ACancelledCheckAsksForNoMore) {
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

// --- ListRevisions, ExportPack ---

TEST_F(AuthoringServiceTest, RevisionsComeInPagesNewestFirst) {
  for (const char* prompt : {"One?", "Two?", "Three?"}) Put(PackYaml("ml", prompt));
  v1::ListRevisionsRequest request;
  request.set_parent("tenants/acme/packs/ml");
  request.set_page_size(2);
  const auto first = ListRevisions(request);
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_THAT(first->revisions(), SizeIs(2));
  EXPECT_EQ(first->revisions(0).change_number(), 3);
  EXPECT_TRUE(first->revisions(0).current());
  request.set_page_token(first->next_page_token());
  const auto second = ListRevisions(request);
  ASSERT_TRUE(second.ok()) << second.status();
  ASSERT_THAT(second->revisions(), SizeIs(1));
  EXPECT_EQ(second->revisions(0).change_number(), 1);
  EXPECT_EQ(second->next_page_token(), "");
  Put(PackYaml("other"));
  request.set_parent("tenants/-/packs/other");
  ExpectError(ListRevisions(request), absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID");
  request.clear_page_token();
  request.set_page_size(-1);
  ExpectBadFields(ListRevisions(request), {"page_size"});
  ExpectBadFields(ListRevisions("tenants/-"), {"parent"});
  ExpectError(ListRevisions("tenants/-/packs/none"), absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
  ASSERT_TRUE(Import(ImportRequest(PackYaml("draft"), 1)).ok());
  EXPECT_THAT(ListRevisions("tenants/-/packs/draft")->revisions(), IsEmpty());
}

TEST_F(AuthoringServiceTest, WhatIsExportedIsImportedAsTheSame) {
  const std::string revision = Put(PackYaml("ml"));
  ASSERT_TRUE(Import(ImportRequest(PackYaml("ml", "Draft?"), 1)).ok());
  const auto draft = Export("tenants/-/packs/ml");
  ASSERT_TRUE(draft.ok()) << draft.status();
  EXPECT_EQ(ReadPack(draft->source()).pack.questions(0).prompt(), "Draft?");
  EXPECT_EQ(draft->revision(), RevisionId(ReadPack(PackYaml("ml", "Draft?")).pack));
  for (const char* name :
       {"tenants/-/packs/ml/revisions/current", "tenants/acme/packs/ml/revisions/current"}) {
    const auto published = Export(name);
    ASSERT_TRUE(published.ok()) << published.status();
    EXPECT_EQ(published->revision(), revision);
    const ReadResult read = ReadPack(published->source());
    EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(read.pack, ReadPack(PackYaml("ml")).pack));
  }
  EXPECT_EQ(Export("tenants/-/packs/ml/revisions/" + revision)->revision(), revision);
  ExpectError(Export("tenants/-/packs/none"), absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
  ExpectError(Export("tenants/-/packs/ml/revisions/r1"), absl::StatusCode::kNotFound, "REVISION_NOT_FOUND");
  ExpectBadFields(Export("ml"), {"name"});
}

TEST_F(AuthoringServiceTest, ARevisionNeverChanges) {
  const std::string revision = Put(PackYaml("ml"));
  const std::string before = Export("tenants/-/packs/ml/revisions/" + revision)->source();
  Put(PackYaml("ml", "Changed?"));
  ASSERT_TRUE(Import(ImportRequest(PackYaml("ml", "Again?"), 1)).ok());
  EXPECT_EQ(Export("tenants/-/packs/ml/revisions/" + revision)->source(), before);
}

// --- who, whose, and what fails ---

TEST_F(AuthoringServiceTest, AnotherTenantsPacksAreNotThere) {
  Put(PackYaml("ml"));
  v1::ImportPackRequest import = ImportRequest(PackYaml("ml"), 1);
  import.set_parent("tenants/acme");
  ExpectError(Import(import, Stranger()), absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
  v1::PublishPackRequest publish = PublishRequest("ml", 2);
  publish.set_name("tenants/acme/packs/ml");
  ExpectError(Publish(publish, Stranger()), absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
  for (const char* name : {"tenants/acme/packs/ml", "tenants/-/packs/ml"}) {
    ExpectError(Check(name, Stranger()), absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
    ExpectError(ListRevisions(name, Stranger()), absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
    ExpectError(Export(name, Stranger()), absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
  }
  ExpectError(Export("tenants/acme/packs/ml/revisions/current", Stranger()), absl::StatusCode::kNotFound,
              "PACK_NOT_FOUND");
}

TEST_F(AuthoringServiceTest, RolesDecideWhoMayCall) {
  Put(PackYaml("ml"));
  const std::string pack = "tenants/-/packs/ml";
  int id = 1;
  for (const As& as : {Author(), Operator()}) {
    EXPECT_TRUE(Import(ImportRequest(PackYaml("ml", "By " + as.roles.ToString()), ++id), as).ok());
    EXPECT_TRUE(Check(pack, as).ok());
    EXPECT_TRUE(Publish(PublishRequest("ml", ++id), as).ok());
  }
  for (const As& as : {Learner(), Instructor(), ServiceRole()}) {
    ExpectError(Import(ImportRequest(PackYaml("ml"), ++id), as), absl::StatusCode::kPermissionDenied,
                "ROLE_FORBIDS");
    ExpectError(Check(pack, as), absl::StatusCode::kPermissionDenied, "ROLE_FORBIDS");
    ExpectError(Publish(PublishRequest("ml", ++id), as), absl::StatusCode::kPermissionDenied, "ROLE_FORBIDS");
  }
  for (const As& as : {Author(), Operator(), Instructor(), ServiceRole()}) {
    EXPECT_TRUE(ListRevisions(pack, as).ok());
    EXPECT_TRUE(Export(pack, as).ok());
  }
  ExpectError(ListRevisions(pack, Learner()), absl::StatusCode::kPermissionDenied, "ROLE_FORBIDS");
  ExpectError(Export(pack, Learner()), absl::StatusCode::kPermissionDenied, "ROLE_FORBIDS");
}

TEST_F(AuthoringServiceTest, AStoreThatFailsIsUnavailable) {
  Put(PackYaml("ml"));
  server_.store.FailWith(absl::UnavailableError("gone"));
  const std::string pack = "tenants/-/packs/ml";
  for (const absl::Status& status :
       {Import(ImportRequest(PackYaml("ml", "New?"), 1)).status(), Publish(PublishRequest("ml", 2)).status(),
        Check(pack).status(), ListRevisions(pack).status(), Export(pack).status()}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
    EXPECT_EQ(ReasonOf(status), "DEPENDENCY_UNAVAILABLE");
  }
}

TEST_F(AuthoringServiceTest, CallsEndAtTheirDeadlineWhileTheStoreStalls) {
  Put(PackYaml("ml"));
  server_.store.Stall();
  const As hasty{{Role::kAuthor}, "acme", absl::Milliseconds(100)};
  const std::string pack = "tenants/-/packs/ml";
  for (const absl::Status& status :
       {Import(ImportRequest(PackYaml("ml", "New?"), 1), hasty).status(),
        Publish(PublishRequest("ml", 2), hasty).status(), Check(pack, hasty).status(),
        ListRevisions(pack, hasty).status(), Export(pack, hasty).status()}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded) << status;
  }
  server_.store.Resume();
  EXPECT_FALSE(Import(ImportRequest(PackYaml("ml", "New?"), 1))->replayed()) << "nothing had been written";
}

}  // namespace
}  // namespace greenroom::content
