// EventLoop: a libuv loop on a thread of its own, and the few handles that the Redis client needs on it.
#ifndef GREENROOM_SERVICES_BASE_REDIS_EVENT_LOOP_H_
#define GREENROOM_SERVICES_BASE_REDIS_EVENT_LOOP_H_

#include <uv.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace greenroom {

// The loop runs from Start until Finish, and then until every handle on it has closed.
class EventLoop {
 public:
  static absl::StatusOr<std::unique_ptr<EventLoop>> Make();
  ~EventLoop();  // after Join, or never started
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Starts the thread, on which no signal is delivered (a write to a closed socket would otherwise be a fatal
  // SIGPIPE). `on_wake` runs on it after one or more calls of Wake.
  absl::Status Start(std::function<void()> on_wake);

  // Any thread, from Start until Finish.
  void Wake();

  // Loop thread: lets the thread end once all handles have been closed. No Wake may follow.
  void Finish();

  // Waits for the thread's end. Not on the loop thread.
  void Join();

  bool OnLoopThread() const;

  uv_loop_t* uv() { return &loop_; }

 private:
  EventLoop() = default;

  uv_loop_t loop_ = {};
  bool loop_made_ = false;
  uv_async_t async_ = {};
  bool async_open_ = false;
  std::function<void()> on_wake_;
  std::thread thread_;
};

// Nanoseconds of a clock that never jumps.
uint64_t SteadyNanos();

// The following are used on the loop thread only. Each may be destroyed at any time, its own callback
// included, and does not call back afterwards.

class LoopTimer {
 public:
  LoopTimer(EventLoop& loop, std::function<void()> on_time);
  ~LoopTimer();
  LoopTimer(const LoopTimer&) = delete;
  LoopTimer& operator=(const LoopTimer&) = delete;

  // Calls on_time once, not before `delay` has passed (rounded up to whole milliseconds). Replaces an earlier
  // Start.
  void Start(absl::Duration delay);
  void Stop();

 private:
  struct State;
  State* state_;
};

// Calls `before_poll` in each turn of the loop, after all other callbacks and before it sleeps.
class LoopPrepare {
 public:
  LoopPrepare(EventLoop& loop, std::function<void()> before_poll);
  ~LoopPrepare();
  LoopPrepare(const LoopPrepare&) = delete;
  LoopPrepare& operator=(const LoopPrepare&) = delete;

 private:
  struct State;
  State* state_;
};

// Watches a socket. Destroy it before the socket is closed.
class LoopPoll {
 public:
  // `events` is a set of UV_READABLE and UV_WRITABLE; `status` below 0 is a libuv error, after which nothing
  // is watched until the next Watch.
  LoopPoll(EventLoop& loop, int socket, std::function<void(int status, int events)> on_events);
  ~LoopPoll();
  LoopPoll(const LoopPoll&) = delete;
  LoopPoll& operator=(const LoopPoll&) = delete;

  bool ok() const;  // whether libuv took the socket
  void Watch(int events);

 private:
  struct State;
  State* state_;
};

// Resolves a name on a thread of libuv's pool.
class HostLookup {
 public:
  // Numeric addresses, in the system's order of preference, at least one; or UNAVAILABLE with the reason.
  using Addresses = absl::StatusOr<std::vector<std::string>>;

  // `on_addresses` is called once, from the loop, unless Start fails.
  static absl::StatusOr<std::unique_ptr<HostLookup>> Start(EventLoop& loop, const std::string& host,
                                                           std::function<void(Addresses)> on_addresses);
  ~HostLookup();  // the lookup itself goes on, unheard, if its thread has begun
  HostLookup(const HostLookup&) = delete;
  HostLookup& operator=(const HostLookup&) = delete;

 private:
  struct State;
  explicit HostLookup(State* state);
  State* state_;  // null once it has called back
};

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_REDIS_EVENT_LOOP_H_
