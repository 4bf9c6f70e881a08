// ScoringService through a real server with real stubs.
#include "services/scoring/service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "greenroom/scoring/v1/scoring_service.grpc.pb.h"
#include "services/base/fake_authenticator.h"
#include "services/base/status.h"
#include "services/base/status_wire.h"
#include "services/scoring/testing/scoring_server.h"

namespace greenroom::scoring {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

TEST_F(ScoringServiceTest, GradesAStoredQuestion) {
  const absl::StatusOr<v1::Report> report = GradeStored(kStored);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->score(), 100);
  EXPECT_EQ(report->question(), kStored);
  EXPECT_EQ(report->grader(), kGraderName);
  EXPECT_EQ(report->items_size(), 2);
}

TEST_F(ScoringServiceTest, FetchesWithItsOwnIdentityInTheCallersTenant) {
  ASSERT_TRUE(GradeStored(kStored).ok());
  const std::map<std::string, std::string> metadata = content_.metadata();
  EXPECT_EQ(metadata.at("x-greenroom-tenant"), "acme");
  EXPECT_EQ(metadata.count("x-greenroom-learner"), 0u);
  EXPECT_THAT(metadata.at("authorization"), HasSubstr("Bearer "));
  EXPECT_EQ(content_.last().view(), content::v1::QUESTION_VIEW_FULL);
}

TEST_F(ScoringServiceTest, FetchesARevisionOnce) {
  ASSERT_TRUE(GradeStored(kStored).ok());
  ASSERT_TRUE(GradeStored(kStored).ok());
  content_.Stop();
  EXPECT_TRUE(GradeStored(kStored).ok());
  EXPECT_EQ(content_.calls, 1);
}

TEST_F(ScoringServiceTest, ResolvesTheCallersTenant) {
  ASSERT_TRUE(GradeStored("tenants/-/packs/p/revisions/r1/questions/overfitting").ok());
  EXPECT_EQ(content_.last().name(), kStored);
}

TEST_F(ScoringServiceTest, LooksUpTheCurrentRevisionEveryTime) {
  const std::string current = "tenants/acme/packs/p/revisions/current/questions/overfitting";
  content_.Serve(current, Overfitting(kStored));
  absl::StatusOr<v1::Report> report = GradeStored(current);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->question(), kStored);
  const std::string newer = "tenants/acme/packs/p/revisions/r2/questions/overfitting";
  content::v1::Question changed = Overfitting(newer);
  changed.mutable_rubric()->RemoveLast();
  content_.Serve(current, changed);
  report = GradeStored(current);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->question(), newer);
  EXPECT_EQ(report->items_size(), 1);
}

TEST_F(ScoringServiceTest, AnotherTenantsQuestionIsAbsent) {
  const absl::StatusOr<v1::Report> report = GradeStored(kStored, {.tenant = "other"});
  EXPECT_EQ(report.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReasonOf(report.status()), "QUESTION_NOT_FOUND");
  EXPECT_EQ(content_.calls, 0);
}

TEST_F(ScoringServiceTest, SharesNoRubricBetweenTenants) {
  ASSERT_TRUE(GradeStored(kStored).ok());
  const absl::StatusOr<v1::Report> report =
      GradeStored("tenants/-/packs/p/revisions/r1/questions/overfitting", {.tenant = "other"});
  EXPECT_EQ(ReasonOf(report.status()), "REVISION_NOT_FOUND");
}

TEST_F(ScoringServiceTest, PassesOnWhatIsAbsent) {
  const absl::StatusOr<v1::Report> report = GradeStored("tenants/acme/packs/p/revisions/r9/questions/x");
  EXPECT_EQ(report.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReasonOf(report.status()), "REVISION_NOT_FOUND");
}

TEST_F(ScoringServiceTest, IsUnavailableWhereContentFails) {
  for (const absl::Status& failure :
       {ErrorBuilder(absl::StatusCode::kInternal, "INTERNAL", "x").Build(),
        ErrorBuilder(absl::StatusCode::kPermissionDenied, "ROLE_FORBIDS", "x").Build(),
        ErrorBuilder(absl::StatusCode::kUnavailable, "OVERLOADED", "x").Build()}) {
    content_.Fail(failure);
    const absl::StatusOr<v1::Report> report = GradeStored(kStored);
    EXPECT_EQ(report.status().code(), absl::StatusCode::kUnavailable);
    EXPECT_EQ(ReasonOf(report.status()), "DEPENDENCY_UNAVAILABLE");
  }
  content_.Fail(absl::OkStatus());
  EXPECT_TRUE(GradeStored(kStored).ok());
}

TEST_F(ScoringServiceTest, IsUnavailableWhereContentIsDown) {
  content_.Stop();
  const absl::StatusOr<v1::Report> report = GradeStored(kStored, {.timeout = absl::Milliseconds(800)});
  EXPECT_EQ(report.status().code(), absl::StatusCode::kUnavailable) << report.status();
  EXPECT_EQ(ReasonOf(report.status()), "DEPENDENCY_UNAVAILABLE");
}

TEST_F(ScoringServiceTest, SaysInTimeThatContentStalls) {
  content_.stalled = true;
  const absl::StatusOr<v1::Report> report = GradeStored(kStored, {.timeout = absl::Seconds(1)});
  EXPECT_EQ(report.status().code(), absl::StatusCode::kUnavailable) << report.status();
  EXPECT_EQ(ReasonOf(report.status()), "DEPENDENCY_UNAVAILABLE");
}

TEST_F(ScoringServiceTest, EndsWithTheClientsDeadlineAndCancellation) {
  content_.stalled = true;
  // The server gives up on content before the client's time is over, so either may be told first; both in time.
  const absl::Time begun = absl::Now();
  EXPECT_THAT(GradeStored(kStored, {.timeout = absl::Milliseconds(50)}).status().code(),
              testing::AnyOf(absl::StatusCode::kDeadlineExceeded, absl::StatusCode::kUnavailable));
  EXPECT_LT(absl::Now() - begun, absl::Seconds(1));
  grpc::ClientContext context;
  Prepare({}, context);
  v1::GradeAnswerRequest request;
  request.set_question(kStored);
  v1::GradeAnswerResponse response;
  std::thread canceller([&] {
    content_.arrived.WaitForNotification();
    context.TryCancel();
  });
  EXPECT_EQ(FromGrpc(stub_->GradeAnswer(&context, request, &response)).code(), absl::StatusCode::kCancelled);
  canceller.join();
}

TEST_F(ScoringServiceTest, GradesAnInlineQuestion) {
  v1::GradeAnswerRequest request;
  *request.mutable_inline_question() = Overfitting("tenants/acme/packs/p/revisions/r1/questions/forged");
  request.set_answer("It learns noise.");
  const absl::StatusOr<v1::Report> report = GradeAnswer(request, {.roles = {Role::kAuthor}});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->score(), 50);
  EXPECT_THAT(report->question(), IsEmpty());
}

TEST_F(ScoringServiceTest, GradesAgainstReferences) {
  v1::GradeAnswerRequest request;
  request.mutable_reference_question()->set_question("What is a stack?");
  request.mutable_reference_question()->add_references(
      "A list where the last element added is removed first.");
  request.set_answer("A list where the last element added is removed first.");
  const absl::StatusOr<v1::Report> report = GradeAnswer(request, {.roles = {Role::kInstructor}});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->score(), 100);
  request.set_answer("");
  EXPECT_EQ(GradeAnswer(request)->score(), 0);
}

TEST_F(ScoringServiceTest, RefusesEachBadField) {
  v1::GradeAnswerRequest request;
  absl::Status status = GradeAnswer(request).status();
  EXPECT_EQ(ReasonOf(status), "INVALID_REQUEST");
  EXPECT_THAT(Paths(status), ElementsAre("subject"));

  request.set_question("packs/p");
  EXPECT_THAT(Paths(GradeAnswer(request).status()), ElementsAre("question"));

  request.set_question(kStored);
  request.set_answer(std::string(32 * 1024 + 1, 'a'));
  EXPECT_THAT(Paths(GradeAnswer(request).status()), ElementsAre("answer"));
  request.set_answer(std::string("a\0b", 3));
  EXPECT_THAT(Paths(GradeAnswer(request).status()), ElementsAre("answer"));
  request.set_answer(std::string(size_t{32} * 1024, 'a'));
  EXPECT_TRUE(GradeAnswer(request).ok());
  request.set_grader(std::string(129, 'g'));
  EXPECT_THAT(Paths(GradeAnswer(request).status()), ElementsAre("grader"));

  v1::GradeAnswerRequest reference;
  v1::ReferenceQuestion& question = *reference.mutable_reference_question();
  EXPECT_THAT(Paths(GradeAnswer(reference).status()), ElementsAre("reference_question.references"));
  question.set_question(std::string("\0", 1));
  question.set_language("english!");
  question.add_references("");
  question.add_references(std::string(32 * 1024 + 1, 'r'));
  EXPECT_THAT(Paths(GradeAnswer(reference).status()),
              UnorderedElementsAre("reference_question.question", "reference_question.language",
                                   "reference_question.references[0]", "reference_question.references[1]"));
}

TEST_F(ScoringServiceTest, SaysWhyAQuestionCannotBeGraded) {
  v1::GradeAnswerRequest request;
  *request.mutable_inline_question() = Overfitting("");
  request.mutable_inline_question()->mutable_rubric(0)->add_accept("(open");
  absl::Status status = GradeAnswer(request).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(status), "QUESTION_NOT_GRADABLE");
  EXPECT_THAT(Paths(status), ElementsAre("inline_question.rubric[0].accept[1]"));

  request.mutable_inline_question()->clear_rubric();
  EXPECT_THAT(Paths(GradeAnswer(request).status()), ElementsAre("inline_question.rubric"));

  v1::GradeAnswerRequest reference;
  reference.mutable_reference_question()->add_references("...");
  EXPECT_THAT(Paths(GradeAnswer(reference).status()), ElementsAre("reference_question.references"));

  content::v1::Question broken = Overfitting(absl::StrCat(kRevision, "broken"));
  broken.clear_rubric();
  content_.Serve(broken.name(), broken);
  EXPECT_EQ(ReasonOf(GradeStored(broken.name()).status()), "QUESTION_NOT_GRADABLE");
}

TEST_F(ScoringServiceTest, KnowsItsGraders) {
  v1::GradeAnswerRequest request;
  request.set_question(kStored);
  request.set_grader("no-such/1");
  const absl::Status status = GradeAnswer(request).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReasonOf(status), "GRADER_NOT_FOUND");
  EXPECT_EQ(content_.calls, 0);

  grpc::ClientContext context;
  Prepare({}, context);
  v1::ListGradersResponse graders;
  ASSERT_TRUE(stub_->ListGraders(&context, {}, &graders).ok());
  ASSERT_EQ(graders.graders_size(), 1);
  EXPECT_EQ(graders.graders(0).name(), kGraderName);
  EXPECT_TRUE(graders.graders(0).champion());
  EXPECT_THAT(graders.graders(0).languages(), ElementsAre("en"));
  EXPECT_THAT(graders.graders(0).limited_languages(), ::testing::Contains("de"));
  request.set_grader(graders.graders(0).name());
  EXPECT_TRUE(GradeAnswer(request).ok());
}

TEST_F(ScoringServiceTest, GradesAStreamInOrderAndGoesOnAfterABadItem) {
  grpc::ClientContext context;
  Prepare({}, context);
  auto stream = stub_->GradeAnswers(&context);
  std::vector<v1::GradeAnswersRequest> items(6);
  items[0].set_id("good");
  items[0].mutable_request()->set_question(kStored);
  items[0].mutable_request()->set_answer("It learns the noise.");
  items[1].set_id("without");
  items[2].set_id("no-subject");
  items[2].mutable_request()->set_answer("x");
  items[3].set_id("absent");
  items[3].mutable_request()->set_question("tenants/acme/packs/p/revisions/r9/questions/x");
  items[4].set_id(std::string(129, 'i'));
  items[4].mutable_request()->set_question(kStored);
  items[5].set_id("again");
  items[5].mutable_request()->set_question(kStored);
  items[5].mutable_request()->set_answer("It learns the noise and fails on new data.");
  std::vector<v1::GradeAnswersResponse> replies(items.size());
  for (size_t i = 0; i < items.size(); ++i) {
    ASSERT_TRUE(stream->Write(items[i]));
    ASSERT_TRUE(stream->Read(&replies[i]));
    if (i != 4) EXPECT_EQ(replies[i].id(), items[i].id());
  }
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(replies[0].report().score(), 50);
  EXPECT_EQ(replies[1].error().code(), static_cast<int>(absl::StatusCode::kInvalidArgument));
  const auto status_of = [](const v1::GradeAnswersResponse& reply) {
    return FromGrpc(grpc::Status(static_cast<grpc::StatusCode>(reply.error().code()), reply.error().message(),
                                 reply.error().SerializeAsString()));
  };
  EXPECT_THAT(Paths(status_of(replies[1])), ElementsAre("request"));
  EXPECT_THAT(Paths(status_of(replies[2])), ElementsAre("request.subject"));
  EXPECT_EQ(ReasonOf(status_of(replies[3])), "REVISION_NOT_FOUND");
  EXPECT_THAT(Paths(status_of(replies[4])), ElementsAre("id"));
  EXPECT_EQ(replies[5].report().score(), 100);
}

TEST_F(ScoringServiceTest, StreamEndsWithItsDeadlineAndCancellation) {
  grpc::ClientContext late;
  Prepare({.timeout = absl::Milliseconds(200)}, late);
  auto waiting = stub_->GradeAnswers(&late);
  v1::GradeAnswersResponse reply;
  EXPECT_FALSE(waiting->Read(&reply));
  EXPECT_EQ(FromGrpc(waiting->Finish()).code(), absl::StatusCode::kDeadlineExceeded);

  content_.stalled = true;
  grpc::ClientContext gone;
  Prepare({}, gone);
  auto stream = stub_->GradeAnswers(&gone);
  v1::GradeAnswersRequest item;
  item.mutable_request()->set_question(kStored);
  ASSERT_TRUE(stream->Write(item));
  content_.arrived.WaitForNotification();
  gone.TryCancel();
  EXPECT_EQ(FromGrpc(stream->Finish()).code(), absl::StatusCode::kCancelled);
}

// Every method against every role, both ways; and every method of the service is in the table.
TEST_F(ScoringServiceTest, RolesAreAsTheTableSays) {
  const std::map<std::string, RoleSet> expected = {
      {"GradeAnswer", {Role::kAuthor, Role::kInstructor, Role::kService}},
      {"GradeAnswers", {Role::kAuthor, Role::kInstructor, Role::kService}},
      {"ListGraders", {Role::kAuthor, Role::kInstructor, Role::kOperator, Role::kService}}};
  const auto& methods = *v1::GradeAnswerRequest::descriptor()->file()->service(0);
  ASSERT_EQ(methods.method_count(), static_cast<int>(expected.size()));
  ASSERT_EQ(methods_.All().size(), expected.size());
  for (int i = 0; i < methods.method_count(); ++i) {
    const std::string name = methods.method(i)->name();
    ASSERT_EQ(expected.count(name), 1u) << name;
    EXPECT_TRUE(methods_.Get(absl::StrCat(methods.full_name(), "/", name)).roles == expected.at(name))
        << name;
    for (const Role role : kAllRoles) {
      grpc::ClientContext context;
      Prepare({.roles = {role}}, context);
      grpc::Status status;
      if (name == "GradeAnswer") {
        v1::GradeAnswerRequest request;
        request.set_question(kStored);
        v1::GradeAnswerResponse response;
        status = stub_->GradeAnswer(&context, request, &response);
      } else if (name == "GradeAnswers") {
        auto stream = stub_->GradeAnswers(&context);
        stream->WritesDone();
        status = stream->Finish();
      } else {
        v1::ListGradersResponse response;
        status = stub_->ListGraders(&context, {}, &response);
      }
      if (expected.at(name).Has(role)) {
        EXPECT_TRUE(status.ok()) << name << " as " << RoleName(role) << ": " << status.error_message();
      } else {
        EXPECT_EQ(ReasonOf(FromGrpc(status)), "ROLE_FORBIDS") << name << " as " << RoleName(role);
      }
    }
  }
}

TEST_F(ScoringServiceTest, NeedsACredential) {
  grpc::ClientContext context;
  v1::ListGradersResponse response;
  const absl::Status status = FromGrpc(stub_->ListGraders(&context, {}, &response));
  EXPECT_EQ(ReasonOf(status), "CREDENTIAL_MISSING");
}

TEST_F(ScoringServiceTest, MeasuresItsGrades) {
  ASSERT_TRUE(GradeStored(kStored).ok());
  ASSERT_TRUE(GradeStored(kStored).ok());
  const std::string text = metrics_.Text();
  EXPECT_THAT(text, HasSubstr("grade_seconds_count{grader=\"greenroom-lexical/4+wn30+credit2\"} 2"));
  EXPECT_THAT(text, HasSubstr("grade_score_count{grader=\"greenroom-lexical/4+wn30+credit2\"} 2"));
  EXPECT_THAT(text, HasSubstr("rubric_cache_hits_total 1"));
  EXPECT_THAT(text, HasSubstr("rubric_cache_misses_total 1"));
}

}  // namespace
}  // namespace greenroom::scoring
