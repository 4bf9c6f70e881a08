#include "services/base/redis/pipelined_redis_client.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/base/redis/redis_connection.h"
#include "services/base/redis/redis_error.h"
#include "services/base/redis/redis_node.h"
#include "services/base/redis/redis_slots.h"

namespace greenroom {
namespace {

// They would change or end the connection that everybody shares, or upset the order of its replies.
constexpr absl::string_view kRefused[] = {
    "SUBSCRIBE", "UNSUBSCRIBE", "PSUBSCRIBE", "PUNSUBSCRIBE", "SSUBSCRIBE", "SUNSUBSCRIBE",
    "MONITOR",   "QUIT",        "RESET",      "HELLO",        "AUTH",       "SELECT",
    "MULTI",     "EXEC",        "ASKING",     "READONLY",     "READWRITE",  "DISCARD",
    "WATCH",     "UNWATCH",     "SYNC",       "PSYNC"};

bool IsRefused(const std::vector<std::string>& args, absl::string_view name) {
  if (std::find(std::begin(kRefused), std::end(kRefused), name) != std::end(kRefused)) return true;
  return name == "CLIENT" && args.size() > 1 && absl::AsciiStrToUpper(args[1]) == "REPLY";
}

}  // namespace

PipelinedRedisClient::PipelinedRedisClient(RedisOptions options, RedisUrl url,
                                           std::unique_ptr<const RedisTls> tls,
                                           std::unique_ptr<EventLoop> loop)
    : options_(std::move(options)),
      tls_(std::move(tls)),
      loop_(std::move(loop)),
      deadline_timer_(std::make_unique<LoopTimer>(*loop_, [this] { OnDeadline(); })),
      topology_(RedisTopology::Make(
          std::move(url), {*loop_, options_,
                           [this](std::unique_ptr<RedisRequest> request, absl::StatusOr<RedisReply> reply) {
                             Finish(std::move(request), std::move(reply));
                           },
                           [this] { subscriptions_.Move(); }})),
      subscriptions_(*loop_, options_, "subscriber", [this] { return topology_->SubscriptionServer(); }) {}

PipelinedRedisClient::~PipelinedRedisClient() {
  if (!started_) {
    Shutdown();
    return;
  }
  {
    absl::MutexLock lock(&inbox_mutex_);
    stopping_ = true;
    loop_->Wake();
  }
  loop_->Join();
}

absl::Status PipelinedRedisClient::Start() {
  RETURN_IF_ERROR(loop_->Start([this] { OnWake(); }));
  started_ = true;
  loop_->Wake();
  return absl::OkStatus();
}

// --- any thread ----------------------------------------------

uint64_t PipelinedRedisClient::Until(absl::Time deadline) const {
  const absl::Duration budget = std::min(deadline - options_.now(), options_.command_timeout);
  return SteadyNanos() + static_cast<uint64_t>(std::max<int64_t>(absl::ToInt64Nanoseconds(budget), 0));
}

Task<absl::StatusOr<RedisReply>> PipelinedRedisClient::Command(std::vector<std::string> args,
                                                               absl::Time deadline) {
  return Run(std::move(args), Until(deadline));
}

Task<absl::StatusOr<RedisReply>> PipelinedRedisClient::Eval(const RedisScript& script,
                                                            std::vector<std::string> keys,
                                                            std::vector<std::string> args,
                                                            absl::Time deadline) {
  const uint64_t until = Until(deadline);
  std::vector<std::string> command = {"EVALSHA", script.sha1(), absl::StrCat(keys.size())};
  std::move(keys.begin(), keys.end(), std::back_inserter(command));
  std::move(args.begin(), args.end(), std::back_inserter(command));
  absl::StatusOr<RedisReply> reply = co_await Run(command, until);
  if (IsNoScript(reply.status())) {
    command[0] = "EVAL";
    command[1] = script.body();
    absl::StatusOr<RedisReply> second = co_await Run(std::move(command), until);
    co_return second;
  }
  co_return reply;
}

Task<absl::StatusOr<RedisReply>> PipelinedRedisClient::Run(std::vector<std::string> args, uint64_t until) {
  auto start = [this, &args, until](Done done) { Submit(args, until, std::move(done)); };
  absl::StatusOr<RedisReply> reply = co_await AwaitCallback<absl::StatusOr<RedisReply>>(start);
  co_return reply;
}

absl::Status PipelinedRedisClient::Accept(const std::vector<std::string>& args, absl::string_view name,
                                          uint64_t until) {
  if (args.empty()) return error::RedisEmptyCommand();
  if (IsRefused(args, name)) return error::RedisCommandRefused(name);
  if (SteadyNanos() >= until) return error::RedisTimedOut(name, /*sent=*/false);
  if (in_flight_.fetch_add(1, std::memory_order_relaxed) >= options_.max_in_flight) {
    in_flight_.fetch_sub(1, std::memory_order_relaxed);
    return error::RedisTooManyInFlight(options_.max_in_flight);
  }
  return absl::OkStatus();
}

void PipelinedRedisClient::Refuse(absl::string_view name, const absl::Status& status, const Done& done) {
  if (options_.on_command) options_.on_command(name, absl::ZeroDuration(), status.code());
  done(status);
}

void PipelinedRedisClient::Submit(const std::vector<std::string>& args, uint64_t until, Done done) {
  std::string name = args.empty() ? "" : absl::AsciiStrToUpper(args[0]);
  const absl::Status accepted = Accept(args, name, until);
  if (!accepted.ok()) {
    Refuse(name, accepted, done);
    return;
  }
  auto request =
      std::make_unique<RedisRequest>(in_flight_, std::move(name), EncodeRedisCommand(args), SteadyNanos(),
                                     RedisSlotOfCommand(args), until, std::move(done));
  {
    // Waking the loop under the mutex: once it is released the command may be answered, the last coroutine
    // ended and this client destroyed.
    absl::MutexLock lock(&inbox_mutex_);
    if (!stopping_) {
      inbox_.push_back(std::move(request));
      if (inbox_.size() == 1) loop_->Wake();
      return;
    }
  }
  Refuse(request->name, error::RedisShuttingDown(), request->done);
}

std::string PipelinedRedisClient::run_id() const { return topology_->run_id(""); }

std::string PipelinedRedisClient::run_id(absl::string_view key) const { return topology_->run_id(key); }

absl::Status PipelinedRedisClient::Health() const { return topology_->Health(); }

RedisSubscriptionId PipelinedRedisClient::Subscribe(std::string channel, RedisSubscriber subscriber) {
  const RedisSubscriptionId id = subscriptions_.Add(std::move(channel), std::move(subscriber));
  absl::MutexLock lock(&inbox_mutex_);
  if (!stopping_) loop_->Wake();
  return id;
}

void PipelinedRedisClient::Unsubscribe(RedisSubscriptionId id) {
  subscriptions_.Remove(id);
  absl::MutexLock lock(&inbox_mutex_);
  if (!stopping_) loop_->Wake();
}

// --- loop thread ----------------------------------------------

void PipelinedRedisClient::OnWake() {
  if (deadline_timer_ == nullptr) return;  // shut down
  std::vector<std::unique_ptr<RedisRequest>> batch;
  bool stopping;
  {
    absl::MutexLock lock(&inbox_mutex_);
    batch.swap(inbox_);
    stopping = stopping_;
  }
  if (!stopping && !std::exchange(topology_started_, true)) topology_->Start();
  for (auto& request : batch) {
    deadlines_.emplace(request->until, request.get());
    topology_->Dispatch(std::move(request));
  }
  if (stopping) {
    Shutdown();
  } else {
    subscriptions_.Sync();
    WatchDeadlines();
  }
}

void PipelinedRedisClient::Shutdown() {
  topology_->Shutdown();
  subscriptions_.Shutdown();
  deadline_timer_.reset();
  loop_->Finish();
}

void PipelinedRedisClient::Finish(std::unique_ptr<RedisRequest> request, absl::StatusOr<RedisReply> reply) {
  request->Leave();
  Answer(*request, std::move(reply));
}

void PipelinedRedisClient::Answer(RedisRequest& request, absl::StatusOr<RedisReply> reply) {
  if (request.answered()) return;  // it timed out
  deadlines_.erase({request.until, &request});
  const Done done = std::exchange(request.done, nullptr);
  if (options_.on_command) {
    const uint64_t nanos = SteadyNanos() - request.started;
    options_.on_command(request.name, absl::Nanoseconds(static_cast<int64_t>(nanos)), reply.status().code());
  }
  if (!reply.ok()) {
    // A Status of its own: many answers have one reason, and ThreadSanitizer does not see the library count
    // the references to it.
    reply = absl::Status(reply.status().code(), reply.status().message());
  }
  done(std::move(reply));
}

void PipelinedRedisClient::OnDeadline() {
  next_timer_ = 0;
  const uint64_t now = SteadyNanos();
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    RedisRequest& request = *deadlines_.begin()->second;
    if (request.node != nullptr) request.node->OnRequestTimedOut();
    Answer(request, error::RedisTimedOut(request.name, request.sent));
  }
  WatchDeadlines();
}

void PipelinedRedisClient::WatchDeadlines() {
  if (deadlines_.empty() || deadline_timer_ == nullptr) return;  // a timer that finds nothing does no harm
  const uint64_t first = deadlines_.begin()->first;
  if (next_timer_ != 0 && next_timer_ <= first) return;
  next_timer_ = first;
  const uint64_t now = SteadyNanos();
  deadline_timer_->Start(absl::Nanoseconds(static_cast<int64_t>(first - std::min(first, now))));
}

}  // namespace greenroom
