#include "services/base/redis/redis_node.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "services/base/redis/redis_error.h"

namespace greenroom {
namespace {

// The value of a line "field:value" of INFO; empty where there is none.
std::string InfoField(absl::string_view info, absl::string_view field) {
  for (absl::string_view line : absl::StrSplit(info, '\n')) {
    if (!absl::ConsumePrefix(&line, field) || !absl::ConsumePrefix(&line, ":")) continue;
    return std::string(absl::StripAsciiWhitespace(line));
  }
  return "";
}

// Sent before a command, in the same turn of the loop: nothing comes between the two.
const std::string& Asking() {
  static const std::string& encoded = *new std::string(EncodeRedisCommand({"ASKING"}));
  return encoded;
}

class IgnoredReply final : public RedisReplySink {
 public:
  void OnReply(absl::StatusOr<RedisReply>) override {}
};

}  // namespace

class RedisNode::Sink final : public RedisReplySink {
 public:
  Sink(RedisNode& node, std::unique_ptr<RedisRequest> request) : node_(node), request_(std::move(request)) {}
  void OnReply(absl::StatusOr<RedisReply> reply) override {
    node_.OnReply(std::move(request_), std::move(reply));
  }

 private:
  RedisNode& node_;
  std::unique_ptr<RedisRequest> request_;
};

RedisNode::RedisNode(EventLoop& loop, const RedisOptions& options, RedisEndpoint endpoint, Role role,
                     Events events)
    : loop_(loop),
      options_(options),
      endpoint_(std::move(endpoint)),
      role_(role),
      events_(std::move(events)),
      down_reason_(error::RedisNotConnected(Where(), "the first attempt is under way")),
      backoff_(options.backoff_initial, options.backoff_max, [&options] { return options.uniform(); }),
      retry_(std::make_unique<LoopTimer>(loop, [this] { Attempt(); })) {
  absl::MutexLock lock(&health_mutex_);
  health_ = down_reason_;
}

RedisNode::~RedisNode() {
  if (retry_ != nullptr) Shutdown(error::RedisNotConnected(Where(), "it is no longer asked"));
}

std::string RedisNode::Where() const { return endpoint_.host.empty() ? "primary" : endpoint_.Server(); }

void RedisNode::Start() { Attempt(); }

void RedisNode::Attempt() {
  if (events_.locate) {
    events_.locate();
  } else {
    ConnectTo(endpoint_);
  }
}

std::vector<RedisConnection::Setup> RedisNode::MakeSetup() {
  std::vector<RedisConnection::Setup> setup = RedisLogin(endpoint_);
  if (endpoint_.database != 0) setup.push_back({{"SELECT", absl::StrCat(endpoint_.database)}, nullptr});
  if (role_ == Role::kPrimary) {
    setup.push_back({{"ROLE"}, [](const RedisReply& role) {
                       return role[0].str() == "master" ? absl::OkStatus()
                                                        : error::RedisNotPrimary(role[0].str());
                     }});
  }
  // Before any request is sent: its reply can be attributed. INFO tells the policy where CONFIG GET is barred.
  setup.push_back({{"INFO", "server"}, [this](const RedisReply& info) {
                     run_id_ = std::make_shared<const std::string>(InfoField(info.str(), "run_id"));
                     return run_id_->empty() ? absl::InternalError("INFO names no run_id") : absl::OkStatus();
                   }});
  setup.push_back({{"INFO", "memory"}, [this](const RedisReply& info) {
                     policy_ = InfoField(info.str(), "maxmemory_policy");
                     return absl::OkStatus();
                   }});
  return setup;
}

void RedisNode::ConnectTo(const RedisEndpoint& endpoint) {
  if (retry_ == nullptr) return;
  endpoint_ = endpoint;
  RedisConnection::Events events;
  events.on_ready = [this] { OnReady(); };
  events.on_closed = [this](const absl::Status& reason) { OnClosed(reason); };
  connection_ = std::make_unique<RedisConnection>(loop_, endpoint_, options_.connect_timeout, MakeSetup(),
                                                  std::move(events));
}

void RedisNode::OnReady() {
  state_ = State::kUp;
  unanswered_ = 0;
  backoff_.Reset();
  const bool evicts = options_.require_noeviction && policy_ != "noeviction";
  SetHealth(evicts ? error::RedisEvicts(endpoint_.Server(), policy_.empty() ? "unknown" : policy_)
                   : absl::OkStatus(),
            *run_id_);
  std::vector<std::unique_ptr<RedisRequest>> waiting;
  waiting.swap(waiting_);
  for (auto& request : waiting) {
    if (!request->answered()) Transmit(std::move(request));
  }
}

void RedisNode::Fail(const absl::Status& reason) { OnClosed(reason); }

void RedisNode::OnClosed(const absl::Status& reason) {
  // The connection may own the reason. NOLINTNEXTLINE(performance-unnecessary-copy-initialization)
  const absl::Status why = reason;
  connection_.reset();
  if (retry_ == nullptr) return;
  state_ = State::kDown;
  down_reason_ = error::RedisNotConnected(Where(), why.message());
  retry_->Start(backoff_.Next());
  SetHealth(why, "");
  AnswerWaiting(down_reason_);
}

void RedisNode::AnswerWaiting(const absl::Status& reason) {
  std::vector<std::unique_ptr<RedisRequest>> waiting;
  waiting.swap(waiting_);
  for (auto& request : waiting) events_.on_reply(*this, std::move(request), reason);
}

void RedisNode::Send(std::unique_ptr<RedisRequest> request) {
  switch (state_) {
    case State::kFirstAttempt:
      waiting_.push_back(std::move(request));
      break;
    case State::kUp:
      Transmit(std::move(request));
      break;
    case State::kDown:
      events_.on_reply(*this, std::move(request), down_reason_);
      break;
  }
}

void RedisNode::Transmit(std::unique_ptr<RedisRequest> request) {
  if (unanswered_++ == 0) last_progress_ = SteadyNanos();
  request->sent = true;
  request->node = this;
  if (request->asking) connection_->Send(Asking(), std::make_unique<IgnoredReply>());
  const absl::string_view encoded = request->encoded;
  connection_->Send(encoded, std::make_unique<Sink>(*this, std::move(request)));
}

void RedisNode::OnReply(std::unique_ptr<RedisRequest> request, absl::StatusOr<RedisReply> reply) {
  --unanswered_;
  last_progress_ = SteadyNanos();
  request->node = nullptr;
  if (reply.ok()) reply = (*std::move(reply)).WithRunId(run_id_);
  events_.on_reply(*this, std::move(request), std::move(reply));
}

void RedisNode::Drop(absl::Status reason) {
  if (connection_ != nullptr) connection_->Close(std::move(reason));
}

void RedisNode::OnRequestTimedOut() {
  const uint64_t now = SteadyNanos();
  const auto silence = absl::Nanoseconds(static_cast<int64_t>(now - std::min(now, last_progress_)));
  if (silence >= options_.dead_peer_timeout) Drop(error::RedisSilent(endpoint_.Server()));
}

void RedisNode::Shutdown(const absl::Status& reason) {
  retry_.reset();
  SetHealth(reason, "");
  state_ = State::kDown;
  down_reason_ = reason;
  if (connection_ != nullptr) connection_->Close(reason);
  connection_.reset();  // answers what was sent
  AnswerWaiting(reason);
}

absl::Status RedisNode::health() const {
  absl::MutexLock lock(&health_mutex_);
  return health_;
}

std::string RedisNode::run_id() const {
  absl::MutexLock lock(&health_mutex_);
  return public_run_id_;
}

void RedisNode::SetHealth(const absl::Status& health, std::string run_id) {
  {
    absl::MutexLock lock(&health_mutex_);
    health_ = health;
    public_run_id_ = std::move(run_id);
  }
  if (retry_ != nullptr) events_.on_change(*this, health);
}

}  // namespace greenroom
