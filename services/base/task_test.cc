#include "services/base/task.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"

namespace greenroom {
namespace {

Task<int> Number(int value) { co_return value; }

Task<absl::StatusOr<std::string>> Word(absl::StatusOr<std::string> word) { co_return word; }

TEST(TaskTest, DoesNotRunBeforeItIsAwaited) {
  bool ran = false;
  auto body = [&]() -> Task<int> {
    ran = true;
    co_return 1;
  };
  {
    const Task<int> dropped = body();
    EXPECT_FALSE(ran);
  }
  EXPECT_FALSE(ran);
  EXPECT_EQ(SyncWait(body()), 1);
  EXPECT_TRUE(ran);
}

TEST(TaskTest, DroppingAnUnawaitedTaskFreesItsArguments) {
  auto held = std::make_shared<int>(1);
  auto body = [](std::shared_ptr<int> value) -> Task<int> { co_return *value; };
  {
    const Task<int> dropped = body(held);
    EXPECT_EQ(held.use_count(), 2);
  }
  EXPECT_EQ(held.use_count(), 1);
}

TEST(TaskTest, AChainOfAMillionTasksUsesNoStack) {
  auto chain = []() -> Task<int> {
    int sum = 0;
    for (int i = 0; i < 1'000'000; ++i) {
      const int one = co_await Number(1);
      sum += one;
    }
    co_return sum;
  };
  EXPECT_EQ(SyncWait(chain()), 1'000'000);
}

Task<int> Depth(int levels) {
  if (levels == 0) co_return 0;
  const int below = co_await Depth(levels - 1);
  co_return below + 1;
}

TEST(TaskTest, ADeepNestReturnsByResumingItsCaller) { EXPECT_EQ(SyncWait(Depth(1'000)), 1'000); }

TEST(TaskTest, CarriesMoveOnlyValues) {
  auto make = []() -> Task<std::unique_ptr<int>> { co_return std::make_unique<int>(7); };
  auto pass = [&]() -> Task<std::unique_ptr<int>> {
    std::unique_ptr<int> value = co_await make();
    ++*value;
    co_return value;
  };
  EXPECT_EQ(*SyncWait(pass()), 8);

  auto callback = []() -> Task<std::unique_ptr<int>> {
    std::unique_ptr<int> value =
        co_await AwaitCallback<std::unique_ptr<int>>([](auto done) { done(std::make_unique<int>(9)); });
    co_return value;
  };
  EXPECT_EQ(*SyncWait(callback()), 9);
}

// What a completion may do relative to start(), which is where the races are.
enum class When { kAtOnce, kOnAnotherThreadBeforeStartReturns, kLater };

class AwaitCallbackTest : public testing::TestWithParam<When> {
 protected:
  ~AwaitCallbackTest() override {
    for (std::thread& thread : threads_) thread.join();
  }

  // Owns something on the heap, so that a sanitizer sees any use after the end of the coroutine's frame.
  Task<std::string> Await(std::string value) {
    auto held = std::make_shared<std::string>(std::move(value));
    auto start = [this, held](auto done) {
      switch (GetParam()) {
        case When::kAtOnce:
          done(*held);
          break;
        case When::kOnAnotherThreadBeforeStartReturns: {
          absl::Notification called;
          threads_.emplace_back([&called, held, done] {
            done(*held);
            called.Notify();
          });
          called.WaitForNotification();
          break;
        }
        case When::kLater:
          threads_.emplace_back([held, done] {
            std::this_thread::yield();
            done(*held);
          });
          break;
      }
      // Still at work after the completion: the callable must be alive.
      EXPECT_FALSE(held->empty());
    };
    held.reset();
    std::string result = co_await AwaitCallback<std::string>(std::move(start));
    co_return result;
  }

  std::vector<std::thread> threads_;
};

TEST_P(AwaitCallbackTest, YieldsWhatTheCompletionIsGiven) {
  const std::string text(100, 'x');
  EXPECT_EQ(SyncWait(Await(text)), text);
}

TEST_P(AwaitCallbackTest, ManyInARow) {
  auto body = [this]() -> Task<int> {
    int total = 0;
    for (int i = 0; i < 200; ++i) {
      const std::string text = co_await Await("ab");
      total += static_cast<int>(text.size());
    }
    co_return total;
  };
  EXPECT_EQ(SyncWait(body()), 400);
}

INSTANTIATE_TEST_SUITE_P(Completions, AwaitCallbackTest,
                         testing::Values(When::kAtOnce, When::kOnAnotherThreadBeforeStartReturns,
                                         When::kLater),
                         [](const auto& completion) {
                           switch (completion.param) {
                             case When::kAtOnce:
                               return "AtOnce";
                             case When::kOnAnotherThreadBeforeStartReturns:
                               return "BeforeStartReturns";
                             default:
                               return "Later";
                           }
                         });

TEST(AwaitCallbackTest, AMillionImmediateCompletionsUseNoStack) {
  auto body = []() -> Task<int> {
    int sum = 0;
    for (int i = 0; i < 1'000'000; ++i) {
      const int one = co_await AwaitCallback<int>([](auto done) { done(1); });
      sum += one;
    }
    co_return sum;
  };
  EXPECT_EQ(SyncWait(body()), 1'000'000);
}

TEST(AwaitCallbackTest, ResumesOnTheThreadThatCompletes) {
  std::thread::id completing;
  std::thread::id resumed;
  std::function<void(int)> complete;
  auto body = [&]() -> Task<int> {
    const int value = co_await AwaitCallback<int>([&](auto done) { complete = done; });
    resumed = std::this_thread::get_id();
    co_return value;
  };
  int result = 0;
  StartTask(body(), [&](int value) { result = value; });
  ASSERT_TRUE(complete);
  std::thread([&] {
    completing = std::this_thread::get_id();
    complete(5);
  }).join();
  EXPECT_EQ(result, 5);
  EXPECT_EQ(resumed, completing);
}

TEST(StartTaskTest, EndsTheFrameBeforeItHandsTheResultOn) {
  auto held = std::make_shared<int>(1);
  auto body = [](std::shared_ptr<int> argument) -> Task<int> { co_return *argument; };
  long uses_at_done = 0;
  StartTask(body(held), [&](int) { uses_at_done = held.use_count(); });
  EXPECT_EQ(uses_at_done, 1);
}

TEST(MacrosTest, BindOrEndTheCoroutine) {
  auto body = [](absl::StatusOr<std::string> first, absl::Status second) -> Task<absl::StatusOr<size_t>> {
    ASSIGN_OR_CO_RETURN(const std::string word, Word(first));
    auto check = [&]() -> Task<absl::Status> { co_return second; };
    CO_RETURN_IF_ERROR(check());
    co_return word.size();
  };
  EXPECT_EQ(*SyncWait(body("four", absl::OkStatus())), 4u);
  EXPECT_EQ(SyncWait(body(absl::NotFoundError("a"), absl::OkStatus())).status(), absl::NotFoundError("a"));
  EXPECT_EQ(SyncWait(body("four", absl::AbortedError("b"))).status(), absl::AbortedError("b"));
}

}  // namespace
}  // namespace greenroom
