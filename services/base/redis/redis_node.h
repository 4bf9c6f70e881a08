// RedisNode: one server as the client sees it: a pipelined connection for commands, remade when it is lost.
#ifndef GREENROOM_SERVICES_BASE_REDIS_REDIS_NODE_H_
#define GREENROOM_SERVICES_BASE_REDIS_REDIS_NODE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "services/base/redis/event_loop.h"
#include "services/base/redis/redis_backoff.h"
#include "services/base/redis/redis_client.h"
#include "services/base/redis/redis_connection.h"
#include "services/base/redis/redis_request.h"
#include "services/base/redis/redis_url.h"

namespace greenroom {

// On the loop thread, but for health() and run_id(). Requests wait during the very first attempt to connect
// and fail at once while a later one is under way.
class RedisNode {
 public:
  struct Events {
    // An attempt begins: call ConnectTo or Fail, once, now or later. Empty: it is always where it was at first.
    std::function<void()> locate;
    // After each connect, failed attempt and loss of the connection: what health() says now.
    std::function<void(RedisNode& node, const absl::Status& health)> on_change;
    // A request has its reply, or why there is none. Must not destroy the node.
    std::function<void(RedisNode& node, std::unique_ptr<RedisRequest> request,
                       absl::StatusOr<RedisReply> reply)>
        on_reply;
  };
  enum class Role {
    kAny,
    kPrimary,  // a connection to a server whose ROLE is another is closed before a request is sent on it
  };

  // Does nothing until Start. `loop` and `options` outlive this; `endpoint` may have an empty host where
  // `locate` says where to connect to.
  RedisNode(EventLoop& loop, const RedisOptions& options, RedisEndpoint endpoint, Role role, Events events);
  // After Shutdown, or on the loop thread at a time at which a RedisConnection may be destroyed: what was sent
  // goes to on_reply, what waits too.
  ~RedisNode();
  RedisNode(const RedisNode&) = delete;
  RedisNode& operator=(const RedisNode&) = delete;

  void Start();
  void ConnectTo(const RedisEndpoint& endpoint);
  void Fail(const absl::Status& reason);

  void Send(std::unique_ptr<RedisRequest> request);

  // Gives up the connection in this turn of the loop, if there is one, or one under way; the next attempt
  // follows after the backoff.
  void Drop(absl::Status reason);

  // A request that was sent on this connection has timed out: gives it up if nothing at all has come for long.
  void OnRequestTimedOut();

  // Answers what is sent and what waits with `reason`, and connects no more.
  void Shutdown(const absl::Status& reason);

  const RedisEndpoint& endpoint() const { return endpoint_; }  // of the last attempt
  bool up() const { return state_ == State::kUp; }
  bool idle() const { return unanswered_ == 0 && waiting_.empty(); }

  // Any thread. As RedisClient::Health and run_id, of this one server.
  absl::Status health() const;
  std::string run_id() const;

 private:
  class Sink;
  enum class State { kFirstAttempt, kUp, kDown };

  std::string Where() const;
  std::vector<RedisConnection::Setup> MakeSetup();
  void Attempt();
  void OnReady();
  void OnClosed(const absl::Status& reason);
  void Transmit(std::unique_ptr<RedisRequest> request);
  void OnReply(std::unique_ptr<RedisRequest> request, absl::StatusOr<RedisReply> reply);
  void AnswerWaiting(const absl::Status& reason);
  void SetHealth(const absl::Status& health, std::string run_id);

  EventLoop& loop_;
  const RedisOptions& options_;
  RedisEndpoint endpoint_;
  const Role role_;
  const Events events_;

  mutable absl::Mutex health_mutex_;
  absl::Status health_ ABSL_GUARDED_BY(health_mutex_);
  std::string public_run_id_ ABSL_GUARDED_BY(health_mutex_);

  State state_ = State::kFirstAttempt;
  std::unique_ptr<RedisConnection> connection_;
  absl::Status down_reason_;
  std::vector<std::unique_ptr<RedisRequest>> waiting_;  // for the first attempt
  size_t unanswered_ = 0;                               // requests sent on this connection, without a reply
  uint64_t last_progress_ = 0;                          // of them
  std::shared_ptr<const std::string> run_id_;           // of this connection's server
  std::string policy_;                                  // its maxmemory-policy
  RedisBackoff backoff_;
  std::unique_ptr<LoopTimer> retry_;  // null: shut down
};

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_REDIS_REDIS_NODE_H_
