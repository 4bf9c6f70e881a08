// R5. What the log's disk does is what the promise stands on.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/base/sql/store_failure.h"
#include "services/base/task.h"
#include "tests/e2e/faults/fault.h"
#include "tests/e2e/faults/holding.h"

namespace greenroom::e2e {

absl::Status LogDiskFull(FaultSite& site) {
  const int64_t refusals = site.load.statistics().counts().refusals;
  RETURN_IF_ERROR(site.system.log_disk().Fill());
  // The write-ahead log is written over from its beginning after each checkpoint; until it needs a new page nothing is
  // amiss. Then every write is UNAVAILABLE, and its client tries again.
  const absl::Time end = absl::Now() + absl::Seconds(10);
  while (site.load.statistics().counts().refusals == refusals && absl::Now() < end) {
    absl::SleepFor(absl::Milliseconds(20));
  }
  absl::SleepFor(site.hold);
  const bool alive = site.system.process(Service::kSession).Running();
  RETURN_IF_ERROR(site.system.log_disk().Free());
  // A PostgreSQL server that cannot write ends itself, and cannot start again until there is room.
  if (site.system.options().postgres && !site.system.postgres().Running()) {
    RETURN_IF_ERROR(site.system.postgres().Restart());
  }
  if (!alive) {
    return absl::InternalError(
        absl::StrCat("a full disk ended the process:\n", site.system.process(Service::kSession).Output()));
  }
  return absl::OkStatus();
}

absl::Status DatabaseKilled(FaultSite& site) {
  RETURN_IF_ERROR(site.system.postgres().Restart());
  return HoldWhileAllGoOn(site);
}

absl::Status DatabaseReplaced(FaultSite& site) {
  site.system.postgres().Kill9();
  RETURN_IF_ERROR(site.system.standby().Promote());
  return HoldWhileAllGoOn(site);
}

absl::Status LogSyncFails(FaultSite& site) {
  ChildProcess& process = site.system.process(Service::kSession);
  const int repeated = site.system.preloaded().repeated();
  const int failed = site.system.preloaded().failed();
  site.system.preloaded().FailSyncs(1);
  absl::StatusOr<int> code = process.Wait(absl::Seconds(20) * kSlowBuild);
  site.system.preloaded().MendSyncs();
  if (!code.ok()) process.Kill9();
  const std::string output = process.Output();
  RETURN_IF_ERROR(site.system.StartService(Service::kSession));
  RETURN_IF_ERROR(code.status());
  if (*code != sql::kExitStoreIoError) {
    return absl::InternalError(
        absl::StrCat("after a failed fsync the process ended with ", *code, ":\n", output));
  }
  if (site.system.preloaded().failed() != failed + 1) return absl::InternalError("not one fsync failed");
  if (site.system.preloaded().repeated() != repeated) {
    return absl::DataLossError("a process went on with fsync after one had failed");
  }
  return absl::OkStatus();
}

}  // namespace greenroom::e2e
