// The metrics of every call, under the names of go-grpc-prometheus: grpc_server_started_total,
// grpc_server_handled_total, grpc_server_handling_seconds, and the same with grpc_client; shed_seconds; tenant_calls_total.
#ifndef GREENROOM_SERVICES_BASE_RPC_METRICS_H_
#define GREENROOM_SERVICES_BASE_RPC_METRICS_H_

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/base/metrics.h"
#include "services/base/tenant_calls.h"

namespace greenroom {

enum class RpcSide { kServer, kClient };
enum class RpcType { kUnary, kClientStream, kServerStream, kBidiStream };

// Of one method on one side.
class RpcMethodMetrics {
 public:
  RpcMethodMetrics(MetricsRegistry& registry, RpcSide side, RpcType type, absl::string_view service,
                   absl::string_view method);
  void Started() { started_.Increment(); }
  void Handled(absl::StatusCode code, absl::Duration took);

 private:
  Counter started_;
  std::vector<Counter> handled_;  // by code
  Histogram seconds_;
};

// Thread-safe.
class RpcMetrics {
 public:
  // `tenants`: those whose calls are counted under their own name (TenantCalls).
  explicit RpcMetrics(MetricsRegistry& registry, const std::vector<std::string>& tenants = {});

  // A call that admission refused, `took` after its arrival.
  void Shed(absl::Duration took) { shed_seconds_.Observe(absl::ToDoubleSeconds(took)); }

  // A call to us whose caller is known has ended.
  void HandledFor(absl::string_view tenant, absl::StatusCode code) { tenants_.Handled(tenant, code); }

  // `full_name` is "package.Service/Method". The reference lives as long as this object.
  RpcMethodMetrics& Of(RpcSide side, RpcType type, absl::string_view full_name);

 private:
  MetricsRegistry& registry_;
  Histogram shed_seconds_;
  TenantCalls tenants_;
  absl::Mutex mutex_;
  std::map<std::tuple<RpcSide, RpcType, std::string>, std::unique_ptr<RpcMethodMetrics>> methods_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_RPC_METRICS_H_
