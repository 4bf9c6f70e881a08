// How work in the background is held to its share.
#include "services/session/pacer.h"

#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "services/base/clock.h"
#include "services/session/regrade_worker.h"

namespace greenroom::session {
namespace {

TEST(RegradeWorkerOptions, AreChecked) {
  EXPECT_TRUE(RegradeWorkerOptions().Validate().ok());
  RegradeWorkerOptions options;
  options.share = 0;
  EXPECT_FALSE(options.Validate().ok());
  options = {};
  options.lease = absl::Seconds(20);
  EXPECT_FALSE(options.Validate().ok());
}

// With a share of a quarter three times as long is rested as is worked.
TEST(Pacer, RestsForTheWorkDone) {
  const RealClock clock;
  Pacer pacer(0.25, clock);
  const absl::Time began = absl::Now();
  absl::Duration worked;
  for (int i = 0; i < 5; ++i) {
    pacer.Begin();
    const absl::Duration before = clock.Monotonic();
    while (clock.Monotonic() - before < absl::Milliseconds(4)) {
    }
    worked += clock.Monotonic() - before;
    EXPECT_TRUE(pacer.Rest());
  }
  EXPECT_GE(absl::Now() - began, 3.5 * worked);
  pacer.Stop();
  EXPECT_FALSE(pacer.Rest());
  EXPECT_FALSE(pacer.Wait(absl::Hours(1)));
}

}  // namespace
}  // namespace greenroom::session
