#include "services/base/tenant_calls.h"

namespace greenroom {

TenantCalls::Outcomes TenantCalls::OutcomesOf(MetricsRegistry& registry, const std::string& tenant) {
  const auto counter = [&](const char* outcome) {
    return registry.GetCounter("tenant_calls_total", "Calls completed, by the tenant of their caller.",
                               {{"tenant", tenant}, {"outcome", outcome}});
  };
  return {counter("ok"), counter("client_error"), counter("server_error")};
}

TenantCalls::TenantCalls(MetricsRegistry& registry, const std::vector<std::string>& named)
    : other_(OutcomesOf(registry, "other")) {
  for (const std::string& tenant : named) named_.emplace(tenant, OutcomesOf(registry, tenant));
}

void TenantCalls::Handled(absl::string_view tenant, absl::StatusCode code) {
  const auto found = named_.find(tenant);
  Outcomes& outcomes = found == named_.end() ? other_ : found->second;
  switch (code) {
    case absl::StatusCode::kOk:
      return outcomes.ok.Increment();
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDataLoss:
      return outcomes.server_error.Increment();
    default:
      return outcomes.client_error.Increment();
  }
}

}  // namespace greenroom
