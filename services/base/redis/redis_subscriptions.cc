#include "services/base/redis/redis_subscriptions.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace greenroom {
namespace {

// Always subscribed to: subscribing again is answered, and so serves as a ping, which hiredis 0.14 cannot
// send to a subscriber; and as long as it is there the last channel is never unsubscribed.
constexpr absl::string_view kHeartbeatChannel = "gr:heartbeat";

}  // namespace

RedisSubscriptions::RedisSubscriptions(EventLoop& loop, const RedisOptions& options, std::string role,
                                       Server server)
    : loop_(loop),
      options_(options),
      role_(std::move(role)),
      server_(std::move(server)),
      backoff_(options.backoff_initial, options.backoff_max, [&options] { return options.uniform(); }),
      retry_(std::make_unique<LoopTimer>(loop, [this] { Connect(); })),
      heartbeat_(std::make_unique<LoopTimer>(loop, [this] { OnHeartbeat(); })) {}

RedisSubscriptions::~RedisSubscriptions() = default;

RedisSubscriptionId RedisSubscriptions::Add(std::string channel, RedisSubscriber subscriber) {
  absl::MutexLock lock(&mutex_);
  const RedisSubscriptionId id = ++last_id_;
  channels_[channel].insert(id);
  changed_.insert(channel);
  table_[id] = {std::move(channel), std::make_shared<const RedisSubscriber>(std::move(subscriber))};
  return id;
}

void RedisSubscriptions::Remove(RedisSubscriptionId id) {
  // What the subscriber holds is released here, not under the mutex.
  std::shared_ptr<const RedisSubscriber> removed;
  absl::MutexLock lock(&mutex_);
  const auto found = table_.find(id);
  if (found != table_.end()) {
    const std::string channel = std::move(found->second.channel);
    removed = std::move(found->second.subscriber);
    table_.erase(found);
    const auto ids = channels_.find(channel);
    ids->second.erase(id);
    if (ids->second.empty()) channels_.erase(ids);
    changed_.insert(channel);
  }
  if (loop_.OnLoopThread()) return;
  auto not_running = [this, id]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return running_ != id; };
  mutex_.Await(absl::Condition(&not_running));
}

void RedisSubscriptions::Sync() {
  std::set<std::string> changed;
  std::set<std::string> wanted;
  {
    absl::MutexLock lock(&mutex_);
    if (changed_.empty()) return;
    changed.swap(changed_);
    for (const std::string& channel : changed) {
      if (channels_.contains(channel)) wanted.insert(channel);
    }
  }
  if (retry_ == nullptr) return;  // shut down
  if (!started_) Connect();
  if (!ready_) return;  // OnReady subscribes to all there is
  for (const std::string& channel : changed) {
    const bool subscribed = sent_.contains(channel);
    if (!wanted.contains(channel)) {
      if (subscribed) connection_->Unsubscribe(channel);
      sent_.erase(channel);
    } else if (!subscribed) {
      SubscribeTo(channel);
    } else if (!unconfirmed_.contains(channel)) {
      Confirm(channel);
    }
  }
}

void RedisSubscriptions::Move() {
  if (!started_ || retry_ == nullptr) return;
  if (connection_ == nullptr) {
    retry_->Start(absl::ZeroDuration());
    return;
  }
  connection_->Close(
      absl::UnavailableError(absl::StrCat("redis ", endpoint_.Server(), ": subscriptions move elsewhere")));
}

void RedisSubscriptions::Shutdown() {
  connection_.reset();
  retry_.reset();
  heartbeat_.reset();
}

void RedisSubscriptions::Connect() {
  started_ = true;
  const std::optional<RedisEndpoint> server = server_();
  if (!server.has_value()) return;
  endpoint_ = *server;
  RedisConnection::Events events;
  events.on_ready = [this] { OnReady(); };
  events.on_closed = [this](const absl::Status& reason) { OnClosed(reason); };
  events.on_push = [this](const RedisReply& message) { OnPush(message); };
  std::vector<RedisConnection::Setup> setup = RedisLogin(endpoint_);
  // With TLS 1.3 a server that refuses our certificate says so after the handshake, in place of its first reply.
  if (endpoint_.tls != nullptr) setup.push_back({{"PING"}, nullptr, /*may_fail=*/true});
  connection_ = std::make_unique<RedisConnection>(loop_, endpoint_, options_.connect_timeout,
                                                  std::move(setup), std::move(events));
}

void RedisSubscriptions::OnReady() {
  ready_ = true;
  backoff_.Reset();
  sent_.clear();
  unconfirmed_.clear();
  std::vector<std::string> channels;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& [channel, ids] : channels_) channels.push_back(channel);
  }
  SubscribeTo(std::string(kHeartbeatChannel));
  for (const std::string& channel : channels) SubscribeTo(channel);
  heard_ = true;
  probed_ = false;
  heartbeat_->Start(options_.subscriber_heartbeat);
  if (options_.on_connection) options_.on_connection(role_, absl::OkStatus());
}

void RedisSubscriptions::OnClosed(const absl::Status& reason) {
  // The connection may own the reason. NOLINTNEXTLINE(performance-unnecessary-copy-initialization)
  const absl::Status why = reason;
  connection_.reset();
  ready_ = false;
  heartbeat_->Stop();
  retry_->Start(backoff_.Next());
  {
    absl::MutexLock lock(&mutex_);
    for (auto& [id, subscription] : table_) subscription.confirmed = false;
  }
  if (options_.on_connection) options_.on_connection(role_, why);
}

void RedisSubscriptions::SubscribeTo(const std::string& channel) {
  sent_.insert(channel);
  ++unconfirmed_[channel];
  connection_->Subscribe(channel);
}

void RedisSubscriptions::OnHeartbeat() {
  if (!heard_ && probed_) {
    connection_->Close(absl::UnavailableError(
        absl::StrCat("redis ", endpoint_.Server(), ": the ", role_, " connection is silent")));
    return;
  }
  probed_ = !heard_;
  if (probed_) SubscribeTo(std::string(kHeartbeatChannel));
  heard_ = false;
  heartbeat_->Start(options_.subscriber_heartbeat);
}

void RedisSubscriptions::OnPush(const RedisReply& message) {
  heard_ = true;
  const std::string& type = message[0].str();
  const std::string& channel = message[1].str();
  if (type == "subscribe") {
    // A channel can be dropped and taken up again before the first confirmation comes: the last one counts.
    const auto waiting = unconfirmed_.find(channel);
    if (waiting == unconfirmed_.end() || --waiting->second > 0) return;
    unconfirmed_.erase(waiting);
    if (sent_.contains(channel)) Confirm(channel);
  } else if (type == "message") {
    std::vector<RedisSubscriptionId> listeners;
    {
      absl::MutexLock lock(&mutex_);
      const auto ids = channels_.find(channel);
      if (ids == channels_.end()) return;
      for (const RedisSubscriptionId id : ids->second) {
        if (table_.at(id).confirmed) listeners.push_back(id);
      }
    }
    for (const RedisSubscriptionId id : listeners)
      Tell(id, RedisSubscriptionEvent::kMessage, message[2].str());
  }
}

void RedisSubscriptions::Confirm(const std::string& channel) {
  std::vector<RedisSubscriptionId> listeners;
  {
    absl::MutexLock lock(&mutex_);
    const auto ids = channels_.find(channel);
    if (ids == channels_.end()) return;
    for (const RedisSubscriptionId id : ids->second) {
      if (!std::exchange(table_.at(id).confirmed, true)) listeners.push_back(id);
    }
  }
  for (const RedisSubscriptionId id : listeners) Tell(id, RedisSubscriptionEvent::kSubscribed, "");
}

void RedisSubscriptions::Tell(RedisSubscriptionId id, RedisSubscriptionEvent event,
                              absl::string_view payload) {
  std::shared_ptr<const RedisSubscriber> subscriber;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = table_.find(id);
    if (found == table_.end()) return;  // unsubscribed by a subscriber that ran just now
    subscriber = found->second.subscriber;
    running_ = id;
  }
  (*subscriber)(event, payload);
  subscriber.reset();  // what an unsubscribed one holds goes before Remove returns
  absl::MutexLock lock(&mutex_);
  running_ = 0;
}

}  // namespace greenroom
