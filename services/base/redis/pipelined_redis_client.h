// PipelinedRedisClient: takes commands from any thread, hands them to a topology on the loop thread, and
// answers each exactly once and within its bound.
#ifndef GREENROOM_SERVICES_BASE_REDIS_PIPELINED_REDIS_CLIENT_H_
#define GREENROOM_SERVICES_BASE_REDIS_PIPELINED_REDIS_CLIENT_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
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
#include "services/base/redis/redis_client.h"
#include "services/base/redis/redis_request.h"
#include "services/base/redis/redis_subscriptions.h"
#include "services/base/redis/redis_tls.h"
#include "services/base/redis/redis_topology.h"
#include "services/base/redis/redis_url.h"
#include "services/base/task.h"

namespace greenroom {

class PipelinedRedisClient final : public RedisClient {
 public:
  // `options` are valid and complete, `url` is parsed from them and its servers refer to `tls`, `loop` is not started.
  PipelinedRedisClient(RedisOptions options, RedisUrl url, std::unique_ptr<const RedisTls> tls,
                       std::unique_ptr<EventLoop> loop);
  ~PipelinedRedisClient() override;

  absl::Status Start();

  Task<absl::StatusOr<RedisReply>> Command(std::vector<std::string> args, absl::Time deadline) override;
  Task<absl::StatusOr<RedisReply>> Eval(const RedisScript& script, std::vector<std::string> keys,
                                        std::vector<std::string> args, absl::Time deadline) override;
  std::string run_id() const override;
  std::string run_id(absl::string_view key) const override;
  absl::Status Health() const override;
  RedisSubscriptionId Subscribe(std::string channel, RedisSubscriber subscriber) override;
  void Unsubscribe(RedisSubscriptionId id) override;

 private:
  using Done = RedisRequest::Done;

  // Any thread. `until` is a time of the steady clock.
  Task<absl::StatusOr<RedisReply>> Run(std::vector<std::string> args, uint64_t until);
  uint64_t Until(absl::Time deadline) const;
  void Submit(const std::vector<std::string>& args, uint64_t until, Done done);
  absl::Status Accept(const std::vector<std::string>& args, absl::string_view name, uint64_t until);
  void Refuse(absl::string_view name, const absl::Status& status, const Done& done);

  // Loop thread.
  void OnWake();
  void Shutdown();
  void Finish(std::unique_ptr<RedisRequest> request, absl::StatusOr<RedisReply> reply);
  void Answer(RedisRequest& request, absl::StatusOr<RedisReply> reply);
  void OnDeadline();
  void WatchDeadlines();

  const RedisOptions options_;
  const std::unique_ptr<const RedisTls> tls_;  // null: none
  const std::unique_ptr<EventLoop> loop_;
  std::atomic<size_t> in_flight_ = 0;
  bool started_ = false;

  absl::Mutex inbox_mutex_;
  std::vector<std::unique_ptr<RedisRequest>> inbox_ ABSL_GUARDED_BY(inbox_mutex_);
  bool stopping_ ABSL_GUARDED_BY(inbox_mutex_) = false;

  // Loop thread only.
  bool topology_started_ = false;
  std::set<std::pair<uint64_t, RedisRequest*>> deadlines_;  // of all that has no answer
  uint64_t next_timer_ = 0;                    // when the deadline timer goes off; 0: it is not set
  std::unique_ptr<LoopTimer> deadline_timer_;  // null: shut down

  const std::unique_ptr<RedisTopology> topology_;
  RedisSubscriptions subscriptions_;
};

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_REDIS_PIPELINED_REDIS_CLIENT_H_
