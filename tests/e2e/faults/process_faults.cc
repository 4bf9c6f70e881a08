// R6 and R7. Processes end, by kill -9 or by SIGTERM, and are started again as a supervisor would.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/task.h"
#include "tests/e2e/faults/fault.h"

namespace greenroom::e2e {
namespace {

int Any(FaultSite& site) { return static_cast<int>(site.Draw(0, site.system.options().replicas - 1)); }

absl::Status Kill(FaultSite& site, Service service) {
  const int replica = Any(site);
  site.system.Kill9(service, replica);
  return site.system.StartService(service, replica);
}

absl::Status Terminate(FaultSite& site, Service service, int replica) {
  const absl::StatusOr<int> code = site.system.Terminate(service, replica);
  const std::string output = site.system.process(service, replica).Output();
  RETURN_IF_ERROR(site.system.StartService(service, replica));
  RETURN_IF_ERROR(code.status());
  if (*code == 0) return absl::OkStatus();
  return absl::InternalError(absl::StrCat(NameOf(service), " ended with ", *code, " on SIGTERM:\n", output));
}

}  // namespace

absl::Status SessionKilled(FaultSite& site) { return Kill(site, Service::kSession); }
absl::Status ScoringKilled(FaultSite& site) { return Kill(site, Service::kScoring); }
absl::Status ContentKilled(FaultSite& site) { return Kill(site, Service::kContent); }

absl::Status AllKilled(FaultSite& site) {
  std::vector<std::pair<Service, int>> all;
  for (const Service service : kServices) {
    for (int replica = 0; replica < site.system.options().replicas; ++replica)
      all.emplace_back(service, replica);
  }
  std::shuffle(all.begin(), all.end(), site.random);
  for (const auto& [service, replica] : all) site.system.Kill9(service, replica);
  for (const auto& [service, replica] : all) RETURN_IF_ERROR(site.system.StartService(service, replica));
  return absl::OkStatus();
}

absl::Status SessionTerminated(FaultSite& site) { return Terminate(site, Service::kSession, Any(site)); }
absl::Status ScoringTerminated(FaultSite& site) { return Terminate(site, Service::kScoring, Any(site)); }
absl::Status ContentTerminated(FaultSite& site) { return Terminate(site, Service::kContent, Any(site)); }

absl::Status RestartAll(FaultSite& site) {
  for (const Service service : {Service::kContent, Service::kScoring, Service::kSession}) {
    for (int replica = 0; replica < site.system.options().replicas; ++replica) {
      RETURN_IF_ERROR(Terminate(site, service, replica));
    }
  }
  return absl::OkStatus();
}

}  // namespace greenroom::e2e
