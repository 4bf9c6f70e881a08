#include "services/base/rpc_metrics.h"

#include "absl/strings/str_cat.h"

namespace greenroom {
namespace {

// As google.rpc.Code and go-grpc-prometheus write them.
constexpr const char* kCodes[] = {
    "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
    "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
    "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
    "DataLoss", "Unauthenticated"};

const char* TypeName(RpcType type) {
  switch (type) {
    case RpcType::kUnary:
      return "unary";
    case RpcType::kClientStream:
      return "client_stream";
    case RpcType::kServerStream:
      return "server_stream";
    case RpcType::kBidiStream:
      return "bidi_stream";
  }
  return "";
}

MetricLabels Labels(RpcType type, absl::string_view service, absl::string_view method) {
  return {{"grpc_type", TypeName(type)},
          {"grpc_service", std::string(service)},
          {"grpc_method", std::string(method)}};
}

std::string Name(RpcSide side, absl::string_view rest) {
  return absl::StrCat(side == RpcSide::kServer ? "grpc_server_" : "grpc_client_", rest);
}

}  // namespace

RpcMethodMetrics::RpcMethodMetrics(MetricsRegistry& registry, RpcSide side, RpcType type,
                                   absl::string_view service, absl::string_view method)
    : started_(
          registry.GetCounter(Name(side, "started_total"), "RPCs started.", Labels(type, service, method))),
      seconds_(registry.GetHistogram(Name(side, "handling_seconds"),
                                     "Seconds from an RPC's start to its end.", LatencyBuckets(),
                                     Labels(type, service, method))) {
  for (const char* code : kCodes) {
    MetricLabels labels = Labels(type, service, method);
    labels["grpc_code"] = code;
    handled_.push_back(
        registry.GetCounter(Name(side, "handled_total"), "RPCs completed, whatever their outcome.", labels));
  }
}

void RpcMethodMetrics::Handled(absl::StatusCode code, absl::Duration took) {
  const auto index = static_cast<size_t>(code);
  handled_[index < handled_.size() ? index : static_cast<size_t>(absl::StatusCode::kUnknown)].Increment();
  seconds_.Observe(absl::ToDoubleSeconds(took));
}

RpcMetrics::RpcMetrics(MetricsRegistry& registry, const std::vector<std::string>& tenants)
    : registry_(registry),
      shed_seconds_(registry.GetHistogram("shed_seconds",
                                          "Seconds from the arrival of a call to its refusal by admission.",
                                          LatencyBuckets())),
      tenants_(registry, tenants) {}

RpcMethodMetrics& RpcMetrics::Of(RpcSide side, RpcType type, absl::string_view full_name) {
  absl::MutexLock lock(&mutex_);
  std::unique_ptr<RpcMethodMetrics>& entry = methods_[{side, type, std::string(full_name)}];
  if (entry == nullptr) {
    const size_t slash = full_name.rfind('/');
    const bool split = slash != absl::string_view::npos;
    entry = std::make_unique<RpcMethodMetrics>(registry_, side, type, split ? full_name.substr(0, slash) : "",
                                               split ? full_name.substr(slash + 1) : full_name);
  }
  return *entry;
}

}  // namespace greenroom
