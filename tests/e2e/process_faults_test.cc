// R6: each service is killed with -9 again and again under load. R7: each ends by SIGTERM, and nobody notices.
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "absl/time/clock.h"
#include "services/base/testing/health.h"
#include "tests/e2e/faults/fault_fixture.h"

namespace greenroom::e2e {
namespace {

TEST_F(FaultTest, EachServiceKilledEveryFewSeconds) {
  ASSERT_NO_FATAL_FAILURE(Begin({}));
  const absl::Time end = absl::Now() + absl::Seconds(8);
  do {
    for (const auto fault : {SessionKilled, ScoringKilled, ContentKilled, AllKilled}) Strike(fault);
    ASSERT_TRUE(load_->WaitForTurns(40, absl::Seconds(60)).ok());
  } while (absl::Now() < end);
  ExpectHealed();
}

TEST_F(FaultTest, AllKilledAndRedisEmptied) {
  ASSERT_NO_FATAL_FAILURE(Begin({}));
  Strike(AllKilled);
  Strike(RedisRestartedEmpty);
  ExpectHealed();
}

// Calls wait for the successor, so they have the time that a start takes under a sanitizer, and are made once.
TEST_F(FaultTest, SigtermInTurnFailsNoRpcWithoutRepeats) {
  CallPolicy once;
  once.try_timeout = absl::Seconds(30);
  once.business_timeout = absl::ZeroDuration();
  ASSERT_NO_FATAL_FAILURE(Begin({}, 8, 0, once));
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

// A client that does not watch health keeps its connection for the whole of the drain's delay.
TEST_F(FaultTest, ADrainingServerSaysSoBeforeItSendsClientsAway) {
  SystemOptions options;
  options.drain_delay = "3s";
  ASSERT_NO_FATAL_FAILURE(Begin(options, 2, 10));
  load_->Pause();
  const std::string target = system_->address(Service::kSession);
  Learner& learner = *load_->learners().front();
  const auto unwatching =
      session::v1::SessionService::NewStub(grpc::CreateChannel(target, grpc::InsecureChannelCredentials()));
  ASSERT_TRUE(learner.GetSession(*unwatching, learner.sessions().back()).ok());
  ASSERT_EQ(testing::HealthOf(target, "ready"), "SERVING");

  ASSERT_TRUE(system_->process(Service::kSession).Signal(SIGTERM).ok());
  std::string health = "SERVING";
  while (health == "SERVING") health = testing::HealthOf(target, "ready");
  EXPECT_EQ(health, "NOT_SERVING");
  const int64_t refusals = load_->statistics().counts().refusals;
  EXPECT_TRUE(learner.GetSession(*unwatching, learner.sessions().back()).ok());
  EXPECT_EQ(load_->statistics().counts().refusals, refusals) << "the connection had been given up before";
  const auto code = system_->process(Service::kSession).Wait(absl::Seconds(30));
  ASSERT_TRUE(code.ok()) << code.status();
  EXPECT_EQ(*code, 0);
  ASSERT_TRUE(system_->StartService(Service::kSession).ok());
  load_->Resume();
  ExpectHealed();
}

}  // namespace
}  // namespace greenroom::e2e
