// RedisConnection: one connection to one server, from name to close.
#ifndef GREENROOM_SERVICES_BASE_REDIS_REDIS_CONNECTION_H_
#define GREENROOM_SERVICES_BASE_REDIS_REDIS_CONNECTION_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/base/redis/event_loop.h"
#include "services/base/redis/redis_reply.h"
#include "services/base/redis/redis_tls.h"
#include "services/base/redis/redis_url.h"

struct redisAsyncContext;

namespace greenroom {

// A command in the form in which it is sent.
std::string EncodeRedisCommand(const std::vector<std::string>& args);

// Whoever waits for one reply.
class RedisReplySink {
 public:
  virtual ~RedisReplySink() = default;
  // Called exactly once, on the loop thread, with the server's reply or why there is none; then the sink is
  // deleted. Must not destroy the connection.
  virtual void OnReply(absl::StatusOr<RedisReply> reply) = 0;
};

// Resolves the host, connects to the first address that accepts (with TLS: and proves to be this host), authenticates,
// runs `setup`, is ready, and closes once; it never reconnects. Everything happens on the loop thread.
class RedisConnection {
 public:
  struct Setup {
    std::vector<std::string> args;
    // An error closes the connection with it, as an error reply does. Empty: any other reply will do.
    std::function<absl::Status(const RedisReply& reply)> check;
    bool may_fail = false;  // an error reply is passed over
  };
  struct Events {
    std::function<void()> on_ready;  // all of `setup` has been answered well
    // Once and last, with the reason, unless the connection is destroyed first. May destroy it.
    std::function<void(const absl::Status& reason)> on_closed;
    // What the server says to a subscriber: ["message", channel, payload], ["subscribe", channel, count].
    std::function<void(const RedisReply& message)> on_push;
  };

  // `connect_timeout` bounds connecting to one address together with the setup, not the name lookup.
  RedisConnection(EventLoop& loop, const RedisEndpoint& endpoint, absl::Duration connect_timeout,
                  std::vector<Setup> setup, Events events);

  // Closes without on_closed: what is under way is answered with the reason of Close, or CANCELLED. Not from
  // within a sink, a check, on_ready or on_push.
  ~RedisConnection();
  RedisConnection(const RedisConnection&) = delete;
  RedisConnection& operator=(const RedisConnection&) = delete;

  // Sends an encoded command with what else this turn of the loop sends. When the connection is closing, the
  // sink is answered at once.
  void Send(absl::string_view encoded, std::unique_ptr<RedisReplySink> sink);

  // The confirmation, the messages and the end come by on_push. No Send may follow the first Subscribe, and
  // the last channel may not be unsubscribed: hiredis 0.14 miscounts on the way back to plain commands.
  void Subscribe(absl::string_view channel);
  void Unsubscribe(absl::string_view channel);

  // Closes in this turn of the loop; what is under way is answered with `reason`. The first reason counts.
  void Close(absl::Status reason);

 private:
  class SetupSink;
  struct Hooks;  // what hiredis calls

  void Connect();
  void OnAccepted();
  void OnConnected();
  void OnSetupReply(size_t index, const absl::StatusOr<RedisReply>& reply);
  void OnTimeout();
  void OnSocket(int status, int events);
  void AfterSocket();
  void BeforePoll();
  void Read();
  void Write();
  void NoteError();
  void FreeContext();
  bool ServerSpeaksUnasked() const;
  bool IsOpen() const { return context_ != nullptr && reason_.ok(); }
  absl::Status WhyLost(absl::string_view cause) const;

  EventLoop& loop_;
  const RedisEndpoint endpoint_;
  const absl::Duration connect_timeout_;
  std::vector<Setup> setup_;
  Events events_;

  std::vector<std::string> addresses_;
  size_t next_address_ = 0;
  size_t setup_answered_ = 0;
  bool connected_ = false;   // commands may be sent
  bool closed_ = false;      // on_closed has been called
  bool unwritten_ = false;   // something was sent in this turn
  bool subscribed_ = false;  // the server may speak unasked
  size_t unanswered_ = 0;    // commands
  int wanted_events_ = 0;
  absl::Status reason_;       // of closing; OK while open
  std::string socket_error_;  // of the address tried last, or of the connection

  redisAsyncContext* context_ = nullptr;  // owned by hiredis, which frees it on errors of its own
  std::unique_ptr<RedisTlsSession> tls_;  // of the context, from being accepted; null: none
  std::unique_ptr<HostLookup> lookup_;
  std::unique_ptr<LoopPoll> poll_;
  LoopTimer timeout_;
  LoopPrepare prepare_;
};

// AUTH, if the endpoint has credentials. It says who; it does not select the database.
std::vector<RedisConnection::Setup> RedisLogin(const RedisEndpoint& endpoint);

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_REDIS_REDIS_CONNECTION_H_
