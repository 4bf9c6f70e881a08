// Mocks, pauses and reviews through the service, with a clock that stands still until it is told.
#include <gtest/gtest.h>

#include "services/session/domain/deadlines.h"
#include "services/session/domain/state_hash.h"
#include "services/session/testing/session_server.h"

namespace greenroom::session::testing {
namespace {

// The pack's questions say 4 minutes each: a mock of them has 12, and each question 8.
class TimedModesTest : public SessionServiceTest {
 protected:
  static constexpr absl::Duration kLimit = absl::Minutes(12);
  static constexpr absl::Duration kQuestion = absl::Minutes(8);
  static inline const absl::Duration kLate = kDeadlineGrace + absl::Milliseconds(1);

  std::string CreateMock(int number = 1) {
    auto created = Call(&Stub::CreateSession, CreateRequest(number, v1::SESSION_MODE_MOCK));
    EXPECT_TRUE(created.ok()) << created.status();
    return created.ok() ? created->session().name() : "";
  }
  absl::Time Now() { return server_.clock.Now(); }
  static absl::Time TimeOf(const google::protobuf::Timestamp& time) {
    return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
  }
  int Count(const std::string& kind) {
    int count = 0;
    for (const Event& event : Events()) count += event.kind == kind ? 1 : 0;
    return count;
  }
  Event Only(const std::string& kind) {
    Event only;
    for (const Event& event : Events()) {
      if (event.kind == kind) only = event;
    }
    EXPECT_EQ(Count(kind), 1) << kind;
    return only;
  }
};

TEST_F(TimedModesTest, AMockHasTheTimeOfItsQuestions) {
  const absl::Time began = Now();
  const auto session = Get(CreateMock());
  ASSERT_OK(session);
  EXPECT_EQ(session->mode(), v1::SESSION_MODE_MOCK);
  EXPECT_EQ(TimeOf(session->deadline()), began + kLimit);
  EXPECT_FALSE(session->has_expire_time());
  EXPECT_FALSE(session->questions(0).has_deadline());
  v1::CreateSessionRequest request = CreateRequest(2, v1::SESSION_MODE_MOCK);
  request.mutable_time_limit()->set_seconds(90);
  request.mutable_question_time_limit()->set_seconds(30);
  const auto limited = Call(&Stub::CreateSession, request);
  ASSERT_OK(limited);
  EXPECT_EQ(TimeOf(limited->session().deadline()), began + absl::Seconds(90));
  const auto shown = Next(limited->session().name());
  ASSERT_OK(shown);
  EXPECT_EQ(TimeOf(shown->deadline()), began + absl::Seconds(30));
  request.mutable_time_limit()->set_seconds(91);
  EXPECT_REASON(Call(&Stub::CreateSession, request), kAlreadyExists, "ID_REUSED");
}

TEST_F(TimedModesTest, LimitsAreAMocksAndWithinBounds) {
  for (const v1::SessionMode mode :
       {v1::SESSION_MODE_PRACTICE, v1::SESSION_MODE_REVIEW, v1::SESSION_MODE_EXAM}) {
    v1::CreateSessionRequest request = CreateRequest(1, mode);
    request.mutable_time_limit()->set_seconds(600);
    EXPECT_REASON(Call(&Stub::CreateSession, request), kInvalidArgument, "INVALID_REQUEST");
  }
  for (const auto& [session, question] : std::vector<std::pair<int64_t, int64_t>>{
           {59, 10}, {60, 9}, {24 * 3600 + 1, 10}, {60, 24 * 3600 + 1}, {-1, 10}}) {
    v1::CreateSessionRequest request = CreateRequest(1, v1::SESSION_MODE_MOCK);
    request.mutable_time_limit()->set_seconds(session);
    request.mutable_question_time_limit()->set_seconds(question);
    EXPECT_REASON(Call(&Stub::CreateSession, request), kInvalidArgument, "INVALID_REQUEST");
  }
}

TEST_F(TimedModesTest, TheFirstLookStartsAQuestionOnceForAllDevices) {
  const std::string session = CreateMock();
  server_.clock.Advance(absl::Minutes(1));
  const absl::Time started = Now();
  const auto first = Next(session);
  ASSERT_OK(first);
  EXPECT_EQ(TimeOf(first->deadline()), started + kQuestion);
  server_.clock.Advance(absl::Minutes(1));
  const auto again = Next(session);
  ASSERT_OK(again);
  EXPECT_EQ(TimeOf(again->deadline()), started + kQuestion);
  EXPECT_EQ(Only("question_started").event_id, Ledger::StartEventId(Uuid(1), "q1"));
  EXPECT_EQ(TimeOf(Get(session)->questions(0).deadline()), started + kQuestion);
  // As another device starts it between this one's look and its write.
  bool done = false;
  server_.log.set_before_append([&](const std::vector<Event>& unit) {
    if (std::exchange(done, true)) return;
    EXPECT_TRUE(SyncWait(server_.log.Append({unit[0]}, absl::Now() + absl::Seconds(1))).ok());
  });
  const auto raced = Next(session, "q2");
  ASSERT_OK(raced);
  EXPECT_EQ(TimeOf(raced->deadline()), Now() + kQuestion);
  EXPECT_EQ(Count("question_started"), 2);
}

TEST_F(TimedModesTest, PracticeStartsNothing) {
  const std::string session = Create();
  ASSERT_OK(Next(session));
  EXPECT_EQ(Count("question_started"), 0);
  EXPECT_FALSE(Get(session)->has_deadline());
}

TEST_F(TimedModesTest, AnAnswerInTheGraceCountsAndALaterOneIsRefused) {
  const std::string session = CreateMock();
  ASSERT_OK(Next(session));
  server_.clock.Advance(kQuestion + kDeadlineGrace);
  ASSERT_OK(Submit(session, 2, "q1"));
  ASSERT_OK(Next(session));
  server_.clock.Advance(absl::Minutes(3));
  ASSERT_OK(SaveDraft(session, "q2", "my words"));
  server_.clock.Advance(absl::Minutes(1) + absl::Milliseconds(1));  // beyond the session's time
  EXPECT_REASON(Submit(session, 3, "q2"), kFailedPrecondition, "TIME_IS_UP");
  EXPECT_REASON(SaveDraft(session, "q2", "more"), kFailedPrecondition, "TIME_IS_UP");
  EXPECT_REASON(Skip(session, 4, "q3"), kFailedPrecondition, "TIME_IS_UP");
  EXPECT_EQ(Get(session)->state(), v1::SESSION_STATE_FINISHED);
  const auto replayed = Submit(session, 2, "q1");  // what was acknowledged stays so
  ASSERT_OK(replayed);
  EXPECT_TRUE(replayed->replayed());
}

TEST_F(TimedModesTest, TheTimeThatGradingTakesIsNotTheLearners) {
  const std::string session = CreateMock();
  ASSERT_OK(Next(session));
  server_.clock.Advance(kQuestion + kDeadlineGrace);
  server_.grader.set_grading([this](const std::string& question, const std::string&) {
    server_.clock.Advance(absl::Seconds(1));
    return MarkedReport(question);
  });
  ASSERT_OK(Submit(session, 2, "q1"));
  EXPECT_EQ(Get(session)->questions(0).attempts(), 1);
}

TEST_F(TimedModesTest, AtAQuestionsDeadlineItsDraftIsItsAnswer) {
  const std::string session = CreateMock();
  const absl::Time began = Now();
  ASSERT_OK(Next(session));
  ASSERT_OK(SaveDraft(session, "q1", "words of the learner"));
  server_.clock.Advance(kQuestion + kDeadlineGrace);
  EXPECT_EQ(server_.deadline_worker.RunOnce(), 0);
  server_.clock.Advance(absl::Milliseconds(1));
  EXPECT_EQ(server_.deadline_worker.RunOnce(), 1);
  EXPECT_EQ(server_.deadline_worker.RunOnce(), 0);
  const Event submitted = Only("submitted");
  EXPECT_TRUE(submitted.payload.submitted().auto_submitted());
  EXPECT_EQ(submitted.payload.submitted().text(), "words of the learner");
  EXPECT_EQ(submitted.occurred_time, began + kQuestion);
  EXPECT_EQ(submitted.received_time, Now());
  EXPECT_EQ(server_.worker.RunOnce(), 1);
  const auto answer = GetAnswer(session + "/answers/" + submitted.event_id);
  ASSERT_OK(answer);
  EXPECT_TRUE(answer->auto_submitted());
  EXPECT_EQ(answer->grade().state(), v1::GRADE_STATE_GRADED);
  const auto next = Next(session);
  ASSERT_OK(next);
  EXPECT_EQ(next->question(), "q2");
  EXPECT_REASON(Submit(session, 3, "q1"), kFailedPrecondition, "TIME_IS_UP");
  EXPECT_FALSE(Get(session)->questions(0).has_draft());
}

TEST_F(TimedModesTest, AQuestionWithoutADraftIsLeft) {
  const std::string session = CreateMock();
  ASSERT_OK(Next(session));
  server_.clock.Advance(kQuestion + kLate);
  const auto next = Next(session);  // a reader sees to it as well as the worker
  ASSERT_OK(next);
  EXPECT_EQ(next->question(), "q2");
  EXPECT_EQ(Get(session)->questions(0).state(), v1::QUESTION_STATE_SKIPPED);
  EXPECT_REASON(Submit(session, 3, "q1"), kFailedPrecondition, "TIME_IS_UP");
  EXPECT_EQ(server_.deadline_worker.RunOnce(), 0);
}

TEST_F(TimedModesTest, AMockEndsAtItsDeadlineWithItsDrafts) {
  const std::string session = CreateMock();
  const absl::Time began = Now();
  ASSERT_OK(Next(session));
  ASSERT_OK(Submit(session, 2, "q1"));
  ASSERT_OK(Next(session));
  server_.clock.Advance(absl::Minutes(7));
  ASSERT_OK(SaveDraft(session, "q2", "words of the learner"));
  server_.clock.Advance(absl::Hours(5));  // the service was down
  EXPECT_EQ(server_.deadline_worker.RunOnce(), 1);
  const Event finished = Only("finished");
  EXPECT_TRUE(finished.payload.finished().out_of_time());
  EXPECT_EQ(finished.occurred_time, began + kLimit);
  EXPECT_EQ(finished.received_time, Now());
  const auto ended = Get(session);
  ASSERT_OK(ended);
  EXPECT_EQ(ended->state(), v1::SESSION_STATE_FINISHED);
  EXPECT_TRUE(ended->out_of_time());
  EXPECT_EQ(TimeOf(ended->finish_time()), began + kLimit);
  EXPECT_EQ(ended->questions(1).attempts(), 1);
  EXPECT_EQ(server_.worker.RunOnce(), 1);
  EXPECT_EQ(Get(session)->score(), 37);  // 55, 55 and nothing
  EXPECT_EQ(server_.deadline_worker.RunOnce(), 0);
  EXPECT_EQ(Count("finished"), 1);
  // Everything is shown, like practice.
  EXPECT_EQ(Reveal(session, 5, "q3")->reveal().model_answer(), "MARKER-MODEL-q3");
  ASSERT_OK(Rate(session, 6, "q3"));
  EXPECT_REASON(Next(session), kFailedPrecondition, "SESSION_FINISHED");
}

TEST_F(TimedModesTest, WhoeverMeetsAnEndedMockFindsItFinishedByItsDeadline) {
  const std::string session = CreateMock();
  const absl::Time began = Now();
  server_.clock.Advance(kLimit + kLate);
  v1::GetSessionReportRequest request;
  request.set_name(session);
  const auto report = Call(&Stub::GetSessionReport, request);
  ASSERT_OK(report);
  EXPECT_EQ(report->state(), v1::SESSION_STATE_FINISHED);
  EXPECT_EQ(TimeOf(report->finish_time()), began + kLimit);
  server_.live.Flush();
  EXPECT_TRUE(Get(session)->out_of_time());
  EXPECT_EQ(Count("finished"), 1);
}

TEST_F(TimedModesTest, EventsOfOtherSessionsBehindTheDeadlineDoNotMatter) {
  const std::string mock = CreateMock();
  ASSERT_OK(Next(mock));
  ASSERT_OK(SaveDraft(mock, "q1", "words of the learner"));
  server_.clock.Advance(kLimit + kLate);
  const std::string practice = Create(7);
  ASSERT_OK(Submit(practice, 8, "q1"));
  server_.clock.Advance(absl::Minutes(1));
  const auto ended = Get(mock);
  ASSERT_OK(ended);
  EXPECT_EQ(ended->state(), v1::SESSION_STATE_FINISHED);
  EXPECT_EQ(ended->questions(0).attempts(), 1);
  const std::string hash = StateHash(Events());
  server_.live.Flush();
  EXPECT_EQ(Get(mock)->SerializeAsString(), ended->SerializeAsString());
  EXPECT_EQ(StateHash(Events()), hash);
}

TEST_F(TimedModesTest, TwoWhoEndItAtOnceWriteItOnce) {
  const std::string session = CreateMock();
  server_.clock.Advance(kLimit + kLate);
  // Another replica's finish takes the place and the id.
  bool done = false;
  server_.log.set_before_append([&](const std::vector<Event>& unit) {
    if (std::exchange(done, true)) return;
    EXPECT_TRUE(SyncWait(server_.log.Append(unit, absl::Now() + absl::Seconds(1))).ok());
  });
  EXPECT_EQ(Get(session)->state(), v1::SESSION_STATE_FINISHED);
  EXPECT_EQ(Count("finished"), 1);
}

TEST_F(TimedModesTest, WhileDraftsCannotBeReadASessionWaitsForThem) {
  const std::string session = CreateMock();
  ASSERT_OK(Next(session));
  ASSERT_OK(SaveDraft(session, "q1", "words of the learner"));
  server_.clock.Advance(kLimit + kLate);
  server_.live.gate().Fail("Begin", absl::UnavailableError("away"));
  EXPECT_EQ(server_.deadline_worker.RunOnce(), 1);
  EXPECT_EQ(Get(session)->state(), v1::SESSION_STATE_ACTIVE);
  EXPECT_REASON(Submit(session, 3, "q1"), kFailedPrecondition, "TIME_IS_UP");
  server_.live.gate().Heal();
  server_.clock.Advance(absl::Minutes(1));  // the lease is over
  EXPECT_EQ(server_.deadline_worker.RunOnce(), 1);
  EXPECT_EQ(Get(session)->questions(0).attempts(), 1);
}

TEST_F(TimedModesTest, ButNotForEver) {
  const std::string session = CreateMock();
  server_.live.gate().Fail("Begin", absl::UnavailableError("away"));
  server_.clock.Advance(kLimit + kDraftPatience + kLate);
  EXPECT_EQ(server_.deadline_worker.RunOnce(), 1);
  EXPECT_EQ(Count("finished"), 1);
}

TEST_F(TimedModesTest, AFailedRoundIsTakenAgain) {
  const std::string session = CreateMock();
  server_.clock.Advance(kLimit + kLate);
  server_.log.gate().Fail("Append", absl::UnavailableError("away"), 1);
  EXPECT_EQ(server_.deadline_worker.RunOnce(), 1);
  EXPECT_EQ(Count("finished"), 0);
  EXPECT_EQ(server_.deadline_worker.RunOnce(), 0);
  server_.clock.Advance(absl::Seconds(31));
  EXPECT_EQ(server_.deadline_worker.RunOnce(), 1);
  EXPECT_EQ(Count("finished"), 1);
}

TEST_F(TimedModesTest, AMockForbidsWhatShowsBeforeItsEnd) {
  const std::string session = CreateMock();
  ASSERT_OK(Next(session));
  EXPECT_REASON(Hint(session, 2, "q1"), kFailedPrecondition, "MODE_FORBIDS");
  EXPECT_REASON(Reveal(session, 3, "q1"), kFailedPrecondition, "MODE_FORBIDS");
  ASSERT_OK(Submit(session, 4, "q1"));
  EXPECT_REASON(Rate(session, 5, "q1"), kFailedPrecondition, "MODE_FORBIDS");
  EXPECT_REASON(Submit(session, 6, "q1"), kFailedPrecondition, "ATTEMPTS_EXHAUSTED");
  ASSERT_OK(Finish(session, 7));
  EXPECT_FALSE(Get(session)->out_of_time());
  ASSERT_OK(Reveal(session, 8, "q1"));
}

TEST_F(TimedModesTest, APauseStopsTheClocks) {
  const std::string session = CreateMock();
  const absl::Time began = Now();
  ASSERT_OK(Next(session));
  server_.clock.Advance(absl::Minutes(2));
  const auto paused = Pause(session, 2);
  ASSERT_OK(paused);
  EXPECT_EQ(paused->session().state(), v1::SESSION_STATE_PAUSED);
  EXPECT_EQ(paused->session().time_left().seconds(), 600);
  EXPECT_FALSE(paused->replayed());
  server_.clock.Advance(absl::Hours(1));
  EXPECT_EQ(server_.deadline_worker.RunOnce(), 0);
  EXPECT_REASON(Next(session), kFailedPrecondition, "SESSION_PAUSED");
  EXPECT_REASON(Next(session, "q2"), kFailedPrecondition, "SESSION_PAUSED");
  EXPECT_REASON(Submit(session, 3, "q1"), kFailedPrecondition, "SESSION_PAUSED");
  EXPECT_REASON(Skip(session, 4, "q1"), kFailedPrecondition, "SESSION_PAUSED");
  EXPECT_REASON(SaveDraft(session, "q1", "x"), kFailedPrecondition, "SESSION_PAUSED");
  const auto again = Pause(session, 5);  // it is paused already
  ASSERT_OK(again);
  EXPECT_TRUE(again->replayed());
  EXPECT_EQ(again->sequence(), paused->sequence());
  const auto resumed = Resume(session, 6);
  ASSERT_OK(resumed);
  EXPECT_EQ(resumed->session().state(), v1::SESSION_STATE_ACTIVE);
  EXPECT_EQ(TimeOf(resumed->session().deadline()), began + kLimit + absl::Hours(1));
  EXPECT_EQ(TimeOf(Next(session)->deadline()), began + kQuestion + absl::Hours(1));
  const auto replay = Pause(session, 2);  // the first one's reply
  ASSERT_OK(replay);
  EXPECT_TRUE(replay->replayed());
  EXPECT_EQ(replay->session().SerializeAsString(), paused->session().SerializeAsString());
  EXPECT_TRUE(Resume(session, 7)->replayed());
  EXPECT_EQ(Count("paused"), 1);
  EXPECT_EQ(Count("resumed"), 1);
  server_.clock.Advance(absl::Minutes(10) + kLate);
  EXPECT_EQ(server_.deadline_worker.RunOnce(), 1);
  EXPECT_EQ(TimeOf(Get(session)->finish_time()), began + kLimit + absl::Hours(1));
}

TEST_F(TimedModesTest, PracticeIsPausedTooAndAPausedSessionCanBeFinished) {
  const std::string session = Create();
  ASSERT_OK(Pause(session, 2));
  EXPECT_REASON(Hint(session, 3, "q1"), kFailedPrecondition, "SESSION_PAUSED");
  EXPECT_REASON(Reveal(session, 4, "q1"), kFailedPrecondition, "SESSION_PAUSED");
  v1::ListSessionsRequest list;
  list.set_parent(kLearner);
  list.set_state(v1::SESSION_STATE_PAUSED);
  EXPECT_EQ(Call(&Stub::ListSessions, list)->sessions_size(), 1);
  ASSERT_OK(Finish(session, 5));
  EXPECT_REASON(Resume(session, 6), kFailedPrecondition, "SESSION_FINISHED");
  EXPECT_REASON(Pause(session, 7), kFailedPrecondition, "SESSION_FINISHED");
}

TEST_F(TimedModesTest, NobodyPausesOrResumesAnothersSession) {
  const std::string session = Create();
  v1::PauseSessionRequest request;
  request.set_name(session);
  request.set_request_id(Uuid(2));
  EXPECT_REASON(Call(&Stub::PauseSession, request, {.learner = "bob"}), kNotFound, "SESSION_NOT_FOUND");
  EXPECT_REASON(Call(&Stub::PauseSession, request, {.tenant = "umbrella"}), kNotFound, "SESSION_NOT_FOUND");
  EXPECT_REASON(Call(&Stub::PauseSession, request, {.roles = {Role::kInstructor}}), kPermissionDenied,
                "ROLE_FORBIDS");
  request.set_request_id("no uuid");
  EXPECT_REASON(Call(&Stub::PauseSession, request), kInvalidArgument, "INVALID_REQUEST");
}

TEST_F(TimedModesTest, AMockThatStaysPausedExpires) {
  const std::string session = CreateMock();
  ASSERT_OK(Pause(session, 2));
  EXPECT_EQ(TimeOf(Get(session)->expire_time()), Now() + kIdleExpiry);
  server_.clock.Advance(kIdleExpiry);
  EXPECT_EQ(Get(session)->state(), v1::SESSION_STATE_FINISHED);
  EXPECT_TRUE(Only("finished").payload.finished().expired());
}

TEST_F(TimedModesTest, AReviewOfExplicitQuestionsHasOneAttempt) {
  v1::CreateSessionRequest request = CreateRequest(1, v1::SESSION_MODE_REVIEW);
  request.add_questions("q2");
  request.add_questions("q1");
  const auto created = Call(&Stub::CreateSession, request);
  ASSERT_OK(created);
  const std::string session = created->session().name();
  EXPECT_EQ(TimeOf(created->session().expire_time()), Now() + kIdleExpiry);
  EXPECT_EQ(Next(session)->question(), "q2");
  ASSERT_OK(Hint(session, 2, "q2"));
  ASSERT_OK(Submit(session, 3, "q2"));
  EXPECT_REASON(Submit(session, 4, "q2"), kFailedPrecondition, "ATTEMPTS_EXHAUSTED");
  ASSERT_OK(Reveal(session, 5, "q2"));
  ASSERT_OK(Rate(session, 6, "q2"));
  ASSERT_OK(Reveal(session, 7, "q1"));
  EXPECT_REASON(Submit(session, 8, "q1"), kFailedPrecondition, "ATTEMPTS_EXHAUSTED");
  server_.clock.Advance(kIdleExpiry);
  EXPECT_EQ(Get(session)->state(), v1::SESSION_STATE_FINISHED);
}

TEST_F(TimedModesTest, AReviewAsksWhatIsDue) {
  v1::CreateSessionRequest request = CreateRequest(1, v1::SESSION_MODE_REVIEW);
  EXPECT_REASON(Call(&Stub::CreateSession, request), kFailedPrecondition, "NOTHING_DUE");
  server_.due.Set({"acme", "ada"}, kPack, Now() + absl::Hours(1), {"q3", "gone", "q1", "q2"});
  EXPECT_REASON(Call(&Stub::CreateSession, request), kFailedPrecondition, "NOTHING_DUE");
  server_.clock.Advance(absl::Hours(1));
  const auto all = Call(&Stub::CreateSession, request);
  ASSERT_OK(all);
  ASSERT_EQ(all->session().questions_size(), 3);
  EXPECT_EQ(all->session().questions(0).question(), "q3");
  EXPECT_EQ(all->session().questions(1).question(), "q1");
  request.set_session_id(Uuid(2));
  request.mutable_criteria()->set_count(1);
  EXPECT_EQ(Call(&Stub::CreateSession, request)->session().questions_size(), 1);
  request.set_session_id(Uuid(3));
  request.mutable_criteria()->add_topics("elsewhere");
  EXPECT_REASON(Call(&Stub::CreateSession, request), kFailedPrecondition, "NOTHING_DUE");
  request.set_session_id(Uuid(1));
  request.clear_criteria();
  server_.due.gate().Fail("ListDue", absl::UnavailableError("away"));
  EXPECT_TRUE(Call(&Stub::CreateSession, request)->replayed());
  request.set_session_id(Uuid(4));
  EXPECT_EQ(Call(&Stub::CreateSession, request).status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace greenroom::session::testing
