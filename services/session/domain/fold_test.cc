#include "services/session/domain/fold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/session/domain/decide.h"
#include "services/session/domain/digest.h"
#include "services/session/domain/fold_builder.h"
#include "services/session/domain/views.h"

namespace greenroom::session {
namespace {

SessionFold Fold(FoldBuilder& log) {
  std::optional<SessionFold> fold = FoldSession(log.events());
  EXPECT_TRUE(fold.has_value());
  return *std::move(fold);
}

TEST(Fold, NothingIsASessionUntilItsCreationHasArrived) {
  FoldBuilder log;
  log.Answer("q1", 70);
  std::vector<Event> rest(log.events().begin() + 1, log.events().end());
  EXPECT_FALSE(FoldSession(rest).has_value());
  EXPECT_FALSE(FoldSession({}).has_value());
  rest.push_back(log.events()[0]);  // late
  ASSERT_TRUE(FoldSession(rest).has_value());
  EXPECT_EQ(FoldSession(rest)->live.questions(0).best_score(), 70);
}

TEST(Fold, ACreatedSessionIsOpen) {
  FoldBuilder log;
  const SessionFold fold = Fold(log);
  EXPECT_EQ(fold.live.state(), v1::SESSION_STATE_ACTIVE);
  EXPECT_EQ(fold.live.revision(), "tenants/acme/packs/p/revisions/r1");
  ASSERT_EQ(fold.live.questions_size(), 3);
  EXPECT_EQ(fold.live.questions(1).question(), "q2");
  EXPECT_EQ(OpenQuestion(fold.live)->question(), "q1");
  EXPECT_EQ(fold.live.sequence(), 1);
  EXPECT_EQ(ExpiryOf(fold.live), log.events()[0].received_time + absl::Hours(24 * 30));
}

TEST(Fold, AttemptsCountAndTheFirstBeforeAnyRevealIsTheCountingOne) {
  FoldBuilder log;
  log.Answer("q1", 40);
  log.Answer("q1", 60);
  log.Answer("q1", 50);
  const SessionFold fold = Fold(log);
  ASSERT_EQ(fold.answers.size(), 3);
  EXPECT_EQ(fold.live.questions(0).attempts(), 3);
  EXPECT_EQ(fold.live.questions(0).best_score(), 60);
  EXPECT_TRUE(fold.answers[0].counting);
  EXPECT_FALSE(fold.answers[1].counting);
  EXPECT_EQ(fold.answers[0].gained, std::nullopt);
  EXPECT_EQ(fold.answers[1].gained, 20);
  EXPECT_EQ(fold.answers[2].gained, -10);  // less the best, not the last
  EXPECT_EQ(fold.answers[2].attempt, 3);
}

TEST(Fold, AnswersAfterTheRevealCountForNothingButPractice) {
  FoldBuilder log;
  log.Answer("q1", 40);
  log.Reveal("q1");
  log.Answer("q1", 95);
  log.Answer("q1", 99);
  log.Reveal("q2");
  log.Answer("q2", 90);
  const SessionFold fold = Fold(log);
  EXPECT_EQ(fold.live.questions(0).best_score(), 40);
  EXPECT_EQ(fold.live.questions(0).state(), v1::QUESTION_STATE_REVEALED);
  EXPECT_TRUE(fold.answers[1].after_reveal);
  EXPECT_EQ(fold.answers[1].gained, 55);
  EXPECT_EQ(fold.answers[2].gained, 4);
  EXPECT_FALSE(fold.live.questions(1).has_best_score());
  EXPECT_FALSE(fold.answers[3].counting);  // the first, but after the reveal
  EXPECT_EQ(SessionScore(fold.live), 40);
}

TEST(Fold, TheCurrentGradeIsTheOverrideElseTheHighestRegradeElseTheInitial) {
  FoldBuilder log;
  const std::string answer = log.Submit("q1").event_id;
  EXPECT_EQ(Fold(log).answers[0].grade, nullptr);
  EXPECT_EQ(Fold(log).live.pending_size(), 1);
  log.Grade(answer, 50);
  EXPECT_EQ(Fold(log).answers[0].score, 50);
  EXPECT_EQ(Fold(log).live.pending_size(), 0);
  log.Grade(answer, 30, v1::GRADE_CAUSE_REGRADE, 2);
  log.Grade(answer, 80, v1::GRADE_CAUSE_REGRADE, 1);
  EXPECT_EQ(Fold(log).answers[0].score, 30);
  EXPECT_EQ(Fold(log).live.questions(0).best_score(), 30);  // replaced, not added
  log.Grade(answer, 77, v1::GRADE_CAUSE_OVERRIDE);
  log.Grade(answer, 10, v1::GRADE_CAUSE_REGRADE, 3);
  EXPECT_EQ(Fold(log).answers[0].score, 77);
}

TEST(Fold, AGradeHasNoPlaceOfItsOwn) {
  FoldBuilder log;
  const std::string answer = log.Submit("q1").event_id;
  log.Reveal("q1");
  log.Finish();
  log.Grade(answer, 64);
  EXPECT_EQ(Fold(log).live.questions(0).best_score(), 64);  // the answer was given before the reveal
  log.events().back().occurred_time = absl::FromUnixMillis(5);
  EXPECT_EQ(Fold(log).live.questions(0).best_score(), 64);
}

TEST(Fold, AGradeOfNoAnswerWaitsForIt) {
  FoldBuilder log;
  log.Grade("00000009-0000-4000-8000-000000000000", 64);
  EXPECT_FALSE(Fold(log).live.questions(0).has_best_score());
  log.Submit("q1").event_id = "00000009-0000-4000-8000-000000000000";
  EXPECT_EQ(Fold(log).live.questions(0).best_score(), 64);
}

TEST(Fold, AFailedGradeIsNoScore) {
  FoldBuilder log;
  const std::string answer = log.Submit("q1").event_id;
  v1::EventPayload failed;
  failed.mutable_graded()->set_answer(answer);
  failed.mutable_graded()->set_cause(v1::GRADE_CAUSE_INITIAL);
  failed.mutable_graded()->set_failure("QUESTION_NOT_GRADABLE");
  log.Add(failed);
  const SessionFold fold = Fold(log);
  EXPECT_EQ(fold.live.pending_size(), 0);
  EXPECT_FALSE(fold.live.questions(0).has_best_score());
  EXPECT_EQ(GradeView(fold.answers[0].grade, std::nullopt, Sight::kEverything).state(),
            v1::GRADE_STATE_NEEDS_REVIEW);
}

TEST(Fold, WhatHappensAfterTheFinishChangesNothingButRevealAndRating) {
  FoldBuilder log;
  log.Finish();
  log.Submit("q1");
  log.Hint("q1");
  log.Skip("q2");
  log.Reveal("q3");
  log.Rate("q3", v1::RATING_GOOD, {"p1", "p2"});
  log.Finish();
  const SessionFold fold = Fold(log);
  EXPECT_EQ(fold.answers.size(), 0);
  EXPECT_EQ(fold.live.questions(0).state(), v1::QUESTION_STATE_OPEN);
  EXPECT_EQ(fold.live.questions(0).hints_taken(), 0);
  EXPECT_EQ(fold.live.questions(1).state(), v1::QUESTION_STATE_OPEN);
  EXPECT_EQ(fold.live.questions(2).state(), v1::QUESTION_STATE_RATED);
  EXPECT_TRUE(fold.live.questions(2).revealed());
  EXPECT_EQ(fold.live.questions(2).rating(), v1::RATING_GOOD);
  EXPECT_THAT(fold.questions[2].claimed_points, testing::ElementsAre("p1", "p2"));
  EXPECT_EQ(fold.live.finish_time_ms(), absl::ToUnixMillis(log.events()[1].occurred_time));
  EXPECT_EQ(ExpiryOf(fold.live), std::nullopt);
}

// A late event has a high seq and an early place.
TEST(Fold, AnEventThatArrivesLateCountsAtItsPlace) {
  FoldBuilder log;
  log.Answer("q1", 80);
  log.Finish();
  Event& late = log.Submit("q1", "earlier");
  late.occurred_time = log.events()[0].occurred_time + absl::Milliseconds(1);
  const std::string id = late.event_id;
  log.Grade(id, 20);
  const SessionFold fold = Fold(log);
  ASSERT_EQ(fold.answers.size(), 2);
  EXPECT_EQ(fold.answers[0].submitted->event_id, id);
  EXPECT_TRUE(fold.answers[0].counting);
  EXPECT_EQ(fold.answers[1].attempt, 2);
  EXPECT_EQ(fold.answers[1].gained, 60);
}

TEST(Fold, OneAttemptInMockAndReview) {
  for (v1::SessionMode mode : {v1::SESSION_MODE_MOCK, v1::SESSION_MODE_REVIEW, v1::SESSION_MODE_EXAM}) {
    FoldBuilder log(mode);
    log.Answer("q1", 30);
    log.Answer("q1", 90);
    EXPECT_EQ(Fold(log).answers.size(), 1);
    EXPECT_EQ(Fold(log).live.questions(0).best_score(), 30);
  }
}

TEST(Fold, UnknownKindsAndQuestionsAreSkipped) {
  FoldBuilder log;
  const v1::LiveState before = Fold(log).live;
  log.Add(v1::EventPayload()).kind = "telepathy";
  log.Submit("no-such-question");
  const SessionFold fold = Fold(log);
  EXPECT_EQ(fold.answers.size(), 0);
  EXPECT_EQ(fold.live.questions(0).DebugString(), before.questions(0).DebugString());
  EXPECT_EQ(fold.live.sequence(), 3);
}

TEST(Fold, HintsAreNumberedWithinTheirQuestion) {
  FoldBuilder log;
  const std::string first = log.Hint("q1").event_id;
  const std::string other = log.Hint("q2").event_id;
  const std::string second = log.Hint("q1").event_id;
  log.Reveal("q1");
  const std::string late = log.Hint("q1").event_id;
  const SessionFold fold = Fold(log);
  EXPECT_EQ(fold.hint_numbers.at(first), 1);
  EXPECT_EQ(fold.hint_numbers.at(other), 1);
  EXPECT_EQ(fold.hint_numbers.at(second), 2);
  EXPECT_FALSE(fold.hint_numbers.contains(late));
}

TEST(Fold, CanonicalOrderIsByTimeThenDeviceThenItsNumberThenId) {
  const auto event = [](int64_t ms, std::string device, std::optional<int64_t> number, std::string id) {
    Event made;
    made.occurred_time = absl::FromUnixMillis(ms);
    made.device = std::move(device);
    made.device_seq = number;
    made.event_id = std::move(id);
    return made;
  };
  const std::vector<Event> order = {event(1, "b", 9, "z"), event(2, "a", std::nullopt, "z"),
                                    event(2, "a", 1, "y"), event(2, "a", 2, "x"),
                                    event(2, "b", 1, "a"), event(2, "b", 1, "b")};
  for (size_t i = 0; i < order.size(); ++i) {
    for (size_t j = 0; j < order.size(); ++j)
      EXPECT_EQ(CanonicallyBefore(order[i], order[j]), i < j) << i << " " << j;
  }
}

TEST(Fold, AnotherDevicesEventIsSeenWhateverCameBetween) {
  FoldBuilder log;
  log.Hint("q1").device = "phone";   // 2
  log.Hint("q1").device = "tablet";  // 3
  log.Hint("q1").device = "phone";   // 4
  log.Hint("q1").device = "phone";   // 5
  const SessionFold fold = Fold(log);
  const v1::LiveQuestion& question = fold.live.questions(0);
  EXPECT_EQ(MovedByOthers(question, "phone", 2), 3);
  EXPECT_EQ(MovedByOthers(question, "phone", 3), 0);
  EXPECT_EQ(MovedByOthers(question, "tablet", 3), 5);
  EXPECT_EQ(MovedByOthers(question, "tablet", 5), 0);
  EXPECT_EQ(MovedByOthers(question, "watch", 0), 5);
  EXPECT_EQ(MovedByOthers(question, "", 4), 5);
  EXPECT_EQ(MovedByOthers(fold.live.questions(1), "", 0), 0);
}

TEST(Fold, TheScoreOfASessionIsTheMeanRoundedHalfUp) {
  FoldBuilder log;
  EXPECT_EQ(SessionScore(Fold(log).live), std::nullopt);
  log.Answer("q1", 40);
  log.Answer("q2", 41);
  EXPECT_EQ(SessionScore(Fold(log).live), 41);  // 40.5
  log.Skip("q3");
  log.Finish();
  EXPECT_EQ(SessionScore(Fold(log).live), 41);  // practice leaves out what was skipped
  FoldBuilder mock(v1::SESSION_MODE_MOCK);
  mock.Answer("q1", 40);
  mock.Answer("q2", 41);
  EXPECT_EQ(SessionScore(Fold(mock).live), 41);
  mock.Finish();
  EXPECT_EQ(SessionScore(Fold(mock).live), 27);
}

TEST(Fold, LiveStateIsSmall) {
  std::vector<std::string> questions;
  questions.reserve(100);
  for (int i = 0; i < 100; ++i) questions.push_back(std::string(60, 'q') + std::to_string(100 + i));
  FoldBuilder log(v1::SESSION_MODE_PRACTICE, questions);
  for (const std::string& question : questions) {
    log.Answer(question, 70);
    log.Hint(question).device = "phone";
    log.Reveal(question).device = "tablet";
    log.Rate(question, v1::RATING_EASY);
  }
  EXPECT_LE(Fold(log).live.ByteSizeLong(), 16 * 1024);
}

TEST(Decide, HintsEndWithTheQuestionsHints) {
  FoldBuilder log;
  log.Hint("q1");
  const v1::LiveState state = Fold(log).live;
  EXPECT_TRUE(Decide(state, "q1", Act::kTakeHint, absl::UnixEpoch(), 2).applies());
  EXPECT_EQ(Decide(state, "q1", Act::kTakeHint, absl::UnixEpoch(), 1).refusal, Refusal::kNoHintsLeft);
  EXPECT_EQ(Decide(state, "q9", Act::kTakeHint, absl::UnixEpoch(), 1).refusal,
            Refusal::kQuestionNotInSession);
  EXPECT_EQ(DecideFinish(state), Refusal::kNone);
  log.Finish();
  EXPECT_EQ(DecideFinish(Fold(log).live), Refusal::kSessionFinished);
}

TEST(Decide, TheOpenQuestionIsTheFirstThatIsOpen) {
  FoldBuilder log;
  log.Answer("q1", 10);
  EXPECT_EQ(OpenQuestion(Fold(log).live)->question(), "q2");
  log.Skip("q2");
  EXPECT_EQ(OpenQuestion(Fold(log).live)->question(), "q3");
  log.Reveal("q3");
  EXPECT_EQ(OpenQuestion(Fold(log).live), nullptr);
  log.Hint("q2");
  EXPECT_EQ(OpenQuestion(Fold(log).live)->question(), "q2");
}

TEST(Advance, ToldApartWhatTheStateAloneCannotTell) {
  FoldBuilder log;
  const std::string answer = log.Answer("q1", 50);
  v1::LiveState state = Fold(log).live;
  Event& regrade = log.Grade(answer, 10, v1::GRADE_CAUSE_REGRADE, 1);
  EXPECT_FALSE(Advance(state, FoldBuilder::Key(), regrade));
  state = Fold(log).live;
  Event& early = log.Submit("q2");
  early.occurred_time = log.events()[0].occurred_time;
  EXPECT_FALSE(Advance(state, FoldBuilder::Key(), early));
}

TEST(Advance, OtherSessionsMoveOnlyTheClock) {
  FoldBuilder log;
  v1::LiveState state = Fold(log).live;
  Event other = log.Submit("q1");
  other.session = FoldBuilder::Id(77);
  v1::LiveState after = state;
  EXPECT_TRUE(Advance(after, FoldBuilder::Key(), other));
  EXPECT_EQ(after.last_occurred_ms(), absl::ToUnixMillis(other.occurred_time));
  after.set_last_occurred_ms(state.last_occurred_ms());
  EXPECT_EQ(DeterministicBytes(after), DeterministicBytes(state));
}

TEST(Stamp, IsLaterThanEverythingKnown) {
  const absl::Time now = absl::FromUnixMillis(5000) + absl::Microseconds(700);
  EXPECT_EQ(Stamp(now, absl::InfinitePast()), absl::FromUnixMillis(5000));
  EXPECT_EQ(Stamp(now, absl::FromUnixMillis(4000)), absl::FromUnixMillis(5000));
  EXPECT_EQ(Stamp(now, absl::FromUnixMillis(5000)), absl::FromUnixMillis(5001));
  EXPECT_EQ(Stamp(now, absl::FromUnixMillis(9000)), absl::FromUnixMillis(9001));
}

}  // namespace
}  // namespace greenroom::session
