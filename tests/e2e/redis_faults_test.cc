// R3 and R4: whatever Redis does, learners go on, and nothing is lost.
#include <gtest/gtest.h>

#include <thread>

#include "absl/time/clock.h"
#include "services/base/task.h"
#include "tests/e2e/faults/fault_fixture.h"
#include "tests/e2e/faults/holding.h"

namespace greenroom::e2e {
namespace {

using RedisLosesAllTest = FaultTest;
using RedisMisbehavesTest = FaultTest;

TEST_F(RedisLosesAllTest, FlushedRestartedEmptyAndWithItsData) {
  ASSERT_NO_FATAL_FAILURE(Begin({}));
  for (const auto fault : {RedisFlushed, RedisRestartedEmpty, RedisRestartedWithItsData}) {
    Strike(fault);
    ASSERT_TRUE(load_->WaitForTurns(40, absl::Seconds(60)).ok());
  }
  ExpectHealed();
}

// The load's own learners are paused: what is measured is the rebuilding, as the learner waits for it.
TEST_F(RedisLosesAllTest, SessionsOf200AnswersAreRebuiltWithin250Ms) {
  constexpr int kLearners = 8, kAnswers = 200, kRounds = 13;
  constexpr absl::Duration kBound = absl::Milliseconds(250);
  ASSERT_NO_FATAL_FAILURE(Begin({}, kLearners));
  load_->Pause();
  std::vector<std::thread> threads;
  for (const auto& learner : load_->learners()) {
    threads.emplace_back([&learner] {
      ASSERT_TRUE(learner->Create().ok());
      const auto question = learner->Next();
      ASSERT_TRUE(question.ok()) << question.status();
      for (int i = 0; i < kAnswers; ++i) ASSERT_TRUE(learner->Submit(question->question(), i).ok());
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_FALSE(HasFailure());
  ASSERT_TRUE(WaitForGrades(*system_, absl::Seconds(60)).ok());
  load_->statistics().ForgetTimes();
  int number = 0;
  for (int round = 0; round < kRounds; ++round) {
    Strike(round % 4 == 0 ? RedisRestartedEmpty : RedisFlushed);
    for (const auto& learner : load_->learners()) {
      // Reads and writes alike.
      if (++number % 2 == 0) {
        ASSERT_TRUE(learner->GetSession(learner->stub(), learner->sessions().back()).ok());
      } else {
        ASSERT_TRUE(learner->Next().ok());
      }
    }
  }
  FaultSite site{*system_, *load_, absl::ZeroDuration(), random_};
  for (const char* method : {"GetSession", "NextQuestion"}) {
    std::cout << "p99 of " << method << " after a loss: " << load_->statistics().Percentile(method, 0.99)
              << "\n";
    const absl::Status bounded = ExpectP99(site, method, kBound);
    EXPECT_TRUE(bounded.ok()) << bounded;
  }
  load_->Resume();
  ExpectHealed();
}

TEST_F(RedisMisbehavesTest, SlowResetsSwallowsAndStops) {
  SystemOptions options;
  options.proxies = true;
  ASSERT_NO_FATAL_FAILURE(Begin(options));
  for (const auto fault : {RedisSlow, RedisResetsReplies, RedisSwallows, RedisStopped}) Strike(fault);
  ExpectHealed();
}

TEST_F(RedisMisbehavesTest, OutOfMemoryAndOutOfDisk) {
  SystemOptions options;
  options.small_disks = true;
  ASSERT_NO_FATAL_FAILURE(Begin(options));
  Strike(RedisOutOfMemory);
  Strike(RedisDiskFull);
  ExpectHealed();
}

}  // namespace
}  // namespace greenroom::e2e
