// R11: duplicates, any order, two devices in one session; alone, and while processes are killed.
#include <gtest/gtest.h>

#include <thread>

#include "tests/e2e/faults/fault_fixture.h"

namespace greenroom::e2e {
namespace {

TEST_F(FaultTest, OneEffectPerIdAndOneWinnerPerRace) {
  ASSERT_NO_FATAL_FAILURE(Begin({}, 4, 20));
  for (int round = 0; round < 5 && !HasFailure(); ++round) Strike(DuplicatesAndRaces);
  ExpectHealed();
}

}  // namespace
}  // namespace greenroom::e2e
