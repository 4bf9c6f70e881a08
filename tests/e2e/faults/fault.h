// Fault: something bad that happens to a running system, and ends. The rows of reliability.md that begin with R.
#ifndef GREENROOM_TESTS_E2E_FAULTS_FAULT_H_
#define GREENROOM_TESTS_E2E_FAULTS_FAULT_H_

#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tests/e2e/load/load.h"
#include "tests/e2e/system.h"

namespace greenroom::e2e {

// Where a fault strikes. The load runs.
struct FaultSite {
  System& system;
  Load& load;
  absl::Duration hold;  // how long a fault that lasts does so, about
  std::mt19937_64& random;
  std::string measured = "";  // what the fault has measured, for people

  int64_t Draw(int64_t least, int64_t most) {
    return std::uniform_int_distribution<int64_t>(least, most)(random);
  }
};

// A kind of fault. `strike` makes it, keeps it, and ends it; it returns what the row promises of the time in between
// and does not hold, OK if all did. That everything is well afterwards is CheckHealed's to find out.
struct Fault {
  const char* row;
  const char* name;
  absl::Status (*strike)(FaultSite& site);
};

// Every kind that can strike a system of these options, which has proxies, small disks and preloaded libraries, and
// networks where they ask for them.
std::vector<Fault> AllFaults(const SystemOptions& options);

// R3, R4: Redis loses all, is slow, breaks off, is full.
absl::Status RedisFlushed(FaultSite& site);
absl::Status RedisRestartedEmpty(FaultSite& site);
absl::Status RedisRestartedWithItsData(FaultSite& site);
absl::Status RedisSlow(FaultSite& site);
absl::Status RedisResetsReplies(FaultSite& site);
absl::Status RedisSwallows(FaultSite& site);
absl::Status RedisStopped(FaultSite& site);
absl::Status RedisOutOfMemory(FaultSite& site);
absl::Status RedisDiskFull(FaultSite& site);

// R1, R2: behind sentinels the primary goes, for good or for six seconds. R13: in a cluster.
absl::Status RedisPrimaryKilled(FaultSite& site);
absl::Status RedisPrimaryStoppedAndBack(FaultSite& site);
absl::Status ClusterPrimaryKilled(FaultSite& site);
absl::Status ClusterResharded(FaultSite& site);

// R1, R2, R5 and R13 by a cut in the network instead of a signal, where the options ask for networks: nobody is told.
// Behind sentinels the primary alone on its side, which stays a primary until it is reached again;
absl::Status PrimaryCutOff(FaultSite& site);
// or with the first session replica, both at work, while the other side promotes and the other session replicas, if
// there are any, write there.
absl::Status PrimaryCutOffWithASession(FaultSite& site);
// One of the cluster, for longer than the others take to hold it for down.
absl::Status ClusterPrimaryCutOff(FaultSite& site);
// The database's server, from everybody; or from the first session replica of several while the others go on.
absl::Status DatabaseCutOff(FaultSite& site);
absl::Status DatabaseCutOffFromASession(FaultSite& site);

// R5: the disk of the learners' logs, and their server.
absl::Status DatabaseKilled(FaultSite& site);
// For good: its standby is promoted. Once for a system.
absl::Status DatabaseReplaced(FaultSite& site);
absl::Status LogDiskFull(FaultSite& site);
absl::Status LogSyncFails(FaultSite& site);

// R6, R7: processes end, of any replica.
absl::Status SessionKilled(FaultSite& site);
absl::Status ScoringKilled(FaultSite& site);
absl::Status ContentKilled(FaultSite& site);
absl::Status AllKilled(FaultSite& site);
absl::Status SessionTerminated(FaultSite& site);
absl::Status ScoringTerminated(FaultSite& site);
absl::Status ContentTerminated(FaultSite& site);
// No fault by itself: every replica of every service ends by SIGTERM and is started again, one after the other.
absl::Status RestartAll(FaultSite& site);

// R8: the grader.
absl::Status ScoringAway(FaultSite& site);
absl::Status ScoringSlow(FaultSite& site);

// R11: learners with two devices.
absl::Status DuplicatesAndRaces(FaultSite& site);

// R12: the clock, and descriptors.
absl::Status ClockJumpsForward(FaultSite& site);
absl::Status ClockJumpsBack(FaultSite& site);
// And the services restarted in turn afterwards: gRPC 1.51 needs it (services/base/README.md, known limits).
absl::Status ClockJumpsForwardThenRestart(FaultSite& site);
absl::Status ClockJumpsBackThenRestart(FaultSite& site);
absl::Status DescriptorsRunOut(FaultSite& site);

}  // namespace greenroom::e2e

#endif  // GREENROOM_TESTS_E2E_FAULTS_FAULT_H_
