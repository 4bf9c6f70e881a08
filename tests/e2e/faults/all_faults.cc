#include "tests/e2e/faults/fault.h"

namespace greenroom::e2e {

std::vector<Fault> AllFaults(const SystemOptions& options) {
  std::vector<Fault> faults = {
      {"R3", "Redis flushed", RedisFlushed},
      {"R3", "Redis restarted empty", RedisRestartedEmpty},
      {"R3", "Redis restarted with its data", RedisRestartedWithItsData},
      {"R4", "Redis +200 ms", RedisSlow},
      {"R4", "Redis resets in mid-reply", RedisResetsReplies},
      {"R4", "Redis swallows", RedisSwallows},
      {"R4", "Redis stopped", RedisStopped},
      {"R4", "Redis out of memory", RedisOutOfMemory},
      {"R4", "Redis's disk full", RedisDiskFull},
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
      {"R12", "clock +1 h and back", ClockJumpsForwardThenRestart},
      {"R12", "clock -1 h and back", ClockJumpsBackThenRestart},
  };
  if (options.postgres) {
    faults.push_back({"R5", "database killed", DatabaseKilled});
    faults.push_back({"R5", "database cut off", DatabaseCutOff});
    faults.push_back({"R5", "database cut off from one", DatabaseCutOffFromASession});
  } else {
    faults.push_back({"R5", "log's fsync fails", LogSyncFails});
  }
  // Where there is another replica nobody has to wait for the one without descriptors.
  if (options.replicas == 1) faults.push_back({"R12", "descriptors run out", DescriptorsRunOut});
  return faults;
}

}  // namespace greenroom::e2e
