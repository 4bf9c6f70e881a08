#include "services/base/redis/cluster_topology.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "services/base/redis/redis_error.h"

namespace greenroom {
namespace {

constexpr int kMaxRedirections = 5;
// After TRYAGAIN: some keys of a command have migrated and others have not.
constexpr absl::Duration kTryAgainDelay = absl::Milliseconds(5);

bool Says(const absl::Status& status, absl::string_view word) {
  return absl::IsUnavailable(status) && absl::StartsWith(status.message(), word);
}

}  // namespace

ClusterTopology::ClusterTopology(RedisUrl url, Client client)
    : client_(std::move(client)),
      seeds_(std::move(url.servers)),
      slots_(kRedisSlots),
      map_health_(error::RedisNotConnected("cluster", "the first attempt is under way")),
      backoff_(client_.options.backoff_initial, client_.options.backoff_max,
               [this] { return client_.options.uniform(); }),
      map_timer_(std::make_unique<LoopTimer>(client_.loop, [this] { AskForMap(); })),
      try_again_timer_(std::make_unique<LoopTimer>(client_.loop, [this] { TryAgain(); })) {}

void ClusterTopology::Start() { AskForMap(); }

// --- slots and members ----------------------------------------------

RedisNode* ClusterTopology::NodeOf(std::optional<int> slot) const {
  absl::MutexLock lock(&mutex_);
  return slot.has_value() ? slots_[static_cast<size_t>(*slot)] : AnyNode();
}

RedisNode* ClusterTopology::AnyNode() const {
  RedisNode* any = nullptr;
  for (const auto& [name, member] : members_) {
    if (!member.serves) continue;
    if (member.node->up()) return member.node.get();
    if (any == nullptr) any = member.node.get();
  }
  return any;
}

RedisNode* ClusterTopology::NodeAt(const std::string& host, int port) {
  const RedisEndpoint endpoint = seeds_.front().At(host, port);
  RedisNode* node;
  {
    absl::MutexLock lock(&mutex_);
    Member& member = members_[endpoint.Server()];
    if (member.node != nullptr) return member.node.get();
    RedisNode::Events events;
    events.on_change = [this](RedisNode& changed, const absl::Status& health) { OnChange(changed, health); };
    events.on_reply = [this](RedisNode& from, std::unique_ptr<RedisRequest> request,
                             absl::StatusOr<RedisReply> reply) {
      OnReply(from, std::move(request), std::move(reply));
    };
    member.node = std::make_unique<RedisNode>(client_.loop, client_.options, endpoint, RedisNode::Role::kAny,
                                              std::move(events));
    node = member.node.get();
  }
  node->Start();
  return node;
}

void ClusterTopology::Apply(const std::vector<RedisSlotRange>& ranges) {
  std::vector<RedisNode*> slots(kRedisSlots);
  std::set<RedisNode*> serving;
  for (const RedisSlotRange& range : ranges) {
    RedisNode* node = NodeAt(range.host, range.port);
    serving.insert(node);
    std::fill(slots.begin() + range.first, slots.begin() + range.last + 1, node);
  }
  const auto unserved = static_cast<size_t>(std::count(slots.begin(), slots.end(), nullptr));
  std::vector<std::unique_ptr<RedisNode>> left;  // the cluster, or the primaries
  {
    absl::MutexLock lock(&mutex_);
    slots_ = std::move(slots);
    map_health_ = unserved == 0 ? absl::OkStatus() : error::RedisSlotsUnserved(unserved);
    for (auto it = members_.begin(); it != members_.end();) {
      it->second.serves = serving.contains(it->second.node.get());
      // One that still owes replies stays until a later map.
      if (it->second.serves || !it->second.node->idle()) {
        ++it;
        continue;
      }
      left.push_back(std::move(it->second.node));
      it = members_.erase(it);
    }
  }
}

bool ClusterTopology::ServesSubscriptions() const {
  absl::MutexLock lock(&mutex_);
  const auto member = members_.find(subscription_server_->Server());
  return member != members_.end() && member->second.serves;
}

// Another one each time, so that one which accepts connections and says nothing is not tried for ever.
std::optional<RedisEndpoint> ClusterTopology::SubscriptionServer() {
  std::vector<RedisEndpoint> up;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& [name, member] : members_) {
      if (member.serves && member.node->up()) up.push_back(member.node->endpoint());
    }
  }
  if (up.empty()) {
    subscription_server_.reset();
  } else {
    const auto first = static_cast<size_t>(client_.options.uniform() * static_cast<double>(up.size()));
    subscription_server_ = up[first % up.size()];
  }
  return subscription_server_;
}

// --- the map ----------------------------------------------

void ClusterTopology::WantMap() {
  if (map_timer_ == nullptr || std::exchange(map_wanted_, true) || inquiry_ != nullptr) return;
  const uint64_t now = SteadyNanos();
  map_timer_->Start(absl::Nanoseconds(static_cast<int64_t>(not_before_ - std::min(not_before_, now))));
}

// Those that are connected first, and each time another of them: what one of them has not heard, others have.
std::vector<RedisEndpoint> ClusterTopology::WhomToAsk() {
  std::vector<RedisEndpoint> whom;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& [name, member] : members_) {
      if (member.node->up()) whom.push_back(member.node->endpoint());
    }
  }
  if (!whom.empty()) {
    const size_t first = asked_++ % whom.size();
    std::rotate(whom.begin(), whom.begin() + static_cast<ptrdiff_t>(first), whom.end());
  }
  for (const RedisEndpoint& seed : seeds_) {
    const bool listed = std::any_of(whom.begin(), whom.end(),
                                    [&seed](const RedisEndpoint& other) { return other.IsSameServer(seed); });
    if (!listed) whom.push_back(seed);
  }
  return whom;
}

void ClusterTopology::AskForMap() {
  map_wanted_ = false;
  std::vector<RedisEndpoint> whom = WhomToAsk();
  RedisInquiry::Question question;
  question.command = {"CLUSTER", "SLOTS"};
  question.check = [](const RedisReply& reply) { return ParseClusterSlots(reply, "").status(); };
  inquiry_ = std::make_unique<RedisInquiry>(
      client_.loop, client_.options.connect_timeout, whom, std::move(question),
      [this, whom](const absl::StatusOr<RedisInquiry::Answer>& answer) { OnMap(whom, answer); });
}

void ClusterTopology::OnMap(const std::vector<RedisEndpoint>& asked,
                            const absl::StatusOr<RedisInquiry::Answer>& answer) {
  inquiry_.reset();
  absl::Duration pause = client_.options.backoff_max;
  if (answer.ok()) {
    backoff_.Reset();
    Apply(ParseClusterSlots(answer->reply, asked[answer->server].host).value());
    map_ = Map::kKnown;
  } else if (map_ != Map::kKnown) {
    map_ = Map::kNone;
    pause = backoff_.Next();
    {
      absl::MutexLock lock(&mutex_);
      map_health_ = answer.status();
    }
    if (client_.options.on_connection) client_.options.on_connection("commands", answer.status());
  }
  not_before_ = SteadyNanos() + static_cast<uint64_t>(absl::ToInt64Nanoseconds(pause));
  const absl::Status health = Health();
  const bool whole = answer.ok() && (health.ok() || absl::IsFailedPrecondition(health));
  if (std::exchange(map_wanted_, false) || !whole) WantMap();
  if (subscription_server_.has_value() && !ServesSubscriptions()) client_.move_subscriptions();
  std::vector<std::unique_ptr<RedisRequest>> waiting;
  waiting.swap(waiting_);
  for (auto& request : waiting) {
    if (!request->answered()) Dispatch(std::move(request));
  }
}

// --- requests ----------------------------------------------

void ClusterTopology::Dispatch(std::unique_ptr<RedisRequest> request) {
  if (map_ == Map::kFirstAttempt) {
    waiting_.push_back(std::move(request));
    return;
  }
  request->asking = false;
  if (RedisNode* node = NodeOf(request->slot); node != nullptr) {
    node->Send(std::move(request));
    return;
  }
  WantMap();
  absl::Status health = Health();
  client_.finish(std::move(request), error::RedisNotConnected("cluster", health.message()));
}

void ClusterTopology::OnChange(RedisNode& node, const absl::Status& health) {
  if (client_.options.on_connection) client_.options.on_connection("commands", health);
  if (!node.up()) WantMap();
  if (node.up() && !subscription_server_.has_value()) client_.move_subscriptions();
}

void ClusterTopology::OnReply(RedisNode& node, std::unique_ptr<RedisRequest> request,
                              absl::StatusOr<RedisReply> reply) {
  if (!reply.ok() && !request->answered()) {
    if (const auto redirection = ParseRedirection(reply.status()); redirection.has_value()) {
      Redirect(node, std::move(request), *redirection);
      return;
    }
    if (Says(reply.status(), "TRYAGAIN") && try_again_timer_ != nullptr) {
      if (to_be_tried_.empty()) try_again_timer_->Start(kTryAgainDelay);
      to_be_tried_.push_back(std::move(request));
      return;
    }
    if (Says(reply.status(), "CLUSTERDOWN")) WantMap();
  }
  client_.finish(std::move(request), std::move(reply));
}

void ClusterTopology::Redirect(RedisNode& from, std::unique_ptr<RedisRequest> request,
                               const RedisRedirection& redirection) {
  if (map_timer_ == nullptr) {
    client_.finish(std::move(request), error::RedisShuttingDown());
    return;
  }
  if (request->redirections++ == kMaxRedirections) {
    client_.finish(std::move(request), error::RedisTooManyRedirections(kMaxRedirections));
    return;
  }
  RedisNode* to =
      NodeAt(redirection.host.empty() ? from.endpoint().host : redirection.host, redirection.port);
  request->asking = redirection.kind == RedisRedirection::Kind::kAsk;
  if (redirection.kind == RedisRedirection::Kind::kMoved) {
    absl::MutexLock lock(&mutex_);
    // Where the map says so already it was the key that was mistaken.
    RedisNode*& owner = slots_[static_cast<size_t>(redirection.slot)];
    if (std::exchange(owner, to) != to) WantMap();
  }
  to->Send(std::move(request));
}

void ClusterTopology::TryAgain() {
  std::vector<std::unique_ptr<RedisRequest>> batch;
  batch.swap(to_be_tried_);
  for (auto& request : batch) {
    request->redirections = 0;
    if (!request->answered()) Dispatch(std::move(request));
  }
}

void ClusterTopology::Shutdown() {
  inquiry_.reset();
  map_timer_.reset();
  try_again_timer_.reset();
  std::vector<RedisNode*> nodes;
  {
    absl::MutexLock lock(&mutex_);
    map_health_ = error::RedisShuttingDown();
    for (const auto& [name, member] : members_) nodes.push_back(member.node.get());
  }
  for (RedisNode* node : nodes) node->Shutdown(error::RedisShuttingDown());
  for (auto* requests : {&waiting_, &to_be_tried_}) {
    for (auto& request : std::exchange(*requests, {})) {
      client_.finish(std::move(request), error::RedisShuttingDown());
    }
  }
}

// --- any thread ----------------------------------------------

absl::Status ClusterTopology::Health() const {
  absl::MutexLock lock(&mutex_);
  absl::Status worst = map_health_;
  for (const auto& [name, member] : members_) {
    if (!member.serves) continue;
    const absl::Status health = member.node->health();
    // One that evicts is less of a matter than one that is away.
    if (worst.ok() || (absl::IsFailedPrecondition(worst) && !health.ok())) worst = health;
  }
  return worst;
}

std::string ClusterTopology::run_id(absl::string_view key) const {
  absl::MutexLock lock(&mutex_);
  const RedisNode* node = key.empty() ? AnyNode() : slots_[static_cast<size_t>(RedisSlotOfKey(key))];
  return node == nullptr ? "" : node->run_id();
}

}  // namespace greenroom
