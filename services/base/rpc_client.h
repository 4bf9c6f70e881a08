// Outgoing calls: CallUnary awaits one call to a peer service.
//
//   ASSIGN_OR_CO_RETURN(const Question question,
//                       CallUnary<Question>(call.Outgoing().With("authorization", bearer), content_.async(),
//                                           &ContentAsync::GetQuestion, request));
#ifndef GREENROOM_SERVICES_BASE_RPC_CLIENT_H_
#define GREENROOM_SERVICES_BASE_RPC_CLIENT_H_

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/channel_arguments.h>
#include <grpcpp/support/status.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "services/base/rpc_metrics.h"
#include "services/base/status_wire.h"
#include "services/base/task.h"
#include "services/base/trace.h"

namespace greenroom {

// What an outgoing call carries besides its request. A value: it may outlive the call it was made for.
struct OutgoingCall {
  // Real time (absl::Now()). Every call has one.
  explicit OutgoingCall(absl::Time until) : deadline(until) {}

  absl::Time deadline;
  // Sent as traceparent unless empty.
  TraceContext trace;
  // Keys in lower case.
  std::vector<std::pair<std::string, std::string>> metadata;
  // A stop requested here cancels the call.
  std::stop_token cancellation;
  // Waits for a connection until the deadline instead of failing with UNAVAILABLE at once.
  bool wait_for_ready = false;

  OutgoingCall&& With(absl::string_view key, absl::string_view value) && {
    metadata.emplace_back(std::string(key), std::string(value));
    return std::move(*this);
  }
  // Brings the deadline forward to `timeout` from now, never later.
  OutgoingCall&& Within(absl::Duration timeout) && {
    deadline = std::min(deadline, absl::Now() + timeout);
    return std::move(*this);
  }
};

namespace rpc_internal {
void Prepare(const OutgoingCall& call, grpc::ClientContext& context);
}  // namespace rpc_internal

// The peer's answer, or its error with reason and details (FromGrpc). Ends by call.deadline at the latest, with
// DEADLINE_EXCEEDED: the peer may still do the work. Resumes on a gRPC thread.
template <typename Response, typename Async, typename Request>
Task<absl::StatusOr<Response>> CallUnary(OutgoingCall call, Async* async,
                                         void (Async::*method)(grpc::ClientContext*, const Request*,
                                                               Response*, std::function<void(grpc::Status)>),
                                         std::type_identity_t<Request> request) {
  // All three live in this frame, which ends only after gRPC has called back.
  grpc::ClientContext context;
  rpc_internal::Prepare(call, context);
  Response response;
  std::stop_callback cancel(call.cancellation, [&context] { context.TryCancel(); });
  auto start = [&](auto done) {
    (async->*method)(&context, &request, &response,
                     [done](grpc::Status status) mutable { done(std::move(status)); });
  };
  grpc::Status status = co_await AwaitCallback<grpc::Status>(start);
  if (!status.ok()) co_return FromGrpc(status);
  co_return std::move(response);
}

struct ChannelOptions {
  // Of one reply.
  int max_receive_bytes = 8 << 20;
  // Whether replies may come compressed. Between services, which are near each other, packing and unpacking a reply
  // costs more than sending it as it is.
  bool compressed_replies = false;
  // Pings an idle connection that has calls in flight, so that a dead peer is noticed.
  absl::Duration keepalive = absl::Seconds(30);
  // gRPC service config, JSON. By default calls are spread over all addresses, a server that says it is not ready gets
  // no new ones, and nothing is retried but what a server is known not to have seen.
  std::string service_config =
      R"({"loadBalancingConfig":[{"round_robin":{}}],"healthCheckConfig":{"serviceName":"ready"}})";
};

// How every client of ours connects: those between services (MakeChannel), the command line and the load of the tests.
// Beside the options: a peer that went away is found again within a second, and a name is asked for new addresses
// whenever a connection ends, but not more often than every two seconds.
grpc::ChannelArguments ClientArguments(const ChannelOptions& options);

// A channel to `target` ("host:port", "dns:///name:port"), plaintext.
// Connects when it is first used. `metrics` counts every call and must outlive the channel.
std::shared_ptr<grpc::Channel> MakeChannel(const std::string& target, const ChannelOptions& options,
                                           RpcMetrics& metrics);

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_RPC_CLIENT_H_
