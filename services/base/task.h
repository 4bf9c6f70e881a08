// Task<T>: a lazy coroutine, and the bridges between coroutines and callbacks.
//
// A Task starts when it is awaited, runs on the thread that awaits it, and resumes on whichever thread completes
// what it waits for. It owns its frame: dropping a Task that was never awaited runs nothing. T is a value, never a
// reference; failure is an absl::Status inside T, an exception ends the process.
#ifndef GREENROOM_SERVICES_BASE_TASK_H_
#define GREENROOM_SERVICES_BASE_TASK_H_

#include <atomic>
#include <coroutine>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

namespace greenroom {

template <typename T>
class [[nodiscard]] Task {
 public:
  using value_type = T;

  struct promise_type {
    std::optional<T> value;
    std::coroutine_handle<> caller;

    // Resumes the awaiting coroutine by symmetric transfer: a chain of Tasks uses no stack.
    struct ResumeCaller {
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> self) noexcept {
        return self.promise().caller;
      }
      void await_resume() noexcept {}
    };

    Task get_return_object() { return Task(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    ResumeCaller final_suspend() noexcept { return {}; }
    template <typename U>
    void return_value(U&& result) {
      value.emplace(std::forward<U>(result));
    }
    void unhandled_exception() noexcept { std::terminate(); }
  };

  Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, {})) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (frame_) frame_.destroy();
  }

  // Await at most once, as `co_await std::move(task)` or `co_await F()`.
  auto operator co_await() && noexcept {
    struct Awaiter {
      std::coroutine_handle<promise_type> frame;
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) noexcept {
        frame.promise().caller = caller;
        return frame;
      }
      T await_resume() { return *std::move(frame.promise().value); }
    };
    return Awaiter{frame_};
  }

 private:
  explicit Task(std::coroutine_handle<promise_type> frame) : frame_(frame) {}
  std::coroutine_handle<promise_type> frame_;
};

namespace task_internal {

struct Detached {
  struct promise_type {
    Detached get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
};

template <typename T, typename StartFn>
class [[nodiscard]] CallbackAwaiter {
 public:
  explicit CallbackAwaiter(StartFn start) : start_(std::move(start)) {}
  CallbackAwaiter(const CallbackAwaiter&) = delete;
  CallbackAwaiter& operator=(const CallbackAwaiter&) = delete;

  bool await_ready() noexcept { return false; }

  // Starts, and stays suspended unless the completion has come already: then the coroutine goes on without a nested
  // resume, so that a loop of completions that come at once uses no stack. Whichever of the two sides comes second
  // resumes the coroutine; the first touches nothing of it any more, because the coroutine may end, and *this with
  // it, at that moment. What is started is moved to this stack first: its callable may still be at work then.
  // Not inlined: clang 16 places locals of an inlined await_suspend in the coroutine's frame.
  [[gnu::noinline]] bool await_suspend(std::coroutine_handle<> caller) {
    caller_ = caller;
    {
      StartFn start = std::move(start_);
      start([this](T value) { Complete(std::move(value)); });
    }
    return !one_side_is_done_.exchange(true, std::memory_order_acq_rel);
  }
  T await_resume() { return *std::move(value_); }

 private:
  void Complete(T value) {
    value_.emplace(std::move(value));
    if (one_side_is_done_.exchange(true, std::memory_order_acq_rel)) caller_.resume();
  }

  StartFn start_;
  std::coroutine_handle<> caller_;
  std::optional<T> value_;
  std::atomic<bool> one_side_is_done_ = false;
};

}  // namespace task_internal

// Runs `task` now, on this thread, and hands its result to `done` exactly once, on the thread that finishes it, when the
// task's frame and all it held is gone. The bridge from coroutine code to callback code; `done` must not throw.
template <typename T, typename Done>
task_internal::Detached StartTask(Task<T> task, Done done) {
  std::optional<Task<T>> running(std::move(task));
  T result = co_await std::move(*running);
  running.reset();
  done(std::move(result));
}

// The bridge from callback code to coroutine code: suspends, calls `start(done)` and yields the T that `done` is
// given. `done` (copyable) must be called exactly once: before start() returns, on another thread meanwhile, or later.
// The coroutine goes on on the thread that called it, or on its own where the call came before start() had returned.
// What `start` captures by reference must live in the awaiting coroutine's frame.
template <typename T, typename StartFn>
task_internal::CallbackAwaiter<T, StartFn> AwaitCallback(StartFn start) {
  return task_internal::CallbackAwaiter<T, StartFn>(std::move(start));
}

// Runs `task` and blocks this thread until it is done. For main functions, the CLI and tests; never on a thread that
// completes tasks (a Redis loop, a gRPC callback), which would wait for itself.
template <typename T>
T SyncWait(Task<T> task) {
  absl::Mutex mutex;
  std::optional<T> result;
  StartTask(std::move(task), [&](T value) {
    absl::MutexLock lock(&mutex);
    result.emplace(std::move(value));
  });
  absl::MutexLock lock(&mutex);
  mutex.Await(absl::Condition(
      +[](std::optional<T>* value) { return value->has_value(); }, &result));
  return *std::move(result);
}

}  // namespace greenroom

// ASSIGN_OR_CO_RETURN(const T value, F(...)): awaits a Task<absl::StatusOr<T>>; binds its value, or ends the enclosing
// coroutine with its status. ASSIGN_OR_RETURN and RETURN_IF_ERROR are the same without coroutines;
// CO_RETURN_IF_ERROR awaits a Task<absl::Status>. co_await stands in these, as the whole initialiser of a named
// local, or as its own statement, nowhere else.
#define ASSIGN_OR_CO_RETURN(lhs, ...) \
  GREENROOM_ASSIGN_OR_CO_RETURN_(lhs, GREENROOM_CONCAT_(status_or_, __LINE__), co_await __VA_ARGS__)
#define ASSIGN_OR_RETURN(lhs, ...) \
  GREENROOM_ASSIGN_OR_RETURN_(lhs, GREENROOM_CONCAT_(status_or_, __LINE__), __VA_ARGS__)
// As ASSIGN_OR_RETURN in a coroutine, where the expression itself is not awaited.
#define ASSIGN_OR_CO_RETURN_NOW(lhs, ...) \
  GREENROOM_ASSIGN_OR_CO_RETURN_(lhs, GREENROOM_CONCAT_(status_or_, __LINE__), __VA_ARGS__)
#define CO_RETURN_IF_ERROR(...)                                               \
  do {                                                                        \
    absl::Status co_return_if_error_status = co_await __VA_ARGS__;            \
    if (!co_return_if_error_status.ok()) co_return co_return_if_error_status; \
  } while (false)
#define CO_RETURN_IF_ERROR_NOW(...)                                           \
  do {                                                                        \
    absl::Status co_return_if_error_status = __VA_ARGS__;                     \
    if (!co_return_if_error_status.ok()) co_return co_return_if_error_status; \
  } while (false)
#define RETURN_IF_ERROR(...)                                         \
  do {                                                               \
    absl::Status return_if_error_status = __VA_ARGS__;               \
    if (!return_if_error_status.ok()) return return_if_error_status; \
  } while (false)

#define GREENROOM_CONCAT_(a, b) GREENROOM_CONCAT_2_(a, b)
#define GREENROOM_CONCAT_2_(a, b) a##b
#define GREENROOM_ASSIGN_OR_CO_RETURN_(lhs, result, ...)  \
  auto result = __VA_ARGS__;                              \
  if (!result.ok()) co_return std::move(result).status(); \
  lhs = *std::move(result)
#define GREENROOM_ASSIGN_OR_RETURN_(lhs, result, ...)  \
  auto result = __VA_ARGS__;                           \
  if (!result.ok()) return std::move(result).status(); \
  lhs = *std::move(result)

#endif  // GREENROOM_SERVICES_BASE_TASK_H_
