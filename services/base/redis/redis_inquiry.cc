#include "services/base/redis/redis_inquiry.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace greenroom {

RedisInquiry::RedisInquiry(EventLoop& loop, absl::Duration timeout, std::vector<RedisEndpoint> servers,
                           Question question, std::function<void(absl::StatusOr<Answer>)> on_done)
    : loop_(loop),
      timeout_(timeout),
      servers_(std::move(servers)),
      question_(std::move(question)),
      on_done_(std::move(on_done)) {
  Ask(0);
}

void RedisInquiry::Ask(size_t server) {
  std::vector<RedisConnection::Setup> setup = RedisLogin(servers_[server]);
  setup.push_back({question_.command, [this](const RedisReply& reply) {
                     reply_ = reply;
                     return question_.check(reply);
                   }});
  RedisConnection::Events events;
  events.on_ready = [this] {
    answered_ = true;
    connection_->Close(absl::CancelledError("answered"));
  };
  events.on_closed = [this, server](const absl::Status& reason) { OnClosed(server, reason); };
  connection_ = std::make_unique<RedisConnection>(loop_, servers_[server], timeout_, std::move(setup),
                                                  std::move(events));
}

// Only here, where connections may be destroyed, is the answer handed over.
void RedisInquiry::OnClosed(size_t server, const absl::Status& reason) {
  if (answered_) {
    const auto on_done = std::move(on_done_);
    on_done(Answer{server, std::move(reply_)});  // may destroy this
    return;
  }
  const bool credentials = absl::IsUnauthenticated(reason) || absl::IsUnauthenticated(failures_);
  failures_ = absl::Status(credentials ? absl::StatusCode::kUnauthenticated : absl::StatusCode::kUnavailable,
                           failures_.ok() ? std::string(reason.message())
                                          : absl::StrCat(failures_.message(), "; ", reason.message()));
  if (server + 1 < servers_.size()) {
    Ask(server + 1);
    return;
  }
  const auto on_done = std::move(on_done_);
  on_done(failures_);
}

}  // namespace greenroom
