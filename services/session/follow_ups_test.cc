// Follow-ups and forms of prompts, through real stubs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/base/uuid.h"
#include "services/session/domain/digest.h"
#include "services/session/domain/plan.h"
#include "services/session/domain/state_hash.h"
#include "services/session/testing/session_server.h"

namespace greenroom::session::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class FollowUpsTest : public SessionServiceTest {
 protected:
  FollowUpsTest() {
    std::vector<content::v1::Question> questions;
    for (const char* id : {"q1", "q2", "q3", "f1", "f2", "g1"}) {
      content::v1::Question& question = questions.emplace_back(MarkedQuestion(id));
      question.set_follow_up_only(id[0] != 'q');
      for (const char* variant : {"First", "Second", "Third"}) {
        question.add_variants(absl::StrCat(variant, " form of ", id));
      }
    }
    Follow(questions[0], "f1");
    Follow(questions[0], "f2");
    Follow(questions[3], "g1");
    server_.catalogue.Publish(kPack, {kRevision, questions});
  }

  static void Follow(content::v1::Question& question, const std::string& follow_up) {
    content::v1::FollowUp& added = *question.add_follow_ups();
    added.set_question(follow_up);
    added.add_when_missed("MARKER-ID-missed");
  }
  v1::CreateSessionRequest Request(int number = 1) {
    v1::CreateSessionRequest request;
    request.set_parent(kLearner);
    request.set_session_id(Uuid(number));
    request.set_source(kPack);
    request.set_mode(v1::SESSION_MODE_PRACTICE);
    return request;
  }
  std::vector<std::string> Plan(const std::string& session) {
    auto got = Get(session);
    EXPECT_TRUE(got.ok()) << got.status();
    std::vector<std::string> plan;
    for (const v1::SessionQuestion& question : got->questions()) plan.push_back(question.question());
    return plan;
  }
  // The live state is what the log says.
  void ExpectLiveEqualsReplay() {
    const std::optional<StoredState> stored = server_.live.Stored(Key());
    ASSERT_TRUE(stored.has_value());
    v1::LiveState state;
    ASSERT_TRUE(state.ParseFromString(stored->bytes));
    EXPECT_EQ(DeterministicBytes(WithoutSequences(state)),
              DeterministicBytes(WithoutSequences(FoldSession(Events())->live)));
  }
};

TEST_F(FollowUpsTest, JoinThePlanWithTheGradeThatCausedThem) {
  const std::string session = Create();
  auto submitted = Submit(session, 2, "q1");
  ASSERT_OK(submitted);
  EXPECT_THAT(submitted->answer().follow_ups(), ElementsAre("f1", "f2"));
  EXPECT_THAT(Plan(session), ElementsAre("q1", "f1", "f2", "q2", "q3"));
  const std::vector<Event> events = Events();
  ASSERT_EQ(events.size(), 5);  // created, submitted, graded, two follow-ups
  EXPECT_EQ(events[3].kind, "follow_up_added");
  EXPECT_EQ(events[3].event_id, UuidV5(Uuid(1), "follow_up/f1"));
  EXPECT_EQ(events[3].payload.follow_up_added().answer(), Uuid(2));
  EXPECT_LT(events[3].occurred_time, events[4].occurred_time);
  auto next = Next(session);
  ASSERT_OK(next);
  EXPECT_EQ(next->question(), "f1");
  EXPECT_EQ(next->follow_up_of(), "q1");
  EXPECT_EQ(next->number(), 2);
  EXPECT_EQ(next->total(), 5);
  ExpectLiveEqualsReplay();
}

TEST_F(FollowUpsTest, AReplayAndAReadTellTheSame) {
  const std::string session = Create();
  const auto first = Submit(session, 2, "q1");
  ASSERT_OK(first);
  ASSERT_OK(Submit(session, 3, "f1"));
  const auto again = Submit(session, 2, "q1");
  ASSERT_OK(again);
  EXPECT_TRUE(again->replayed());
  EXPECT_EQ(again->answer().DebugString(), first->answer().DebugString());
  EXPECT_THAT(GetAnswer(first->answer().name())->follow_ups(), ElementsAre("f1", "f2"));
  v1::GetSessionReportRequest report;
  report.set_name(session);
  auto reported = Call(&Stub::GetSessionReport, report);
  ASSERT_OK(reported);
  EXPECT_EQ(reported->questions(1).follow_up_of(), "q1");
  EXPECT_EQ(reported->questions(1).prompt(), "Prompt of f1");
  EXPECT_EQ(reported->questions(1).answers_size(), 1);
}

TEST_F(FollowUpsTest, OfAFollowUpComeTooAndNoQuestionTwice) {
  const std::string session = Create();
  ASSERT_OK(Submit(session, 2, "q1"));
  EXPECT_THAT(Submit(session, 3, "f1")->answer().follow_ups(), ElementsAre("g1"));
  EXPECT_THAT(Submit(session, 4, "q1")->answer().follow_ups(), IsEmpty()) << "no first attempt";
  EXPECT_THAT(Plan(session), ElementsAre("q1", "f1", "g1", "f2", "q2", "q3"));
  server_.live.Flush();
  EXPECT_THAT(Plan(session), ElementsAre("q1", "f1", "g1", "f2", "q2", "q3"));
  ExpectLiveEqualsReplay();
}

TEST_F(FollowUpsTest, AreNotForWhatWasMadeNorForLaterAttemptsNorAfterTheReveal) {
  const std::string session = Create();
  server_.grader.set_grading([](const std::string& question, const std::string&) {
    scoring::v1::Report report = MarkedReport(question);
    report.mutable_items(1)->set_credit(0.5);
    return report;
  });
  EXPECT_THAT(Submit(session, 2, "q1")->answer().follow_ups(), IsEmpty());
  server_.grader.set_grading(
      [](const std::string& question, const std::string&) { return MarkedReport(question); });
  EXPECT_THAT(Submit(session, 3, "q1")->answer().follow_ups(), IsEmpty());
  const std::string other = Create(9);
  ASSERT_OK(Reveal(other, 4, "q1"));
  EXPECT_THAT(Submit(other, 5, "q1")->answer().follow_ups(), IsEmpty());
  EXPECT_THAT(Plan(other), ElementsAre("q1", "q2", "q3"));
}

TEST_F(FollowUpsTest, AreOffWhereTheSessionSaysSo) {
  v1::CreateSessionRequest request = Request();
  request.set_no_follow_ups(true);
  auto created = Call(&Stub::CreateSession, request);
  ASSERT_OK(created);
  EXPECT_TRUE(created->session().no_follow_ups());
  EXPECT_THAT(Submit(created->session().name(), 2, "q1")->answer().follow_ups(), IsEmpty());
  EXPECT_EQ(Events().size(), 3);
  request.set_no_follow_ups(false);
  EXPECT_REASON(Call(&Stub::CreateSession, request), kAlreadyExists, "ID_REUSED");
}

TEST_F(FollowUpsTest, ComeWithALateGrade) {
  const std::string session = Create();
  server_.grader.gate().Fail("Grade", absl::UnavailableError("down"), 1);
  auto submitted = Submit(session, 2, "q1");
  ASSERT_OK(submitted);
  EXPECT_THAT(submitted->answer().follow_ups(), IsEmpty());
  const int64_t pending_at = submitted->sequence();
  auto watch = StartWatch(session, pending_at);
  EXPECT_EQ(server_.worker.RunOnce(), 1);
  EXPECT_THAT(Plan(session), ElementsAre("q1", "f1", "f2", "q2", "q3"));
  EXPECT_THAT(GetAnswer(session + "/answers/" + Uuid(2))->follow_ups(), ElementsAre("f1", "f2"));
  EXPECT_THAT(Submit(session, 2, "q1")->answer().follow_ups(), ElementsAre("f1", "f2"));
  EXPECT_EQ(watch->NextChange()->session().questions_size(), 5);
  ExpectLiveEqualsReplay();
}

TEST_F(FollowUpsTest, DoNotComeAfterTheFinish) {
  const std::string session = Create();
  server_.grader.gate().Fail("Grade", absl::UnavailableError("down"), 1);
  ASSERT_OK(Submit(session, 2, "q1"));
  ASSERT_OK(Finish(session, 3));
  EXPECT_EQ(server_.worker.RunOnce(), 1);
  EXPECT_THAT(Plan(session), ElementsAre("q1", "q2", "q3"));
  EXPECT_EQ(GetAnswer(session + "/answers/" + Uuid(2))->grade().state(), v1::GRADE_STATE_GRADED);
  EXPECT_EQ(Events().size(), 4);
}

// A second first answer cannot be; an answer that was first when it came but has a later place is no first either.
TEST_F(FollowUpsTest, OfTwoPendingAnswersTheFirstCounts) {
  const std::string session = Create();
  server_.grader.gate().Fail("Grade", absl::UnavailableError("down"), 2);
  ASSERT_OK(Submit(session, 2, "q1"));
  server_.clock.Advance(absl::Seconds(2));
  ASSERT_OK(Submit(session, 3, "q1"));
  EXPECT_EQ(server_.worker.RunOnce(), 2);
  EXPECT_THAT(GetAnswer(session + "/answers/" + Uuid(2))->follow_ups(), ElementsAre("f1", "f2"));
  EXPECT_THAT(GetAnswer(session + "/answers/" + Uuid(3))->follow_ups(), IsEmpty());
  EXPECT_EQ(Events().size(), 7);
  ExpectLiveEqualsReplay();
}

TEST_F(FollowUpsTest, WaitForTheCatalogueTogetherWithTheirGrade) {
  const std::string session = Create();
  // Another replica, as it were: the revision is not in its memory.
  CachedCatalogue cold(server_.catalogue, server_.clock);
  GradeWorker worker(server_.log, server_.ledger, server_.grader, cold, server_.clock, server_.rng,
                     server_.metrics, server_.logger);
  server_.grader.gate().Fail("Grade", absl::UnavailableError("down"), 1);
  ASSERT_OK(Submit(session, 2, "q1"));
  server_.catalogue.gate().Fail("", absl::UnavailableError("down"));
  EXPECT_EQ(worker.RunOnce(), 1);
  EXPECT_EQ(GetAnswer(session + "/answers/" + Uuid(2))->grade().state(), v1::GRADE_STATE_PENDING);
  server_.catalogue.gate().Heal();
  server_.clock.Advance(absl::Minutes(5));
  EXPECT_EQ(worker.RunOnce(), 1);
  EXPECT_THAT(Plan(session), ElementsAre("q1", "f1", "f2", "q2", "q3"));
}

TEST_F(FollowUpsTest, AnAnswerIsTakenWhereTheCatalogueIsAwayAndItsGradeComesWithThem) {
  const std::string session = Create();
  CachedCatalogue cold(server_.catalogue, server_.clock);
  Service service(server_.runtime, {server_.ledger,
                                    server_.log,
                                    server_.live,
                                    cold,
                                    server_.breaker,
                                    server_.clock,
                                    server_.rng,
                                    server_.metrics,
                                    server_.wakeups,
                                    {},
                                    {},
                                    server_.assignments,
                                    server_.open_exams,
                                    server_.memory_deriver});
  const auto server = Server::Start(ServerOptions{.drain_delay = absl::ZeroDuration()}, {&service},
                                    server_.registry, server_.logger);
  ASSERT_OK(server);
  server_.stub = v1::SessionService::NewStub(
      grpc::CreateChannel(absl::StrCat("127.0.0.1:", (*server)->port()), grpc::InsecureChannelCredentials()));
  server_.catalogue.gate().Stall("");
  const absl::Time began = absl::Now();
  auto submitted = Submit(session, 2, "q1");
  ASSERT_OK(submitted);
  EXPECT_LT(absl::Now() - began, absl::Seconds(2));
  EXPECT_EQ(submitted->answer().grade().state(), v1::GRADE_STATE_PENDING);
  auto other = Submit(session, 3, "q1");
  ASSERT_OK(other);
  EXPECT_EQ(other->answer().grade().state(), v1::GRADE_STATE_GRADED)
      << "nothing can follow up a second attempt";
  server_.catalogue.gate().Heal();
  EXPECT_EQ(server_.worker.RunOnce(), 1);
  EXPECT_THAT(GetAnswer(session + "/answers/" + Uuid(2))->follow_ups(), ElementsAre("f1", "f2"));
  EXPECT_THAT(Plan(session), ElementsAre("q1", "f1", "f2", "q2", "q3"));
}

TEST_F(FollowUpsTest, FormsAreDrawnByTheSeedAndKept) {
  v1::CreateSessionRequest request = Request();
  request.set_vary_prompts(true);
  request.set_seed(11);
  auto created = Call(&Stub::CreateSession, request);
  ASSERT_OK(created);
  const std::string session = created->session().name();
  EXPECT_EQ(created->session().seed(), 11);
  EXPECT_TRUE(created->session().vary_prompts());
  const char* const kForms[] = {"Prompt", "First form", "Second form", "Third form"};
  for (const v1::SessionQuestion& question : created->session().questions()) {
    EXPECT_EQ(question.variant(), DrawForm(11, question.question(), 3));
    auto next = Next(session, question.question());
    ASSERT_OK(next);
    EXPECT_EQ(next->variant(), question.variant());
    EXPECT_EQ(next->prompt(), absl::StrCat(kForms[question.variant()], " of ", question.question()));
  }
  ASSERT_OK(Submit(session, 2, "q1"));
  auto follow_up = Next(session);
  ASSERT_OK(follow_up);
  EXPECT_EQ(follow_up->question(), "f1");
  EXPECT_EQ(follow_up->variant(), DrawForm(11, "f1", 3));
  auto finished = Finish(session, 3);
  ASSERT_OK(finished);
  for (const v1::QuestionReport& question : finished->report().questions()) {
    EXPECT_EQ(question.variant(), DrawForm(11, question.question(), 3));
    EXPECT_EQ(question.prompt(), absl::StrCat(kForms[question.variant()], " of ", question.question()));
  }
  auto again = Call(&Stub::CreateSession, request);
  ASSERT_OK(again);
  EXPECT_TRUE(again->replayed());
  EXPECT_EQ(again->session().DebugString(), created->session().DebugString());
}

TEST_F(FollowUpsTest, ASeedIsDrawnWhereThereIsNone) {
  std::set<int64_t> seeds;
  std::set<int32_t> forms;
  for (int i = 0; i < 30; ++i) {
    v1::CreateSessionRequest request = Request(1 + i);
    request.set_vary_prompts(true);
    request.add_questions("q2");
    auto created = Call(&Stub::CreateSession, request);
    ASSERT_OK(created);
    seeds.insert(created->session().seed());
    forms.insert(created->session().questions(0).variant());
  }
  EXPECT_EQ(seeds.size(), 30);
  EXPECT_EQ(forms.size(), 4);
}

TEST_F(FollowUpsTest, WithoutTheWishThePromptIsTheAuthors) {
  v1::CreateSessionRequest request = Request();
  request.set_seed(11);
  auto created = Call(&Stub::CreateSession, request);
  ASSERT_OK(created);
  for (const v1::SessionQuestion& question : created->session().questions()) EXPECT_EQ(question.variant(), 0);
  EXPECT_EQ(Next(created->session().name())->prompt(), "Prompt of q1");
}

}  // namespace
}  // namespace greenroom::session::testing
