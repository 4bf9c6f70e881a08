// RedisInquiry: one question to several servers, in turn, until one of them answers it.
#ifndef GREENROOM_SERVICES_BASE_REDIS_REDIS_INQUIRY_H_
#define GREENROOM_SERVICES_BASE_REDIS_REDIS_INQUIRY_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/base/redis/event_loop.h"
#include "services/base/redis/redis_connection.h"
#include "services/base/redis/redis_reply.h"
#include "services/base/redis/redis_url.h"

namespace greenroom {

// Loop thread. Each server is asked on a connection of its own, which may take `timeout`, after the lookup of
// its name.
class RedisInquiry {
 public:
  struct Question {
    std::vector<std::string> command;
    // Whether the reply answers it; an error passes the question on to the next server.
    std::function<absl::Status(const RedisReply& reply)> check;
  };
  struct Answer {
    size_t server;  // its index
    RedisReply reply;
  };
  // `on_done` is called once, later, unless this is destroyed before; it may destroy this. With no answer at
  // all: UNAUTHENTICATED when a server refuses the credentials, otherwise UNAVAILABLE, with every server's
  // reason. `servers` holds at least one.
  RedisInquiry(EventLoop& loop, absl::Duration timeout, std::vector<RedisEndpoint> servers, Question question,
               std::function<void(absl::StatusOr<Answer>)> on_done);
  RedisInquiry(const RedisInquiry&) = delete;
  RedisInquiry& operator=(const RedisInquiry&) = delete;

 private:
  void Ask(size_t server);
  void OnClosed(size_t server, const absl::Status& reason);

  EventLoop& loop_;
  const absl::Duration timeout_;
  const std::vector<RedisEndpoint> servers_;
  const Question question_;
  std::function<void(absl::StatusOr<Answer>)> on_done_;

  bool answered_ = false;
  RedisReply reply_;
  absl::Status failures_;
  std::unique_ptr<RedisConnection> connection_;
};

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_REDIS_REDIS_INQUIRY_H_
