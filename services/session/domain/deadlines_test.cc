#include "services/session/domain/deadlines.h"

#include <gtest/gtest.h>

#include "services/session/domain/decide.h"
#include "services/session/domain/fold.h"
#include "services/session/domain/fold_builder.h"
#include "services/session/domain/outbox.h"
#include "services/session/domain/state_hash.h"
#include "services/session/domain/views.h"

namespace greenroom::session {
namespace {

// A mock of 30 minutes whose questions have 2 minutes each, the last one none.
class DeadlinesTest : public testing::Test {
 protected:
  explicit DeadlinesTest(v1::SessionMode mode = v1::SESSION_MODE_MOCK) : log_(mode) {
    v1::Created& created = *log_.events()[0].payload.mutable_created();
    created.mutable_time_limit()->set_seconds(1800);
    created.add_question_time_limits()->set_seconds(120);
    created.add_question_time_limits()->set_seconds(120);
    created.add_question_time_limits();
  }

  static absl::Time At(absl::Duration since_creation) {
    return absl::FromUnixMillis(1700000001000) + since_creation;
  }
  // The event happened and was received then.
  static Event& Set(Event& event, absl::Duration since_creation) {
    event.occurred_time = At(since_creation);
    event.received_time = At(since_creation);
    return event;
  }
  // It is received then, and dated at the deadline.
  static Event& Set(Event& event, absl::Duration occurred, absl::Duration received) {
    event.occurred_time = At(occurred);
    event.received_time = At(received);
    return event;
  }
  v1::LiveState State() const { return FoldSession(log_.events())->live; }

  FoldBuilder log_;
};

constexpr absl::Duration kLimit = absl::Minutes(30);
constexpr absl::Duration kQuestion = absl::Minutes(2);
constexpr absl::Duration kMs = absl::Milliseconds(1);

TEST_F(DeadlinesTest, TheSessionRunsFromItsCreationAndAQuestionFromItsStart) {
  EXPECT_EQ(State().deadline_ms(), absl::ToUnixMillis(At(kLimit)));
  EXPECT_EQ(State().questions(0).deadline_ms(), 0);
  EXPECT_EQ(NextDeadline(State()), At(kLimit) + kDeadlineGrace);
  Set(log_.Start("q1"), absl::Minutes(1));
  EXPECT_EQ(State().questions(0).start_time_ms(), absl::ToUnixMillis(At(absl::Minutes(1))));
  EXPECT_EQ(State().questions(0).deadline_ms(), absl::ToUnixMillis(At(absl::Minutes(3))));
  EXPECT_EQ(NextDeadline(State()), At(absl::Minutes(3)) + kDeadlineGrace);
  Set(log_.Start("q1"), absl::Minutes(2));  // once started it goes on
  EXPECT_EQ(State().questions(0).deadline_ms(), absl::ToUnixMillis(At(absl::Minutes(3))));
  Set(log_.Start("q3"), absl::Minutes(2));
  EXPECT_EQ(State().questions(2).deadline_ms(), 0);
  EXPECT_NE(State().questions(2).start_time_ms(), 0);
  Set(log_.Start("q2"), absl::Minutes(29));  // no longer than the session
  EXPECT_EQ(State().questions(1).deadline_ms(), absl::ToUnixMillis(At(kLimit)));
  Set(log_.Submit("q1"), absl::Minutes(2));
  EXPECT_EQ(NextDeadline(State()), At(kLimit) + kDeadlineGrace);
}

TEST_F(DeadlinesTest, NothingIsTimedInPracticeAndReview) {
  for (const v1::SessionMode mode : {v1::SESSION_MODE_PRACTICE, v1::SESSION_MODE_REVIEW}) {
    log_.events()[0].payload.mutable_created()->set_mode(mode);
    log_.Start("q1");
    EXPECT_EQ(State().deadline_ms(), 0);
    EXPECT_EQ(State().questions(0).start_time_ms(), 0);
    EXPECT_EQ(NextDeadline(State()), std::nullopt);
  }
}

TEST_F(DeadlinesTest, AnExamEndsWhenItsAssignmentCloses) {
  v1::Created& created = *log_.events()[0].payload.mutable_created();
  created.set_mode(v1::SESSION_MODE_EXAM);
  created.mutable_close_time()->set_seconds(absl::ToUnixSeconds(At(absl::Minutes(10))));
  EXPECT_EQ(State().deadline_ms(), absl::ToUnixMillis(At(absl::Minutes(10))));
  created.clear_time_limit();
  EXPECT_EQ(State().deadline_ms(), absl::ToUnixMillis(At(absl::Minutes(10))));
  created.clear_close_time();
  EXPECT_EQ(State().deadline_ms(), 0);
  EXPECT_EQ(ExpiryOf(State()), At(absl::ZeroDuration()) + kIdleExpiry);  // lest it stay for ever
}

TEST_F(DeadlinesTest, WhatIsReceivedWithinTheGraceCountsAndWhatIsLaterDoesNot) {
  Set(log_.Start("q1"), absl::ZeroDuration());
  const auto submit = [this](absl::Duration received) {
    return Decide(State(), "q1", Act::kSubmit, At(received)).refusal;
  };
  EXPECT_EQ(submit(kQuestion + kDeadlineGrace), Refusal::kNone);
  EXPECT_EQ(submit(kQuestion + kDeadlineGrace + kMs), Refusal::kTimeIsUp);
  EXPECT_EQ(Decide(State(), "q1", Act::kSkip, At(kQuestion + kDeadlineGrace + kMs)).refusal,
            Refusal::kTimeIsUp);
  EXPECT_EQ(Decide(State(), "q3", Act::kSubmit, At(kLimit + kDeadlineGrace)).refusal, Refusal::kNone);
  EXPECT_EQ(Decide(State(), "q3", Act::kSubmit, At(kLimit + kDeadlineGrace + kMs)).refusal,
            Refusal::kTimeIsUp);
  EXPECT_EQ(DecideDraft(State(), "q1", At(kQuestion + kDeadlineGrace)), Refusal::kNone);
  EXPECT_EQ(DecideDraft(State(), "q1", At(kQuestion + kDeadlineGrace + kMs)), Refusal::kTimeIsUp);
  EXPECT_EQ(DecideDraft(State(), "q9", At(kMs)), Refusal::kQuestionNotInSession);
  // The device's word for when it happened is no argument.
  Set(log_.Submit("q1"), kQuestion - kMs, kQuestion + kDeadlineGrace + kMs);
  EXPECT_EQ(State().questions(0).attempts(), 0);
  log_.events().pop_back();
  Set(log_.Submit("q1"), kQuestion + kDeadlineGrace);
  EXPECT_EQ(State().questions(0).attempts(), 1);
}

TEST_F(DeadlinesTest, WhatADeviceDidOfflineHasTheGraceOfACall) {
  Set(log_.Start("q1"), absl::ZeroDuration());
  const auto expect = [this](const std::string& question, absl::Duration received, bool late) {
    EXPECT_EQ(IsOutOfTime(State(), question, At(received)), late) << question << " at " << received;
    const bool refused = Decide(State(), question, Act::kSubmit, At(received)).refusal == Refusal::kTimeIsUp;
    EXPECT_EQ(refused, late) << question << " at " << received;
  };
  for (const auto& [question, deadline] :
       std::vector<std::pair<std::string, absl::Duration>>{{"q1", kQuestion}, {"q3", kLimit}}) {
    expect(question, deadline, false);
    expect(question, deadline + absl::Seconds(5), false);
    expect(question, deadline + absl::Seconds(5) + kMs, true);
  }
  // What names no question has the session's time.
  EXPECT_FALSE(IsOutOfTime(State(), "", At(kLimit + kDeadlineGrace)));
  EXPECT_TRUE(IsOutOfTime(State(), "", At(kLimit + kDeadlineGrace + kMs)));
  // In a pause the clocks stand still.
  Set(log_.Pause(), absl::Minutes(1));
  EXPECT_FALSE(IsOutOfTime(State(), "q1", At(absl::Hours(2))));
  Set(log_.Finish(), absl::Hours(2));
  EXPECT_TRUE(IsOutOfTime(State(), "q1", At(kMs)));
}

TEST_F(DeadlinesTest, TheClockSubmitsDraftsLeavesQuestionsAndEndsTheSession) {
  Set(log_.Start("q1"), absl::ZeroDuration());
  Set(log_.Start("q2"), absl::ZeroDuration());
  const absl::Time late = At(kQuestion + kDeadlineGrace + kMs);
  EXPECT_FALSE(IsClockDue(State(), At(kQuestion + kDeadlineGrace)));
  EXPECT_EQ(NextClockAct(State(), {"q1"}, At(kQuestion + kDeadlineGrace)), std::nullopt);
  EXPECT_TRUE(IsClockDue(State(), late));
  EXPECT_EQ(NextClockAct(State(), {"q1", "q3"}, late),
            (ClockAct{ClockAct::Kind::kSubmitDraft, "q1", At(kQuestion)}));
  Set(log_.SubmitDraft("q1"), kQuestion, kQuestion + absl::Hours(1));  // whenever it comes to be done
  EXPECT_EQ(State().questions(0).state(), v1::QUESTION_STATE_ANSWERED);
  EXPECT_EQ(NextClockAct(State(), {"q3"}, late), (ClockAct{ClockAct::Kind::kLeave, "q2", At(kQuestion)}));
  Set(log_.Leave("q2"), kQuestion, kQuestion + absl::Hours(1));
  EXPECT_EQ(State().questions(1).state(), v1::QUESTION_STATE_SKIPPED);
  EXPECT_EQ(NextClockAct(State(), {"q3"}, late), std::nullopt);

  const absl::Time end = At(kLimit + kDeadlineGrace + kMs);
  EXPECT_EQ(NextClockAct(State(), {"q3"}, end), (ClockAct{ClockAct::Kind::kSubmitDraft, "q3", At(kLimit)}));
  EXPECT_EQ(NextClockAct(State(), {}, end), (ClockAct{ClockAct::Kind::kFinish, "", At(kLimit)}));
  Set(log_.RunOut(), kLimit, kLimit + absl::Hours(1));
  EXPECT_EQ(State().state(), v1::SESSION_STATE_FINISHED);
  EXPECT_TRUE(State().out_of_time());
  EXPECT_EQ(State().finish_time_ms(), absl::ToUnixMillis(At(kLimit)));
  EXPECT_EQ(NextClockAct(State(), {"q3"}, end), std::nullopt);
  EXPECT_FALSE(IsClockDue(State(), end));
  // The place of the session's last draft is the finish's; ids decide which of them comes first, and either way it counts.
  Set(log_.SubmitDraft("q3"), kLimit, kLimit + absl::Hours(1));
  for (const char* id : {"00000000-0000-4000-8000-000000000000", "ffffffff-0000-4000-8000-000000000000"}) {
    log_.events().back().event_id = id;
    EXPECT_EQ(State().questions(2).attempts(), 1);
  }
}

TEST_F(DeadlinesTest, AfterTheEndNothingIsTakenButWhatCameInTime) {
  Set(log_.RunOut(), kLimit, kLimit + absl::Hours(1));
  EXPECT_EQ(Decide(State(), "q1", Act::kSubmit, At(kLimit + absl::Hours(2))).refusal, Refusal::kTimeIsUp);
  EXPECT_EQ(DecideDraft(State(), "q1", At(kLimit + absl::Hours(2))), Refusal::kTimeIsUp);
  EXPECT_EQ(Decide(State(), "q1", Act::kTakeHint, At(kLimit + absl::Hours(2))).refusal,
            Refusal::kSessionFinished);
  EXPECT_TRUE(Decide(State(), "q1", Act::kReveal, At(kLimit + absl::Hours(2))).applies());
  Set(log_.Submit("q1"), kLimit + absl::Seconds(2));  // its finish has an earlier place
  EXPECT_EQ(State().questions(0).attempts(), 1);
  Set(log_.Submit("q2"), kLimit + kDeadlineGrace + kMs);
  EXPECT_EQ(State().questions(1).attempts(), 0);
}

TEST_F(DeadlinesTest, APauseStopsAllClocks) {
  Set(log_.Start("q1"), absl::ZeroDuration());
  Set(log_.Start("q2"), absl::Seconds(10));
  Set(log_.Pause(), absl::Seconds(125));  // q1's time is up by then, q2's is not
  EXPECT_EQ(State().state(), v1::SESSION_STATE_PAUSED);
  EXPECT_EQ(NextDeadline(State()), std::nullopt);
  EXPECT_EQ(NextClockAct(State(), {"q1"}, At(absl::Hours(9))), std::nullopt);
  for (const Act act : kActs) {
    EXPECT_EQ(Decide(State(), "q2", act, At(absl::Hours(9))).refusal, Refusal::kSessionPaused);
  }
  EXPECT_EQ(DecideDraft(State(), "q2", At(absl::Seconds(126))), Refusal::kSessionPaused);
  EXPECT_EQ(DecideStart(State(), "q3").refusal, Refusal::kSessionPaused);
  EXPECT_TRUE(DecidePause(State(), At(absl::Seconds(126))).repeats);
  EXPECT_EQ(ExpiryOf(State()), At(absl::Seconds(125)) + kIdleExpiry);
  const v1::Session paused = SessionView(FoldBuilder::Key(), State(), Reader::kLearner);
  EXPECT_FALSE(paused.has_deadline());
  EXPECT_FALSE(paused.questions(1).has_deadline());
  EXPECT_EQ(paused.time_left().seconds(), 1800 - 125);

  Set(log_.Resume(), absl::Seconds(125) + absl::Hours(1));
  EXPECT_EQ(State().state(), v1::SESSION_STATE_ACTIVE);
  EXPECT_EQ(State().deadline_ms(), absl::ToUnixMillis(At(kLimit + absl::Hours(1))));
  EXPECT_EQ(State().questions(0).deadline_ms(), absl::ToUnixMillis(At(kQuestion)));
  EXPECT_EQ(State().questions(1).deadline_ms(),
            absl::ToUnixMillis(At(absl::Seconds(10) + kQuestion + absl::Hours(1))));
  EXPECT_TRUE(DecideResume(State()).repeats);
  const v1::Session resumed = SessionView(FoldBuilder::Key(), State(), Reader::kLearner);
  EXPECT_EQ(resumed.deadline().seconds(), State().deadline_ms() / 1000);
  EXPECT_FALSE(resumed.has_time_left());
}

TEST_F(DeadlinesTest, WhenTimeIsUpAPauseIsTooLate) {
  EXPECT_EQ(DecidePause(State(), At(kLimit)).refusal, Refusal::kTimeIsUp);
  Set(log_.Pause(), kLimit);
  EXPECT_EQ(State().state(), v1::SESSION_STATE_ACTIVE);
  log_.events().pop_back();
  Set(log_.Pause(), kLimit - kMs);
  EXPECT_EQ(State().state(), v1::SESSION_STATE_PAUSED);
  log_.Finish();
  EXPECT_EQ(DecidePause(State(), At(kLimit)).refusal, Refusal::kSessionFinished);
  EXPECT_EQ(DecideResume(State()).refusal, Refusal::kSessionFinished);
}

TEST_F(DeadlinesTest, AnExamCannotBePaused) {
  log_.events()[0].payload.mutable_created()->set_mode(v1::SESSION_MODE_EXAM);
  EXPECT_EQ(DecidePause(State(), At(kMs)).refusal, Refusal::kModeForbids);
  log_.Pause();
  EXPECT_EQ(State().state(), v1::SESSION_STATE_ACTIVE);
}

TEST_F(DeadlinesTest, PracticeIsPausedTooAndWhatADeviceDidNotKnowOfCounts) {
  log_.events()[0].payload.mutable_created()->set_mode(v1::SESSION_MODE_PRACTICE);
  log_.Pause();
  log_.Submit("q1");
  EXPECT_EQ(State().questions(0).attempts(), 0);
  log_.events().back().device_seq = 7;  // it was offline
  EXPECT_EQ(State().questions(0).attempts(), 1);
  EXPECT_EQ(State().state(), v1::SESSION_STATE_PAUSED);
}

TEST_F(DeadlinesTest, AFollowUpHasItsParentsTime) {
  log_.FollowUp("q1", "f1");
  EXPECT_EQ(State().questions(1).question(), "f1");
  EXPECT_EQ(State().questions(1).time_limit_ms(), 120000);
  log_.FollowUp("q3", "f3");
  EXPECT_EQ(State().questions(4).time_limit_ms(), 0);
}

TEST_F(DeadlinesTest, AFinishedMockCountsWhatWasNotAnsweredAsNothing) {
  Set(log_.Start("q1"), absl::ZeroDuration());
  const std::string answer = Set(log_.SubmitDraft("q1"), kQuestion, absl::Hours(1)).event_id;
  log_.Grade(answer, 90);
  EXPECT_EQ(SessionScore(State()), 90);
  Set(log_.RunOut(), kLimit, absl::Hours(1));
  EXPECT_EQ(SessionScore(State()), 30);
}

TEST_F(DeadlinesTest, TheTimeOfReceiptIsPartOfTheState) {
  Set(log_.Start("q1"), absl::ZeroDuration(), absl::Seconds(3));
  EXPECT_EQ(State().questions(0).start_time_ms(), absl::ToUnixMillis(At(absl::Seconds(3))));
  const std::string hash = StateHash(log_.events());
  log_.events().back().seq = 77;
  EXPECT_EQ(StateHash(log_.events()), hash);
  log_.events().back().received_time += kMs;
  EXPECT_NE(StateHash(log_.events()), hash);
}

TEST_F(DeadlinesTest, ThePromptsOfQuestionsThatDidNotBeginAreKeptFromLearners) {
  Set(log_.Start("q2"), absl::ZeroDuration());
  const auto prompt = [](const std::string& id, int32_t) { return "Prompt of " + id; };
  SessionFold fold = *FoldSession(log_.events());
  const v1::SessionReport learners = ReportView(FoldBuilder::Key(), fold, Reader::kLearner, prompt);
  EXPECT_EQ(learners.questions(0).prompt(), "");
  EXPECT_EQ(learners.questions(1).prompt(), "Prompt of q2");
  EXPECT_EQ(ReportView(FoldBuilder::Key(), fold, Reader::kStaff, prompt).questions(0).prompt(),
            "Prompt of q1");
  log_.Finish();
  fold = *FoldSession(log_.events());
  EXPECT_EQ(ReportView(FoldBuilder::Key(), fold, Reader::kLearner, prompt).questions(0).prompt(),
            "Prompt of q1");
}

TEST_F(DeadlinesTest, TheReleaseOfAnExamShowsItOnceItIsFinished) {
  log_.events()[0].payload.mutable_created()->set_mode(v1::SESSION_MODE_EXAM);
  log_.Answer("q1", 80);
  log_.Release();
  EXPECT_TRUE(State().released());
  EXPECT_EQ(SightOf(State(), 1, Reader::kLearner), Sight::kNothing);
  EXPECT_FALSE(SessionView(FoldBuilder::Key(), State(), Reader::kLearner).questions(0).has_score());
  log_.Finish();
  EXPECT_EQ(SightOf(State(), 1, Reader::kLearner), Sight::kEverything);
  EXPECT_EQ(SessionView(FoldBuilder::Key(), State(), Reader::kLearner).questions(0).score(), 80);
  EXPECT_TRUE(Decide(State(), "q1", Act::kReveal, At(absl::Hours(1))).applies());
}

TEST_F(DeadlinesTest, QuestionsAddedJoinTheEndOfThePlanOnce) {
  log_.AddQuestions({"q2", "q4", "q5", "q4"});
  ASSERT_EQ(State().questions_size(), 5);
  EXPECT_EQ(State().questions(3).question(), "q4");
  EXPECT_EQ(State().questions(4).question(), "q5");
  EXPECT_EQ(FoldSession(log_.events())->questions.size(), 5u);
}

}  // namespace
}  // namespace greenroom::session
