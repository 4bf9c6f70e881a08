// Replicas of each service behind a name, as in a cluster: they come, go, stand still and die, and clients notice in time.
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/e2e/faults/fault_fixture.h"

namespace greenroom::e2e {
namespace {

class ReplicasTest : public FaultTest {
 protected:
  static SystemOptions Named() {
    SystemOptions options;
    options.postgres = true;
    options.named = true;
    options.replicas = 2;
    return options;
  }

  // Calls that the load does not repeat: what is not answered has failed.
  static CallPolicy Once() {
    CallPolicy once;
    once.try_timeout = absl::Seconds(30);
    once.business_timeout = absl::ZeroDuration();
    return once;
  }

  // Tries so far that nobody answered.
  int64_t Unanswered() {
    int64_t tries = 0;
    for (const auto& [what, times] : load_->statistics().counts().refused) {
      if (!absl::StrContains(what, "NO_QUESTION_LEFT")) tries += times;
    }
    return tries;
  }

  // The share of the tries answered in `time` from now that the session replica answered.
  double ShareOf(int replica, absl::Duration time) {
    const auto before = load_->statistics().counts().served_by;
    absl::SleepFor(time);
    int64_t all = 0;
    int64_t its = 0;
    for (const auto& [peer, count] : load_->statistics().counts().served_by) {
      const auto at = before.find(peer);
      const int64_t more = count - (at == before.end() ? 0 : at->second);
      all += more;
      if (peer == absl::StrCat("ipv4:", system_->address(Service::kSession, replica))) its += more;
    }
    EXPECT_GT(all, 100);
    return all == 0 ? 0 : static_cast<double>(its) / static_cast<double>(all);
  }
};

// The age is that of a deployment, 2 minutes, scaled down.
TEST_F(ReplicasTest, AThirdReplicaHasItsShareWithinTwoConnectionAges) {
  SystemOptions options = Named();
  options.max_connection_age = "6s";
  ASSERT_NO_FATAL_FAILURE(Begin(options, 12, 0, Once()));
  const absl::Time added = absl::Now();
  const absl::StatusOr<int> third = system_->AddReplica(Service::kSession);
  ASSERT_TRUE(third.ok()) << third.status();
  absl::SleepFor(added + 2 * absl::Seconds(6) - absl::Now());
  const double share = ShareOf(*third, absl::Seconds(4));
  std::cout << "share of the third replica: " << share << "\n";
  EXPECT_GE(share, 0.15);
  ExpectHealed();
}

// As a rolling update does: a new one first, then an old one less, until all are new.
TEST_F(ReplicasTest, ARolloutToNewAddressesFailsNoRpcWithoutRepeats) {
  ASSERT_NO_FATAL_FAILURE(Begin(Named(), 8, 0, Once()));
  for (const Service service : {Service::kContent, Service::kScoring, Service::kSession}) {
    for (int old = 0; old < 2; ++old) {
      const absl::StatusOr<int> added = system_->AddReplica(service);
      ASSERT_TRUE(added.ok()) << added.status();
      const absl::StatusOr<int> code = system_->Retire(service, old);
      ASSERT_TRUE(code.ok()) << code.status();
      EXPECT_EQ(*code, 0);
      ASSERT_TRUE(load_->WaitForTurns(40, absl::Seconds(60)).ok());
    }
  }
  ExpectHealed();
}

// A replica that stands still keeps its connections. Keepalive finds it: 30 s without a word and 10 s for the ping.
TEST_F(ReplicasTest, PausedReplicasAreDroppedWithinFortySeconds) {
  ASSERT_NO_FATAL_FAILURE(Begin(Named(), 12, 60));
  for (const Service service : kServices) ASSERT_TRUE(system_->process(service, 1).Signal(SIGSTOP).ok());
  const CallPolicy policy;
  absl::SleepFor(absl::Seconds(40) + policy.try_timeout);
  const int64_t unanswered = Unanswered();
  const int64_t calls = load_->statistics().counts().calls;
  absl::SleepFor(absl::Seconds(8));
  EXPECT_EQ(Unanswered(), unanswered) << "calls still go to a replica that stands still";
  const CallStatistics::Counts later = load_->statistics().counts();
  EXPECT_GT(later.calls, calls + 100);
  std::cout << unanswered << " tries unanswered in " << calls << " business calls until they were dropped\n";
  for (const Service service : kServices) ASSERT_TRUE(system_->process(service, 1).Signal(SIGCONT).ok());
  EXPECT_GT(later.calls, 1000);
  EXPECT_LT(static_cast<double>(later.failed), 0.001 * static_cast<double>(later.calls));
  ExpectHealed();
}

// proto/service_config.json is what clients of others are given: its retries hide a death from a caller who repeats
// nothing.
TEST_F(ReplicasTest, TheShippedServiceConfigHidesKilledReplicas) {
  std::ifstream file("proto/service_config.json");
  const std::string service_config((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  ASSERT_FALSE(service_config.empty());
  ASSERT_NO_FATAL_FAILURE(Begin(Named(), 8, 0, Once(), service_config));
  for (int round = 0; round < 3; ++round) {
    for (const Service service : kServices) {
      for (int replica = 0; replica < 2; ++replica) {
        system_->Kill9(service, replica);
        ASSERT_TRUE(load_->WaitForTurns(20, absl::Seconds(60)).ok());
        ASSERT_TRUE(system_->StartService(service, replica).ok());
        ASSERT_TRUE(load_->WaitForTurns(20, absl::Seconds(60)).ok());
      }
    }
  }
  ExpectHealed();
}

}  // namespace
}  // namespace greenroom::e2e
