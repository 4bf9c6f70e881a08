#include "services/base/rpc_client.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/client_interceptor.h>

#include <algorithm>
#include <chrono>

#include "absl/strings/strip.h"
#include "absl/time/clock.h"

namespace greenroom {
namespace {

RpcType TypeOf(grpc::experimental::ClientRpcInfo::Type type) {
  using Type = grpc::experimental::ClientRpcInfo::Type;
  switch (type) {
    case Type::CLIENT_STREAMING:
      return RpcType::kClientStream;
    case Type::SERVER_STREAMING:
      return RpcType::kServerStream;
    case Type::BIDI_STREAMING:
      return RpcType::kBidiStream;
    default:
      return RpcType::kUnary;
  }
}

// Counts one call from its creation to its status.
class CountingInterceptor final : public grpc::experimental::Interceptor {
 public:
  explicit CountingInterceptor(RpcMethodMetrics& metrics)
      : metrics_(metrics), started_(std::chrono::steady_clock::now()) {
    metrics_.Started();
  }

  void Intercept(grpc::experimental::InterceptorBatchMethods* batch) override {
    if (batch->QueryInterceptionHookPoint(grpc::experimental::InterceptionHookPoints::POST_RECV_STATUS)) {
      metrics_.Handled(static_cast<absl::StatusCode>(batch->GetRecvStatus()->error_code()),
                       absl::FromChrono(std::chrono::steady_clock::now() - started_));
    }
    batch->Proceed();
  }

 private:
  RpcMethodMetrics& metrics_;
  const std::chrono::steady_clock::time_point started_;
};

class CountingFactory final : public grpc::experimental::ClientInterceptorFactoryInterface {
 public:
  explicit CountingFactory(RpcMetrics& metrics) : metrics_(metrics) {}
  grpc::experimental::Interceptor* CreateClientInterceptor(grpc::experimental::ClientRpcInfo* info) override {
    const absl::string_view path = info->method();
    return new CountingInterceptor(
        metrics_.Of(RpcSide::kClient, TypeOf(info->type()), absl::StripPrefix(path, "/")));
  }

 private:
  RpcMetrics& metrics_;
};

}  // namespace

namespace rpc_internal {

void Prepare(const OutgoingCall& call, grpc::ClientContext& context) {
  // What is left, on the clock that gRPC goes by: absl::Now() sees it being set only seconds later.
  constexpr absl::Duration kLongest = absl::Hours(24);
  const absl::Duration left = std::min(call.deadline - absl::Now(), kLongest);
  context.set_deadline(std::chrono::system_clock::now() + absl::ToChronoMicroseconds(left));
  context.set_wait_for_ready(call.wait_for_ready);
  if (!call.trace.empty()) context.AddMetadata(std::string(kTraceparentKey), call.trace.ToHeader());
  for (const auto& [key, value] : call.metadata) context.AddMetadata(key, value);
}

}  // namespace rpc_internal

grpc::ChannelArguments ClientArguments(const ChannelOptions& options) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(options.max_receive_bytes);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS,
                   static_cast<int>(absl::ToInt64Milliseconds(options.keepalive)));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  // A restarted peer is found again at once, not after gRPC's back-off of up to 2 minutes; a connection attempt that
  // nothing answers is given up after 2 s, not 20.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 2'000);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1'000);
  // By default 30 s: a rollout can have replaced every replica by then.
  arguments.SetInt(GRPC_ARG_DNS_MIN_TIME_BETWEEN_RESOLUTIONS_MS, 2'000);
  if (!options.compressed_replies) {
    arguments.SetInt(GRPC_COMPRESSION_CHANNEL_ENABLED_ALGORITHMS_BITSET, 1 << GRPC_COMPRESS_NONE);
  }
  arguments.SetServiceConfigJSON(options.service_config);
  return arguments;
}

std::shared_ptr<grpc::Channel> MakeChannel(const std::string& target, const ChannelOptions& options,
                                           RpcMetrics& metrics) {
  const grpc::ChannelArguments arguments = ClientArguments(options);
  std::vector<std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface>> interceptors;
  interceptors.push_back(std::make_unique<CountingFactory>(metrics));
  return grpc::experimental::CreateCustomChannelWithInterceptors(target, grpc::InsecureChannelCredentials(),
                                                                 arguments, std::move(interceptors));
}

}  // namespace greenroom
