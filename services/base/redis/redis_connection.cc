#include "services/base/redis/redis_connection.h"

#include <arpa/inet.h>
#include <hiredis/async.h>
#include <hiredis/hiredis.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/redis/redis_error.h"

namespace greenroom {
namespace {

bool IsNumericAddress(const std::string& host) {
  in6_addr address;
  return inet_pton(AF_INET, host.c_str(), &address) == 1 || inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

RedisReply ToReply(const redisReply& reply) {
  switch (reply.type) {
    case REDIS_REPLY_NIL:
      return RedisReply::Nil();
    case REDIS_REPLY_INTEGER:
      return RedisReply::Integer(reply.integer);
    case REDIS_REPLY_ARRAY: {
      std::vector<RedisReply> elements;
      elements.reserve(reply.elements);
      for (size_t i = 0; i < reply.elements; ++i) elements.push_back(ToReply(*reply.element[i]));
      return RedisReply::Array(std::move(elements));
    }
    case REDIS_REPLY_ERROR:
      return RedisReply::Error(std::string(reply.str, static_cast<size_t>(reply.len)));
    default:  // bulk and status; other types are sent to those who ask for RESP3
      return reply.str == nullptr
                 ? RedisReply::Nil()
                 : RedisReply::String(std::string(reply.str, static_cast<size_t>(reply.len)));
  }
}

// A connection that cannot be set up is unavailable, unless it is a matter of credentials.
absl::Status SetupError(absl::string_view server, const absl::Status& status) {
  const bool credentials = absl::IsUnauthenticated(status) || absl::IsPermissionDenied(status);
  return absl::Status(credentials ? status.code() : absl::StatusCode::kUnavailable,
                      absl::StrCat("redis ", server, ": ", status.message()));
}

}  // namespace

std::string EncodeRedisCommand(const std::vector<std::string>& args) {
  size_t size = 16;
  for (const std::string& arg : args) size += arg.size() + 16;
  std::string encoded;
  encoded.reserve(size);
  absl::StrAppend(&encoded, "*", args.size(), "\r\n");
  for (const std::string& arg : args) absl::StrAppend(&encoded, "$", arg.size(), "\r\n", arg, "\r\n");
  return encoded;
}

// hiredis only says what it wants to watch; BeforePoll does it, once a turn. The context is gone, or going,
// when it calls cleanup, whichever of its versions that is.
struct RedisConnection::Hooks {
  static RedisConnection* Self(const redisAsyncContext* context) {
    return static_cast<RedisConnection*>(context->data);
  }

  static void Install(RedisConnection* self, redisAsyncContext* context) {
    context->data = self;
    context->ev.data = self;
    context->ev.addRead = [](void* data) {
      static_cast<RedisConnection*>(data)->wanted_events_ |= UV_READABLE;
    };
    context->ev.delRead = [](void* data) {
      static_cast<RedisConnection*>(data)->wanted_events_ &= ~UV_READABLE;
    };
    context->ev.addWrite = [](void* data) {
      static_cast<RedisConnection*>(data)->wanted_events_ |= UV_WRITABLE;
    };
    context->ev.delWrite = [](void* data) {
      static_cast<RedisConnection*>(data)->wanted_events_ &= ~UV_WRITABLE;
    };
    context->ev.cleanup = [](void* data) {
      auto* connection = static_cast<RedisConnection*>(data);
      connection->NoteError();
      connection->tls_.reset();
      connection->poll_.reset();
      connection->context_ = nullptr;
      connection->wanted_events_ = 0;
    };
    redisAsyncSetConnectCallback(context, [](const redisAsyncContext* connecting, int status) {
      if (status == REDIS_OK) Self(connecting)->OnAccepted();
    });
  }

  static void OnReply(redisAsyncContext* context, void* reply, void* data) {
    const std::unique_ptr<RedisReplySink> sink(static_cast<RedisReplySink*>(data));
    RedisConnection* self = Self(context);
    --self->unanswered_;
    if (reply == nullptr) {
      self->NoteError();
      sink->OnReply(self->WhyLost(self->socket_error_));
      return;
    }
    const redisReply& answer = *static_cast<redisReply*>(reply);
    if (answer.type == REDIS_REPLY_ERROR) {
      sink->OnReply(RedisErrorToStatus(absl::string_view(answer.str, static_cast<size_t>(answer.len))));
    } else {
      sink->OnReply(ToReply(answer));
    }
  }

  static void OnPush(redisAsyncContext* context, void* message, void*) {
    if (message != nullptr) Self(context)->events_.on_push(ToReply(*static_cast<redisReply*>(message)));
  }
};

class RedisConnection::SetupSink final : public RedisReplySink {
 public:
  SetupSink(RedisConnection& connection, size_t index) : connection_(connection), index_(index) {}
  void OnReply(absl::StatusOr<RedisReply> reply) override { connection_.OnSetupReply(index_, reply); }

 private:
  RedisConnection& connection_;
  const size_t index_;
};

RedisConnection::RedisConnection(EventLoop& loop, const RedisEndpoint& endpoint,
                                 absl::Duration connect_timeout, std::vector<Setup> setup, Events events)
    : loop_(loop),
      endpoint_(endpoint),
      connect_timeout_(connect_timeout),
      setup_(std::move(setup)),
      events_(std::move(events)),
      timeout_(loop, [this] { OnTimeout(); }),
      prepare_(loop, [this] { BeforePoll(); }) {
  if (IsNumericAddress(endpoint_.host)) {
    addresses_ = {endpoint_.host};
    Connect();
    return;
  }
  auto lookup = HostLookup::Start(loop_, endpoint_.host, [this](HostLookup::Addresses addresses) {
    if (!addresses.ok()) {
      Close(addresses.status());
    } else {
      addresses_ = *std::move(addresses);
      Connect();
    }
  });
  if (lookup.ok()) {
    lookup_ = *std::move(lookup);
  } else {
    Close(lookup.status());
  }
}

RedisConnection::~RedisConnection() {
  Close(error::RedisShuttingDown());
  FreeContext();
}

// Tries the addresses left until one is being connected to. The address is numeric, so hiredis resolves
// nothing.
void RedisConnection::Connect() {
  while (next_address_ < addresses_.size() && reason_.ok()) {
    const std::string& address = addresses_[next_address_++];
    redisAsyncContext* context = redisAsyncConnect(address.c_str(), endpoint_.port);
    if (context == nullptr || context->err != 0) {
      socket_error_ = context == nullptr ? "out of memory" : context->c.errstr;
      if (context != nullptr) redisAsyncFree(context);
      continue;
    }
    auto poll = std::make_unique<LoopPoll>(loop_, context->c.fd,
                                           [this](int status, int events) { OnSocket(status, events); });
    if (!poll->ok()) {
      socket_error_ = "the event loop refuses the socket";
      redisAsyncFree(context);
      continue;
    }
    poll_ = std::move(poll);
    context_ = context;
    Hooks::Install(this, context);
    timeout_.Start(connect_timeout_);
    return;
  }
  Close(error::RedisNotConnected(endpoint_.Server(), socket_error_));
}

// In a callback of hiredis.
void RedisConnection::OnAccepted() {
  if (endpoint_.tls == nullptr) {
    OnConnected();
    return;
  }
  tls_ = endpoint_.tls->MakeSession(endpoint_.host);
  if (tls_ != nullptr && tls_->Begin(context_->c)) return;  // OnSocket sees how it goes on
  socket_error_ = "TLS cannot begin";
  redisAsyncFree(context_);  // on the return from this callback
}

void RedisConnection::OnConnected() {
  connected_ = true;
  socket_error_.clear();
  if (setup_.empty()) {
    timeout_.Stop();
    events_.on_ready();
    return;
  }
  for (size_t i = 0; i < setup_.size(); ++i) {
    Send(EncodeRedisCommand(setup_[i].args), std::make_unique<SetupSink>(*this, i));
  }
}

void RedisConnection::OnSetupReply(size_t index, const absl::StatusOr<RedisReply>& reply) {
  if (!IsOpen()) return;
  const Setup& step = setup_[index];
  absl::Status status = step.may_fail ? absl::OkStatus() : reply.status();
  if (reply.ok() && step.check) status = step.check(*reply);
  if (!status.ok()) {
    Close(SetupError(endpoint_.Server(), status));
  } else if (++setup_answered_ == setup_.size()) {
    timeout_.Stop();
    events_.on_ready();
  }
}

void RedisConnection::OnTimeout() {
  if (connected_) {
    Close(error::RedisNotConnected(endpoint_.Server(), "it accepts connections but does not answer"));
    return;
  }
  socket_error_ = tls_ == nullptr ? "connecting timed out" : "the TLS handshake timed out";
  FreeContext();
  Connect();
}

void RedisConnection::OnSocket(int status, int events) {
  if (context_ == nullptr) return;
  if (status < 0) {
    // Reading or connecting yields the error; if it does not, the socket is of no use all the same.
    connected_ || tls_ != nullptr ? Read() : Write();
    if (context_ != nullptr) {
      socket_error_ = uv_strerror(status);
      FreeContext();
    }
  }
  if (context_ != nullptr && (events & UV_READABLE) != 0) {
    if (ServerSpeaksUnasked()) {
      Close(WhyLost("the server sent what nobody asked for"));
    } else {
      Read();
    }
  }
  if (context_ != nullptr && (events & UV_WRITABLE) != 0) Write();
  if (tls_ != nullptr && !connected_ && tls_->Established()) OnConnected();
  AfterSocket();
}

// hiredis aborts the process on a reply that belongs to no command.
bool RedisConnection::ServerSpeaksUnasked() const {
  if (!connected_ || subscribed_ || unanswered_ > 0) return false;
  if (tls_ != nullptr) return tls_->HoldsData();
  char byte;
  return recv(context_->c.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

// hiredis may have given up the context.
void RedisConnection::AfterSocket() {
  if (context_ != nullptr || !reason_.ok()) return;
  if (connected_) {
    Close(WhyLost(socket_error_));
  } else {
    Connect();
  }
}

void RedisConnection::BeforePoll() {
  if (IsOpen() && connected_ && unwritten_) {
    unwritten_ = false;
    Write();
    AfterSocket();
  }
  if (reason_.ok()) {
    if (poll_ != nullptr) poll_->Watch(wanted_events_);
    return;
  }
  if (closed_) return;
  closed_ = true;
  timeout_.Stop();
  lookup_.reset();
  FreeContext();
  const auto on_closed = std::move(events_.on_closed);
  on_closed(reason_);  // may destroy this
}

void RedisConnection::Read() {
  if (tls_ != nullptr) tls_->BeforeIo();
  redisAsyncHandleRead(context_);
}

void RedisConnection::Write() {
  if (tls_ != nullptr) tls_->BeforeIo();
  redisAsyncHandleWrite(context_);
}

// Why hiredis gives the context up. Its versions differ in whether they answer what is under way before cleanup or
// after, when there is no context any more; of TLS they only know that reading or writing failed.
void RedisConnection::NoteError() {
  if (context_ == nullptr || context_->c.errstr[0] == '\0') return;
  socket_error_ = context_->c.errstr;
  if (tls_ == nullptr) return;
  if (std::string failure = tls_->Failure(); !failure.empty()) socket_error_ = std::move(failure);
}

void RedisConnection::FreeContext() {
  if (context_ != nullptr)
    redisAsyncFree(context_);  // answers what is under way; cleanup forgets the context
}

absl::Status RedisConnection::WhyLost(absl::string_view cause) const {
  if (!reason_.ok()) return reason_;
  return error::RedisConnectionLost(endpoint_.Server(), cause.empty() ? "closed" : cause);
}

void RedisConnection::Close(absl::Status reason) {
  if (reason_.ok()) reason_ = std::move(reason);
}

void RedisConnection::Send(absl::string_view encoded, std::unique_ptr<RedisReplySink> sink) {
  if (!IsOpen() || redisAsyncFormattedCommand(context_, Hooks::OnReply, sink.get(), encoded.data(),
                                              encoded.size()) != REDIS_OK) {
    sink->OnReply(WhyLost(socket_error_));
    return;
  }
  static_cast<void>(sink.release());  // to Hooks::OnReply
  ++unanswered_;
  unwritten_ = true;
}

void RedisConnection::Subscribe(absl::string_view channel) {
  if (!IsOpen()) return;
  const std::string encoded = EncodeRedisCommand({"SUBSCRIBE", std::string(channel)});
  redisAsyncFormattedCommand(context_, Hooks::OnPush, nullptr, encoded.data(), encoded.size());
  subscribed_ = true;
  unwritten_ = true;
}

void RedisConnection::Unsubscribe(absl::string_view channel) {
  if (!IsOpen()) return;
  const std::string encoded = EncodeRedisCommand({"UNSUBSCRIBE", std::string(channel)});
  redisAsyncFormattedCommand(context_, Hooks::OnPush, nullptr, encoded.data(), encoded.size());
  unwritten_ = true;
}

std::vector<RedisConnection::Setup> RedisLogin(const RedisEndpoint& endpoint) {
  if (!endpoint.authenticate) return {};
  std::vector<std::string> args = {"AUTH"};
  if (!endpoint.user.empty()) args.push_back(endpoint.user);
  args.push_back(endpoint.password);
  return {{std::move(args), nullptr, endpoint.login_optional}};
}

}  // namespace greenroom
