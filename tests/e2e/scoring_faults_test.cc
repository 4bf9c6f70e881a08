// R8: scoring is down or slow.
#include <gtest/gtest.h>

#include "tests/e2e/faults/fault_fixture.h"

namespace greenroom::e2e {
namespace {

TEST_F(FaultTest, AnswersAreAcceptedWhileScoringIsAwayOrSlow) {
  SystemOptions options;
  options.proxies = true;
  ASSERT_NO_FATAL_FAILURE(Begin(options, 20, 25));
  Strike(ScoringSlow);
  Strike(ScoringAway);
  ExpectHealed();
}

}  // namespace
}  // namespace greenroom::e2e
