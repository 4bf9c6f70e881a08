#include "services/base/redis/standalone_redis_client.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "services/base/redis/redis_error.h"

namespace greenroom {
namespace {

// They would change or end the connection that everybody shares, or upset the order of its replies.
constexpr absl::string_view kRefused[] = {
    "SUBSCRIBE", "UNSUBSCRIBE", "PSUBSCRIBE", "PUNSUBSCRIBE", "SSUBSCRIBE", "SUNSUBSCRIBE", "MONITOR",
    "QUIT",      "RESET",       "HELLO",      "AUTH",         "SELECT",     "MULTI",        "EXEC",
    "DISCARD",   "WATCH",       "UNWATCH",    "SYNC",         "PSYNC"};

bool IsRefused(const std::vector<std::string>& args, absl::string_view name) {
  if (std::find(std::begin(kRefused), std::end(kRefused), name) != std::end(kRefused)) return true;
  return name == "CLIENT" && args.size() > 1 && absl::AsciiStrToUpper(args[1]) == "REPLY";
}

// The value of a line "field:value" of INFO; empty where there is none.
std::string InfoField(absl::string_view info, absl::string_view field) {
  for (absl::string_view line : absl::StrSplit(info, '\n')) {
    if (!absl::ConsumePrefix(&line, field) || !absl::ConsumePrefix(&line, ":")) continue;
    return std::string(absl::StripAsciiWhitespace(line));
  }
  return "";
}

}  // namespace

// One command from its call to its reply. Answered at most once (done is empty from then on); it outlives its
// answer where the reply is still to come.
class StandaloneRedisClient::Pending final : public RedisReplySink {
 public:
  Pending(StandaloneRedisClient& owner, std::string command, std::string bytes, uint64_t deadline,
          Done callback)
      : client(owner),
        name(std::move(command)),
        encoded(std::move(bytes)),
        started(SteadyNanos()),
        until(deadline),
        done(std::move(callback)) {}
  ~Pending() override { Leave(); }

  void OnReply(absl::StatusOr<RedisReply> reply) override { client.OnReply(*this, std::move(reply)); }

  // It counts as in flight until its reply has come: a server that is stuck cannot pile up timed-out
  // commands.
  void Leave() {
    if (std::exchange(counted, false)) client.in_flight_.fetch_sub(1, std::memory_order_relaxed);
  }

  StandaloneRedisClient& client;
  const std::string name;
  std::string encoded;
  const uint64_t started;
  const uint64_t until;
  Done done;
  bool sent = false;
  bool counted = true;
};

StandaloneRedisClient::StandaloneRedisClient(RedisOptions options, RedisUrl url,
                                             std::unique_ptr<EventLoop> loop)
    : options_(std::move(options)),
      url_(std::move(url)),
      loop_(std::move(loop)),
      health_(error::RedisNotConnected(url_.Server(), "the first attempt is under way")),
      backoff_(options_.backoff_initial, options_.backoff_max, [this] { return options_.uniform(); }),
      retry_(std::make_unique<LoopTimer>(*loop_, [this] { Connect(); })),
      deadline_timer_(std::make_unique<LoopTimer>(*loop_, [this] { OnDeadline(); })),
      subscriptions_(*loop_, url_, options_) {}

StandaloneRedisClient::~StandaloneRedisClient() {
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

absl::Status StandaloneRedisClient::Start() {
  RETURN_IF_ERROR(loop_->Start([this] { OnWake(); }));
  started_ = true;
  loop_->Wake();
  return absl::OkStatus();
}

// --- any thread ----------------------------------------------

uint64_t StandaloneRedisClient::Until(absl::Time deadline) const {
  const absl::Duration budget = std::min(deadline - options_.now(), options_.command_timeout);
  return SteadyNanos() + static_cast<uint64_t>(std::max<int64_t>(absl::ToInt64Nanoseconds(budget), 0));
}

Task<absl::StatusOr<RedisReply>> StandaloneRedisClient::Command(std::vector<std::string> args,
                                                                absl::Time deadline) {
  return Run(std::move(args), Until(deadline));
}

Task<absl::StatusOr<RedisReply>> StandaloneRedisClient::Eval(const RedisScript& script,
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

Task<absl::StatusOr<RedisReply>> StandaloneRedisClient::Run(std::vector<std::string> args, uint64_t until) {
  auto start = [this, &args, until](Done done) { Submit(args, until, std::move(done)); };
  absl::StatusOr<RedisReply> reply = co_await AwaitCallback<absl::StatusOr<RedisReply>>(start);
  co_return reply;
}

absl::Status StandaloneRedisClient::Accept(const std::vector<std::string>& args, absl::string_view name,
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

void StandaloneRedisClient::Refuse(absl::string_view name, const absl::Status& status, const Done& done) {
  if (options_.on_command) options_.on_command(name, absl::ZeroDuration(), status.code());
  done(status);
}

void StandaloneRedisClient::Submit(const std::vector<std::string>& args, uint64_t until, Done done) {
  std::string name = args.empty() ? "" : absl::AsciiStrToUpper(args[0]);
  const absl::Status accepted = Accept(args, name, until);
  if (!accepted.ok()) {
    Refuse(name, accepted, done);
    return;
  }
  auto pending =
      std::make_unique<Pending>(*this, std::move(name), EncodeRedisCommand(args), until, std::move(done));
  {
    // Waking the loop under the mutex: once it is released the command may be answered, the last coroutine
    // ended and this client destroyed.
    absl::MutexLock lock(&inbox_mutex_);
    if (!stopping_) {
      inbox_.push_back(std::move(pending));
      if (inbox_.size() == 1) loop_->Wake();
      return;
    }
  }
  Refuse(pending->name, error::RedisShuttingDown(), pending->done);
}

std::string StandaloneRedisClient::run_id() const {
  absl::MutexLock lock(&health_mutex_);
  return public_run_id_;
}

absl::Status StandaloneRedisClient::Health() const {
  absl::MutexLock lock(&health_mutex_);
  return health_;
}

RedisSubscriptionId StandaloneRedisClient::Subscribe(std::string channel, RedisSubscriber subscriber) {
  const RedisSubscriptionId id = subscriptions_.Add(std::move(channel), std::move(subscriber));
  absl::MutexLock lock(&inbox_mutex_);
  if (!stopping_) loop_->Wake();
  return id;
}

void StandaloneRedisClient::Unsubscribe(RedisSubscriptionId id) {
  subscriptions_.Remove(id);
  absl::MutexLock lock(&inbox_mutex_);
  if (!stopping_) loop_->Wake();
}

// --- loop thread ----------------------------------------------

void StandaloneRedisClient::OnWake() {
  if (retry_ == nullptr) return;  // shut down
  std::vector<std::unique_ptr<Pending>> batch;
  bool stopping;
  {
    absl::MutexLock lock(&inbox_mutex_);
    batch.swap(inbox_);
    stopping = stopping_;
  }
  if (connection_ == nullptr && state_ == State::kFirstAttempt && !stopping) Connect();
  for (auto& pending : batch) Dispatch(std::move(pending));
  if (stopping) {
    Shutdown();
  } else {
    subscriptions_.Sync();
    WatchDeadlines();
  }
}

void StandaloneRedisClient::Shutdown() {
  SetHealth(error::RedisShuttingDown(), "");
  connection_.reset();  // answers what was sent
  for (auto& pending : waiting_) Answer(*pending, error::RedisShuttingDown());
  waiting_.clear();
  subscriptions_.Shutdown();
  retry_.reset();
  deadline_timer_.reset();
  loop_->Finish();
}

void StandaloneRedisClient::Connect() {
  std::vector<RedisConnection::Setup> setup = RedisLogin(url_);
  if (url_.database != 0) {
    setup.push_back(
        {{"SELECT", absl::StrCat(url_.database)}, [](const RedisReply&) { return absl::OkStatus(); }});
  }
  // Before any caller's command is sent: its reply can be attributed. INFO tells the policy where CONFIG GET
  // is barred.
  setup.push_back({{"INFO", "server"}, [this](const RedisReply& info) {
                     run_id_ = std::make_shared<const std::string>(InfoField(info.str(), "run_id"));
                     return run_id_->empty() ? absl::InternalError("INFO names no run_id") : absl::OkStatus();
                   }});
  setup.push_back({{"INFO", "memory"}, [this](const RedisReply& info) {
                     policy_ = InfoField(info.str(), "maxmemory_policy");
                     return absl::OkStatus();
                   }});
  RedisConnection::Events events;
  events.on_ready = [this] { OnReady(); };
  events.on_closed = [this](const absl::Status& reason) { OnClosed(reason); };
  connection_ = std::make_unique<RedisConnection>(*loop_, url_, options_.connect_timeout, std::move(setup),
                                                  std::move(events));
}

void StandaloneRedisClient::OnReady() {
  state_ = State::kReady;
  unanswered_ = 0;
  backoff_.Reset();
  const bool evicts = options_.require_noeviction && policy_ != "noeviction";
  SetHealth(
      evicts ? error::RedisEvicts(url_.Server(), policy_.empty() ? "unknown" : policy_) : absl::OkStatus(),
      *run_id_);
  std::vector<std::unique_ptr<Pending>> waiting;
  waiting.swap(waiting_);
  for (auto& pending : waiting) {
    if (pending->done) Send(std::move(pending));
  }
}

void StandaloneRedisClient::OnClosed(const absl::Status& reason) {
  down_reason_ = error::RedisNotConnected(url_.Server(), reason.message());
  state_ = State::kDown;
  SetHealth(reason, "");
  connection_.reset();
  retry_->Start(backoff_.Next());
  std::vector<std::unique_ptr<Pending>> waiting;
  waiting.swap(waiting_);
  for (auto& pending : waiting) Answer(*pending, down_reason_);
}

void StandaloneRedisClient::Dispatch(std::unique_ptr<Pending> pending) {
  switch (state_) {
    case State::kFirstAttempt:
      deadlines_.emplace(pending->until, pending.get());
      waiting_.push_back(std::move(pending));
      break;
    case State::kReady:
      deadlines_.emplace(pending->until, pending.get());
      Send(std::move(pending));
      break;
    case State::kDown:
      Answer(*pending, down_reason_);
      break;
  }
}

void StandaloneRedisClient::Send(std::unique_ptr<Pending> pending) {
  const std::string encoded = std::move(pending->encoded);
  pending->sent = true;
  if (unanswered_++ == 0) last_progress_ = SteadyNanos();
  connection_->Send(encoded, std::move(pending));
}

void StandaloneRedisClient::OnReply(Pending& pending, absl::StatusOr<RedisReply> reply) {
  --unanswered_;
  last_progress_ = SteadyNanos();
  pending.Leave();
  if (reply.ok()) reply = (*std::move(reply)).WithRunId(run_id_);
  Answer(pending, std::move(reply));
}

void StandaloneRedisClient::Answer(Pending& pending, absl::StatusOr<RedisReply> reply) {
  if (!pending.done) return;  // it timed out
  deadlines_.erase({pending.until, &pending});
  const Done done = std::exchange(pending.done, nullptr);
  if (options_.on_command) {
    const uint64_t nanos = SteadyNanos() - pending.started;
    options_.on_command(pending.name, absl::Nanoseconds(static_cast<int64_t>(nanos)), reply.status().code());
  }
  done(std::move(reply));
}

void StandaloneRedisClient::OnDeadline() {
  next_timer_ = 0;
  bool stuck = false;
  const uint64_t now = SteadyNanos();
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    Pending& pending = *deadlines_.begin()->second;
    stuck |= pending.sent;
    Answer(pending, error::RedisTimedOut(pending.name, pending.sent));
  }
  const auto silence = absl::Nanoseconds(static_cast<int64_t>(now - std::min(now, last_progress_)));
  if (stuck && unanswered_ > 0 && connection_ != nullptr && silence >= options_.dead_peer_timeout) {
    connection_->Close(error::RedisSilent(url_.Server()));
  }
  WatchDeadlines();
}

void StandaloneRedisClient::WatchDeadlines() {
  if (deadlines_.empty() || deadline_timer_ == nullptr) return;  // a timer that finds nothing does no harm
  const uint64_t first = deadlines_.begin()->first;
  if (next_timer_ != 0 && next_timer_ <= first) return;
  next_timer_ = first;
  const uint64_t now = SteadyNanos();
  deadline_timer_->Start(absl::Nanoseconds(static_cast<int64_t>(first - std::min(first, now))));
}

void StandaloneRedisClient::SetHealth(const absl::Status& health, std::string run_id) {
  {
    absl::MutexLock lock(&health_mutex_);
    health_ = health;
    public_run_id_ = std::move(run_id);
  }
  if (options_.on_connection) options_.on_connection("commands", health);
}

}  // namespace greenroom
