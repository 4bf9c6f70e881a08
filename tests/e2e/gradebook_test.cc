// A learner answers, an instructor decides otherwise, and the learner sees it: three real services, Redis, the CLI.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "greenroom/session/v1/progress_service.grpc.pb.h"
#include "greenroom/session/v1/session_service.grpc.pb.h"
#include "services/base/status_wire.h"
#include "tests/e2e/load/learner.h"
#include "tests/e2e/system.h"

namespace greenroom::e2e {
namespace {

using session::v1::Answer;
using Stub = session::v1::SessionService::Stub;

class GradebookTest : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    SystemOptions options;
    options.postgres = GetParam();
    auto started = System::Start(options);
    ASSERT_TRUE(started.ok()) << started.status();
    system_ = *std::move(started);
    LogIn("ada");
    stub_ = session::v1::SessionService::NewStub(
        grpc::CreateChannel(system_->target(Service::kSession), grpc::InsecureChannelCredentials()));
  }

  void LogIn(const std::string& learner) {
    auto token = LearnerToken(system_->key(), learner);
    ASSERT_TRUE(token.ok()) << token.status();
    bearer_ = absl::StrCat("Bearer ", *token);
  }

  // The learner's answer to "overfitting", in a session of its own.
  Answer Submit(const std::string& learner, const std::string& text) {
    LogIn(learner);
    session::v1::CreateSessionRequest create;
    create.set_parent("tenants/-/learners/me");
    create.set_session_id(NewId());
    create.set_source("tenants/-/packs/ml-engineer");
    create.set_mode(session::v1::SESSION_MODE_PRACTICE);
    create.add_questions("overfitting");
    session::v1::SubmitAnswerRequest submit;
    submit.set_session(Call(&Stub::CreateSession, create).session().name());
    submit.set_answer_id(NewId());
    submit.set_question("overfitting");
    submit.set_text(text);
    Answer answer = Call(&Stub::SubmitAnswer, submit).answer();
    EXPECT_EQ(answer.grade().state(), session::v1::GRADE_STATE_GRADED);
    return answer;
  }

  // As that learner sees it.
  Answer Look(const std::string& learner, const std::string& name) {
    LogIn(learner);
    session::v1::GetAnswerRequest get;
    get.set_name(name);
    return Call(&Stub::GetAnswer, get);
  }

  void Erase(const std::string& learner) {
    LogIn(learner);
    grpc::ClientContext context;
    context.AddMetadata("authorization", bearer_);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10 * kSlowBuild));
    session::v1::EraseLearnerRequest request;
    request.set_name("tenants/-/learners/me");
    session::v1::EraseLearnerResponse response;
    const auto stub = session::v1::ProgressService::NewStub(
        grpc::CreateChannel(system_->target(Service::kSession), grpc::InsecureChannelCredentials()));
    const grpc::Status status = stub->EraseLearner(&context, request, &response);
    ASSERT_TRUE(status.ok()) << FromGrpc(status);
  }

  // What the instructor's command prints.
  std::string Teach(std::vector<std::string> words) {
    const auto teacher = system_->Token("instructor", "teacher");
    EXPECT_TRUE(teacher.ok()) << teacher.status();
    words.insert(words.end(), {"--session", system_->address(Service::kSession), "--token", *teacher});
    const auto said = system_->Greenroom(std::move(words));
    EXPECT_TRUE(said.ok()) << said.status();
    return said.value_or("");
  }

  template <typename Request, typename Response>
  Response Call(grpc::Status (Stub::*rpc)(grpc::ClientContext*, const Request&, Response*),
                const Request& request) {
    grpc::ClientContext context;
    context.AddMetadata("authorization", bearer_);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10 * kSlowBuild));
    Response response;
    const grpc::Status status = (*stub_.*rpc)(&context, request, &response);
    EXPECT_TRUE(status.ok()) << FromGrpc(status);
    return response;
  }

  std::unique_ptr<System> system_;
  std::string bearer_;
  std::unique_ptr<Stub> stub_;
};

INSTANTIATE_TEST_SUITE_P(Logs, GradebookTest, testing::Bool(),
                         [](const auto& info) { return info.param ? "Postgres" : "Sqlite"; });

TEST_P(GradebookTest, AnOverrideReachesTheLearner) {
  session::v1::CreateSessionRequest create;
  create.set_parent("tenants/-/learners/me");
  create.set_session_id(NewId());
  create.set_source("tenants/-/packs/ml-engineer");
  create.set_mode(session::v1::SESSION_MODE_PRACTICE);
  create.add_questions("overfitting");
  const std::string session = Call(&Stub::CreateSession, create).session().name();
  session::v1::SubmitAnswerRequest submit;
  submit.set_session(session);
  submit.set_answer_id(NewId());
  submit.set_question("overfitting");
  submit.set_text("It is when a model is bad.");
  const Answer before = Call(&Stub::SubmitAnswer, submit).answer();
  ASSERT_EQ(before.grade().state(), session::v1::GRADE_STATE_GRADED);
  ASSERT_LT(before.grade().report().score(), 85);

  const auto teacher = system_->Token("instructor", "teacher");
  ASSERT_TRUE(teacher.ok()) << teacher.status();
  const auto decided = system_->Greenroom({"override", before.name(), "--score", "85", "--comment",
                                           "It was right in the call.", "--note", "SECRET-NOTE", "--session",
                                           system_->address(Service::kSession), "--token", *teacher});
  ASSERT_TRUE(decided.ok()) << decided.status();
  EXPECT_THAT(*decided, testing::HasSubstr("Decided by a person."));

  session::v1::GetAnswerRequest get;
  get.set_name(before.name());
  const Answer after = Call(&Stub::GetAnswer, get);
  EXPECT_EQ(after.grade().state(), session::v1::GRADE_STATE_OVERRIDDEN);
  EXPECT_EQ(after.grade().report().score(), 85);
  EXPECT_EQ(after.grade().comment(), "It was right in the call.");
  ASSERT_EQ(after.earlier_grades_size(), 1);
  EXPECT_EQ(after.earlier_grades(0).report().score(), before.grade().report().score());
  EXPECT_FALSE(absl::StrContains(after.SerializeAsString(), "SECRET-NOTE"));
  session::v1::GetSessionRequest look;
  look.set_name(session);
  EXPECT_EQ(Call(&Stub::GetSession, look).score(), 85);

  // The learner may not do that.
  const auto refused =
      system_->Greenroom({"override", before.name(), "--score", "100", "--session",
                          system_->address(Service::kSession), "--token", bearer_.substr(7)});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(Call(&Stub::GetAnswer, get).grade().report().score(), 85);
}

// The grader half sees that noise "sticks in memory"; a person says five times that it is the point.
TEST_P(GradebookTest, DecisionsCorrectTheAnswersOfOthers) {
  std::vector<Answer> decided;
  decided.reserve(5);
  for (int i = 0; i < 5; ++i) {
    decided.push_back(
        Submit(absl::StrCat("learner-", i),
               absl::StrCat("The training examples stick in memory with the noise, zanzibar ", i, ".")));
  }
  const Answer before = Submit(
      "bob",
      "The training examples stick in memory, all the noise too, and then results on unseen cases are bad.");
  for (const Answer& answer : decided) Teach({"override", answer.name(), "--item", "memorises=1"});

  // Who says the same a second later is graded by that already.
  absl::SleepFor(absl::Milliseconds(1100));
  const Answer later = Submit(
      "carol",
      "The training examples stick in memory, all the noise too, and then results on unseen cases are bad.");
  EXPECT_GT(later.grade().report().score(), before.grade().report().score());
  EXPECT_FALSE(absl::StrContains(later.SerializeAsString(), "zanzibar"));

  const std::string created = Teach({"regrade", "create", "ml-engineer", "--calibrate", "--follow"});
  EXPECT_THAT(created, testing::HasSubstr("corrected by what people decided about 5 answers"));
  EXPECT_THAT(created, testing::HasSubstr("7 answers looked at: 6 changes (6 up, 0 down)"));
  EXPECT_THAT(created, testing::HasSubstr("of them decided by a person, which stays: 5"));
  const size_t at = created.find("Regrade ");
  ASSERT_NE(at, std::string::npos) << created;
  const std::string id = created.substr(at + 8, 36);
  EXPECT_EQ(Look("bob", before.name()).grade().report().score(), before.grade().report().score());
  EXPECT_THAT(Teach({"regrade", "changes", id}), testing::Not(testing::HasSubstr("zanzibar")));
  Teach({"regrade", "apply", id, "--follow"});

  const Answer after = Look("bob", before.name());
  EXPECT_EQ(after.grade().report().score(), later.grade().report().score());
  EXPECT_EQ(after.grade().report().calibrated_with(), 0);
  EXPECT_FALSE(absl::StrContains(after.SerializeAsString(), "zanzibar"));
  EXPECT_EQ(Look("learner-0", decided[0].name()).grade().state(), session::v1::GRADE_STATE_OVERRIDDEN);

  // A learner who leaves takes the correction along.
  Erase("learner-0");
  EXPECT_THAT(Teach({"regrade", "create", "ml-engineer", "--calibrate", "--follow"}),
              testing::HasSubstr("corrected by what people decided about 4 answers"));
}

}  // namespace
}  // namespace greenroom::e2e
