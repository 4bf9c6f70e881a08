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
  ASSERT_NO_FATAL_FAILURE(Begin(options));
  Strike(ClockJumpsForward);
  Strike(ClockJumpsBack);
  ExpectHealed();
}

// A token holds between its two times by the server's clock, give or take 30 s, wherever that clock has been meanwhile.
TEST_F(ClockTest, TokensHoldByTheServersClock) {
  SystemOptions options;
  options.preloaded = true;
  ASSERT_NO_FATAL_FAILURE(Begin(options, 1, 5));
  auth::Claims claims;
  claims.issuer = "greenroom";
  claims.subject = "ada";
  claims.tenant = "default";
  claims.roles = {"learner"};
  claims.not_before = absl::Now();
  claims.expires = absl::Now() + absl::Minutes(30);
  Learner::Options learner;
  learner.target = system_->address(Service::kSession);
  learner.name = "ada";
  learner.token = *auth::SignToken(system_->key(), claims);
  CallStatistics refusals;
  Learner ada(learner, {load_->ledger(), refusals});
  // Abseil's clock, which the services go by, sees a clock that was set within some seconds.
  const auto await = [&](absl::StatusCode code) {
    const absl::Time end = absl::Now() + absl::Seconds(10) * kSlowBuild;
    absl::Status told = ada.Create();
    while (told.code() != code && absl::Now() < end) told = ada.Create();
    EXPECT_EQ(told.code(), code) << told;
    return ReasonOf(told);
  };
  await(absl::StatusCode::kOk);
  for (const absl::Duration jump : {absl::Hours(1), -absl::Hours(1)}) {
    system_->preloaded().MoveClock(jump);
    // Its time is over, or has not begun.
    EXPECT_EQ(await(absl::StatusCode::kUnauthenticated), "CREDENTIAL_EXPIRED") << jump;
    system_->preloaded().MoveClock(absl::ZeroDuration());
    await(absl::StatusCode::kOk);
  }
  ExpectHealed();
}

TEST_F(DescriptorsTest, RunOutAndComeBack) {
  SystemOptions options;
  options.proxies = true;
  ASSERT_NO_FATAL_FAILURE(Begin(options));
  Strike(DescriptorsRunOut);
  ExpectHealed();
}

}  // namespace
}  // namespace greenroom::e2e
