// StandaloneRedisClient: a RedisClient of one server, on one command connection and one subscriber
// connection.
#ifndef GREENROOM_SERVICES_BASE_REDIS_STANDALONE_REDIS_CLIENT_H_
#define GREENROOM_SERVICES_BASE_REDIS_STANDALONE_REDIS_CLIENT_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/base/redis/event_loop.h"
#include "services/base/redis/redis_backoff.h"
#include "services/base/redis/redis_client.h"
#include "services/base/redis/redis_connection.h"
#include "services/base/redis/redis_subscriptions.h"
#include "services/base/redis/redis_url.h"
#include "services/base/task.h"

namespace greenroom {

class StandaloneRedisClient final : public RedisClient {
 public:
  // `options` are valid and complete, `url` is parsed from them, `loop` is not started.
  StandaloneRedisClient(RedisOptions options, RedisUrl url, std::unique_ptr<EventLoop> loop);
  ~StandaloneRedisClient() override;

  absl::Status Start();

  Task<absl::StatusOr<RedisReply>> Command(std::vector<std::string> args, absl::Time deadline) override;
  Task<absl::StatusOr<RedisReply>> Eval(const RedisScript& script, std::vector<std::string> keys,
                                        std::vector<std::string> args, absl::Time deadline) override;
  std::string run_id() const override;
  absl::Status Health() const override;
  RedisSubscriptionId Subscribe(std::string channel, RedisSubscriber subscriber) override;
  void Unsubscribe(RedisSubscriptionId id) override;

 private:
  class Pending;
  using Done = std::function<void(absl::StatusOr<RedisReply>)>;

  // Any thread. `until` is a time of the steady clock.
  Task<absl::StatusOr<RedisReply>> Run(std::vector<std::string> args, uint64_t until);
  uint64_t Until(absl::Time deadline) const;
  void Submit(const std::vector<std::string>& args, uint64_t until, Done done);
  absl::Status Accept(const std::vector<std::string>& args, absl::string_view name, uint64_t until);
  void Refuse(absl::string_view name, const absl::Status& status, const Done& done);

  // Loop thread.
  void OnWake();
  void Shutdown();
  void Connect();
  void OnReady();
  void OnClosed(const absl::Status& reason);
  void Dispatch(std::unique_ptr<Pending> pending);
  void Send(std::unique_ptr<Pending> pending);
  void Answer(Pending& pending, absl::StatusOr<RedisReply> reply);
  void OnReply(Pending& pending, absl::StatusOr<RedisReply> reply);
  void OnDeadline();
  void WatchDeadlines();
  void SetHealth(const absl::Status& health, std::string run_id);

  const RedisOptions options_;
  const RedisUrl url_;
  const std::unique_ptr<EventLoop> loop_;
  std::atomic<size_t> in_flight_ = 0;
  bool started_ = false;

  absl::Mutex inbox_mutex_;
  std::vector<std::unique_ptr<Pending>> inbox_ ABSL_GUARDED_BY(inbox_mutex_);
  bool stopping_ ABSL_GUARDED_BY(inbox_mutex_) = false;

  mutable absl::Mutex health_mutex_;
  absl::Status health_ ABSL_GUARDED_BY(health_mutex_);
  std::string public_run_id_ ABSL_GUARDED_BY(health_mutex_);

  // Loop thread only.
  enum class State { kFirstAttempt, kReady, kDown };
  State state_ = State::kFirstAttempt;
  std::unique_ptr<RedisConnection> connection_;
  absl::Status down_reason_;
  std::vector<std::unique_ptr<Pending>> waiting_;      // for the first attempt
  std::set<std::pair<uint64_t, Pending*>> deadlines_;  // of all that has no answer
  uint64_t next_timer_ = 0;                            // when the deadline timer goes off; 0: it is not set
  size_t unanswered_ = 0;                              // commands sent on this connection, without a reply
  uint64_t last_progress_ = 0;                         // of them
  std::shared_ptr<const std::string> run_id_;          // of this connection's server
  std::string policy_;                                 // its maxmemory-policy
  RedisBackoff backoff_;
  std::unique_ptr<LoopTimer> retry_;
  std::unique_ptr<LoopTimer> deadline_timer_;

  RedisSubscriptions subscriptions_;
};

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_REDIS_STANDALONE_REDIS_CLIENT_H_
