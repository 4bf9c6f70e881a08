// R5: the disk of the learners' logs is full, and fails to sync.
#include <gtest/gtest.h>

#include "tests/e2e/faults/fault_fixture.h"

namespace greenroom::e2e {
namespace {

using LogDiskTest = FaultTest;

TEST_F(LogDiskTest, FullIsUnavailableAndThenAllIsWell) {
  SystemOptions options;
  options.small_disks = true;
  ASSERT_NO_FATAL_FAILURE(Begin(options));
  Strike(LogDiskFull);
  EXPECT_GT(load_->statistics().counts().refused.count("SubmitAnswer UNAVAILABLE DEPENDENCY_UNAVAILABLE"), 0u)
      << "nobody was told UNAVAILABLE: the fault did not bite";
  ExpectHealed();
}

TEST_F(LogDiskTest, AFailedFsyncEndsTheProcessAndNothingIsLost) {
  SystemOptions options;
  options.preloaded = true;
  ASSERT_NO_FATAL_FAILURE(Begin(options));
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(load_->WaitForTurns(40, absl::Seconds(60)).ok());
    Strike(LogSyncFails);
  }
  EXPECT_GT(system_->preloaded().syncs(), 100)
      << "the log's syncs are not among those that can be made to fail";
  ExpectHealed();
}

// Only where there is a server.
using DatabaseServerTest = FaultTest;

TEST_F(DatabaseServerTest, KilledUnderLoadLosesNothing) {
  ASSERT_NO_FATAL_FAILURE(Begin({}));
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(load_->WaitForTurns(40, absl::Seconds(60)).ok());
    Strike(DatabaseKilled);
  }
  ExpectHealed();
}

TEST_F(DatabaseServerTest, ReplacedByItsStandbyUnderLoadLosesNothing) {
  SystemOptions options;
  options.standby = true;
  ASSERT_NO_FATAL_FAILURE(Begin(options));
  ASSERT_TRUE(load_->WaitForTurns(100, absl::Seconds(60)).ok());
  Strike(DatabaseReplaced);
  ExpectHealed();
}

}  // namespace
}  // namespace greenroom::e2e
