#include "services/base/redis/event_loop.h"

#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"

namespace greenroom {
namespace {

thread_local const EventLoop* running_loop = nullptr;

absl::Status UvError(absl::string_view what, int code) {
  return absl::InternalError(absl::StrCat(what, ": ", uv_strerror(code)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<EventLoop>> EventLoop::Make() {
  std::unique_ptr<EventLoop> loop(new EventLoop());
  if (const int code = uv_loop_init(&loop->loop_); code != 0) return UvError("uv_loop_init", code);
  loop->loop_made_ = true;
  const int code = uv_async_init(&loop->loop_, &loop->async_,
                                 [](uv_async_t* async) { static_cast<EventLoop*>(async->data)->on_wake_(); });
  if (code != 0) return UvError("uv_async_init", code);
  loop->async_open_ = true;
  loop->async_.data = loop.get();
  return loop;
}

EventLoop::~EventLoop() {
  if (!loop_made_) return;
  if (async_open_) Finish();
  uv_run(&loop_, UV_RUN_DEFAULT);  // what was closed but never run
  uv_loop_close(&loop_);
}

absl::Status EventLoop::Start(std::function<void()> on_wake) {
  on_wake_ = std::move(on_wake);
  // The thread inherits the mask, and libuv's pool inherits it from the thread.
  sigset_t all, previous;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &previous);
  absl::Status status;
  try {
    thread_ = std::thread([this] {
      running_loop = this;
      uv_run(&loop_, UV_RUN_DEFAULT);
    });
  } catch (const std::system_error& error) {
    status = absl::InternalError(absl::StrCat("cannot start the redis thread: ", error.what()));
  }
  pthread_sigmask(SIG_SETMASK, &previous, nullptr);
  return status;
}

void EventLoop::Wake() { uv_async_send(&async_); }

void EventLoop::Finish() {
  async_open_ = false;
  uv_close(reinterpret_cast<uv_handle_t*>(&async_), nullptr);
}

void EventLoop::Join() {
  if (OnLoopThread()) {
    std::fputs("a redis client was destroyed on its own loop thread, which cannot wait for itself\n", stderr);
    std::abort();
  }
  if (thread_.joinable()) thread_.join();
}

bool EventLoop::OnLoopThread() const { return running_loop == this; }

uint64_t SteadyNanos() { return uv_hrtime(); }

// --- LoopTimer ----------------------------------------------

struct LoopTimer::State {
  uv_timer_t handle;
  std::function<void()> on_time;
};

LoopTimer::LoopTimer(EventLoop& loop, std::function<void()> on_time)
    : state_(new State{{}, std::move(on_time)}) {
  uv_timer_init(loop.uv(), &state_->handle);
  state_->handle.data = state_;
}

LoopTimer::~LoopTimer() {
  uv_close(reinterpret_cast<uv_handle_t*>(&state_->handle),
           [](uv_handle_t* handle) { delete static_cast<State*>(handle->data); });
}

void LoopTimer::Start(absl::Duration delay) {
  // libuv counts from the time at which this turn of the loop began, which a long turn leaves behind.
  uv_update_time(state_->handle.loop);
  const int64_t milliseconds = absl::ToInt64Milliseconds(absl::Ceil(delay, absl::Milliseconds(1)));
  uv_timer_start(
      &state_->handle, [](uv_timer_t* handle) { static_cast<State*>(handle->data)->on_time(); },
      static_cast<uint64_t>(std::max<int64_t>(milliseconds, 0)), 0);
}

void LoopTimer::Stop() { uv_timer_stop(&state_->handle); }

// --- LoopPrepare ----------------------------------------------

struct LoopPrepare::State {
  uv_prepare_t handle;
  std::function<void()> before_poll;
};

LoopPrepare::LoopPrepare(EventLoop& loop, std::function<void()> before_poll)
    : state_(new State{{}, std::move(before_poll)}) {
  uv_prepare_init(loop.uv(), &state_->handle);
  state_->handle.data = state_;
  uv_prepare_start(&state_->handle,
                   [](uv_prepare_t* handle) { static_cast<State*>(handle->data)->before_poll(); });
}

LoopPrepare::~LoopPrepare() {
  uv_close(reinterpret_cast<uv_handle_t*>(&state_->handle),
           [](uv_handle_t* handle) { delete static_cast<State*>(handle->data); });
}

// --- LoopPoll ----------------------------------------------

struct LoopPoll::State {
  uv_poll_t handle;
  std::function<void(int, int)> on_events;
  int watched = 0;
};

LoopPoll::LoopPoll(EventLoop& loop, int socket, std::function<void(int, int)> on_events)
    : state_(new State{{}, std::move(on_events)}) {
  if (uv_poll_init(loop.uv(), &state_->handle, socket) != 0) {
    delete state_;
    state_ = nullptr;
    return;
  }
  state_->handle.data = state_;
}

LoopPoll::~LoopPoll() {
  if (state_ == nullptr) return;
  uv_close(reinterpret_cast<uv_handle_t*>(&state_->handle),
           [](uv_handle_t* handle) { delete static_cast<State*>(handle->data); });
}

bool LoopPoll::ok() const { return state_ != nullptr; }

void LoopPoll::Watch(int events) {
  // Each start and stop costs system calls.
  if (state_ == nullptr || events == state_->watched) return;
  state_->watched = events;
  if (events == 0) {
    uv_poll_stop(&state_->handle);
    return;
  }
  uv_poll_start(&state_->handle, events, [](uv_poll_t* handle, int status, int happened) {
    State* state = static_cast<State*>(handle->data);
    if (status < 0) state->watched = 0;  // libuv has stopped watching
    state->on_events(status, happened);
  });
}

// --- HostLookup ----------------------------------------------

struct HostLookup::State {
  uv_getaddrinfo_t request = {};
  std::string host;
  std::function<void(Addresses)> on_addresses;
  HostLookup* owner = nullptr;  // null: nobody listens any more
};

namespace {

HostLookup::Addresses NumericAddresses(const std::string& host, int status, const addrinfo* found) {
  if (status != 0)
    return absl::UnavailableError(absl::StrCat("cannot resolve ", host, ": ", uv_strerror(status)));
  std::vector<std::string> addresses;
  for (; found != nullptr; found = found->ai_next) {
    char text[NI_MAXHOST];
    if (getnameinfo(found->ai_addr, found->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0) {
      addresses.emplace_back(text);
    }
  }
  if (addresses.empty()) return absl::UnavailableError(absl::StrCat(host, " has no address"));
  return addresses;
}

}  // namespace

absl::StatusOr<std::unique_ptr<HostLookup>> HostLookup::Start(EventLoop& loop, const std::string& host,
                                                              std::function<void(Addresses)> on_addresses) {
  auto state = std::make_unique<State>();
  state->host = host;
  state->on_addresses = std::move(on_addresses);
  state->request.data = state.get();
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  auto done = [](uv_getaddrinfo_t* request, int status, addrinfo* found) {
    const std::unique_ptr<State> finished(static_cast<State*>(request->data));
    Addresses addresses = NumericAddresses(finished->host, status, found);
    uv_freeaddrinfo(found);
    if (finished->owner == nullptr) return;
    finished->owner->state_ = nullptr;
    finished->on_addresses(std::move(addresses));
  };
  const int code = uv_getaddrinfo(loop.uv(), &state->request, done, host.c_str(), nullptr, &hints);
  if (code != 0)
    return absl::UnavailableError(absl::StrCat("cannot resolve ", host, ": ", uv_strerror(code)));
  std::unique_ptr<HostLookup> lookup(new HostLookup(state.get()));
  state->owner = lookup.get();
  static_cast<void>(state.release());  // until done
  return lookup;
}

HostLookup::HostLookup(State* state) : state_(state) {}

HostLookup::~HostLookup() {
  if (state_ == nullptr) return;
  state_->owner = nullptr;
  uv_cancel(reinterpret_cast<uv_req_t*>(&state_->request));
}

}  // namespace greenroom
