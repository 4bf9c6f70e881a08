// The contract of Wakeups as tests, run against every implementation:
//   INSTANTIATE_TEST_SUITE_P(Redis, WakeupsContract, testing::Values(WakeupsMaker([] { return ...; })));
#ifndef GREENROOM_SERVICES_SESSION_LIVE_WAKEUPS_CONTRACT_H_
#define GREENROOM_SERVICES_SESSION_LIVE_WAKEUPS_CONTRACT_H_

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "services/session/live/live_store.h"
#include "services/session/live/wakeups.h"

namespace greenroom::session {

// Wake-ups of one empty store, for one test.
class WakeupsUnderTest {
 public:
  virtual ~WakeupsUnderTest() = default;
  virtual Wakeups& wakeups() = 0;
  // As some other replica writes to it.
  virtual LiveStore& store() = 0;
  // The connection to the store is lost; and is there again once Heal has returned, soon.
  virtual void Break() = 0;
  virtual void Heal() = 0;
};
using WakeupsMaker = std::function<std::unique_ptr<WakeupsUnderTest>()>;

// Counts how often it is called.
class WakeupCount {
 public:
  std::function<void()> listener() {
    return [this] {
      absl::MutexLock lock(&mutex_);
      ++count_;
    };
  }
  int count() const {
    absl::MutexLock lock(&mutex_);
    return count_;
  }
  // Whether it was called `count` times within 10 s.
  bool WaitFor(int count) const {
    absl::MutexLock lock(&mutex_);
    const auto enough = [this, count]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return count_ >= count; };
    return mutex_.AwaitWithTimeout(absl::Condition(&enough), absl::Seconds(10));
  }

 private:
  mutable absl::Mutex mutex_;
  int count_ ABSL_GUARDED_BY(mutex_) = 0;
};

class WakeupsContract : public testing::TestWithParam<WakeupsMaker> {
 protected:
  WakeupsContract() : made_(GetParam()()) {}

  Wakeups& wakeups() { return made_->wakeups(); }
  void Write(const SessionKey& session, int64_t seq, PutOutcome expected = PutOutcome::kWritten) {
    LiveWrite write;
    write.bytes = "state";
    write.seq = seq;
    write.head = {seq, absl::FromUnixMillis(seq)};
    auto put = SyncWait(made_->store().Put(session, std::move(write), absl::Now() + absl::Seconds(20)));
    ASSERT_TRUE(put.ok()) << put.status();
    EXPECT_EQ(*put, expected);
  }
  // Once this has returned, everything that was published before has been heard.
  void Settle() {
    WakeupCount marker;
    const SessionKey own = {{"acme", "marker"}, "5f0c3c58-0000-4000-8000-0000000000ff"};
    const auto listening = wakeups().Listen(own, marker.listener());
    ASSERT_TRUE(marker.WaitFor(1));
    Write(own, ++marked_);
    ASSERT_TRUE(marker.WaitFor(2));
  }

  const SessionKey key_ = {{"acme", "ada"}, "5f0c3c58-0000-4000-8000-000000000001"};
  const SessionKey other_session_ = {{"acme", "ada"}, "5f0c3c58-0000-4000-8000-000000000002"};
  const SessionKey other_learner_ = {{"acme", "bob"}, "5f0c3c58-0000-4000-8000-000000000001"};
  const std::unique_ptr<WakeupsUnderTest> made_;
  int64_t marked_ = 0;
};

TEST_P(WakeupsContract, TellsWhenItBeginsToHearAndOfEachWrite) {
  WakeupCount heard;
  const auto listening = wakeups().Listen(key_, heard.listener());
  ASSERT_TRUE(heard.WaitFor(1));
  Write(key_, 1);
  EXPECT_TRUE(heard.WaitFor(2));
  Write(key_, 2);
  EXPECT_TRUE(heard.WaitFor(3));
  Write(key_, 2, PutOutcome::kNotNewer);
  Settle();
  EXPECT_EQ(heard.count(), 3);
}

TEST_P(WakeupsContract, HearsNothingOfOtherSessions) {
  WakeupCount heard;
  const auto listening = wakeups().Listen(key_, heard.listener());
  ASSERT_TRUE(heard.WaitFor(1));
  Write(other_session_, 1);
  Write(other_learner_, 1);
  Settle();
  EXPECT_EQ(heard.count(), 1);
}

TEST_P(WakeupsContract, ManyListenToOneSessionAndEachLeavesForItself) {
  std::vector<WakeupCount> heard(5);
  std::vector<std::unique_ptr<Wakeups::Listening>> listening;
  listening.reserve(heard.size());
  for (WakeupCount& one : heard) listening.push_back(wakeups().Listen(key_, one.listener()));
  for (WakeupCount& one : heard) ASSERT_TRUE(one.WaitFor(1));
  listening[0].reset();
  listening[3].reset();
  Write(key_, 1);
  for (int i : {1, 2, 4}) EXPECT_TRUE(heard[static_cast<size_t>(i)].WaitFor(2));
  Settle();
  EXPECT_EQ(heard[0].count(), 1);
  EXPECT_EQ(heard[3].count(), 1);
  listening.clear();
  Write(key_, 2);
  Settle();
  EXPECT_EQ(heard[1].count(), 2);
  const auto again = wakeups().Listen(key_, heard[0].listener());
  EXPECT_TRUE(heard[0].WaitFor(2));
  Write(key_, 3);
  EXPECT_TRUE(heard[0].WaitFor(3));
}

TEST_P(WakeupsContract, AListenerMayLeaveWhileItRuns) {
  absl::Mutex mutex;
  std::unique_ptr<Wakeups::Listening> listening;
  int runs = 0;
  auto listener = [&] {
    std::unique_ptr<Wakeups::Listening> leaving;
    absl::MutexLock lock(&mutex);
    ++runs;
    leaving = std::move(listening);
  };
  {
    absl::MutexLock lock(&mutex);
    listening = wakeups().Listen(key_, listener);
  }
  Settle();
  Write(key_, 1);
  Settle();
  absl::MutexLock lock(&mutex);
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(listening, nullptr);
}

TEST_P(WakeupsContract, TellsAgainAfterABreak) {
  WakeupCount heard;
  const auto listening = wakeups().Listen(key_, heard.listener());
  ASSERT_TRUE(heard.WaitFor(1));
  made_->Break();
  made_->Heal();
  ASSERT_TRUE(heard.WaitFor(2)) << "what was written meanwhile may have been missed";
  Settle();
  const int before = heard.count();
  Write(key_, 1);
  EXPECT_TRUE(heard.WaitFor(before + 1));
}

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_LIVE_WAKEUPS_CONTRACT_H_
