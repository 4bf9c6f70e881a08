// The one handler wrapper: each Serve function runs a coroutine as a handler of gRPC's callback API, inside a CallScope
// (call.h) that does what every call needs.
//
//   grpc::ServerUnaryReactor* GetPack(grpc::CallbackServerContext* context, const GetPackRequest* request,
//                                     Pack* response) override {
//     return ServeUnary(runtime_, methods_.Get("greenroom.content.v1.ContentService/GetPack"), context, request,
//                       response, [this, request](Call& call) { return GetPack(call, *request); });
//   }
//   Task<absl::StatusOr<Pack>> GetPack(Call& call, const GetPackRequest& request);
//
// Deadlines: a handler is not interrupted. Every await inside it is bounded by call.deadline(), so it ends, and the
// server answers DEADLINE_EXCEEDED itself, at the clamped deadline. Request, response, context and Call stay valid
// until the handler's Task has ended, whatever the client does meanwhile. Runtime and policy must outlive the server.
#ifndef GREENROOM_SERVICES_BASE_RPC_H_
#define GREENROOM_SERVICES_BASE_RPC_H_

#include <grpcpp/support/server_callback.h>

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/base/call.h"
#include "services/base/method.h"
#include "services/base/rpc_client.h"
#include "services/base/task.h"

namespace greenroom {

// `handler` is called with Call& and returns Task<absl::StatusOr<Response>>.
template <typename Request, typename Response, typename Handler>
grpc::ServerUnaryReactor* ServeUnary(const RpcRuntime& runtime, const MethodPolicy& method,
                                     grpc::CallbackServerContext* context, const Request* request,
                                     Response* response, Handler handler) {
  class Reactor final : public grpc::ServerUnaryReactor {
   public:
    Reactor(const RpcRuntime& runtime, const MethodPolicy& method, grpc::CallbackServerContext* context,
            const Request* request, Response* response, Handler handler)
        : scope_(runtime, method, RpcType::kUnary, context), handler_(std::move(handler)) {
      const absl::Status begun = scope_.Begin(request->ByteSizeLong());
      if (!begun.ok()) {
        Finish(scope_.End(begun));
        return;
      }
      StartTask(handler_(scope_.call()), [this, response](absl::StatusOr<Response> result) {
        const absl::Status status = result.status();
        if (status.ok()) {
          *response = *std::move(result);
          if (response->ByteSizeLong() > kCompressAbove) scope_.AllowCompression();
        }
        Finish(scope_.End(status));
      });
    }
    void OnCancel() override { scope_.Cancel(); }
    void OnDone() override { delete this; }

   private:
    CallScope scope_;
    Handler handler_;
  };
  return new Reactor(runtime, method, context, request, response, std::move(handler));
}

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_RPC_H_
