#include "services/base/redis/sentinel_topology.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/base/redis/redis_error.h"

namespace greenroom {
namespace {

struct Address {
  std::string host;
  int port;
};

// [host, port], or nil where the name is unknown.
absl::StatusOr<Address> ParseAddress(const std::string& name, const RedisReply& reply) {
  if (reply.is_nil()) return error::RedisUnknownPrimary(name);
  Address address = {reply[0].str(), 0};
  if (address.host.empty() || !absl::SimpleAtoi(reply[1].str(), &address.port)) {
    return absl::InternalError("the sentinel's answer is no address");
  }
  return address;
}

}  // namespace

SentinelTopology::SentinelTopology(RedisUrl url, Client client)
    : client_(std::move(client)),
      url_(std::move(url)),
      primary_(
          client_.loop, client_.options, RedisEndpoint(), RedisNode::Role::kPrimary,
          {.locate =
               [this] {
                 locating_ = true;
                 Ask();
               },
           .on_change = [this](RedisNode&, const absl::Status& health) { OnChange(health); },
           .on_reply =
               [this](RedisNode&, std::unique_ptr<RedisRequest> request, absl::StatusOr<RedisReply> reply) {
                 OnReply(std::move(request), std::move(reply));
               }}),
      watch_(client_.loop, client_.options, "sentinel",
             [this] {
               watched_ = (watched_ + 1) % url_.servers.size();
               return url_.servers[watched_];
             }),
      watched_(url_.servers.size() - 1) {
  watch_.Add("+switch-master",
             [this](RedisSubscriptionEvent event, absl::string_view payload) { OnSwitch(event, payload); });
}

void SentinelTopology::Start() {
  primary_.Start();
  watch_.Sync();
}

void SentinelTopology::Ask() {
  if (inquiry_ != nullptr) {
    ask_again_ = true;
    return;
  }
  std::vector<RedisEndpoint> sentinels;
  for (size_t i = 0; i < url_.servers.size(); ++i) {
    sentinels.push_back(url_.servers[(preferred_ + i) % url_.servers.size()]);
  }
  RedisInquiry::Question question;
  question.command = {"SENTINEL", "GET-MASTER-ADDR-BY-NAME", url_.primary_name};
  question.check = [this](const RedisReply& reply) {
    return ParseAddress(url_.primary_name, reply).status();
  };
  inquiry_ = std::make_unique<RedisInquiry>(
      client_.loop, client_.options.connect_timeout, std::move(sentinels), std::move(question),
      [this, first = preferred_](const absl::StatusOr<RedisInquiry::Answer>& answer) {
        OnAnswer(first, answer);
      });
}

void SentinelTopology::OnAnswer(size_t first_asked, const absl::StatusOr<RedisInquiry::Answer>& answer) {
  inquiry_.reset();
  if (answer.ok()) {
    // Unless a switch has been heard of meanwhile: then the sentinel that told of it goes first.
    if (preferred_ == first_asked) preferred_ = (first_asked + answer->server) % url_.servers.size();
    Address address = ParseAddress(url_.primary_name, answer->reply).value();
    RedisEndpoint primary = url_.servers.front().At(std::move(address.host), address.port);
    primary.login_optional = false;
    OnPrimary(primary);
  } else if (std::exchange(locating_, false)) {
    primary_.Fail(answer.status());
  }
  if (std::exchange(ask_again_, false)) Ask();
}

void SentinelTopology::OnPrimary(const RedisEndpoint& primary) {
  if (std::exchange(locating_, false)) {
    primary_.ConnectTo(primary);
  } else if (!primary.IsSameServer(primary_.endpoint())) {
    primary_.Drop(error::RedisPrimaryMoved(primary_.endpoint().Server(), primary.Server()));
  }
}

void SentinelTopology::OnChange(const absl::Status& health) {
  if (client_.options.on_connection) client_.options.on_connection("commands", health);
  if (!primary_.up()) return;
  if (subscription_server_.has_value() && subscription_server_->IsSameServer(primary_.endpoint())) return;
  subscription_server_ = primary_.endpoint();
  client_.move_subscriptions();
}

void SentinelTopology::OnReply(std::unique_ptr<RedisRequest> request, absl::StatusOr<RedisReply> reply) {
  if (IsReadOnly(reply.status())) {
    primary_.Drop(error::RedisConnectionLost(primary_.endpoint().Server(), "it has become a replica"));
  }
  client_.finish(std::move(request), std::move(reply));
}

// `payload`: master-name old-address old-port new-address new-port.
void SentinelTopology::OnSwitch(RedisSubscriptionEvent event, absl::string_view payload) {
  if (event == RedisSubscriptionEvent::kMessage &&
      !absl::StartsWith(payload, absl::StrCat(url_.primary_name, " "))) {
    return;
  }
  preferred_ = watched_;
  Ask();
}

void SentinelTopology::Shutdown() {
  inquiry_.reset();
  watch_.Shutdown();
  primary_.Shutdown(error::RedisShuttingDown());
}

}  // namespace greenroom
