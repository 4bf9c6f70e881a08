// The group committer under load: many threads, all units at once.
#include <algorithm>
#include <array>
#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "services/base/sql/event_table_fixture.h"

namespace greenroom::sql {
namespace {

using ::testing::Each;

using GroupCommitterLoadTest = GroupCommitterTest;
INSTANTIATE_TEST_SUITE_P(Drivers, GroupCommitterLoadTest, Drivers(), DriverName);

TEST_P(GroupCommitterLoadTest, ThirtyTwoWritersOfTenThousandUnitsWriteEachOnceWithoutGaps) {
  constexpr int kThreads = 32, kUnits = 10000, kLearners = 8;
  std::atomic<int> most_in_batch = 0, next = 0;
  auto committer = Start({.on_batch = [&](const BatchStats& stats) {
    most_in_batch = std::max(most_in_batch.load(), stats.units);
  }});
  std::array<std::atomic<int64_t>, kLearners> heads{};
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int unit = next++; unit < kUnits; unit = next++) {
        const std::string learner = absl::StrCat("learner-", unit % kLearners);
        std::atomic<int64_t>& head = heads[static_cast<size_t>(unit % kLearners)];
        // Two rows with one id each: what submitting an answer and its grade does.
        while (true) {
          const int64_t seen = head.load();
          const absl::StatusOr<CommitOutcome> outcome =
              Commit(*committer, {Event(learner, seen + 1, absl::StrCat(unit, "-submitted")),
                                  Event(learner, seen + 2, absl::StrCat(unit, "-graded"))});
          ASSERT_THAT(outcome, IsOk());
          if (*outcome == kWritten) {
            // Nobody else can have taken these, so the head moves from here to there.
            ASSERT_EQ(head.exchange(seen + 2), seen);
            break;
          }
          // Someone else has: wait for them to say so.
          while (head.load() == seen) std::this_thread::yield();
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  const Rows rows = Stored();
  ASSERT_EQ(rows.size(), 2u * kUnits);
  std::set<std::string> ids;
  std::string previous;
  int64_t expected = 0, seq;
  for (const Row& row : rows) {
    std::string learner, id;
    ASSERT_THAT(row.Read(learner, seq, id), IsOk());
    expected = learner == previous ? expected + 1 : 1;
    ASSERT_EQ(seq, expected) << learner;
    ids.insert(id);
    previous = learner;
  }
  EXPECT_EQ(ids.size(), 2u * kUnits);
  EXPECT_GT(most_in_batch, 1);  // they did share commits
}

TEST_P(GroupCommitterLoadTest, CommittersOfTwoProcessesShareATable) {
  constexpr int kThreads = 16, kUnits = 2000, kLearners = 4;
  std::unique_ptr<Database> other_database = OpenOrDie(store_.url(), {.busy_timeout = absl::Seconds(30)});
  std::unique_ptr<Database> own_database = OpenOrDie(store_.url(), {.busy_timeout = absl::Seconds(30)});
  const auto committer = GroupCommitter::Start(*own_database, Events()).value();
  const auto other = GroupCommitter::Start(*other_database, Events()).value();
  std::array<std::atomic<int64_t>, kLearners> heads{};
  std::atomic<int> next = 0, conflicts = 0;
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int unit = next++; unit < kUnits; unit = next++) {
        const std::string learner = absl::StrCat("learner-", unit % kLearners);
        std::atomic<int64_t>& head = heads[static_cast<size_t>(unit % kLearners)];
        while (true) {
          const int64_t seen = head.load();
          const absl::StatusOr<CommitOutcome> outcome = Commit(
              t % 2 == 0 ? *committer : *other, {Event(learner, seen + 1, absl::StrCat(unit, "-submitted")),
                                                 Event(learner, seen + 2, absl::StrCat(unit, "-graded"))});
          ASSERT_THAT(outcome, IsOk());
          if (*outcome == kWritten) {
            ASSERT_EQ(head.exchange(seen + 2), seen);
            break;
          }
          ++conflicts;
          while (head.load() == seen) std::this_thread::yield();
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_EQ(Stored().size(), 2u * kUnits);
  EXPECT_GT(conflicts, 0);
}

TEST_P(GroupCommitterLoadTest, TheSameUnitTwentyTimesInParallelIsWrittenOnce) {
  auto committer = Start();
  for (int round = 1; round <= 20; ++round) {
    Results results;
    for (int i = 0; i < 20; ++i) results.Start(*committer, {{Event("a", round, absl::StrCat("id-", round))}});
    std::vector<CommitOutcome> outcomes = results.WaitForOutcomes();
    EXPECT_EQ(std::count(outcomes.begin(), outcomes.end(), kWritten), 1);
    EXPECT_EQ(std::count(outcomes.begin(), outcomes.end(), kConflict), 19);
  }
  EXPECT_EQ(Stored().size(), 20u);
}

TEST_P(GroupCommitterLoadTest, FlushAndDestructionWriteWhatIsQueued) {
  constexpr int kUnits = 2000;
  auto committer = Start({.max_batch_rows = 50});
  Results results;
  for (int i = 1; i <= kUnits; ++i) results.Start(*committer, {{Event("a", i, absl::StrCat(i))}});
  committer->Flush();
  EXPECT_EQ(Stored().size(), static_cast<size_t>(kUnits));
  for (int i = 1; i <= kUnits; ++i) results.Start(*committer, {{Event("b", i, absl::StrCat(i))}});
  committer.reset();
  EXPECT_EQ(Stored().size(), 2u * kUnits);
  connection_.reset();
  database_.reset();
  EXPECT_THAT(results.WaitForOutcomes(), Each(kWritten));
}

}  // namespace
}  // namespace greenroom::sql
