// RedisRequest: one command from its call to its reply.
#ifndef GREENROOM_SERVICES_BASE_REDIS_REDIS_REQUEST_H_
#define GREENROOM_SERVICES_BASE_REDIS_REDIS_REQUEST_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "services/base/redis/redis_reply.h"

namespace greenroom {

class RedisNode;

// Answered at most once (`done` is empty from then on); it outlives its answer where the reply is still to
// come. Whoever holds the unique_ptr sends it on or finishes it. Made on any thread, then on the loop's only.
struct RedisRequest {
  using Done = std::function<void(absl::StatusOr<RedisReply>)>;

  // `in_flight` has been raised by one for this request.
  RedisRequest(std::atomic<size_t>& in_flight, std::string command, std::string bytes, uint64_t start,
               std::optional<int> key_slot, uint64_t end, Done then)
      : name(std::move(command)),
        encoded(std::move(bytes)),
        slot(key_slot),
        started(start),
        until(end),
        done(std::move(then)),
        in_flight_(&in_flight) {}
  ~RedisRequest() { Leave(); }
  RedisRequest(const RedisRequest&) = delete;
  RedisRequest& operator=(const RedisRequest&) = delete;

  bool answered() const { return done == nullptr; }

  // It counts as in flight until its reply has come: a server that is stuck cannot pile up timed-out requests.
  void Leave() {
    if (in_flight_ != nullptr) std::exchange(in_flight_, nullptr)->fetch_sub(1, std::memory_order_relaxed);
  }

  const std::string name;         // of the command, in upper case
  const std::string encoded;      // as it is sent
  const std::optional<int> slot;  // of its first key; none where it has no key
  const uint64_t started;         // steady clock, as is
  const uint64_t until;           // its bound
  Done done;
  bool sent = false;          // at least once
  bool asking = false;        // send ASKING first
  int redirections = 0;       // by MOVED and ASK
  RedisNode* node = nullptr;  // on whose connection it waits for its reply

 private:
  std::atomic<size_t>* in_flight_;
};

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_REDIS_REDIS_REQUEST_H_
