// Calls by tenant: tenant_calls_total{tenant, outcome}.
#ifndef GREENROOM_SERVICES_BASE_TENANT_CALLS_H_
#define GREENROOM_SERVICES_BASE_TENANT_CALLS_H_

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/base/metrics.h"

namespace greenroom {

// Only tenants that the operator has named have series of their own; all others count together as "other", so that
// no caller decides how many series there are. Thread-safe.
class TenantCalls {
 public:
  // So many tenants can be named at most: three series each, in every process.
  static constexpr size_t kMaxNamed = 100;

  TenantCalls(MetricsRegistry& registry, const std::vector<std::string>& named);

  // A call of `tenant` has ended: "ok", "server_error" (UNAVAILABLE, DEADLINE_EXCEEDED, INTERNAL, UNKNOWN and DATA_LOSS,
  // what dashboards and alerts call failures), or else "client_error".
  void Handled(absl::string_view tenant, absl::StatusCode code);

 private:
  struct Outcomes {
    Counter ok, client_error, server_error;
  };
  static Outcomes OutcomesOf(MetricsRegistry& registry, const std::string& tenant);

  std::map<std::string, Outcomes, std::less<>> named_;  // never changes
  Outcomes other_;
};

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_TENANT_CALLS_H_
