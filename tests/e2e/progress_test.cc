// A learner's memory through the processes: what is due survives kills, and an index that is lost is derived anew.
#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "greenroom/session/v1/progress_service.grpc.pb.h"
#include "greenroom/session/v1/session_service.grpc.pb.h"
#include "services/base/rng.h"
#include "services/base/sql/database.h"
#include "tests/e2e/system.h"

namespace greenroom::e2e {
namespace {

using session::v1::ProgressService;
using session::v1::SessionService;

class ProgressTest : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    SystemOptions options;
    options.postgres = GetParam();
    options.replicas = GetParam() ? 2 : 1;
    auto started = System::Start(options);
    ASSERT_TRUE(started.ok()) << started.status();
    system_ = *std::move(started);
    auto token = system_->Token("learner", "ada");
    ASSERT_TRUE(token.ok()) << token.status();
    bearer_ = absl::StrCat("Bearer ", *token);
    Connect(0);
  }
  void Connect(int replica) {
    const auto channel =
        grpc::CreateChannel(system_->address(Service::kSession, replica), grpc::InsecureChannelCredentials());
    progress_ = ProgressService::NewStub(channel);
    sessions_ = SessionService::NewStub(channel);
  }
  template <typename Stub, typename Request, typename Response>
  Response Call(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                const Request& request) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + kSlowBuild * absl::Seconds(10)));
    context.set_wait_for_ready(true);
    context.AddMetadata("authorization", bearer_);
    Response response;
    const grpc::Status status = (stub.*method)(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  // Reviewed long ago elsewhere: due.
  void Import(const std::string& question) {
    session::v1::ImportMemoryRequest request;
    request.set_parent("tenants/-/learners/me");
    request.set_request_id(rng_.Uuid());
    session::v1::MemoryToImport* item = request.add_items();
    item->set_pack("tenants/-/packs/ml-engineer");
    item->set_question(question);
    item->mutable_sm2()->set_ease(2.5);
    item->mutable_sm2()->set_interval_days(3);
    item->mutable_last_review_time()->set_seconds(absl::ToUnixSeconds(absl::Now() - absl::Hours(24 * 60)));
    item->set_reviews(2);
    Call(*progress_, &ProgressService::Stub::ImportMemory, request);
  }
  void Answer(const std::string& question) {
    session::v1::CreateSessionRequest create;
    create.set_parent("tenants/-/learners/me");
    create.set_session_id(rng_.Uuid());
    create.set_source("tenants/-/packs/ml-engineer");
    create.set_mode(session::v1::SESSION_MODE_PRACTICE);
    create.add_questions(question);
    const auto created = Call(*sessions_, &SessionService::Stub::CreateSession, create);
    session::v1::SubmitAnswerRequest submit;
    submit.set_session(created.session().name());
    submit.set_answer_id(rng_.Uuid());
    submit.set_question(question);
    submit.set_text("The model learns the noise of its training data and does badly on new data.");
    Call(*sessions_, &SessionService::Stub::SubmitAnswer, submit);
  }
  session::v1::ListDueQuestionsResponse Due() {
    session::v1::ListDueQuestionsRequest request;
    request.set_parent("tenants/-/learners/me");
    return Call(*progress_, &ProgressService::Stub::ListDueQuestions, request);
  }
  // What the program `greenroom` prints; its input is at its end.
  std::string Run(std::vector<std::string> args) {
    args.insert(args.end(), {absl::StrCat("--session=", system_->address(Service::kSession)),
                             absl::StrCat("--token=", bearer_.substr(7))});
    auto printed = system_->Greenroom(std::move(args));
    EXPECT_TRUE(printed.ok()) << printed.status();
    return printed.value_or("");
  }
  // The questions of the newest session.
  std::set<std::string> LastPlan() {
    session::v1::ListSessionsRequest request;
    request.set_parent("tenants/-/learners/me");
    const auto listed = Call(*sessions_, &SessionService::Stub::ListSessions, request);
    std::set<std::string> questions;
    if (listed.sessions().empty()) return questions;
    for (const auto& question : listed.sessions(0).questions()) questions.insert(question.question());
    return questions;
  }
  // Two of the pack's questions.
  std::vector<std::string> TwoQuestions() { return {"learning-paradigms", "overfitting"}; }
  int64_t Execute(const std::string& sql) {
    auto database = sql::Database::Open(system_->log_url());
    EXPECT_TRUE(database.ok()) << database.status();
    auto connection = (*database)->Connect();
    EXPECT_TRUE(connection.ok()) << connection.status();
    auto changed = (*connection)->Execute(sql);
    EXPECT_TRUE(changed.ok()) << changed.status();
    return changed.value_or(-1);
  }

  SystemRng rng_;
  std::unique_ptr<System> system_;
  std::string bearer_;
  std::unique_ptr<ProgressService::Stub> progress_;
  std::unique_ptr<SessionService::Stub> sessions_;
};

INSTANTIATE_TEST_SUITE_P(Stores, ProgressTest, testing::Bool(), [](const testing::TestParamInfo<bool>& info) {
  return info.param ? "PostgresTwice" : "Sqlite";
});

std::vector<std::string> Questions(const session::v1::ListDueQuestionsResponse& due) {
  std::vector<std::string> questions;
  for (const session::v1::DueQuestion& question : due.questions()) questions.push_back(question.question());
  std::sort(questions.begin(), questions.end());
  return questions;
}

TEST_P(ProgressTest, WhatIsDueIsToldByWhateverProcess) {
  const std::vector<std::string> questions = TwoQuestions();
  for (const std::string& question : questions) Import(question);
  EXPECT_EQ(Due().total(), 2);
  Answer(questions[0]);
  const std::vector<std::string> left = Questions(Due());
  EXPECT_EQ(left, std::vector<std::string>{questions[1]}) << "told right after the acknowledgement";

  system_->Kill9(Service::kSession);
  ASSERT_TRUE(system_->StartService(Service::kSession).ok());
  Connect(GetParam() ? 1 : 0);
  EXPECT_EQ(Questions(Due()), left);

  // An index that has lost everything, as that of a release before it, is taken in anew.
  const session::v1::GetProgressRequest request = [] {
    session::v1::GetProgressRequest progress;
    progress.set_name("tenants/-/learners/me/progress");
    return progress;
  }();
  session::v1::Progress before = Call(*progress_, &ProgressService::Stub::GetProgress, request);
  for (const char* table : {"memory_heads", "memory_reviews", "memory_items"}) {
    EXPECT_GT(Execute(absl::StrCat("DELETE FROM ", table)), 0) << table;
  }
  session::v1::Progress after = Call(*progress_, &ProgressService::Stub::GetProgress, request);
  ASSERT_EQ(after.questions_size(), before.questions_size());
  for (int i = 0; i < after.questions_size(); ++i) {
    // The recall is of the moment.
    after.mutable_questions(i)->clear_recall();
    before.mutable_questions(i)->clear_recall();
    EXPECT_EQ(after.questions(i).SerializeAsString(), before.questions(i).SerializeAsString());
  }
  EXPECT_EQ(after.sequence(), before.sequence());
}

TEST_P(ProgressTest, TheCommandLineShowsIt) {
  Import(TwoQuestions()[0]);
  EXPECT_NE(Run({"settings", "--zone", "Europe/Berlin"}).find("Europe/Berlin"), std::string::npos);
  EXPECT_NE(Run({"review"}).find(TwoQuestions()[0]), std::string::npos);
  EXPECT_NE(Run({"progress"}).find("ml-engineer"), std::string::npos);
  EXPECT_NE(Run({"history"}).find("2 reviews"), std::string::npos);
}

TEST_P(ProgressTest, ASessionOfAFewQuestionsAsksWhatIsDueFirst) {
  const std::string due = TwoQuestions()[1];
  Import(due);
  // Which brings the index up to the log, however busy the machine is: selecting would go on without, after a while.
  EXPECT_NE(Run({"review"}).find(due), std::string::npos);
  const std::string first = Run({"practice", "ml-engineer", "--count", "3"});
  EXPECT_NE(first.find("Question 1 of 3: " + due), std::string::npos) << first;
  std::set<std::string> asked = LastPlan();
  EXPECT_EQ(asked.size(), 3u);
  EXPECT_TRUE(asked.contains(due));
  Answer(due);  // a session of its own, by which it is not due any more
  const std::string second = Run({"practice", "ml-engineer", "--count", "3", "--new"});
  EXPECT_NE(second.find("Question 1 of 3: "), std::string::npos) << second;
  for (const std::string& question : LastPlan()) {
    EXPECT_FALSE(asked.contains(question)) << question << " was asked a moment ago";
  }
}

}  // namespace
}  // namespace greenroom::e2e
