// Every RPC as it is meant to be used.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/session/domain/wire_time.h"
#include "services/session/testing/session_server.h"

namespace greenroom::session::testing {
namespace {

using ::testing::ElementsAre;

using ServiceTest = SessionServiceTest;

TEST_F(ServiceTest, ASessionIsCreatedWithItsPlan) {
  v1::CreateSessionRequest request;
  request.set_parent("tenants/-/learners/me");
  request.set_session_id("AAAAAAAA-1111-4111-8111-111111111111");  // iOS prints upper case
  request.set_source(kPack);
  request.set_mode(v1::SESSION_MODE_PRACTICE);
  auto created = Call(&Stub::CreateSession, request);
  ASSERT_OK(created);
  EXPECT_EQ(created->sequence(), 1);
  EXPECT_FALSE(created->replayed());
  const v1::Session& session = created->session();
  EXPECT_EQ(session.name(), SessionPath("aaaaaaaa-1111-4111-8111-111111111111"));
  EXPECT_EQ(session.revision(), kRevision);
  EXPECT_EQ(session.state(), v1::SESSION_STATE_ACTIVE);
  ASSERT_EQ(session.questions_size(), 3);
  EXPECT_EQ(session.questions(0).question(), "q1");
  EXPECT_EQ(session.questions(0).state(), v1::QUESTION_STATE_OPEN);
  EXPECT_EQ(session.create_time().seconds(), absl::ToUnixSeconds(server_.clock.Now()));
  EXPECT_EQ(session.expire_time().seconds(), absl::ToUnixSeconds(server_.clock.Now() + absl::Hours(24 * 30)));
  auto got = Get(session.name());
  ASSERT_OK(got);
  EXPECT_EQ(got->DebugString(), session.DebugString());
}

TEST_F(ServiceTest, AnExplicitPlanAndCriteria) {
  v1::CreateSessionRequest request;
  request.set_parent(kLearner);
  request.set_session_id(Uuid(1));
  request.set_source(kRevision);
  request.set_mode(v1::SESSION_MODE_PRACTICE);
  request.add_questions("q3");
  request.add_questions("q1");
  auto created = Call(&Stub::CreateSession, request);
  ASSERT_OK(created);
  ASSERT_EQ(created->session().questions_size(), 2);
  EXPECT_EQ(created->session().questions(0).question(), "q3");
  request.clear_questions();
  request.set_session_id(Uuid(2));
  request.mutable_criteria()->set_shuffle(true);
  request.mutable_criteria()->set_count(2);
  created = Call(&Stub::CreateSession, request);
  ASSERT_OK(created);
  EXPECT_EQ(created->session().questions_size(), 2);
  EXPECT_NE(created->session().seed(), 0);  // drawn by the server
  // What is not known of either learner is the same, and so is the plan (selecting_test.cc).
  request.set_parent("tenants/-/learners/me");
  std::vector<std::string> plans;
  for (const char* learner : {"bob", "cyd"}) {
    request.set_session_id(Uuid(3));
    request.set_seed(created->session().seed());
    const auto again = Call(&Stub::CreateSession, request, As{"acme", learner});
    ASSERT_OK(again);
    ASSERT_EQ(again->session().questions_size(), 2);
    plans.push_back(again->session().questions(0).question() + again->session().questions(1).question());
  }
  EXPECT_EQ(plans[0], plans[1]);
}

TEST_F(ServiceTest, LabelsAreAServicesToSet) {
  v1::CreateSessionRequest request;
  request.set_parent("tenants/-/learners/ada");
  request.set_session_id(Uuid(1));
  request.set_source(kPack);
  request.set_mode(v1::SESSION_MODE_PRACTICE);
  (*request.mutable_labels())["class"] = "7b";
  auto created = Call(&Stub::CreateSession, request, As{"acme", "ada", {Role::kService}});
  ASSERT_OK(created);
  EXPECT_EQ(created->session().labels().at("class"), "7b");
  auto got = Get(created->session().name());
  ASSERT_OK(got);
  EXPECT_EQ(got->labels().at("class"), "7b");
}

TEST_F(ServiceTest, AnAnswerIsGradedAndAcknowledged) {
  const std::string session = Create();
  server_.clock.Advance(absl::Seconds(5));
  v1::SubmitAnswerRequest request;
  request.set_session(session);
  request.set_answer_id(Uuid(2));
  request.set_question("q1");
  request.set_text("words of the learner");
  request.set_confidence(v1::CONFIDENCE_SURE);
  request.set_input(v1::INPUT_METHOD_DICTATED);
  request.mutable_active_duration()->set_seconds(90);
  request.mutable_shown_time()->set_seconds(1767258001);
  auto submitted = Call(&Stub::SubmitAnswer, request);
  ASSERT_OK(submitted);
  const v1::Answer& answer = submitted->answer();
  EXPECT_EQ(submitted->sequence(), 2);
  EXPECT_EQ(answer.name(), session + "/answers/" + Uuid(2));
  EXPECT_EQ(answer.attempt(), 1);
  EXPECT_EQ(answer.text(), "");
  EXPECT_TRUE(answer.counting());
  EXPECT_FALSE(answer.after_reveal());
  EXPECT_EQ(answer.grade().state(), v1::GRADE_STATE_GRADED);
  EXPECT_EQ(answer.grade().report().score(), 55);
  EXPECT_FALSE(answer.grade().has_gained());
  EXPECT_EQ(answer.receive_time().seconds(), absl::ToUnixSeconds(server_.clock.Now()));
  EXPECT_THAT(server_.Metrics(), ::testing::HasSubstr("answers_acknowledged_total{grade=\"inline\"} 1"));

  auto got = GetAnswer(answer.name());
  ASSERT_OK(got);
  EXPECT_EQ(got->text(), "words of the learner");
  EXPECT_EQ(got->confidence(), v1::CONFIDENCE_SURE);
  EXPECT_EQ(got->input(), v1::INPUT_METHOD_DICTATED);
  EXPECT_EQ(got->active_duration().seconds(), 90);
  EXPECT_EQ(got->shown_time().seconds(), 1767258001);
  v1::Answer without_text = *got;
  without_text.clear_text();
  EXPECT_EQ(without_text.DebugString(), answer.DebugString());

  auto after = Get(session);
  ASSERT_OK(after);
  EXPECT_EQ(after->questions(0).state(), v1::QUESTION_STATE_ANSWERED);
  EXPECT_EQ(after->questions(0).score(), 55);
  EXPECT_EQ(after->score(), 55);
  EXPECT_EQ(after->sequence(), 3);  // the grade is an event of its own
  const std::vector<Event> events = Events();
  ASSERT_EQ(events.size(), 3);
  EXPECT_EQ(events[2].kind, "graded");
  EXPECT_EQ(events[2].event_id, Ledger::GradeEventId(Uuid(2), v1::GRADE_CAUSE_INITIAL, 0));
  EXPECT_EQ(events[1].payload.submitted().question_name(), std::string(kRevision) + "/questions/q1");
}

TEST_F(ServiceTest, FurtherAttemptsAreComparedWithTheBest) {
  const std::string session = Create();
  int32_t score = 40;
  server_.grader.set_grading(
      [&](const std::string& question, const std::string&) { return MarkedReport(question, score); });
  ASSERT_OK(Submit(session, 2, "q1"));
  score = 70;
  auto second = Submit(session, 3, "q1");
  ASSERT_OK(second);
  EXPECT_EQ(second->answer().attempt(), 2);
  EXPECT_EQ(second->answer().grade().gained(), 30);
  EXPECT_FALSE(second->answer().counting());
  score = 60;
  auto third = Submit(session, 4, "q1");
  ASSERT_OK(third);
  EXPECT_EQ(third->answer().grade().gained(), -10);
  EXPECT_EQ(Get(session)->questions(0).score(), 70);
  ASSERT_OK(Reveal(session, 5, "q1"));
  score = 100;
  auto fourth = Submit(session, 6, "q1");
  ASSERT_OK(fourth);
  EXPECT_TRUE(fourth->answer().after_reveal());
  EXPECT_EQ(fourth->answer().grade().gained(), 30);
  EXPECT_EQ(Get(session)->questions(0).score(), 70);
  EXPECT_EQ(Get(session)->questions(0).attempts(), 4);
}

TEST_F(ServiceTest, TheNextQuestionStaysUntilItIsLeft) {
  const std::string session = Create();
  auto next = Next(session);
  ASSERT_OK(next);
  EXPECT_EQ(next->name(), std::string(kRevision) + "/questions/q1");
  EXPECT_EQ(next->prompt(), "Prompt of q1");
  EXPECT_EQ(next->number(), 1);
  EXPECT_EQ(next->total(), 3);
  EXPECT_EQ(next->minutes(), 4);
  EXPECT_EQ(next->difficulty(), 2);
  EXPECT_EQ(next->hints_left(), 2);
  EXPECT_EQ(next->hints_size(), 0);
  ASSERT_EQ(next->tips_size(), 1);
  EXPECT_EQ(next->tips(0).text(), "Give an example.");
  EXPECT_FALSE(next->tips(0).has_check());
  auto again = Next(session);
  ASSERT_OK(again);
  EXPECT_EQ(again->DebugString(), next->DebugString());
  EXPECT_EQ(Events().size(), 1);  // a read
  auto certain = Next(session, "q3");
  ASSERT_OK(certain);
  EXPECT_EQ(certain->number(), 3);
  EXPECT_EQ(Next(session)->question(), "q1");
  ASSERT_OK(Submit(session, 2, "q1"));
  EXPECT_EQ(Next(session)->question(), "q2");
  ASSERT_OK(Skip(session, 3, "q2"));
  ASSERT_OK(Reveal(session, 4, "q3"));
  EXPECT_REASON(Next(session), kFailedPrecondition, "NO_QUESTION_LEFT");
  EXPECT_EQ(Next(session, "q2")->state(), v1::QUESTION_STATE_SKIPPED);
  EXPECT_REASON(Next(session, "q9"), kNotFound, "QUESTION_NOT_IN_SESSION");
  ASSERT_OK(Finish(session, 5));
  EXPECT_REASON(Next(session), kFailedPrecondition, "SESSION_FINISHED");
}

TEST_F(ServiceTest, HintsComeInOrderAndEnd) {
  const std::string session = Create();
  auto first = Hint(session, 2, "q1");
  ASSERT_OK(first);
  EXPECT_EQ(first->hint(), "first hint");
  EXPECT_EQ(first->number(), 1);
  EXPECT_EQ(first->hints_left(), 1);
  EXPECT_EQ(first->sequence(), 2);
  EXPECT_THAT(Next(session)->hints(), ElementsAre("first hint"));
  EXPECT_EQ(Next(session)->hints_left(), 1);
  auto second = Hint(session, 3, "q1");
  ASSERT_OK(second);
  EXPECT_EQ(second->hint(), "second hint");
  EXPECT_EQ(second->hints_left(), 0);
  EXPECT_REASON(Hint(session, 4, "q1"), kFailedPrecondition, "NO_HINTS_LEFT");
  auto replay = Hint(session, 2, "q1");
  ASSERT_OK(replay);
  EXPECT_TRUE(replay->replayed());
  replay->set_replayed(false);
  EXPECT_EQ(replay->DebugString(), first->DebugString());
  ASSERT_OK(Reveal(session, 5, "q2"));
  EXPECT_REASON(Hint(session, 6, "q2"), kFailedPrecondition, "ALREADY_REVEALED");
}

TEST_F(ServiceTest, ARevealNeedsNoAnswerAndRepeatsItself) {
  const std::string session = Create();
  auto revealed = Reveal(session, 2, "q1");
  ASSERT_OK(revealed);
  EXPECT_EQ(revealed->reveal().model_answer(), "MARKER-MODEL-q1");
  EXPECT_EQ(revealed->reveal().points_size(), 2);
  EXPECT_THAT(revealed->reveal().pitfalls(), ElementsAre("better not say that"));
  EXPECT_EQ(revealed->sequence(), 2);
  EXPECT_FALSE(revealed->replayed());
  for (int id : {2, 3}) {  // the same id, and another
    auto again = Reveal(session, id, "q1");
    ASSERT_OK(again);
    EXPECT_TRUE(again->replayed());
    EXPECT_EQ(again->sequence(), 2);
    EXPECT_EQ(again->reveal().DebugString(), revealed->reveal().DebugString());
  }
  EXPECT_EQ(Events().size(), 2);
  EXPECT_TRUE(Get(session)->questions(0).revealed());
}

TEST_F(ServiceTest, ARatingIsReplacedAndMayNameItsAnswer) {
  const std::string session = Create();
  EXPECT_REASON(Rate(session, 2, "q1"), kFailedPrecondition, "NOTHING_TO_RATE");
  auto submitted = Submit(session, 3, "q1");
  ASSERT_OK(submitted);
  ASSERT_OK(Submit(session, 4, "q2"));
  auto rate = Act<v1::RateAnswerRequest>(session, 5, "q1");
  rate.set_answer(submitted->answer().name());
  rate.set_rating(v1::RATING_HARD);
  rate.add_claimed_points("point-one");
  auto rated = Call(&Stub::RateAnswer, rate);
  ASSERT_OK(rated);
  EXPECT_EQ(rated->sequence(), 6);
  EXPECT_EQ(Get(session)->questions(0).rating(), v1::RATING_HARD);
  EXPECT_EQ(Get(session)->questions(0).state(), v1::QUESTION_STATE_RATED);
  ASSERT_OK(Rate(session, 6, "q1"));
  EXPECT_EQ(Get(session)->questions(0).rating(), v1::RATING_GOOD);
  EXPECT_EQ(Get(session)->questions(0).score(), 55);  // a claim changes no score
  // Answers that are not there, of another question, of another session.
  EXPECT_REASON(Rate(session, 7, "q1", session + "/answers/" + Uuid(99)), kNotFound, "ANSWER_NOT_FOUND");
  EXPECT_REASON(Rate(session, 7, "q1", session + "/answers/" + Uuid(4)), kNotFound, "ANSWER_NOT_FOUND");
  EXPECT_REASON(Rate(session, 7, "q1", SessionPath(Uuid(8)) + "/answers/" + Uuid(3)), kNotFound,
                "ANSWER_NOT_FOUND");
  EXPECT_REASON(
      Rate(session, 7, "q1", "tenants/other/learners/ada/sessions/" + Uuid(1) + "/answers/" + Uuid(3)),
      kNotFound, "ANSWER_NOT_FOUND");
  const std::string without_text = Create(20);
  ASSERT_OK(Reveal(without_text, 21, "q1"));
  EXPECT_TRUE(Rate(without_text, 22, "q1").ok());
}

TEST_F(ServiceTest, SkippedQuestionsCanStillBeAnswered) {
  const std::string session = Create();
  ASSERT_OK(Skip(session, 2, "q1"));
  EXPECT_EQ(Get(session)->questions(0).state(), v1::QUESTION_STATE_SKIPPED);
  ASSERT_OK(Hint(session, 3, "q1"));
  EXPECT_EQ(Get(session)->questions(0).state(), v1::QUESTION_STATE_OPEN);
  ASSERT_OK(Skip(session, 4, "q1"));
  auto submitted = Submit(session, 5, "q1");
  ASSERT_OK(submitted);
  EXPECT_TRUE(submitted->answer().counting());
}

TEST_F(ServiceTest, AFinishReportsAndEverythingIsThenSeen) {
  const std::string session = Create();
  ASSERT_OK(Submit(session, 2, "q1"));
  ASSERT_OK(Skip(session, 3, "q2"));
  server_.clock.Advance(absl::Seconds(7));
  auto finished = Finish(session, 4);
  ASSERT_OK(finished);
  const v1::SessionReport& report = finished->report();
  EXPECT_EQ(report.session(), session);
  EXPECT_EQ(report.state(), v1::SESSION_STATE_FINISHED);
  EXPECT_EQ(report.score(), 55);
  EXPECT_EQ(report.band(), scoring::v1::BAND_PARTIAL);
  EXPECT_EQ(report.answered(), 1);
  EXPECT_EQ(report.skipped(), 1);
  ASSERT_EQ(report.questions_size(), 3);
  EXPECT_EQ(report.questions(0).prompt(), "Prompt of q1");
  ASSERT_EQ(report.questions(0).answers_size(), 1);
  EXPECT_EQ(report.questions(0).answers(0).grade().report().items(1).point(), "MARKER-POINT-missed-q1");
  EXPECT_EQ(report.finish_time().seconds(), absl::ToUnixSeconds(server_.clock.Now()));
  EXPECT_EQ(report.sequence(), finished->sequence());
  v1::GetSessionReportRequest request;
  request.set_name(session);
  auto read = Call(&Stub::GetSessionReport, request);
  ASSERT_OK(read);
  EXPECT_EQ(read->DebugString(), report.DebugString());
  // Only reveals and ratings still apply.
  EXPECT_REASON(Submit(session, 5, "q3"), kFailedPrecondition, "SESSION_FINISHED");
  EXPECT_REASON(Hint(session, 6, "q3"), kFailedPrecondition, "SESSION_FINISHED");
  EXPECT_REASON(Skip(session, 7, "q3"), kFailedPrecondition, "SESSION_FINISHED");
  EXPECT_REASON(Finish(session, 8), kFailedPrecondition, "SESSION_FINISHED");
  EXPECT_REASON(SaveDraft(session, "q3", "text"), kFailedPrecondition, "SESSION_FINISHED");
  EXPECT_TRUE(Reveal(session, 9, "q3").ok());
  EXPECT_TRUE(Rate(session, 10, "q3").ok());
  auto replay = Finish(session, 4);
  ASSERT_OK(replay);
  EXPECT_TRUE(replay->replayed());
  replay->set_replayed(false);
  EXPECT_EQ(replay->DebugString(), finished->DebugString());  // as of the finish
}

TEST_F(ServiceTest, DraftsAreKeptShownAndCleared) {
  const std::string session = Create();
  auto saved = SaveDraft(session, "q1", "a draft");
  ASSERT_OK(saved);
  EXPECT_EQ(saved->save_time().seconds(), absl::ToUnixSeconds(server_.clock.Now()));
  EXPECT_EQ(Next(session)->draft().text(), "a draft");
  EXPECT_EQ(Get(session)->questions(0).draft().text(), "a draft");
  server_.clock.Advance(absl::Seconds(1));
  auto too_soon = SaveDraft(session, "q1", "more");
  EXPECT_REASON(too_soon, kResourceExhausted, "DRAFT_TOO_SOON");
  EXPECT_EQ(RetryDelayOf(too_soon.status()), absl::Seconds(2));
  EXPECT_TRUE(SaveDraft(session, "q2", "another question's").ok());
  server_.clock.Advance(absl::Seconds(2));
  EXPECT_TRUE(SaveDraft(session, "q1", "more").ok());
  EXPECT_REASON(SaveDraft(session, "q9", "text"), kNotFound, "QUESTION_NOT_IN_SESSION");
  ASSERT_OK(Submit(session, 2, "q1"));
  EXPECT_FALSE(Get(session)->questions(0).has_draft());
  EXPECT_TRUE(Get(session)->questions(1).has_draft());
  ASSERT_OK(SaveDraft(session, "q2", ""));
  EXPECT_FALSE(Get(session)->questions(1).has_draft());
  EXPECT_EQ(Events().size(), 3);  // no event
}

TEST_F(ServiceTest, AnswersAreListedInOrderByPages) {
  const std::string session = Create();
  for (int i = 0; i < 5; ++i) {
    ASSERT_OK(Submit(session, 10 + i, i % 2 == 0 ? "q1" : "q2", absl::StrCat("text ", i)));
  }
  v1::ListAnswersRequest request;
  request.set_parent(session);
  request.set_page_size(2);
  std::vector<std::string> texts;
  for (int page = 0; page < 3; ++page) {
    auto listed = Call(&Stub::ListAnswers, request);
    ASSERT_OK(listed);
    for (const v1::Answer& answer : listed->answers()) texts.push_back(answer.text());
    EXPECT_EQ(listed->next_page_token().empty(), page == 2);
    request.set_page_token(listed->next_page_token());
  }
  EXPECT_THAT(texts, ElementsAre("text 0", "text 1", "text 2", "text 3", "text 4"));
  v1::ListAnswersRequest of_question;
  of_question.set_parent(session);
  of_question.set_question("q2");
  auto listed = Call(&Stub::ListAnswers, of_question);
  ASSERT_OK(listed);
  ASSERT_EQ(listed->answers_size(), 2);
  EXPECT_EQ(listed->answers(1).attempt(), 2);
  of_question.set_page_size(1);
  of_question.set_page_token(Call(&Stub::ListAnswers, of_question)->next_page_token());
  of_question.set_question("q1");  // a token of another filter
  EXPECT_REASON(Call(&Stub::ListAnswers, of_question), kInvalidArgument, "PAGE_TOKEN_INVALID");
}

TEST_F(ServiceTest, SessionsAreListedNewestFirstWithFilters) {
  server_.catalogue.Publish("tenants/acme/packs/other",
                            {"tenants/acme/packs/other/revisions/r2", {MarkedQuestion("q1")}});
  std::vector<std::string> names;
  for (int i = 1; i <= 4; ++i) names.push_back(Create(i));
  v1::CreateSessionRequest other;
  other.set_parent(kLearner);
  other.set_session_id(Uuid(5));
  other.set_source("tenants/acme/packs/other");
  other.set_mode(v1::SESSION_MODE_PRACTICE);
  ASSERT_OK(Call(&Stub::CreateSession, other));
  ASSERT_OK(Finish(names[1], 90));
  v1::ListSessionsRequest request;
  request.set_parent("tenants/-/learners/me");
  request.set_page_size(2);
  std::vector<std::string> listed;
  for (int page = 0; page < 3; ++page) {
    auto some = Call(&Stub::ListSessions, request);
    ASSERT_OK(some);
    for (const v1::Session& session : some->sessions()) listed.push_back(session.name());
    EXPECT_EQ(some->next_page_token().empty(), page == 2) << page;
    request.set_page_token(some->next_page_token());
  }
  EXPECT_THAT(listed, ElementsAre(SessionPath(Uuid(5)), names[3], names[2], names[1], names[0]));
  v1::ListSessionsRequest finished;
  finished.set_parent(kLearner);
  finished.set_state(v1::SESSION_STATE_FINISHED);
  auto some = Call(&Stub::ListSessions, finished);
  ASSERT_OK(some);
  ASSERT_EQ(some->sessions_size(), 1);
  EXPECT_EQ(some->sessions(0).name(), names[1]);
  v1::ListSessionsRequest of_pack;
  of_pack.set_parent(kLearner);
  of_pack.set_pack("tenants/-/packs/other");
  some = Call(&Stub::ListSessions, of_pack);
  ASSERT_OK(some);
  ASSERT_EQ(some->sessions_size(), 1);
  EXPECT_EQ(some->sessions(0).name(), SessionPath(Uuid(5)));
}

TEST_F(ServiceTest, ANewerRevisionIsAnnouncedAndNeverSwappedIn) {
  const std::string session = Create();
  EXPECT_EQ(Get(session)->newer_revision(), "");
  const std::string newer = std::string(kPack) + "/revisions/r2";
  server_.catalogue.Publish(kPack, {newer, {MarkedQuestion("q1")}});
  server_.clock.Advance(absl::Minutes(1));  // it may be briefly stale
  EXPECT_EQ(Get(session)->newer_revision(), newer);
  EXPECT_EQ(Get(session)->revision(), kRevision);
  EXPECT_EQ(Get(session)->questions_size(), 3);
}

TEST_F(ServiceTest, APracticeSessionFinishesItselfAfterThirtyDays) {
  const std::string session = Create();
  ASSERT_OK(Submit(session, 2, "q1"));
  server_.clock.Advance(absl::Hours(24 * 30) - absl::Milliseconds(1));
  EXPECT_EQ(Get(session)->state(), v1::SESSION_STATE_ACTIVE);
  server_.clock.Advance(absl::Milliseconds(1));
  auto got = Get(session);
  ASSERT_OK(got);
  EXPECT_EQ(got->state(), v1::SESSION_STATE_FINISHED);
  EXPECT_EQ(got->finish_time().seconds(), absl::ToUnixSeconds(server_.clock.Now()));
  EXPECT_REASON(Submit(session, 3, "q2"), kFailedPrecondition, "SESSION_FINISHED");
  ASSERT_EQ(Events().size(), 4);
  EXPECT_TRUE(Events().back().payload.finished().expired());
  ASSERT_OK(Get(session));
  EXPECT_EQ(Events().size(), 4);  // once
}

TEST_F(ServiceTest, ClocksThatGoBackDoNotTurnCauseAndEffectRound) {
  const std::string session = Create();
  server_.clock.SetWall(server_.clock.Now() - absl::Hours(1));
  ASSERT_OK(Submit(session, 2, "q1"));
  ASSERT_OK(Reveal(session, 3, "q1"));
  const std::vector<Event> events = Events();
  ASSERT_EQ(events.size(), 4);
  EXPECT_EQ(events[1].occurred_time, events[0].occurred_time + absl::Milliseconds(1));
  EXPECT_EQ(events[3].occurred_time, events[0].occurred_time + absl::Milliseconds(2));
  EXPECT_LT(events[1].received_time, events[0].received_time);
}

}  // namespace
}  // namespace greenroom::session::testing
