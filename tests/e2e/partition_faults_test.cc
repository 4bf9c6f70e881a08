// R1, R2, R5 and R13 in a network that is cut.
#include <gtest/gtest.h>

#include "tests/e2e/faults/fault_fixture.h"

namespace greenroom::e2e {
namespace {

class PartitionTest : public FaultTest {
 protected:
  void BeginWith(Redis redis) {
    SystemOptions options;
    options.redis = redis;
    options.networks = true;
    Begin(options);
  }
};
using SentinelTest = PartitionTest;
using ClusterTest = PartitionTest;
using DatabaseServerTest = PartitionTest;

constexpr absl::Duration kHold = absl::Seconds(1);

TEST_F(SentinelTest, ThePrimaryIsCutOffFromAll) {
  ASSERT_NO_FATAL_FAILURE(BeginWith(Redis::kSentinel));
  Strike(PrimaryCutOff, kHold);
  ExpectHealed();
}

TEST_F(SentinelTest, ThePrimaryIsCutOffWithASession) {
  ASSERT_NO_FATAL_FAILURE(BeginWith(Redis::kSentinel));
  Strike(PrimaryCutOffWithASession, kHold);
  ExpectHealed();
}

TEST_F(ClusterTest, APrimaryIsCutOffFromAll) {
  ASSERT_NO_FATAL_FAILURE(BeginWith(Redis::kCluster));
  Strike(ClusterPrimaryCutOff, kHold);
  ExpectHealed();
}

// Only where there is a server.
TEST_F(DatabaseServerTest, IsCutOff) {
  ASSERT_NO_FATAL_FAILURE(BeginWith(Redis::kServer));
  Strike(DatabaseCutOff, absl::Seconds(1));
  Strike(DatabaseCutOffFromASession, kHold);
  // Longer than it takes to hold the peer for dead and to fail once to reach it.
  Strike(DatabaseCutOff, absl::Seconds(8) * kSlowBuild);
  EXPECT_GT(load_->statistics().counts().refused.count("SubmitAnswer UNAVAILABLE DEPENDENCY_UNAVAILABLE"), 0u)
      << "nobody was told UNAVAILABLE";
  ExpectHealed();
}

}  // namespace
}  // namespace greenroom::e2e
