// RedisLiveStore: live state in Redis, one hash a session and one a learner.
//
//   gr:{tenant/learner}:s:<session>   format, run, seq, state; w:<event id> = when it was opened (ms); d:<question> =
//                                     "<ms> <text>"
//   gr:{tenant/learner}:head          seq, occurred (ms; absent for a log without events)
//
// Both carry one hash tag, so that a script may touch both on a cluster. Each call is one script. A wake-up is a message
// on the channel that has the session key's name; its payload is the sequence.
#ifndef GREENROOM_SERVICES_SESSION_LIVE_REDIS_LIVE_STORE_H_
#define GREENROOM_SERVICES_SESSION_LIVE_REDIS_LIVE_STORE_H_

#include <string>

#include "services/base/redis/redis_client.h"
#include "services/session/live/live_store.h"

namespace greenroom::session {

// Thread-safe. Tasks resume on the Redis client's loop thread.
class RedisLiveStore final : public LiveStore {
 public:
  // `redis` must outlive the store.
  explicit RedisLiveStore(RedisClient& redis) : redis_(redis) {}

  Task<absl::StatusOr<LiveView>> Begin(SessionKey session, BeginOptions options, absl::Time now,
                                       absl::Time deadline) override;
  Task<absl::StatusOr<PutOutcome>> Put(SessionKey session, LiveWrite write, absl::Time deadline) override;
  Task<absl::Status> Close(SessionKey session, std::string open_write, absl::Time opened_before,
                           absl::Time deadline) override;
  Task<absl::Status> Erase(LearnerKey learner, std::vector<std::string> sessions,
                           absl::Time deadline) override;
  Task<absl::Status> RewriteFiles(absl::Time deadline) override;
  Task<absl::StatusOr<absl::Duration>> SaveDraft(SessionKey session, std::string question, std::string text,
                                                 absl::Time now, absl::Time deadline) override;

 private:
  RedisClient& redis_;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_LIVE_REDIS_LIVE_STORE_H_
