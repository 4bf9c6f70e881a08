// ClusterTopology: the primaries of a Redis Cluster, each for the commands whose keys are in its slots.
#ifndef GREENROOM_SERVICES_BASE_REDIS_CLUSTER_TOPOLOGY_H_
#define GREENROOM_SERVICES_BASE_REDIS_CLUSTER_TOPOLOGY_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/base/redis/redis_backoff.h"
#include "services/base/redis/redis_inquiry.h"
#include "services/base/redis/redis_node.h"
#include "services/base/redis/redis_slots.h"
#include "services/base/redis/redis_topology.h"
#include "services/base/redis/redis_url.h"

namespace greenroom {

// The map of slots is asked for at first, when a node is lost or says MOVED or CLUSTERDOWN, and for as long as
// a slot is unserved or a primary not connected; at least options.backoff_max passes between two askings.
// Replicas are not connected to.
class ClusterTopology final : public RedisTopology {
 public:
  ClusterTopology(RedisUrl url, Client client);

  void Start() override;
  void Dispatch(std::unique_ptr<RedisRequest> request) override;
  std::optional<RedisEndpoint> SubscriptionServer() override;
  void Shutdown() override;
  absl::Status Health() const override;
  std::string run_id(absl::string_view key) const override;

 private:
  struct Member {
    std::unique_ptr<RedisNode> node;
    bool serves = false;  // slots, by the last map
  };

  // Slots and members. Calls of a RedisNode that may answer requests are made without the mutex.
  RedisNode* NodeOf(std::optional<int> slot) const;
  RedisNode* AnyNode() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  RedisNode* NodeAt(const std::string& host, int port);
  void Apply(const std::vector<RedisSlotRange>& ranges);
  bool ServesSubscriptions() const;

  // Asking for the map.
  void WantMap();
  void AskForMap();
  std::vector<RedisEndpoint> WhomToAsk();
  void OnMap(const std::vector<RedisEndpoint>& asked, const absl::StatusOr<RedisInquiry::Answer>& answer);

  // Requests.
  void OnChange(RedisNode& node, const absl::Status& health);
  void OnReply(RedisNode& node, std::unique_ptr<RedisRequest> request, absl::StatusOr<RedisReply> reply);
  void Redirect(RedisNode& from, std::unique_ptr<RedisRequest> request, const RedisRedirection& redirection);
  void TryAgain();

  const Client client_;
  const std::vector<RedisEndpoint> seeds_;

  mutable absl::Mutex mutex_;  // the loop thread writes; others read, for Health and run_id
  std::map<std::string, Member> members_ ABSL_GUARDED_BY(mutex_);  // by "host:port"
  std::vector<RedisNode*> slots_ ABSL_GUARDED_BY(mutex_);          // of members_; null: served by none
  absl::Status map_health_ ABSL_GUARDED_BY(mutex_);                // why there is no whole map

  // Loop thread only.
  enum class Map { kFirstAttempt, kNone, kKnown };
  Map map_ = Map::kFirstAttempt;
  std::vector<std::unique_ptr<RedisRequest>> waiting_;      // for the first map
  std::vector<std::unique_ptr<RedisRequest>> to_be_tried_;  // again, after TRYAGAIN
  std::optional<RedisEndpoint> subscription_server_;        // the last that was named
  std::unique_ptr<RedisInquiry> inquiry_;                   // null: none under way
  bool map_wanted_ = false;  // a timer is set, or it is again since inquiry_ began
  uint64_t not_before_ = 0;  // steady clock: when the map may be asked for again
  size_t asked_ = 0;         // how often it has been
  RedisBackoff backoff_;
  std::unique_ptr<LoopTimer> map_timer_;  // null: shut down
  std::unique_ptr<LoopTimer> try_again_timer_;
};

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_REDIS_CLUSTER_TOPOLOGY_H_
