// ContentService through a real server with real stubs.
#include "services/content/service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "services/content/domain/pack_reader.h"
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

using Stub = v1::ContentService::Stub;

class ContentServiceTest : public ::testing::Test {
 protected:
  // Puts a pack into the store, past the service.
  std::string Store(const std::string& yaml, bool publish = true, const std::string& tenant = "acme") {
    const ReadResult read = ReadPack(yaml);
    EXPECT_TRUE(read.ok()) << (read.issues.empty() ? "" : IssueText(read.issues[0]));
    const Caller caller{tenant, "ann", "ann", {Role::kAuthor}};
    std::string revision = RevisionId(read.pack);
    const absl::Time soon = absl::Now() + absl::Seconds(20);
    EXPECT_TRUE(SyncWait(server_.store.SaveDraft(caller, read.pack, revision, 0, {Uuid(++ids_), "d"},
                                                 server_.clock.Now(), soon))
                    .ok());
    if (publish) {
      EXPECT_TRUE(SyncWait(server_.store.Publish(caller, read.pack.pack(), revision, 0, {Uuid(++ids_), "d"},
                                                 server_.clock.Now(), soon))
                      .ok());
    }
    return revision;
  }

  absl::StatusOr<v1::ListPacksResponse> ListPacks(const v1::ListPacksRequest& request,
                                                  const As& as = Learner()) {
    return Ask(*server_.content, &Stub::ListPacks, request, as);
  }
  absl::StatusOr<v1::ListPacksResponse> ListPacks(const std::string& parent, const As& as = Learner()) {
    v1::ListPacksRequest request;
    request.set_parent(parent);
    return ListPacks(request, as);
  }
  absl::StatusOr<v1::Pack> GetPack(const std::string& name, const As& as = Learner()) {
    v1::GetPackRequest request;
    request.set_name(name);
    return Ask(*server_.content, &Stub::GetPack, request, as);
  }
  absl::StatusOr<v1::ListQuestionsResponse> ListQuestions(const v1::ListQuestionsRequest& request,
                                                          const As& as = Learner()) {
    return Ask(*server_.content, &Stub::ListQuestions, request, as);
  }
  absl::StatusOr<v1::ListQuestionsResponse> ListQuestions(
      const std::string& parent, const As& as = Learner(),
      v1::QuestionView view = v1::QUESTION_VIEW_UNSPECIFIED) {
    v1::ListQuestionsRequest request;
    request.set_parent(parent);
    request.set_view(view);
    return ListQuestions(request, as);
  }
  absl::StatusOr<v1::Question> GetQuestion(const std::string& name, const As& as = Learner(),
                                           v1::QuestionView view = v1::QUESTION_VIEW_UNSPECIFIED) {
    v1::GetQuestionRequest request;
    request.set_name(name);
    request.set_view(view);
    return Ask(*server_.content, &Stub::GetQuestion, request, as);
  }

  template <typename Result>
  static void ExpectError(const Result& result, absl::StatusCode code, const std::string& reason) {
    EXPECT_EQ(result.status().code(), code) << result.status();
    EXPECT_EQ(ReasonOf(result.status()), reason) << result.status();
  }
  template <typename Result>
  static void ExpectBadField(const Result& result, const std::string& field) {
    ExpectError(result, absl::StatusCode::kInvalidArgument, "INVALID_REQUEST");
    const std::vector<FieldViolation> violations = FieldViolationsOf(result.status());
    ASSERT_THAT(violations, SizeIs(1));
    EXPECT_EQ(violations[0].field, field);
  }

  static std::vector<std::string> Ids(const v1::ListPacksResponse& response) {
    std::vector<std::string> ids;
    for (const v1::Pack& pack : response.packs()) ids.push_back(pack.name());
    return ids;
  }

  ContentServer server_;
  int ids_ = 0;
};

TEST_F(ContentServiceTest, GetPackTellsWhatIsPublished) {
  const std::string revision = Store(PackYaml("ml"));
  const auto pack = GetPack("tenants/-/packs/ml", Author());
  ASSERT_TRUE(pack.ok()) << pack.status();
  EXPECT_EQ(pack->name(), "tenants/acme/packs/ml");
  EXPECT_EQ(pack->revision(), "tenants/acme/packs/ml/revisions/" + revision);
  EXPECT_EQ(pack->role(), "Engineer");
  EXPECT_EQ(pack->visibility(), v1::VISIBILITY_PRACTICE);
  EXPECT_EQ(pack->offline(), v1::OFFLINE_POLICY_NONE);
  EXPECT_EQ(pack->question_count(), 2) << "without follow-ups";
  EXPECT_EQ(pack->publish_time().seconds(), absl::ToUnixSeconds(server_.clock.Now()));
  EXPECT_THAT(pack->etag(), Not(IsEmpty()));
  EXPECT_FALSE(pack->has_draft());
  EXPECT_EQ(pack->tips(0).check().rubric().point(), "SECRET tip");
}

TEST_F(ContentServiceTest, ALearnersPackHasNoRubricsAndNothingOfTheAuthors) {
  Store(PackYaml("ml"));
  Store(PackYaml("ml", "Changed?"), false);
  const auto pack = GetPack("tenants/acme/packs/ml");
  ASSERT_TRUE(pack.ok()) << pack.status();
  EXPECT_EQ(pack->etag(), "");
  EXPECT_FALSE(pack->has_draft());
  ASSERT_EQ(pack->tips_size(), 2);
  EXPECT_THAT(pack->tips(0).check().kinds(), ElementsAre(v1::QUESTION_KIND_CONCEPT));
  EXPECT_THAT(pack->SerializeAsString(), Not(HasSubstr("SECRET")));
  EXPECT_TRUE(GetPack("tenants/acme/packs/ml", Author())->has_draft());
}

TEST_F(ContentServiceTest, DraftsAreSeenByThoseWhoWriteAndTeach) {
  Store(PackYaml("draft"), false);
  for (const As& as : {Author(), Instructor(), Operator()}) {
    const auto pack = GetPack("tenants/-/packs/draft", as);
    ASSERT_TRUE(pack.ok()) << pack.status();
    EXPECT_EQ(pack->revision(), "");
    EXPECT_FALSE(pack->has_publish_time());
    EXPECT_TRUE(pack->has_draft());
    EXPECT_THAT(ListPacks("tenants/-", as)->packs(), SizeIs(1));
  }
  for (const As& as : {Learner(), ServiceRole()}) {
    ExpectError(GetPack("tenants/-/packs/draft", as), absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
    EXPECT_THAT(ListPacks("tenants/-", as)->packs(), IsEmpty());
  }
  ExpectError(ListQuestions("tenants/-/packs/draft/revisions/current", Author()), absl::StatusCode::kNotFound,
              "REVISION_NOT_FOUND");
}

TEST_F(ContentServiceTest, ExamPacksAreHiddenFromLearners) {
  const std::string revision = Store(PackYaml("exam", "What?", "visibility: exam\n"));
  const std::string name = "tenants/acme/packs/exam";
  ExpectError(GetPack(name), absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
  EXPECT_THAT(ListPacks("tenants/-")->packs(), IsEmpty());
  ExpectError(ListQuestions(name + "/revisions/current"), absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
  ExpectError(GetQuestion(name + "/revisions/" + revision + "/questions/one"), absl::StatusCode::kNotFound,
              "PACK_NOT_FOUND");
  for (const As& as : {Author(), Instructor(), Operator(), ServiceRole()}) {
    EXPECT_TRUE(GetPack(name, as).ok());
    EXPECT_THAT(ListPacks("tenants/-", as)->packs(), SizeIs(1));
    EXPECT_TRUE(ListQuestions(name + "/revisions/current", as).ok());
  }
}

TEST_F(ContentServiceTest, ARevisionThatWasForExamsStaysHidden) {
  const std::string exam = Store(PackYaml("ml", "What?", "visibility: exam\n"));
  Store(PackYaml("ml"));
  EXPECT_TRUE(GetPack("tenants/-/packs/ml").ok());
  ExpectError(ListQuestions("tenants/-/packs/ml/revisions/" + exam), absl::StatusCode::kNotFound,
              "REVISION_NOT_FOUND");
}

TEST_F(ContentServiceTest, BasicHoldsNothingOfTheAnswer) {
  const std::string revision = Store(PackYaml("ml"));
  const std::string parent = "tenants/acme/packs/ml/revisions/" + revision;
  for (const As& as : {Learner(), Author(), Instructor(), Operator(), ServiceRole()}) {
    const auto listed = ListQuestions(parent, as);
    ASSERT_TRUE(listed.ok()) << listed.status();
    EXPECT_EQ(listed->revision(), parent);
    ASSERT_THAT(listed->questions(), SizeIs(2)) << "follow-ups are not listed";
    EXPECT_THAT(listed->SerializeAsString(), Not(HasSubstr("SECRET")));
    EXPECT_THAT(listed->SerializeAsString(), Not(HasSubstr("told")));
    const auto question = GetQuestion(parent + "/questions/one", as, v1::QUESTION_VIEW_BASIC);
    ASSERT_TRUE(question.ok()) << question.status();
    EXPECT_EQ(question->SerializeAsString(), listed->questions(0).SerializeAsString());
    EXPECT_EQ(question->name(), parent + "/questions/one");
    EXPECT_EQ(question->prompt(), "What is it?");
    EXPECT_EQ(question->language(), "en");
    EXPECT_EQ(question->hint_count(), 1);
    ASSERT_THAT(question->tips(), SizeIs(1)) << "a tip without a check, or of another kind, does not apply";
    EXPECT_EQ(question->tips(0).text(), "Watch it.");
    EXPECT_EQ(listed->questions(1).tips_size(), 0);
  }
}

TEST_F(ContentServiceTest, AnUnknownViewIsRead) {
  Store(PackYaml("ml"));
  const auto question = GetQuestion("tenants/-/packs/ml/revisions/current/questions/one", Learner(),
                                    static_cast<v1::QuestionView>(7));
  ASSERT_TRUE(question.ok()) << question.status();
  EXPECT_EQ(question->model_answer(), "");
}

TEST_F(ContentServiceTest, FullIsForAuthorsInstructorsAndServices) {
  Store(PackYaml("ml"));
  const std::string parent = "tenants/-/packs/ml/revisions/current";
  for (const As& as : {Author(), Instructor(), ServiceRole()}) {
    const auto listed = ListQuestions(parent, as, v1::QUESTION_VIEW_FULL);
    ASSERT_TRUE(listed.ok()) << listed.status();
    ASSERT_THAT(listed->questions(), SizeIs(3)) << "with follow-ups";
    const v1::Question& one = listed->questions(0);
    EXPECT_EQ(one.model_answer(), "95 SECRET model");
    EXPECT_EQ(one.rubric(0).point(), "SECRET point");
    EXPECT_EQ(one.examples_size(), 4);
    EXPECT_EQ(one.tips(0).check().rubric().point(), "SECRET tip");
    const auto question = GetQuestion(parent + "/questions/one", as, v1::QUESTION_VIEW_FULL);
    ASSERT_TRUE(question.ok()) << question.status();
    EXPECT_EQ(question->SerializeAsString(), one.SerializeAsString());
  }
  for (const As& as : {Learner(), Operator()}) {
    ExpectError(ListQuestions(parent, as, v1::QUESTION_VIEW_FULL), absl::StatusCode::kPermissionDenied,
                "ROLE_FORBIDS");
    ExpectError(GetQuestion(parent + "/questions/one", as, v1::QUESTION_VIEW_FULL),
                absl::StatusCode::kPermissionDenied, "ROLE_FORBIDS");
    ExpectError(
        GetQuestion("tenants/-/packs/none/revisions/current/questions/one", as, v1::QUESTION_VIEW_FULL),
        absl::StatusCode::kPermissionDenied, "ROLE_FORBIDS");
  }
}

TEST_F(ContentServiceTest, WhatIsAbsentIsNotFound) {
  Store(PackYaml("ml"));
  ExpectError(GetPack("tenants/-/packs/none"), absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
  ExpectError(ListQuestions("tenants/-/packs/none/revisions/current"), absl::StatusCode::kNotFound,
              "PACK_NOT_FOUND");
  ExpectError(ListQuestions("tenants/-/packs/ml/revisions/r1"), absl::StatusCode::kNotFound,
              "REVISION_NOT_FOUND");
  ExpectError(GetQuestion("tenants/-/packs/none/revisions/current/questions/one"),
              absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
  ExpectError(GetQuestion("tenants/-/packs/ml/revisions/r1/questions/one"), absl::StatusCode::kNotFound,
              "REVISION_NOT_FOUND");
  ExpectError(GetQuestion("tenants/-/packs/ml/revisions/current/questions/none"), absl::StatusCode::kNotFound,
              "QUESTION_NOT_FOUND");
  EXPECT_EQ(ResourceOf(GetPack("tenants/-/packs/none").status()), "tenants/-/packs/none");
}

TEST_F(ContentServiceTest, AnotherTenantsPacksAreNotThere) {
  const std::string revision = Store(PackYaml("ml"));
  Store(PackYaml("theirs"), true, "other");
  ExpectError(GetPack("tenants/acme/packs/ml", Stranger()), absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
  ExpectError(GetPack("tenants/-/packs/ml", Stranger()), absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
  ExpectError(ListPacks("tenants/acme", Stranger()), absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
  ExpectError(ListQuestions("tenants/acme/packs/ml/revisions/" + revision, Stranger()),
              absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
  ExpectError(GetQuestion("tenants/acme/packs/ml/revisions/current/questions/one", Stranger()),
              absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
  EXPECT_THAT(Ids(*ListPacks("tenants/-")), ElementsAre("tenants/acme/packs/ml"));
  EXPECT_THAT(Ids(*ListPacks("tenants/-", Stranger())), ElementsAre("tenants/other/packs/theirs"));
}

TEST_F(ContentServiceTest, NamesMustHaveTheirForm) {
  for (const char* bad :
       {"", "packs/ml", "tenants/-/packs/", "tenants/-/packs/UPPER", "tenants/-/packs/ml/x"}) {
    ExpectBadField(GetPack(bad), "name");
  }
  ExpectBadField(ListPacks(""), "parent");
  ExpectBadField(ListPacks("tenants/-/packs/ml"), "parent");
  ExpectBadField(ListQuestions("tenants/-/packs/ml"), "parent");
  ExpectBadField(GetQuestion("tenants/-/packs/ml/revisions/current"), "name");
}

TEST_F(ContentServiceTest, PagesOfPacks) {
  for (const char* id : {"a", "b", "c"}) Store(PackYaml(id));
  Store(PackYaml("bb", "What?", "visibility: exam\n"));
  v1::ListPacksRequest request;
  request.set_parent("tenants/-");
  request.set_page_size(2);
  const auto first = ListPacks(request);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_THAT(Ids(*first), ElementsAre("tenants/acme/packs/a", "tenants/acme/packs/b"));
  request.set_page_token(first->next_page_token());
  const auto second = ListPacks(request);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_THAT(Ids(*second), ElementsAre("tenants/acme/packs/c"));
  EXPECT_EQ(second->next_page_token(), "");
  ExpectError(ListPacks(request, Stranger()), absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID");
  request.set_page_token("nonsense");
  ExpectError(ListPacks(request), absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID");
  request.clear_page_token();
  request.set_page_size(-1);
  ExpectBadField(ListPacks(request), "page_size");
  request.set_page_size(100'000);
  EXPECT_THAT(Ids(*ListPacks(request)), SizeIs(3));
}

TEST_F(ContentServiceTest, PagesOfQuestionsStayOnTheirRevision) {
  const std::string old = Store(PackYaml("ml"));
  v1::ListQuestionsRequest request;
  request.set_parent("tenants/-/packs/ml/revisions/current");
  request.set_page_size(1);
  const auto first = ListQuestions(request);
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_THAT(first->questions(), SizeIs(1));
  Store(PackYaml("ml", "Changed?"));
  server_.clock.Advance(absl::Minutes(1));
  request.set_page_token(first->next_page_token());
  const auto second = ListQuestions(request);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->revision(), "tenants/acme/packs/ml/revisions/" + old);
  ASSERT_THAT(second->questions(), SizeIs(1));
  EXPECT_EQ(second->questions(0).id(), "three");
  EXPECT_EQ(second->next_page_token(), "");
  request.set_view(v1::QUESTION_VIEW_FULL);
  ExpectError(ListQuestions(request, Author()), absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID");
  request.clear_page_token();
  request.set_page_size(-5);
  ExpectBadField(ListQuestions(request, Author()), "page_size");
}

TEST_F(ContentServiceTest, PagesEndAtThreeMebibytes) {
  ReadResult read = ReadPack(PackYaml("big"));
  v1::Question& two = *read.pack.mutable_questions(1);
  for (int i = 0; i < 64; ++i) {
    v1::Example& example = *two.add_examples();
    example.set_id("e" + std::to_string(i));
    example.set_answer(std::string(32'000, 'a'));
  }
  *read.pack.mutable_questions(0)->mutable_examples() = two.examples();
  *read.pack.mutable_questions(2)->mutable_examples() = two.examples();
  const Caller caller{"acme", "ann", "ann", {Role::kAuthor}};
  const absl::Time soon = absl::Now() + absl::Seconds(20);
  ASSERT_TRUE(
      SyncWait(server_.store.SaveDraft(caller, read.pack, "r1", 0, {"1", "d"}, absl::Now(), soon)).ok());
  ASSERT_TRUE(SyncWait(server_.store.Publish(caller, "big", "r1", 0, {"2", "d"}, absl::Now(), soon)).ok());
  v1::ListQuestionsRequest request;
  request.set_parent("tenants/-/packs/big/revisions/r1");
  request.set_view(v1::QUESTION_VIEW_FULL);
  int pages = 0, questions = 0;
  do {
    const auto page = ListQuestions(request, ServiceRole());
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_LT(page->ByteSizeLong(), size_t{4} << 20);
    request.set_page_token(page->next_page_token());
    ++pages;
    questions += page->questions_size();
  } while (!request.page_token().empty());
  EXPECT_EQ(questions, 3);
  EXPECT_EQ(pages, 3);
}

TEST_F(ContentServiceTest, ACallWithoutCredentialOrRoleIsRefused) {
  grpc::ClientContext context;
  v1::GetPackRequest request;
  request.set_name("tenants/-/packs/ml");
  v1::Pack pack;
  EXPECT_EQ(ReasonOf(FromGrpc(server_.content->GetPack(&context, request, &pack))), "CREDENTIAL_MISSING");
  const As nobody{RoleSet()};
  ExpectError(GetPack("tenants/-/packs/ml", nobody), absl::StatusCode::kPermissionDenied, "ROLE_FORBIDS");
  ExpectError(ListPacks("tenants/-", nobody), absl::StatusCode::kPermissionDenied, "ROLE_FORBIDS");
  ExpectError(ListQuestions("tenants/-/packs/ml/revisions/current", nobody),
              absl::StatusCode::kPermissionDenied, "ROLE_FORBIDS");
  ExpectError(GetQuestion("tenants/-/packs/ml/revisions/current/questions/one", nobody),
              absl::StatusCode::kPermissionDenied, "ROLE_FORBIDS");
}

TEST_F(ContentServiceTest, ReadsGoOnWhileTheStoreStallsOrFails) {
  Store(PackYaml("ml"));
  const std::string question = "tenants/-/packs/ml/revisions/current/questions/one";
  ASSERT_TRUE(GetQuestion(question).ok());
  server_.clock.Advance(absl::Minutes(1));  // the snapshot is old
  server_.store.Stall();
  EXPECT_TRUE(GetQuestion(question).ok());
  EXPECT_TRUE(GetPack("tenants/-/packs/ml").ok());
  EXPECT_TRUE(ListPacks("tenants/-").ok());
  EXPECT_TRUE(ListQuestions("tenants/-/packs/ml/revisions/current").ok());
  server_.store.Resume();
  server_.store.FailWith(absl::UnavailableError("gone"));
  server_.clock.Advance(absl::Minutes(1));
  EXPECT_TRUE(GetQuestion(question).ok());
  EXPECT_TRUE(ListPacks("tenants/-").ok());
}

TEST_F(ContentServiceTest, WhatIsNotInMemoryNeedsTheStore) {
  Store(PackYaml("ml"));
  server_.store.FailWith(absl::UnavailableError("gone"));
  ExpectError(GetPack("tenants/-/packs/ml"), absl::StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE");
  ExpectError(ListPacks("tenants/-"), absl::StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE");
  ExpectError(ListQuestions("tenants/-/packs/ml/revisions/current"), absl::StatusCode::kUnavailable,
              "DEPENDENCY_UNAVAILABLE");
  ExpectError(GetQuestion("tenants/-/packs/ml/revisions/current/questions/one"),
              absl::StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE");
  server_.store.FailWith(absl::InternalError("SECRET path"));
  const auto broken = GetPack("tenants/-/packs/ml");
  ExpectError(broken, absl::StatusCode::kInternal, "INTERNAL");
  EXPECT_THAT(broken.status().ToString(), Not(HasSubstr("SECRET")));
}

TEST_F(ContentServiceTest, CallsEndAtTheirDeadline) {
  Store(PackYaml("ml"));
  server_.store.Stall();
  const As hasty{{Role::kLearner}, "acme", absl::Milliseconds(100)};
  for (const absl::Status& status :
       {GetPack("tenants/-/packs/ml", hasty).status(), ListPacks("tenants/-", hasty).status(),
        ListQuestions("tenants/-/packs/ml/revisions/current", hasty).status(),
        GetQuestion("tenants/-/packs/ml/revisions/current/questions/one", hasty).status()}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded) << status;
  }
}

TEST_F(ContentServiceTest, ACancelledCallEndsForItsClientAtOnce) {
  Store(PackYaml("ml"));
  server_.store.Stall();
  grpc::ClientContext context;
  Learner().Prepare(context);
  std::thread canceller([&] {
    server_.store.WaitForStalled(1);
    context.TryCancel();
  });
  v1::GetPackRequest request;
  request.set_name("tenants/-/packs/ml");
  v1::Pack pack;
  EXPECT_EQ(server_.content->GetPack(&context, request, &pack).error_code(), grpc::StatusCode::CANCELLED);
  canceller.join();
  server_.store.Resume();
  EXPECT_TRUE(GetPack("tenants/-/packs/ml").ok()) << "and the server goes on";
}

}  // namespace
}  // namespace greenroom::content
