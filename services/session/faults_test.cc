// Deadlines, cancellations, and what happens while something is away.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <thread>

#include "services/session/testing/session_server.h"

namespace greenroom::session::testing {
namespace {

using ::testing::HasSubstr;

using FaultsTest = SessionServiceTest;

As For(absl::Duration deadline) {
  As as;
  as.deadline = deadline;
  return as;
}

TEST_F(FaultsTest, WithoutTheLiveStoreEverythingButDraftsGoesOn) {
  server_.live.gate().Fail("", absl::UnavailableError("down"));
  const std::string session = Create();
  ASSERT_OK(Submit(session, 2, "q1"));
  ASSERT_OK(Hint(session, 3, "q2"));
  ASSERT_OK(Reveal(session, 4, "q2"));
  ASSERT_OK(Skip(session, 5, "q3"));
  EXPECT_EQ(Get(session)->questions(0).score(), 55);
  EXPECT_TRUE(Submit(session, 2, "q1")->replayed());
  EXPECT_REASON(SaveDraft(session, "q1", "x"), kUnavailable, "DEPENDENCY_UNAVAILABLE");
  ASSERT_OK(Finish(session, 6));
  server_.live.gate().Heal();
  EXPECT_EQ(Get(session)->state(), v1::SESSION_STATE_FINISHED);
}

TEST_F(FaultsTest, AStalledLiveStoreIsNotWaitedFor) {
  const std::string session = Create();
  server_.live.gate().Stall("");
  const absl::Time began = absl::Now();
  ASSERT_OK(Submit(session, 2, "q1"));
  EXPECT_EQ(Get(session)->questions(0).attempts(), 1);
  EXPECT_LT(absl::Now() - began, absl::Seconds(2));
}

TEST_F(FaultsTest, WithoutTheLogNothingIsAcknowledged) {
  const std::string session = Create();
  server_.log.gate().Fail("", absl::UnavailableError("down"));
  EXPECT_REASON(Submit(session, 2, "q1"), kUnavailable, "DEPENDENCY_UNAVAILABLE");
  EXPECT_REASON(Finish(session, 3), kUnavailable, "DEPENDENCY_UNAVAILABLE");
  EXPECT_TRUE(Get(session).ok());  // from the live state
  EXPECT_REASON(GetAnswer(session + "/answers/" + Uuid(2)), kUnavailable, "DEPENDENCY_UNAVAILABLE");
  server_.log.gate().Heal();
  auto again = Submit(session, 2, "q1");
  ASSERT_OK(again);
  EXPECT_FALSE(again->replayed());
}

TEST_F(FaultsTest, AnAcknowledgementThatWasLostIsLearntByAskingAgain) {
  const std::string session = Create();
  server_.log.LoseNextAcknowledgement(absl::UnavailableError("the connection broke"));
  EXPECT_REASON(Submit(session, 2, "q1"), kUnavailable, "DEPENDENCY_UNAVAILABLE");
  auto again = Submit(session, 2, "q1");
  ASSERT_OK(again);
  EXPECT_TRUE(again->replayed());
  EXPECT_EQ(again->answer().grade().report().score(), 55);
  EXPECT_EQ(Events().size(), 3);
  EXPECT_EQ(Get(session)->questions(0).attempts(), 1);
}

TEST_F(FaultsTest, AFullQueueIsOverload) {
  const std::string session = Create();
  server_.log.gate().Fail("Append", absl::ResourceExhaustedError("the queue is full"));
  auto refused = Submit(session, 2, "q1");
  EXPECT_REASON(refused, kUnavailable, "OVERLOADED");
  EXPECT_TRUE(RetryDelayOf(refused.status()).has_value());
}

TEST_F(FaultsTest, EveryRpcKeepsItsDeadlineWhileTheLogStalls) {
  const std::string session = Create();
  server_.live.Flush();  // so that reads need the log too
  server_.log.gate().Stall("");
  const As hasty = For(absl::Milliseconds(150));
  v1::CreateSessionRequest create;
  create.set_parent(kLearner);
  create.set_session_id(Uuid(40));
  create.set_source(kPack);
  create.set_mode(v1::SESSION_MODE_PRACTICE);
  v1::NextQuestionRequest next;
  next.set_session(session);
  v1::SaveDraftRequest draft;
  draft.set_session(session);
  draft.set_question("q1");
  draft.set_text("x");
  v1::ListAnswersRequest answers;
  answers.set_parent(session);
  v1::ListSessionsRequest sessions;
  sessions.set_parent(kLearner);
  v1::GetSessionReportRequest report;
  report.set_name(session);
  v1::FinishSessionRequest finish;
  finish.set_name(session);
  finish.set_request_id(Uuid(41));
  auto rate = Act<v1::RateAnswerRequest>(session, 42, "q1");
  rate.set_rating(v1::RATING_GOOD);
  const std::vector<std::pair<std::string, std::function<absl::Status()>>> calls = {
      {"CreateSession", [&] { return Call(&Stub::CreateSession, create, hasty).status(); }},
      {"GetSession", [&] { return Get(session, 0, hasty).status(); }},
      {"ListSessions", [&] { return Call(&Stub::ListSessions, sessions, hasty).status(); }},
      {"NextQuestion", [&] { return Call(&Stub::NextQuestion, next, hasty).status(); }},
      {"SaveDraft", [&] { return Call(&Stub::SaveDraft, draft, hasty).status(); }},
      {"SubmitAnswer", [&] { return Submit(session, 43, "q1", "text", hasty).status(); }},
      {"GetAnswer", [&] { return GetAnswer(session + "/answers/" + Uuid(2), hasty).status(); }},
      {"ListAnswers", [&] { return Call(&Stub::ListAnswers, answers, hasty).status(); }},
      {"TakeHint",
       [&] { return Call(&Stub::TakeHint, Act<v1::TakeHintRequest>(session, 44, "q1"), hasty).status(); }},
      {"RevealAnswer",
       [&] {
         return Call(&Stub::RevealAnswer, Act<v1::RevealAnswerRequest>(session, 45, "q1"), hasty).status();
       }},
      {"RateAnswer", [&] { return Call(&Stub::RateAnswer, rate, hasty).status(); }},
      {"SkipQuestion",
       [&] {
         return Call(&Stub::SkipQuestion, Act<v1::SkipQuestionRequest>(session, 46, "q1"), hasty).status();
       }},
      {"FinishSession", [&] { return Call(&Stub::FinishSession, finish, hasty).status(); }},
      {"GetSessionReport", [&] { return Call(&Stub::GetSessionReport, report, hasty).status(); }},
  };
  ASSERT_EQ(calls.size(), 14);
  for (const auto& [rpc, call] : calls) {
    const absl::Time began = absl::Now();
    const absl::Status status = call();
    EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded) << rpc << status;
    EXPECT_LT(absl::Now() - began, absl::Seconds(2)) << rpc;
  }
  server_.log.gate().Heal();
  EXPECT_EQ(Events().size(), 1);  // what was late was never written
  EXPECT_TRUE(Submit(session, 43, "q1").ok());
}

TEST_F(FaultsTest, ACallThatWasCancelledLeavesNothingHalfDone) {
  const std::string session = Create();
  server_.log.gate().Stall("Append");
  grpc::ClientContext context;
  context.AddMetadata("authorization", FakeAuthenticator::Credential("acme", "ada", {Role::kLearner}));
  v1::SubmitAnswerRequest request;
  request.set_session(session);
  request.set_answer_id(Uuid(2));
  request.set_question("q1");
  request.set_text("text");
  v1::SubmitAnswerResponse response;
  std::thread canceller([&] {
    while (server_.log.gate().waiting() == 0) std::this_thread::yield();
    context.TryCancel();
  });
  const grpc::Status status = server_.stub->SubmitAnswer(&context, request, &response);
  canceller.join();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::CANCELLED);
  server_.log.gate().Heal();  // the write was under way and comes to its end
  auto again = Call(&Stub::SubmitAnswer, request);
  ASSERT_OK(again);
  EXPECT_EQ(again->answer().attempt(), 1);
  EXPECT_EQ(Events().size(), 3);
}

TEST_F(FaultsTest, AnswersAreAcceptedWhileScoringIsDownAndGradedLater) {
  const std::string session = Create();
  server_.grader.gate().Fail("Grade", absl::UnavailableError("down"));
  auto submitted = Submit(session, 2, "q1");
  ASSERT_OK(submitted);
  EXPECT_EQ(submitted->answer().grade().state(), v1::GRADE_STATE_PENDING);
  EXPECT_FALSE(submitted->answer().grade().has_report());
  EXPECT_EQ(Get(session)->questions(0).pending_grades(), 1);
  EXPECT_EQ(server_.worker.RunOnce(), 1);  // still down: postponed
  EXPECT_EQ(server_.worker.RunOnce(), 0);
  server_.grader.gate().Heal();
  server_.clock.Advance(absl::Minutes(2));
  EXPECT_EQ(server_.worker.RunOnce(), 1);
  EXPECT_EQ(server_.log.pending_count(), 0);
  auto got = Get(session);
  ASSERT_OK(got);
  EXPECT_EQ(got->questions(0).pending_grades(), 0);
  EXPECT_EQ(got->questions(0).score(), 55);
  EXPECT_THAT(server_.Metrics(), HasSubstr("answers_acknowledged_total{grade=\"pending\"} 1"));
}

TEST_F(FaultsTest, ASlowGraderIsWaitedForThreeTenthsOfASecond) {
  const std::string session = Create();
  server_.grader.gate().Stall("Grade");
  absl::Time began = absl::Now();
  EXPECT_EQ(Submit(session, 2, "q1")->answer().grade().state(), v1::GRADE_STATE_PENDING);
  EXPECT_GE(absl::Now() - began, absl::Milliseconds(290));
  EXPECT_LT(absl::Now() - began, absl::Seconds(2));
  began = absl::Now();
  auto hasty = Submit(session, 3, "q1", "text", For(absl::Milliseconds(250)));  // half of what is left
  ASSERT_OK(hasty);
  EXPECT_LT(absl::Now() - began, absl::Milliseconds(240));
  server_.grader.gate().Heal();
  EXPECT_EQ(server_.worker.RunOnce(), 2);
  EXPECT_EQ(Get(session)->questions(0).pending_grades(), 0);
}

TEST_F(FaultsTest, AGraderThatFailsIsLeftAloneForAWhile) {
  const std::string session = Create();
  server_.grader.gate().Fail("Grade", absl::UnavailableError("down"));
  for (int i = 0; i < 8; ++i) ASSERT_OK(Submit(session, 10 + i, "q1"));
  EXPECT_EQ(server_.grader.gate().calls("Grade"), 5);
  server_.clock.Advance(absl::Seconds(1));
  server_.grader.gate().Heal();
  EXPECT_EQ(Submit(session, 30, "q1")->answer().grade().state(), v1::GRADE_STATE_GRADED);
}

TEST_F(FaultsTest, AnAnswerThatCannotBeGradedNeedsReview) {
  const std::string session = Create();
  server_.grader.set_grading(
      [](const std::string&, const std::string&) -> absl::StatusOr<scoring::v1::Report> {
        return ErrorBuilder(absl::StatusCode::kInvalidArgument, "QUESTION_NOT_GRADABLE", "no rubric").Build();
      });
  auto submitted = Submit(session, 2, "q1");
  ASSERT_OK(submitted);
  EXPECT_EQ(submitted->answer().grade().state(), v1::GRADE_STATE_NEEDS_REVIEW);
  EXPECT_FALSE(submitted->answer().grade().has_report());
  EXPECT_EQ(server_.log.pending_count(), 0);
  EXPECT_EQ(Events().back().payload.graded().failure(), "QUESTION_NOT_GRADABLE");
  EXPECT_FALSE(Get(session)->questions(0).has_score());
}

TEST_F(FaultsTest, AnAnswerInAnotherLanguageHasNoScore) {
  const std::string session = Create();
  server_.grader.set_grading([](const std::string&, const std::string&) {
    scoring::v1::Report report;
    report.set_ungraded_language(true);
    return report;
  });
  auto submitted = Submit(session, 2, "q1");
  ASSERT_OK(submitted);
  EXPECT_EQ(submitted->answer().grade().state(), v1::GRADE_STATE_UNGRADED_LANGUAGE);
  EXPECT_TRUE(Rate(session, 3, "q1").ok());
}

TEST_F(FaultsTest, SessionsGoOnWhileTheCatalogueIsAway) {
  const std::string session = Create();
  for (const bool stalled : {false, true}) {
    if (stalled) {
      server_.catalogue.gate().Stall("");
    } else {
      server_.catalogue.gate().Fail("", absl::UnavailableError("down"));
    }
    server_.clock.Advance(absl::Minutes(5));
    const int id = stalled ? 200 : 100;
    const absl::Time began = absl::Now();
    EXPECT_TRUE(Get(session).ok());
    EXPECT_TRUE(Next(session, "q1").ok());
    EXPECT_TRUE(Submit(session, id, "q1").ok());
    EXPECT_TRUE(Hint(session, id + 1, "q2").ok());
    EXPECT_LT(absl::Now() - began, absl::Seconds(2));
    v1::CreateSessionRequest create;
    create.set_parent(kLearner);
    create.set_session_id(Uuid(id + 2));
    create.set_source(kPack);
    create.set_mode(v1::SESSION_MODE_PRACTICE);
    const auto refused = Call(&Stub::CreateSession, create, For(absl::Milliseconds(300))).status().code();
    // A catalogue that stalls is told of, or the client has stopped waiting first: both have the same deadline.
    EXPECT_TRUE(refused == absl::StatusCode::kUnavailable ||
                (stalled && refused == absl::StatusCode::kDeadlineExceeded))
        << refused;
    server_.catalogue.gate().Heal();
  }
  EXPECT_TRUE(Finish(session, 300).ok());
}

TEST_F(FaultsTest, AFinishDoesNotNeedTheCatalogue) {
  const std::string session = Create();
  ASSERT_OK(Submit(session, 2, "q1"));
  SessionServer other;  // a replica that has cached nothing
  for (const Event& event : Events())
    ASSERT_TRUE(SyncWait(other.log.Append({event}, absl::InfiniteFuture())).ok());
  other.catalogue.gate().Fail("", absl::UnavailableError("down"));
  std::swap(server_.stub, other.stub);
  auto finished = Finish(session, 3);
  std::swap(server_.stub, other.stub);
  ASSERT_OK(finished);
  EXPECT_EQ(finished->report().score(), 55);
  EXPECT_EQ(finished->report().questions(0).prompt(), "");
}

TEST_F(FaultsTest, AFlushInMidSessionIsNotNoticed) {
  const std::string session = Create();
  ASSERT_OK(Submit(session, 2, "q1"));
  ASSERT_OK(Hint(session, 3, "q2"));
  auto before = Get(session);
  server_.live.Flush();
  auto after = Get(session);
  ASSERT_OK(after);
  EXPECT_EQ(after->DebugString(), before->DebugString());
  server_.live.Flush();
  ASSERT_OK(Submit(session, 4, "q2"));
  EXPECT_EQ(Get(session)->questions(1).hints_taken(), 1);
}

}  // namespace
}  // namespace greenroom::session::testing
