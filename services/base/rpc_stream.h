// The handler wrapper for streams: as rpc.h, with messages awaited one at a time.
#ifndef GREENROOM_SERVICES_BASE_RPC_STREAM_H_
#define GREENROOM_SERVICES_BASE_RPC_STREAM_H_

#include <grpcpp/alarm.h>
#include <grpcpp/support/server_callback.h>

#include <functional>
#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "services/base/call.h"
#include "services/base/method.h"
#include "services/base/task.h"

namespace greenroom {

namespace rpc_internal {

// The one read or write that a stream waits for, bounded by the stream's deadline. Outlives its reactor while an alarm
// is about to fire.
class StreamGate {
 public:
  // Starts `operation`, whose end is told to Complete. False: it failed, or the deadline has passed, which leaves it
  // under way. At most one at a time.
  Task<bool> Await(std::function<void()> operation);
  void Complete(bool ok);
  // At the deadline: what waits now and whatever will be awaited yields false.
  void Expire();
  // The operation last begun has not ended.
  bool busy() const;
  // Why Await yielded false: DEADLINE_EXCEEDED, or else `otherwise`.
  absl::Status Why(const absl::Status& otherwise) const;

 private:
  mutable absl::Mutex mutex_;
  bool expired_ ABSL_GUARDED_BY(mutex_) = false;
  bool busy_ ABSL_GUARDED_BY(mutex_) = false;
  std::function<void(bool)> waiting_ ABSL_GUARDED_BY(mutex_);
};

// Calls gate->Expire() at `deadline` unless the alarm is destroyed before.
void ExpireAt(absl::Time deadline, const std::shared_ptr<StreamGate>& gate, grpc::Alarm& alarm);

// Small messages of a stream that may be compressed are not.
grpc::WriteOptions CompressionFor(size_t message_bytes);

}  // namespace rpc_internal

// Where a server-streaming handler puts its messages.
template <typename Response>
class ServerWriter {
 public:
  // Yields when gRPC has taken the message and has room for the next; one at a time. CANCELLED: the client is gone;
  // DEADLINE_EXCEEDED: the call's deadline has passed. After an error the stream is broken: end the handler.
  virtual Task<absl::Status> Write(Response message) = 0;

 protected:
  ~ServerWriter() = default;
};

// A server-streaming method. `handler` is called with Call& and ServerWriter<Response>& and returns Task<absl::Status>.
template <typename Response, typename Request, typename Handler>
grpc::ServerWriteReactor<Response>* ServeServerStream(const RpcRuntime& runtime, const MethodPolicy& method,
                                                      grpc::CallbackServerContext* context,
                                                      const Request* request, Handler handler) {
  class Reactor final : public grpc::ServerWriteReactor<Response>, public ServerWriter<Response> {
   public:
    Reactor(const RpcRuntime& runtime, const MethodPolicy& method, grpc::CallbackServerContext* context,
            const Request* request, Handler handler)
        : context_(*context),
          scope_(runtime, method, RpcType::kServerStream, context),
          handler_(std::move(handler)) {
      const absl::Status begun = scope_.Begin(request->ByteSizeLong());
      if (!begun.ok()) {
        this->Finish(scope_.End(begun));
        return;
      }
      scope_.AllowCompression();
      rpc_internal::ExpireAt(scope_.call().deadline(), gate_, alarm_);
      StartTask(handler_(scope_.call(), static_cast<ServerWriter<Response>&>(*this)),
                [this](const absl::Status& status) { this->Finish(scope_.End(status)); });
    }

    Task<absl::Status> Write(Response message) override {
      message_ = std::move(message);
      auto write = [this] {
        this->StartWrite(&message_, rpc_internal::CompressionFor(message_.ByteSizeLong()));
      };
      const bool written = co_await gate_->Await(write);
      if (written) co_return absl::OkStatus();
      // A status cannot pass a write that the client does not read.
      if (gate_->busy()) context_.TryCancel();
      co_return gate_->Why(absl::CancelledError("the client is gone"));
    }

    void OnWriteDone(bool ok) override { gate_->Complete(ok); }
    void OnCancel() override { scope_.Cancel(); }
    void OnDone() override { delete this; }

   private:
    grpc::CallbackServerContext& context_;
    CallScope scope_;
    Handler handler_;
    Response message_;
    const std::shared_ptr<rpc_internal::StreamGate> gate_ = std::make_shared<rpc_internal::StreamGate>();
    grpc::Alarm alarm_;
  };
  return new Reactor(runtime, method, context, request, std::move(handler));
}

// A bidirectional method in which each message is answered by one, in order: `handler` is called with Call& and the
// message (by value) and returns Task<absl::StatusOr<Response>>. A message is read when the answer to the one before
// has been taken, so a client that does not read is not read from. The stream ends with OK when the client has sent
// its last, and with the handler's first error.
template <typename Request, typename Response, typename Handler>
grpc::ServerBidiReactor<Request, Response>* ServeBidi(const RpcRuntime& runtime, const MethodPolicy& method,
                                                      grpc::CallbackServerContext* context, Handler handler) {
  class Reactor final : public grpc::ServerBidiReactor<Request, Response> {
   public:
    Reactor(const RpcRuntime& runtime, const MethodPolicy& method, grpc::CallbackServerContext* context,
            Handler handler)
        : context_(*context),
          scope_(runtime, method, RpcType::kBidiStream, context),
          handler_(std::move(handler)) {
      const absl::Status begun = scope_.Begin(0);
      if (!begun.ok()) {
        this->Finish(scope_.End(begun));
        return;
      }
      scope_.AllowCompression();
      rpc_internal::ExpireAt(scope_.call().deadline(), gate_, alarm_);
      StartTask(Run(), [this](const absl::Status& status) { this->Finish(scope_.End(status)); });
    }

    void OnReadDone(bool ok) override { gate_->Complete(ok); }
    void OnWriteDone(bool ok) override { gate_->Complete(ok); }
    void OnCancel() override { scope_.Cancel(); }
    void OnDone() override { delete this; }

   private:
    Task<absl::Status> Run() {
      auto read = [this] { this->StartRead(&incoming_); };
      auto write = [this] {
        this->StartWrite(&outgoing_, rpc_internal::CompressionFor(outgoing_.ByteSizeLong()));
      };
      for (;;) {
        const bool more = co_await gate_->Await(read);
        if (!more) {
          co_return gate_->Why(scope_.call().cancelled() ? absl::CancelledError("the client is gone")
                                                         : absl::OkStatus());
        }
        CO_RETURN_IF_ERROR_NOW(scope_.CheckSize(incoming_.ByteSizeLong()));
        ASSIGN_OR_CO_RETURN(outgoing_, handler_(scope_.call(), std::exchange(incoming_, Request())));
        const bool written = co_await gate_->Await(write);
        if (!written) {
          // A status cannot pass a write that the client does not read; it can overtake a read.
          if (gate_->busy()) context_.TryCancel();
          co_return gate_->Why(absl::CancelledError("the client is gone"));
        }
      }
    }

    grpc::CallbackServerContext& context_;
    CallScope scope_;
    Handler handler_;
    Request incoming_;
    Response outgoing_;
    const std::shared_ptr<rpc_internal::StreamGate> gate_ = std::make_shared<rpc_internal::StreamGate>();
    grpc::Alarm alarm_;
  };
  return new Reactor(runtime, method, context, std::move(handler));
}

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_RPC_STREAM_H_
