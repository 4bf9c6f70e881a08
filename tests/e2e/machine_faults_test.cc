// R12: the clock jumps by an hour, and descriptors run out.
#include <gtest/gtest.h>

#include "services/base/auth/token.h"
#include "services/base/status.h"
#include "tests/e2e/faults/fault_fixture.h"

namespace greenroom::e2e {
namespace {

using ClockTest = FaultTest;
using DescriptorsTest = FaultTest;

TEST_F(ClockTest, JumpsByAnHourForwardAndBack) {
  SystemOptions options;
  options.preloaded = true;
  Begin(options);
  Strike(ClockJumpsForward);
  Strike(ClockJumpsBack);
  ExpectHealed();
}

// A token holds between its two times by the server's clock, give or take 30 s, wherever that clock has been meanwhile.
TEST_F(ClockTest, TokensHoldByTheServersClock) {
  SystemOptions options;
  options.preloaded = true;
  Begin(options, 1, 5);
  auth::Claims claims;
  claims.issuer = "greenroom";
  claims.subject = "ada";
  claims.tenant = "default";
  claims.roles = {"learner"};
  claims.not_before = absl::Now();
  claims.expires = absl::Now() + absl::Minutes(30);
  Learner::Options learner;
  learner.target = system_->target(Service::kSession);
  learner.name = "ada";
  learner.token = *auth::SignToken(system_->key(), claims);
  CallStatistics refusals;
  Learner ada(learner, {load_->ledger(), refusals});
  EXPECT_TRUE(ada.Create().ok());
  for (const absl::Duration jump : {absl::Hours(1), -absl::Hours(1)}) {
    system_->preloaded().MoveClock(jump);
    const absl::Status refused = ada.Create();
    EXPECT_EQ(refused.code(), absl::StatusCode::kUnauthenticated) << refused;
    EXPECT_EQ(ReasonOf(refused), "CREDENTIAL_EXPIRED");  // its time is over, or has not begun
    system_->preloaded().MoveClock(absl::ZeroDuration());
    EXPECT_TRUE(ada.Create().ok()) << "after a jump of " << jump;
  }
  ExpectHealed();
}

TEST_F(DescriptorsTest, RunOutAndComeBack) {
  SystemOptions options;
  options.proxies = true;
  Begin(options);
  Strike(DescriptorsRunOut);
  ExpectHealed();
}

}  // namespace
}  // namespace greenroom::e2e
