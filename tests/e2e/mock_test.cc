// A mock whose service is killed before its deadline and comes back behind it: it ends by the server's time, once.
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "greenroom/session/v1/session_service.grpc.pb.h"
#include "services/base/rng.h"
#include "services/base/sql/database.h"
#include "services/base/status.h"
#include "services/base/status_wire.h"
#include "tests/e2e/system.h"

namespace greenroom::e2e {
namespace {

namespace v1 = session::v1;

class MockTest : public ::testing::Test {
 protected:
  using Stub = v1::SessionService::Stub;

  void Start(bool postgres) {
    SystemOptions options;
    options.preloaded = true;
    options.postgres = postgres;
    options.replicas = postgres ? 2 : 1;
    auto started = System::Start(options);
    ASSERT_TRUE(started.ok()) << started.status();
    system_ = *std::move(started);
    token_ = *system_->Token("learner", "ada");
  }

  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                                const Request& request) {
    const auto stub = v1::SessionService::NewStub(
        grpc::CreateChannel(system_->target(Service::kSession), grpc::InsecureChannelCredentials()));
    grpc::ClientContext context;
    context.AddMetadata("authorization", absl::StrCat("Bearer ", token_));
    context.set_wait_for_ready(true);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10 * kSlowBuild));
    Response response;
    const grpc::Status status = (*stub.*method)(&context, request, &response);
    if (!status.ok()) return FromGrpc(status);
    return response;
  }

  int64_t Count(const std::string& kind) {
    auto database = sql::Database::Open(system_->log_url());
    EXPECT_TRUE(database.ok()) << database.status();
    auto connection = (*database)->Connect(sql::Access::kRead);
    EXPECT_TRUE(connection.ok()) << connection.status();
    auto rows = (*connection)->Query("SELECT count(*) FROM events WHERE kind = ?", {kind});
    EXPECT_TRUE(rows.ok()) << rows.status();
    int64_t count = 0;
    EXPECT_TRUE(rows->at(0).Read(count).ok());
    return count;
  }

  void EndsByItselfOnce() {
    v1::CreateSessionRequest create;
    create.set_parent("tenants/-/learners/me");
    create.set_session_id(rng_.Uuid());
    create.set_source("tenants/-/packs/ml-engineer");
    create.set_mode(v1::SESSION_MODE_MOCK);
    create.mutable_time_limit()->set_seconds(60);
    create.mutable_criteria()->set_count(3);
    create.set_no_follow_ups(true);
    const auto created = Call(&Stub::CreateSession, create);
    ASSERT_TRUE(created.ok()) << created.status();
    const std::string session = created->session().name();
    const auto& deadline = created->session().deadline();

    v1::NextQuestionRequest next;
    next.set_session(session);
    const auto first = Call(&Stub::NextQuestion, next);
    ASSERT_TRUE(first.ok()) << first.status();
    v1::SubmitAnswerRequest submit;
    submit.set_session(session);
    submit.set_answer_id(rng_.Uuid());
    submit.set_question(first->question());
    submit.set_text("An answer in time.");
    ASSERT_TRUE(Call(&Stub::SubmitAnswer, submit).ok());
    const auto second = Call(&Stub::NextQuestion, next);
    ASSERT_TRUE(second.ok()) << second.status();
    v1::SaveDraftRequest draft;
    draft.set_session(session);
    draft.set_question(second->question());
    draft.set_text("What was typed when the time ran out.");
    ASSERT_TRUE(Call(&Stub::SaveDraft, draft).ok());

    for (int replica = 0; replica < system_->options().replicas; ++replica) {
      system_->Kill9(Service::kSession, replica);
    }
    system_->preloaded().MoveClock(absl::Minutes(10));
    for (int replica = 0; replica < system_->options().replicas; ++replica) {
      ASSERT_TRUE(system_->StartService(Service::kSession, replica).ok());
    }
    // Nobody asks; the worker ends it.
    const absl::Time patience = absl::Now() + absl::Seconds(20) * kSlowBuild;
    while (Count("finished") == 0 && absl::Now() < patience) absl::SleepFor(absl::Milliseconds(100));
    EXPECT_EQ(Count("finished"), 1);

    v1::GetSessionRequest get;
    get.set_name(session);
    const auto ended = Call(&Stub::GetSession, get);
    ASSERT_TRUE(ended.ok()) << ended.status();
    EXPECT_EQ(ended->state(), v1::SESSION_STATE_FINISHED);
    EXPECT_TRUE(ended->out_of_time());
    EXPECT_EQ(ended->finish_time().seconds(), deadline.seconds());
    EXPECT_EQ(ended->finish_time().nanos(), deadline.nanos());
    EXPECT_EQ(ended->questions(1).attempts(), 1) << "the draft became the answer";
    EXPECT_EQ(ended->questions(2).attempts(), 0);
    submit.set_answer_id(rng_.Uuid());
    submit.set_question(second->question());
    const auto late = Call(&Stub::SubmitAnswer, submit);
    EXPECT_EQ(ReasonOf(late.status()), "TIME_IS_UP") << late.status();
    absl::SleepFor(absl::Seconds(3));  // two rounds of every worker
    EXPECT_EQ(Count("finished"), 1);
    EXPECT_EQ(Count("submitted"), 2);
  }

  SystemRng rng_;
  std::unique_ptr<System> system_;
  std::string token_;
};

TEST_F(MockTest, KilledAtItsDeadlineItEndsByTheServersTimeOnce) {
  ASSERT_NO_FATAL_FAILURE(Start(false));
  EndsByItselfOnce();
}

TEST_F(MockTest, SoItDoesWithTwoReplicasOnPostgres) {
  ASSERT_NO_FATAL_FAILURE(Start(true));
  EndsByItselfOnce();
}

}  // namespace
}  // namespace greenroom::e2e
