#include "services/base/call.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/base/status.h"
#include "services/base/status_wire.h"

namespace greenroom {
namespace {

RequestMetadata MetadataOfContext(const grpc::CallbackServerContext& context) {
  std::vector<std::pair<std::string, std::string>> entries;
  for (const auto& [key, value] : context.client_metadata()) {
    entries.emplace_back(std::string(key.data(), key.size()), std::string(value.data(), value.size()));
  }
  return RequestMetadata(std::move(entries));
}

TraceContext TraceOf(const RequestMetadata& metadata, Rng& rng) {
  const auto header = metadata.Find(kTraceparentKey);
  const auto parent = header.has_value() ? ParseTraceparent(*header) : std::nullopt;
  return parent.value_or(TraceContext()).Child(rng);
}

// gRPC says "no deadline" with its infinite future, which is the clock's last moment or near it.
// What is left is told by the clock that gRPC goes by: absl::Now() sees it being set only seconds later.
absl::Time DeadlineOf(const grpc::CallbackServerContext& context) {
  if (absl::FromChrono(context.deadline()) > absl::FromUnixSeconds(int64_t{1} << 33))
    return absl::InfiniteFuture();
  const absl::Duration left = absl::FromChrono(context.deadline() - std::chrono::system_clock::now());
  return absl::Now() + left;
}

absl::Time Clamp(absl::Time deadline, absl::Time arrived, const MethodPolicy& method) {
  if (deadline == absl::InfiniteFuture()) return arrived + method.default_deadline;
  return std::min(deadline, arrived + method.max_deadline);
}

}  // namespace

Call::Call(const RpcRuntime& runtime, const MethodPolicy& method, grpc::CallbackServerContext& context)
    : runtime_(runtime),
      method_(method),
      metadata_(MetadataOfContext(context)),
      deadline_(Clamp(DeadlineOf(context), absl::Now(), method)),
      trace_(TraceOf(metadata_, runtime.rng)),
      request_id_(runtime.rng.Uuid()) {}

OutgoingCall Call::Outgoing() const {
  OutgoingCall call(deadline_);
  call.trace = trace_.Child(runtime_.rng);
  call.cancellation = stop_.get_token();
  return call;
}

CallScope::CallScope(const RpcRuntime& runtime, const MethodPolicy& method, RpcType type,
                     grpc::CallbackServerContext* context)
    : runtime_(runtime),
      method_(method),
      context_(*context),
      metrics_(runtime.metrics.Of(RpcSide::kServer, type, method.full_name)),
      started_(clock::now()) {
  metrics_.Started();
}

absl::Status CallScope::Begin(size_t request_bytes) {
  absl::Status admitted = runtime_.admission.Admit(method_);
  if (!admitted.ok()) return admitted;
  call_.reset(new Call(runtime_, method_, context_));
  if (call_->deadline_ <= absl::Now()) return absl::DeadlineExceededError("no time left on arrival");
  absl::Status sized = CheckSize(request_bytes);
  if (!sized.ok()) return sized;
  absl::StatusOr<Caller> caller = runtime_.authenticator.Authenticate(call_->metadata_);
  if (!caller.ok()) return caller.status();
  call_->caller_ = *std::move(caller);
  if (method_.roles.Intersects(call_->caller_.roles)) return absl::OkStatus();
  return ErrorBuilder(absl::StatusCode::kPermissionDenied, "ROLE_FORBIDS",
                      absl::StrCat(method_.method(), " needs one of the roles ", method_.roles.ToString()))
      .Build();
}

absl::Status CallScope::CheckSize(size_t bytes) const {
  const size_t limit = method_.max_request_bytes;
  if (bytes <= limit) return absl::OkStatus();
  return ErrorBuilder(
             absl::StatusCode::kResourceExhausted, "REQUEST_TOO_LARGE",
             absl::StrCat("the request has ", bytes, " bytes; ", method_.method(), " accepts ", limit))
      .Metadata("limit_bytes", absl::StrCat(limit))
      .Build();
}

// By level and not by algorithm, which gRPC would use whether the client accepts it or not: a client that cannot unpack
// gzip, or a peer that does not want to, would lose the reply.
void CallScope::AllowCompression() { context_.set_compression_level(GRPC_COMPRESS_LEVEL_LOW); }

void CallScope::Cancel() {
  if (call_ != nullptr) call_->stop_.request_stop();
}

grpc::Status CallScope::End(const absl::Status& status) {
  const absl::Duration took = absl::FromChrono(clock::now() - started_);
  if (call_ == nullptr) return Refuse(status, took);
  const absl::Status told = ForClient(status, call_->request_id_);
  runtime_.admission.Done(method_, told.code(), took);
  metrics_.Handled(told.code(), took);
  const std::string& tenant = call_->caller_.tenant;  // empty where the credential was not believed
  if (!tenant.empty()) runtime_.metrics.HandledFor(tenant, told.code());
  PushBack(told);
  WriteLine(status, told, took);
  return ToGrpc(told);
}

// It is counted and gets no log line, which would be work at the worst time.
grpc::Status CallScope::Refuse(const absl::Status& status, absl::Duration took) {
  metrics_.Handled(status.code(), took);
  runtime_.metrics.Shed(took);
  PushBack(status);
  return ToGrpc(status);
}

void CallScope::PushBack(const absl::Status& told) {
  if (told.code() != absl::StatusCode::kUnavailable) return;
  const std::optional<absl::Duration> delay = RetryDelayOf(told);
  if (delay.has_value()) {
    context_.AddTrailingMetadata("grpc-retry-pushback-ms", absl::StrCat(absl::ToInt64Milliseconds(*delay)));
  }
}

void CallScope::WriteLine(const absl::Status& status, const absl::Status& told, absl::Duration took) {
  const LogLevel level = told.code() == absl::StatusCode::kInternal ? LogLevel::kError : LogLevel::kInfo;
  Logger& log = runtime_.log;
  if (!log.Enabled(level)) return;
  const std::string code = absl::StatusCodeToString(told.code());
  const std::string reason = ReasonOf(told);
  std::vector<LogField> fields = {
      {"trace_id", call_->trace_.trace_id},
      {"request_id", call_->request_id_},
      {"tenant", call_->caller_.tenant},
      {"method", method_.full_name},
      {"code", code},
      {"latency", took},
  };
  if (!reason.empty()) fields.emplace_back("reason", reason);
  // The true cause of what the client is told in other words; never of an error that was made for the client, whose
  // message may repeat what the caller sent.
  const std::string cause = status.ToString(absl::StatusToStringMode::kWithNoExtraData);
  if (!status.ok() && (told.code() == absl::StatusCode::kInternal || ReasonOf(status).empty()))
    fields.emplace_back("cause", cause);
  log.Log(level, "rpc", fields);
}

}  // namespace greenroom
