// R6: each service is killed with -9 again and again under load. R7: each ends by SIGTERM, and nobody notices.
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "tests/e2e/faults/fault_fixture.h"

namespace greenroom::e2e {
namespace {

TEST_F(FaultTest, EachServiceKilledEveryFewSeconds) {
  Begin({});
  const absl::Time end = absl::Now() + absl::Seconds(8);
  do {
    for (const auto fault : {SessionKilled, ScoringKilled, ContentKilled, AllKilled}) Strike(fault);
    ASSERT_TRUE(load_->WaitForTurns(40, absl::Seconds(60)).ok());
  } while (absl::Now() < end);
  ExpectHealed();
}

TEST_F(FaultTest, AllKilledAndRedisEmptied) {
  Begin({});
  Strike(AllKilled);
  Strike(RedisRestartedEmpty);
  ExpectHealed();
}

// Calls wait for the successor, so they have the time that a start takes under a sanitizer, and are made once.
TEST_F(FaultTest, SigtermInTurnFailsNoRpcWithoutRepeats) {
  CallPolicy once;
  once.try_timeout = absl::Seconds(30);
  once.business_timeout = absl::ZeroDuration();
  Begin({}, 8, 0, once);
  for (int round = 0; round < 2; ++round) {
    for (const auto fault : {SessionTerminated, ScoringTerminated, ContentTerminated}) {
      ASSERT_TRUE(load_->WaitForTurns(40, absl::Seconds(60)).ok());
      Strike(fault);
    }
  }
  ASSERT_TRUE(load_->WaitForTurns(40, absl::Seconds(60)).ok());
  ExpectHealed();
  EXPECT_EQ(load_->statistics().counts().repeats, 0);
}

}  // namespace
}  // namespace greenroom::e2e
