#include "services/base/testing/health.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/impl/client_unary_call.h>
#include <grpcpp/impl/rpc_method.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/sync_stream.h>

#include <chrono>
#include <utility>
#include <vector>

namespace greenroom::testing {
namespace {

grpc::ByteBuffer Bytes(const std::string& text) {
  const grpc::Slice slice(text);
  return grpc::ByteBuffer(&slice, 1);
}

std::string Text(grpc::ByteBuffer& bytes) {
  std::vector<grpc::Slice> slices;
  (void)bytes.Dump(&slices);
  std::string text;
  for (const grpc::Slice& slice : slices)
    text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return text;
}

// One request, one reply, both as bytes: no generated code of these services is installed.
std::pair<grpc::Status, std::string> Ask(const std::string& target, const char* path,
                                         const std::string& message) {
  const auto channel = grpc::CreateChannel(target, grpc::InsecureChannelCredentials());
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  context.set_wait_for_ready(true);
  const grpc::internal::RpcMethod method(path, grpc::internal::RpcMethod::NORMAL_RPC, channel);
  const grpc::ByteBuffer request = Bytes(message);
  grpc::ByteBuffer reply;
  grpc::Status status = grpc::internal::BlockingUnaryCall<grpc::ByteBuffer, grpc::ByteBuffer>(
      channel.get(), method, &context, request, &reply);
  return {status, status.ok() ? Text(reply) : ""};
}

}  // namespace

std::string HealthOf(const std::string& target, const std::string& service) {
  // HealthCheckRequest{string service = 1}; HealthCheckResponse{ServingStatus status = 1}.
  std::string request;
  if (!service.empty()) request = std::string("\x0a") + static_cast<char>(service.size()) + service;
  const auto [status, reply] = Ask(target, "/grpc.health.v1.Health/Check", request);
  if (status.error_code() == grpc::StatusCode::NOT_FOUND) return "NOT_FOUND";
  if (status.error_code() == grpc::StatusCode::UNIMPLEMENTED) return "UNIMPLEMENTED";
  if (!status.ok()) return std::to_string(status.error_code());
  if (reply == std::string("\x08\x01")) return "SERVING";
  return reply == std::string("\x08\x02") ? "NOT_SERVING" : "?";
}

bool Reflects(const std::string& target) {
  // ServerReflectionRequest{string list_services = 7}.
  const auto [status, reply] =
      Ask(target, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", std::string("\x3a\x01*"));
  return status.ok() && reply.find("EchoService") != std::string::npos;
}

}  // namespace greenroom::testing
