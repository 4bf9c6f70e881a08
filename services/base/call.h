// One incoming call: what its handler may know of it, and the scope around the handler that every call passes.
#ifndef GREENROOM_SERVICES_BASE_CALL_H_
#define GREENROOM_SERVICES_BASE_CALL_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <stop_token>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/base/caller.h"
#include "services/base/log.h"
#include "services/base/method.h"
#include "services/base/rng.h"
#include "services/base/rpc_client.h"
#include "services/base/rpc_metrics.h"
#include "services/base/trace.h"

namespace greenroom {

// Decides whether the process has room for a call. It is asked before anything else is done for the call, so that a
// refusal costs next to nothing; nothing is known of the caller then. Thread-safe; does not block.
class Admission {
 public:
  virtual ~Admission() = default;

  // OK, or an error that goes to the client as it is: UNAVAILABLE, OVERLOADED with RetryInfo.
  virtual absl::Status Admit(const MethodPolicy& method) = 0;

  // Once for each admitted call, when it has ended: how, and how long it took.
  virtual void Done(const MethodPolicy& method, absl::StatusCode code, absl::Duration took) = 0;
};

// Admits everything.
class OpenAdmission final : public Admission {
 public:
  absl::Status Admit(const MethodPolicy&) override { return absl::OkStatus(); }
  void Done(const MethodPolicy&, absl::StatusCode, absl::Duration) override {}
};

// What all calls of a process share. All of it must outlive the server.
struct RpcRuntime {
  const Authenticator& authenticator;
  Admission& admission;
  RpcMetrics& metrics;
  Logger& log;
  Rng& rng;
};

// The call that a handler serves. Lives until the handler's Task has ended: hold no reference beyond.
class Call {
 public:
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  const Caller& caller() const { return caller_; }
  const MethodPolicy& method() const { return method_; }
  // The client's deadline, at most the method's maximum from the call's arrival; real time. Every await of a handler
  // is bounded by it.
  absl::Time deadline() const { return deadline_; }
  // Nobody waits for the answer any more: the client has cancelled, gone away, or its deadline has passed.
  bool cancelled() const { return stop_.stop_requested(); }
  // The same as something to register a std::stop_callback with.
  std::stop_token cancellation() const { return stop_.get_token(); }
  // This call's span in the caller's trace, or in a new one.
  const TraceContext& trace() const { return trace_; }
  // A UUID of this call; the error id of an internal error.
  const std::string& request_id() const { return request_id_; }
  const RequestMetadata& metadata() const { return metadata_; }

  // For calls to peers on behalf of this one: its deadline, trace and cancellation; no credential.
  OutgoingCall Outgoing() const;

 private:
  friend class CallScope;
  Call(const RpcRuntime& runtime, const MethodPolicy& method, grpc::CallbackServerContext& context);

  const RpcRuntime& runtime_;
  const MethodPolicy& method_;
  RequestMetadata metadata_;
  Caller caller_;
  absl::Time deadline_;
  TraceContext trace_;
  std::string request_id_;
  std::stop_source stop_;
};

// What stands around every handler, in this order. Begin: admission, deadline (default and clamp), request size,
// credential, role. End: bridge of the error, metrics, one log line. Used by the Serve functions of rpc.h only.
class CallScope {
 public:
  CallScope(const RpcRuntime& runtime, const MethodPolicy& method, RpcType type,
            grpc::CallbackServerContext* context);

  // Once Begin has yielded OK.
  Call& call() { return *call_; }

  // OK: run the handler. `request_bytes` is 0 for a stream.
  absl::Status Begin(size_t request_bytes);
  // RESOURCE_EXHAUSTED, REQUEST_TOO_LARGE when a message of `bytes` is above the method's limit.
  absl::Status CheckSize(size_t bytes) const;
  // Lets the reply be compressed when a message of it is above 1 KiB; before the first message is sent.
  void AllowCompression();
  // The client is gone.
  void Cancel();
  // Exactly once, with the handler's or Begin's status; returns what goes on the wire.
  grpc::Status End(const absl::Status& status);

 private:
  using clock = std::chrono::steady_clock;

  // What End does for a call that admission refused.
  grpc::Status Refuse(const absl::Status& status, absl::Duration took);
  // Tells gRPC clients that retry by themselves when to (gRPC proposal A6, "Pushback").
  void PushBack(const absl::Status& told);
  void WriteLine(const absl::Status& status, const absl::Status& told, absl::Duration took);

  const RpcRuntime& runtime_;
  const MethodPolicy& method_;
  grpc::CallbackServerContext& context_;
  RpcMethodMetrics& metrics_;
  const clock::time_point started_;
  std::unique_ptr<Call> call_;  // null until it is admitted
};

// Messages above this many bytes are worth compressing.
inline constexpr size_t kCompressAbove = 1024;

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_CALL_H_
