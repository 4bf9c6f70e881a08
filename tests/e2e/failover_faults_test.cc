// R1, R2 and R13, and R6 and R7 while Redis is more than one server.
#include <gtest/gtest.h>

#include "tests/e2e/faults/fault_fixture.h"

namespace greenroom::e2e {
namespace {

using SentinelTest = FaultTest;
using ClusterTest = FaultTest;

TEST_F(SentinelTest, ThePrimaryIsKilledOrStoppedAndReplaced) {
  SystemOptions options;
  options.redis = Redis::kSentinel;
  ASSERT_NO_FATAL_FAILURE(Begin(options));
  for (const auto fault :
       {RedisPrimaryKilled, SessionKilled, RedisPrimaryStoppedAndBack, SessionTerminated}) {
    Strike(fault);
    ASSERT_TRUE(load_->WaitForTurns(40, absl::Seconds(60)).ok());
  }
  ExpectHealed();
}

TEST_F(ClusterTest, APrimaryIsKilledAndSlotsMove) {
  SystemOptions options;
  options.redis = Redis::kCluster;
  ASSERT_NO_FATAL_FAILURE(Begin(options));
  for (const auto fault :
       {ClusterResharded, ClusterPrimaryKilled, SessionKilled, ClusterResharded, SessionTerminated}) {
    Strike(fault);
    ASSERT_TRUE(load_->WaitForTurns(40, absl::Seconds(60)).ok());
  }
  ExpectHealed();
}

}  // namespace
}  // namespace greenroom::e2e
