// The metrics of every call, under the names of go-grpc-prometheus: grpc_server_started_total,
// grpc_server_handled_total, grpc_server_handling_seconds, and the same with grpc_client; and shed_seconds.
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
  explicit RpcMetrics(MetricsRegistry& registry);

  // A call that admission refused, `took` after its arrival.
  void Shed(absl::Duration took) { shed_seconds_.Observe(absl::ToDoubleSeconds(took)); }

  // `full_name` is "package.Service/Method". The reference lives as long as this object.
  RpcMethodMetrics& Of(RpcSide side, RpcType type, absl::string_view full_name);

 private:
  MetricsRegistry& registry_;
  Histogram shed_seconds_;
  absl::Mutex mutex_;
  std::map<std::tuple<RpcSide, RpcType, std::string>, std::unique_ptr<RpcMethodMetrics>> methods_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_RPC_METRICS_H_
