// A learner is erased in the middle of another call of theirs: it is answered, and nothing comes back.
#include "services/session/testing/ledger_fixture.h"

namespace greenroom::session {
namespace {

class LedgerEraseTest : public LedgerTest {
 protected:
  void EraseNow() { ASSERT_TRUE(SyncWait(log_.Erase(Key().learner, clock_.Now(), Soon())).ok()); }
  void EraseBeforeNext(const char* operation) {
    log_.gate().First(operation, [this] { EraseNow(); });
  }
  // As the erasure goes on behind the call that it came into.
  void ExpectNothingComesBack() {
    live_.Flush();
    EXPECT_EQ(log_.Events(Key().learner).size(), 0);
    EXPECT_EQ(ReasonOf(Write(Creation(7)).status()), "LEARNER_ERASED");
    SyncWait(ledger_.Settle(100, Soon()));
    EXPECT_FALSE(live_.Stored(Key()).has_value());
    EXPECT_EQ(Load().status().code(), absl::StatusCode::kNotFound);
  }
};

TEST_F(LedgerEraseTest, BehindACreationBeforeItIsAnswered) {
  // So that the store knows the learner's head, and nothing is read before the write.
  ASSERT_TRUE(Write(Creation(2)).ok());
  EraseBeforeNext("ReadSession");
  const auto written = Write(Creation());
  ASSERT_TRUE(written.ok()) << written.status();
  EXPECT_EQ(written->state.questions_size(), 2) << "as it was when it was written";
  EXPECT_FALSE(live_.Stored(Key()).has_value());
  ExpectNothingComesBack();
}

TEST_F(LedgerEraseTest, BehindACreationThatTheLogCannotTellOf) {
  ASSERT_TRUE(Write(Creation(2)).ok());
  log_.gate().First("ReadSession", [this] {
    EraseNow();
    log_.gate().Fail("ReadSession", absl::UnavailableError("away"));
    log_.gate().Fail("Head", absl::UnavailableError("away"));
  });
  const auto written = Write(Creation());
  log_.gate().Heal();
  ASSERT_TRUE(written.ok()) << written.status();
  EXPECT_EQ(written->state.questions_size(), 2);
  ExpectNothingComesBack();
}

TEST_F(LedgerEraseTest, BehindAGradeThatNeedsTheWholeLog) {
  ASSERT_TRUE(Write(Creation()).ok());
  WriteCommand grade = Hint(2);
  grade.decide = [](const v1::LiveState*) {
    v1::EventPayload payload;
    payload.mutable_graded()->set_answer(Id(99));  // which this state does not know
    return Verdict::Write(payload);
  };
  EraseBeforeNext("Head");
  const auto written = Write(grade);
  ASSERT_TRUE(written.ok()) << written.status();
  EXPECT_EQ(written->state.questions_size(), 2);
  ExpectNothingComesBack();
}

TEST_F(LedgerEraseTest, BeforeAWriteIsDecidedAgain) {
  ASSERT_TRUE(Write(Creation()).ok());
  WriteElsewhere(2);
  EraseBeforeNext("FindEvent");
  const auto refused = Write(Hint(3));
  EXPECT_FALSE(refused.ok());
  ExpectNothingComesBack();
}

// Another process finished it; before this one has read what the other did, the learner is gone.
TEST_F(LedgerEraseTest, WhileItsClockIsObeyed) {
  ASSERT_TRUE(Write(Creation()).ok());
  Ledger other(log_, live_, clock_, metrics_);
  clock_.Advance(kIdleExpiry);
  log_.gate().First("Append", [&] { EXPECT_TRUE(SyncWait(other.Load(Key(), 0, false, Soon())).ok()); });
  EraseBeforeNext("Head");
  EXPECT_EQ(Load().status().code(), absl::StatusCode::kNotFound);
  ExpectNothingComesBack();
}

}  // namespace
}  // namespace greenroom::session
