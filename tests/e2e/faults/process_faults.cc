// R6 and R7. Processes end, by kill -9 or by SIGTERM, and are started again as a supervisor would.
#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "services/base/task.h"
#include "tests/e2e/faults/fault.h"

namespace greenroom::e2e {
namespace {

absl::Status Kill(FaultSite& site, Service service) {
  site.system.Kill9(service);
  return site.system.StartService(service);
}

absl::Status Terminate(FaultSite& site, Service service) {
  const absl::StatusOr<int> code = site.system.Terminate(service);
  const std::string output = site.system.process(service).Output();
  RETURN_IF_ERROR(site.system.StartService(service));
  RETURN_IF_ERROR(code.status());
  if (*code == 0) return absl::OkStatus();
  return absl::InternalError(absl::StrCat(NameOf(service), " ended with ", *code, " on SIGTERM:\n", output));
}

}  // namespace

absl::Status SessionKilled(FaultSite& site) { return Kill(site, Service::kSession); }
absl::Status ScoringKilled(FaultSite& site) { return Kill(site, Service::kScoring); }
absl::Status ContentKilled(FaultSite& site) { return Kill(site, Service::kContent); }

absl::Status AllKilled(FaultSite& site) {
  std::vector<Service> services(std::begin(kServices), std::end(kServices));
  std::shuffle(services.begin(), services.end(), site.random);
  for (const Service service : services) site.system.Kill9(service);
  for (const Service service : services) RETURN_IF_ERROR(site.system.StartService(service));
  return absl::OkStatus();
}

absl::Status SessionTerminated(FaultSite& site) { return Terminate(site, Service::kSession); }
absl::Status ScoringTerminated(FaultSite& site) { return Terminate(site, Service::kScoring); }
absl::Status ContentTerminated(FaultSite& site) { return Terminate(site, Service::kContent); }

}  // namespace greenroom::e2e
