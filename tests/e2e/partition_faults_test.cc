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

TEST_F(SentinelTest, ThePrimaryIsCutOffAloneAndWithASession) {
  ASSERT_NO_FATAL_FAILURE(BeginWith(Redis::kSentinel));
  for (const auto fault : {PrimaryCutOff, PrimaryCutOffWithASession}) {
    Strike(fault);
    ASSERT_TRUE(load_->WaitForTurns(40, absl::Seconds(60)).ok());
  }
  ExpectHealed();
}

TEST_F(ClusterTest, APrimaryIsCutOff) {
  ASSERT_NO_FATAL_FAILURE(BeginWith(Redis::kCluster));
  Strike(ClusterPrimaryCutOff);
  ExpectHealed();
}

// Only where there is a server.
TEST_F(DatabaseServerTest, IsCutOff) {
  ASSERT_NO_FATAL_FAILURE(BeginWith(Redis::kServer));
  Strike(DatabaseCutOff, absl::Seconds(3));
  Strike(DatabaseCutOffFromASession, absl::Seconds(3));
  // Until the kernel has given connections up.
  Strike(DatabaseCutOff, absl::Seconds(12));
  ExpectHealed();
}

}  // namespace
}  // namespace greenroom::e2e
