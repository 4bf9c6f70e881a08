#include <initializer_list>

#include "tests/e2e/faults/fault.h"

namespace greenroom::e2e {

std::vector<Fault> AllFaults(const SystemOptions& options) {
  std::vector<Fault> faults = {
      {"R5", "log's disk full", LogDiskFull},
      {"R6", "session killed", SessionKilled},
      {"R6", "scoring killed", ScoringKilled},
      {"R6", "content killed", ContentKilled},
      {"R6", "all three killed", AllKilled},
      {"R7", "session terminated", SessionTerminated},
      {"R7", "scoring terminated", ScoringTerminated},
      {"R7", "content terminated", ContentTerminated},
      {"R8", "scoring away", ScoringAway},
      {"R8", "scoring +2 s", ScoringSlow},
      {"R11", "duplicates and races", DuplicatesAndRaces},
  };
  const auto add = [&faults](std::initializer_list<Fault> more) {
    faults.insert(faults.end(), more.begin(), more.end());
  };
  switch (options.redis) {
    case Redis::kServer:
      add({
          {"R3", "Redis flushed", RedisFlushed},
          {"R3", "Redis restarted empty", RedisRestartedEmpty},
          {"R3", "Redis restarted with its data", RedisRestartedWithItsData},
          {"R4", "Redis +200 ms", RedisSlow},
          {"R4", "Redis resets in mid-reply", RedisResetsReplies},
          {"R4", "Redis swallows", RedisSwallows},
          {"R4", "Redis stopped", RedisStopped},
          {"R4", "Redis out of memory", RedisOutOfMemory},
          {"R4", "Redis's disk full", RedisDiskFull},
          {"R12", "clock +1 h and back", ClockJumpsForwardThenRestart},
          {"R12", "clock -1 h and back", ClockJumpsBackThenRestart},
      });
      // Where there is another replica nobody has to wait for the one without descriptors.
      if (options.replicas == 1) add({{"R12", "descriptors run out", DescriptorsRunOut}});
      break;
    case Redis::kSentinel:
      add({
          {"R1", "primary killed", RedisPrimaryKilled},
          {"R2", "primary stopped and back", RedisPrimaryStoppedAndBack},
      });
      if (options.networks) {
        add({
            {"R2", "primary cut off", PrimaryCutOff},
            {"R2", "primary cut off with a session", PrimaryCutOffWithASession},
        });
      }
      break;
    case Redis::kCluster:
      add({
          {"R13", "cluster primary killed", ClusterPrimaryKilled},
          {"R13", "cluster resharded", ClusterResharded},
      });
      if (options.networks) add({{"R13", "cluster primary cut off", ClusterPrimaryCutOff}});
      break;
  }
  if (!options.postgres) {
    add({{"R5", "log's fsync fails", LogSyncFails}});
    return faults;
  }
  add({{"R5", "database killed", DatabaseKilled}});
  if (options.networks) {
    add({{"R5", "database cut off", DatabaseCutOff}});
    // Others must be there to go on.
    if (options.replicas > 1) add({{"R5", "database cut off from one", DatabaseCutOffFromASession}});
  }
  return faults;
}

}  // namespace greenroom::e2e
