// The promise, step by step, over the fakes.
#include "services/session/testing/ledger_fixture.h"

namespace greenroom::session {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(LedgerTest, AWriteIsInTheLogAndInTheLiveState) {
  auto created = Write(Creation());
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(created->event.seq, 1);
  auto hint = Write(Hint(2));
  ASSERT_TRUE(hint.ok()) << hint.status();
  EXPECT_EQ(hint->event.seq, 2);
  EXPECT_EQ(hint->before.questions(0).hints_taken(), 0);
  EXPECT_EQ(hint->state.questions(0).hints_taken(), 1);
  EXPECT_EQ(log_.Events(Key().learner).size(), 2);
  EXPECT_EQ(live_.Stored(Key())->seq, 2);
  EXPECT_THAT(live_.OpenWrites(Key()), IsEmpty());
  EXPECT_THAT(live_.WakeUps(Key()), ::testing::ElementsAre(1, 2));
  const int reads = LogReads();
  EXPECT_EQ(Hints(), 1);
  EXPECT_EQ(LogReads(), reads);  // the ordinary way needs no read of the log
  ExpectNotRebuilt();
}

TEST_F(LedgerTest, AnOrdinaryWriteReadsNothingOfTheLog) {
  ASSERT_TRUE(Write(Creation()).ok());
  const int reads = LogReads() + log_.gate().calls("FindEvent");
  ASSERT_TRUE(Write(Hint(2)).ok());
  EXPECT_EQ(LogReads() + log_.gate().calls("FindEvent"), reads);
}

TEST_F(LedgerTest, ASessionThatIsNotThere) {
  EXPECT_EQ(ReasonOf(Load().status()), "SESSION_NOT_FOUND");
  EXPECT_EQ(ReasonOf(Write(Hint(2)).status()), "SESSION_NOT_FOUND");
  EXPECT_THAT(live_.OpenWrites(Key()), IsEmpty());
  EXPECT_EQ(ReasonOf(SyncWait(ledger_.ReadFold(Key(), Soon())).status()), "SESSION_NOT_FOUND");
}

TEST_F(LedgerTest, RebuildsWhatIsMissing) {
  ASSERT_TRUE(Write(Creation()).ok());
  ASSERT_TRUE(Write(Hint(2)).ok());
  const std::string bytes = live_.Stored(Key())->bytes;
  live_.Flush();
  EXPECT_EQ(Hints(), 1);
  ExpectRebuilt("missing");
  EXPECT_EQ(live_.Stored(Key())->bytes, bytes);  // a pure function of the log
  EXPECT_EQ(live_.Stored(Key())->seq, 2);
  EXPECT_EQ(Hints(), 1);
  ExpectRebuilt("missing");  // once
}

TEST_F(LedgerTest, RebuildsWhatAnotherRunWrote) {
  ASSERT_TRUE(Write(Creation()).ok());
  ASSERT_TRUE(Write(Hint(2)).ok());
  live_.Restart();
  EXPECT_EQ(Hints(), 1);
  ExpectRebuilt("run");
  EXPECT_TRUE(live_.Stored(Key())->same_run);
}

TEST_F(LedgerTest, RebuildsAnOlderFormatAndWhatIsDamaged) {
  ASSERT_TRUE(Write(Creation()).ok());
  ASSERT_TRUE(Write(Hint(2)).ok());
  StoredState stored = *live_.Stored(Key());
  stored.format = kLiveStateFormat - 1;
  live_.Plant(Key(), stored);
  EXPECT_EQ(Hints(), 1);
  ExpectRebuilt("format");
  EXPECT_EQ(live_.Stored(Key())->format, kLiveStateFormat);
  stored = *live_.Stored(Key());
  stored.bytes = "\xff\xff nonsense";
  live_.Plant(Key(), stored);
  EXPECT_EQ(Hints(), 1);
  ExpectRebuilt("damaged");
  EXPECT_NE(live_.Stored(Key())->bytes, stored.bytes);
}

TEST_F(LedgerTest, LeavesANewerFormatAloneAndStillServes) {
  ASSERT_TRUE(Write(Creation()).ok());
  StoredState stored = *live_.Stored(Key());
  stored.format = kLiveStateFormat + 1;
  stored.bytes = "what a newer program means";
  live_.Plant(Key(), stored);
  ASSERT_TRUE(Write(Hint(2)).ok());
  EXPECT_EQ(Hints(), 1);
  EXPECT_EQ(live_.Stored(Key())->bytes, stored.bytes);
}

TEST_F(LedgerTest, ReflectsAtLeastWhatTheClientHasSeen) {
  ASSERT_TRUE(Write(Creation()).ok());
  WriteElsewhere(2);
  EXPECT_EQ(Hints(), 0);  // nothing tells of it yet
  EXPECT_EQ(Hints(/*seen=*/2), 1);
  ExpectRebuilt("seen");
  EXPECT_EQ(Hints(), 1);
  EXPECT_EQ(Hints(/*seen=*/99), 1);  // nobody can reflect what is not there
}

TEST_F(LedgerTest, AReadLagsACrashedWriteByTwoSecondsAtMost) {
  ASSERT_TRUE(Write(Creation()).ok());
  // Another process opened the write, committed, and died before its state was written.
  ASSERT_TRUE(SyncWait(live_.Begin(Key(), {Id(2), false}, clock_.Now(), Soon())).ok());
  WriteElsewhere(2);
  clock_.Advance(absl::Seconds(2));
  EXPECT_EQ(Hints(), 0);
  clock_.Advance(absl::Milliseconds(1));
  EXPECT_EQ(Hints(), 1);
  ExpectRebuilt("open_write");
  EXPECT_EQ(Hints(), 1);
  ExpectRebuilt("open_write");  // the state has caught up with the log
}

TEST_F(LedgerTest, AnOpenWriteThatNeverCameIsForgotten) {
  ASSERT_TRUE(Write(Creation()).ok());
  ASSERT_TRUE(SyncWait(live_.Begin(Key(), {Id(2), false}, clock_.Now(), Soon())).ok());
  clock_.Advance(absl::Seconds(30));
  EXPECT_EQ(Hints(), 0);
  EXPECT_THAT(live_.OpenWrites(Key()), ::testing::ElementsAre(Id(2)));  // it may still come
  clock_.Advance(absl::Seconds(31));
  EXPECT_EQ(Hints(), 0);
  EXPECT_THAT(live_.OpenWrites(Key()), IsEmpty());
  ExpectNotRebuilt();
}

TEST_F(LedgerTest, ATakenPlaceIsDecidedAgainOnTheNewStateWithoutGradingAgain) {
  ASSERT_TRUE(Write(Creation()).ok());
  int next = 100;
  log_.set_before_append([&](const std::vector<Event>& unit) {
    if (unit[0].event_id == Id(2) && next < 103) WriteElsewhere(next++);
  });
  WriteCommand command = Hint(2);
  int grades = 0;
  command.grade = [&]() -> Task<std::optional<v1::EventPayload>> {
    ++grades;
    co_return std::nullopt;
  };
  auto outcome = Write(std::move(command));
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->event.seq, 5);
  EXPECT_EQ(outcome->before.questions(0).hints_taken(), 3);
  EXPECT_EQ(decisions_, 4);
  EXPECT_EQ(grades, 1);
  EXPECT_EQ(Hints(), 4);
  EXPECT_THAT(registry_.Text(), HasSubstr("fence_conflict_total 3"));
  const std::vector<Event> events = log_.Events(Key().learner);
  for (size_t i = 1; i < events.size(); ++i) EXPECT_GT(events[i].occurred_time, events[i - 1].occurred_time);
}

TEST_F(LedgerTest, AfterFiveNewDecisionsItIsAborted) {
  ASSERT_TRUE(Write(Creation()).ok());
  int next = 100;
  log_.set_before_append([&](const std::vector<Event>& unit) {
    if (unit[0].event_id == Id(2)) WriteElsewhere(next++);
  });
  auto outcome = Write(Hint(2));
  EXPECT_EQ(outcome.status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(ReasonOf(outcome.status()), "SESSION_MOVED");
  EXPECT_EQ(decisions_, 1 + kRedecisions);
  EXPECT_THAT(live_.OpenWrites(Key()), IsEmpty());
}

TEST_F(LedgerTest, GradesInTheBackgroundAbortNobody) {
  ASSERT_TRUE(Write(Creation()).ok());
  ASSERT_TRUE(Write(Creation(2)).ok());
  int next = 100;
  log_.set_before_append([&](const std::vector<Event>& unit) {
    // Of this session and of another of the learner's.
    if (unit[0].event_id != Id(3) || next == 100 + 3 * kRedecisions) return;
    GradeElsewhere(next, 1 + next % 2);
    ++next;
  });
  auto outcome = Write(Hint(3));
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(decisions_, 1 + 3 * kRedecisions);
  EXPECT_EQ(outcome->event.seq, 3 + 3 * kRedecisions);
}

TEST_F(LedgerTest, ARefusalOnTheNewStateIsARefusal) {
  ASSERT_TRUE(Write(Creation()).ok());
  bool once = true;
  log_.set_before_append([&](const std::vector<Event>& unit) {
    if (unit[0].event_id != Id(2) || !std::exchange(once, false)) return;
    Event reveal = unit[0];
    reveal.event_id = Id(50);
    reveal.payload.mutable_revealed()->set_question("q1");
    reveal.kind = "revealed";
    EXPECT_EQ(*SyncWait(log_.Append({reveal}, Soon())), AppendOutcome::kWritten);
  });
  EXPECT_EQ(Write(Hint(2)).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(log_.Events(Key().learner).size(), 2);
}

// Two sessions of one learner share the log's places: what lies between must be known before the next is taken.
TEST_F(LedgerTest, EventsOfAnotherSessionDoNotHideThoseOfThisOne) {
  ASSERT_TRUE(Write(Creation(1)).ok());
  ASSERT_TRUE(Write(Creation(2)).ok());
  WriteElsewhere(50, 1);  // this session's, and its writer died
  ASSERT_TRUE(Write(Hint(3, 2)).ok());
  ASSERT_TRUE(Write(Hint(4, 1)).ok());
  EXPECT_EQ(Hints(), 2);
  EXPECT_EQ(log_.Events(Key().learner).back().seq, 5);
}

TEST_F(LedgerTest, SessionsOfOneLearnerInTurnDoNotConflict) {
  ASSERT_TRUE(Write(Creation(1)).ok());
  ASSERT_TRUE(Write(Creation(2)).ok());
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(Write(Hint(10 + i, i % 2 + 1)).ok());
  EXPECT_THAT(registry_.Text(), HasSubstr("fence_conflict_total 0"));
  EXPECT_EQ(Hints(), 3);
}

TEST_F(LedgerTest, ARepeatedIdIsReplayedAndAnotherContentRefused) {
  ASSERT_TRUE(Write(Creation()).ok());
  ASSERT_TRUE(Write(Hint(2)).ok());
  auto replay = Write(Hint(2));
  ASSERT_TRUE(replay.ok()) << replay.status();
  EXPECT_TRUE(replay->replayed);
  EXPECT_EQ(replay->event.seq, 2);
  EXPECT_EQ(ReasonOf(Write(Hint(2, 1, "other")).status()), "ID_REUSED");
  EXPECT_THAT(live_.OpenWrites(Key()), IsEmpty());
  EXPECT_THAT(registry_.Text(), HasSubstr("idempotent_replay_total 1"));
  EXPECT_EQ(Hints(), 1);
}

// The writer died after its commit; its client asks again. Closing the open write without writing the state would hide the
// event for good.
TEST_F(LedgerTest, AReplayWritesTheStateThatItsFirstWriterCouldNot) {
  ASSERT_TRUE(Write(Creation()).ok());
  ASSERT_TRUE(SyncWait(live_.Begin(Key(), {Id(2), false}, clock_.Now(), Soon())).ok());
  WriteElsewhere(2);
  auto replay = Write(Hint(2));
  ASSERT_TRUE(replay.ok()) << replay.status();
  EXPECT_TRUE(replay->replayed);
  EXPECT_THAT(live_.OpenWrites(Key()), IsEmpty());
  EXPECT_EQ(Hints(), 1);
}

TEST_F(LedgerTest, WithoutTheLiveStoreTheLogServes) {
  live_.gate().Fail("", absl::UnavailableError("down"));
  ASSERT_TRUE(Write(Creation()).ok());
  ASSERT_TRUE(Write(Hint(2)).ok());
  EXPECT_EQ(Hints(), 1);
  EXPECT_THAT(registry_.Text(), HasSubstr("live_state_write_failures_total 2"));
  live_.gate().Heal();
  EXPECT_EQ(Hints(), 1);
  EXPECT_EQ(live_.Stored(Key())->seq, 2);
}

// The store kept its data and its run, but this process wrote without it.
TEST_F(LedgerTest, WhatWasWrittenWithoutTheLiveStoreIsSeenAtOnceWhenItIsBack) {
  ASSERT_TRUE(Write(Creation()).ok());
  live_.gate().Fail("", absl::UnavailableError("down"));
  ASSERT_TRUE(Write(Hint(2)).ok());
  live_.gate().Heal();
  EXPECT_EQ(Hints(), 1);
  ExpectRebuilt("unsettled");
  EXPECT_EQ(Hints(), 1);
  ExpectRebuilt("unsettled");
}

TEST_F(LedgerTest, WhatWasWrittenWithoutTheLiveStoreIsWrittenThereForOtherProcesses) {
  ASSERT_TRUE(Write(Creation(1)).ok());
  ASSERT_TRUE(Write(Creation(2)).ok());
  live_.gate().Fail("", absl::UnavailableError("down"));
  ASSERT_TRUE(Write(Hint(3, 1)).ok());
  ASSERT_TRUE(Write(Hint(4, 2)).ok());
  EXPECT_EQ(SyncWait(ledger_.Settle(10, Soon())), 2u);
  live_.gate().Heal();
  EXPECT_EQ(SyncWait(ledger_.Settle(1, Soon())), 1u);
  EXPECT_EQ(SyncWait(ledger_.Settle(10, Soon())), 0u);
  Ledger other(log_, live_, clock_, metrics_);
  for (const int session : {1, 2}) {
    EXPECT_EQ(SyncWait(other.Load(Key(session), 0, false, Soon()))->state.questions(0).hints_taken(), 1);
  }
}

TEST_F(LedgerTest, WhatCannotBeSettledKeepsNobodyWaiting) {
  ASSERT_TRUE(Write(Creation(1)).ok());
  live_.gate().Fail("", absl::UnavailableError("down"));
  for (int nobodys = 10; nobodys < 20; ++nobodys) {
    EXPECT_EQ(Write(Hint(nobodys, nobodys)).status().code(), absl::StatusCode::kNotFound);
  }
  ASSERT_TRUE(Write(Hint(3, 1)).ok());
  live_.gate().Heal();
  EXPECT_EQ(SyncWait(ledger_.Settle(100, Soon())), 0u);
  EXPECT_EQ(live_.Stored(Key(1))->seq, 2);
}

// Its state in the live store is behind what another process wrote, and nothing there says so.
TEST_F(LedgerTest, NothingIsRefusedForAStateThatIsBehind) {
  ASSERT_TRUE(Write(Creation()).ok());
  WriteElsewhere(2);
  WriteCommand second = Hint(3);
  second.decide = [](const v1::LiveState* state) {
    if (state->questions(0).hints_taken() == 0) return Verdict::Refuse(absl::NotFoundError("no first hint"));
    v1::EventPayload payload;
    payload.mutable_hint_taken()->set_question("q1");
    return Verdict::Write(payload);
  };
  int graded = 0;
  second.grade = [&graded]() -> Task<std::optional<v1::EventPayload>> {
    ++graded;
    co_return std::nullopt;
  };
  const auto outcome = Write(std::move(second));
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->event.seq, 3);
  EXPECT_EQ(graded, 1) << "after the first decision to write, which is not the first decision here";
  EXPECT_EQ(Hints(), 2);
}

TEST_F(LedgerTest, NorWhereNothingIsWritten) {
  ASSERT_TRUE(Write(Creation()).ok());
  WriteElsewhere(2);
  int judged = 0;
  const auto judge = [&judged](const v1::LiveState& state) {
    ++judged;
    return state.questions(0).hints_taken() > 0 ? absl::OkStatus() : absl::NotFoundError("no hint");
  };
  const auto loaded = SyncWait(ledger_.LoadFor(Key(), 0, false, judge, Soon()));
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(judged, 2);
  const auto refused = SyncWait(ledger_.LoadFor(
      Key(), 0, false, [](const v1::LiveState&) { return absl::NotFoundError("never"); }, Soon()));
  EXPECT_EQ(refused.status().message(), "never");
}

TEST_F(LedgerTest, AStateThatCouldNotBeWrittenIsCountedAndMadeGood) {
  ASSERT_TRUE(Write(Creation()).ok());
  live_.gate().Fail("Put", absl::UnavailableError("down"), 1);
  ASSERT_TRUE(Write(Hint(2)).ok());
  EXPECT_THAT(registry_.Text(), HasSubstr("live_state_write_failures_total 1"));
  EXPECT_THAT(live_.OpenWrites(Key()), ::testing::ElementsAre(Id(2)));  // other processes will look
  EXPECT_EQ(Hints(), 1);
}

TEST_F(LedgerTest, AnUnknownOutcomeStaysOpenForReaders) {
  ASSERT_TRUE(Write(Creation()).ok());
  log_.LoseNextAcknowledgement(absl::UnavailableError("the connection broke"));
  EXPECT_EQ(Write(Hint(2)).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(live_.OpenWrites(Key()), ::testing::ElementsAre(Id(2)));
  clock_.Advance(absl::Seconds(3));
  EXPECT_EQ(Hints(), 1);
  EXPECT_TRUE(Write(Hint(2))->replayed);
}

TEST_F(LedgerTest, WhatWasNotWrittenIsClosed) {
  ASSERT_TRUE(Write(Creation()).ok());
  log_.gate().Fail("Append", absl::DeadlineExceededError("late"), 1);
  EXPECT_EQ(Write(Hint(2)).status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(live_.OpenWrites(Key()), IsEmpty());
  log_.gate().Fail("Append", absl::ResourceExhaustedError("full"), 1);
  EXPECT_EQ(ReasonOf(Write(Hint(3)).status()), "OVERLOADED");
  EXPECT_THAT(live_.OpenWrites(Key()), IsEmpty());
  EXPECT_TRUE(Write(Hint(2)).ok());
}

TEST_F(LedgerTest, ACreationInAColdStoreContinuesTheLearnersLog) {
  ASSERT_TRUE(Write(Creation(1)).ok());
  ASSERT_TRUE(Write(Hint(3)).ok());
  live_.Flush();
  auto second = Write(Creation(2));
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->event.seq, 3);
  ASSERT_TRUE(Write(Creation(4)).ok());  // with the head that the store now has
  EXPECT_EQ(log_.Events(Key().learner).size(), 4);
}

TEST_F(LedgerTest, ACreationWithAStaleHeadFindsItsPlace) {
  ASSERT_TRUE(Write(Creation(1)).ok());
  WriteElsewhere(50);
  auto second = Write(Creation(2));
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->event.seq, 3);
}

// As after a restore of the log from a backup.
TEST_F(LedgerTest, TheLogIsTheTruthAlsoWhereTheLiveStoreKnowsMore) {
  ASSERT_TRUE(Write(Creation()).ok());
  StoredState stored = *live_.Stored(Key());
  v1::LiveState state;
  ASSERT_TRUE(state.ParseFromString(stored.bytes));
  state.mutable_questions(0)->set_hints_taken(7);
  stored.bytes = DeterministicBytes(state);
  stored.seq = 40;
  live_.Plant(Key(), stored);
  EXPECT_EQ(Hints(/*seen=*/41), 0);
}

TEST_F(LedgerTest, TwoProcessesFinishAnExpiredSessionOnce) {
  ASSERT_TRUE(Write(Creation()).ok());
  Ledger other(log_, live_, clock_, metrics_);
  clock_.Advance(kIdleExpiry);
  bool once = true;
  log_.set_before_append([&](const std::vector<Event>&) {
    if (!std::exchange(once, false)) return;
    auto loaded = SyncWait(other.Load(Key(), 0, false, Soon()));
    EXPECT_TRUE(loaded.ok()) << loaded.status();
  });
  auto loaded = Load();
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->state.state(), v1::SESSION_STATE_FINISHED);
  EXPECT_EQ(log_.Events(Key().learner).size(), 2);
}

}  // namespace
}  // namespace greenroom::session
