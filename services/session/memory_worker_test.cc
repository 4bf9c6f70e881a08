#include "services/session/memory_worker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "services/session/testing/session_server.h"

namespace greenroom::session::testing {
namespace {

class MemoryWorkerTest : public SessionServiceTest {
 protected:
  size_t ItemsOf(const std::string& learner) {
    auto memory =
        SyncWait(server_.memory_index.ReadMemory({"acme", learner}, absl::Now() + absl::Seconds(10)));
    EXPECT_TRUE(memory.ok()) << memory.status();
    return memory.ok() ? memory->items.size() : 0;
  }
  // An answer of each of two learners.
  void Practise() {
    ASSERT_OK(Submit(Create(), 10, "q1"));
    const As bob = {"acme", "bob"};
    ASSERT_OK(Submit(Create(2, bob), 20, "q1", "words of the learner", bob));
  }
};

TEST_F(MemoryWorkerTest, TakesInWhoHasBeenQuiet) {
  Practise();
  EXPECT_EQ(server_.memory_worker.RunOnce().learners, 0);
  server_.clock.Advance(absl::Seconds(30));
  EXPECT_EQ(server_.memory_worker.RunOnce().learners, 2);
  EXPECT_EQ(ItemsOf("ada"), 1);
  EXPECT_EQ(ItemsOf("bob"), 1);
  EXPECT_EQ(server_.memory_worker.RunOnce().learners, 0);
}

TEST_F(MemoryWorkerTest, GoesOnWhereThereIsMore) {
  Practise();
  server_.clock.Advance(absl::Seconds(30));
  MemoryWorkerOptions options;
  options.batch = 2;
  MemoryWorker worker(server_.memory_index, server_.memory_deriver, server_.clock, server_.logger, options);
  int learners = 0, rounds = 0;
  for (MemoryWorker::Round round = worker.RunOnce();; round = worker.RunOnce()) {
    learners += round.learners;
    ++rounds;
    if (!round.more) break;
  }
  EXPECT_EQ(learners, 2);
  EXPECT_EQ(rounds, 4);  // six events by two, and a look at nothing
}

TEST_F(MemoryWorkerTest, WaitsForAStoreThatIsAway) {
  Practise();
  server_.clock.Advance(absl::Seconds(30));
  server_.memory_index.gate().Fail("BeginWalk", absl::UnavailableError("down"), 1);
  EXPECT_EQ(server_.memory_worker.RunOnce().learners, 0);
  server_.memory_index.gate().Fail("Take", absl::UnavailableError("down"), 1);
  EXPECT_EQ(server_.memory_worker.RunOnce().learners, 0);
  EXPECT_EQ(server_.memory_worker.RunOnce().learners, 0) << "the lease stands";
  server_.clock.Advance(absl::Minutes(5));
  EXPECT_EQ(server_.memory_worker.RunOnce().learners, 2);
}

TEST_F(MemoryWorkerTest, OneLogThatCannotBeReadKeepsNobodyWaiting) {
  Practise();
  server_.clock.Advance(absl::Seconds(30));
  server_.log.gate().Fail("ReadSession", absl::DataLossError("a payload"), 1);
  EXPECT_EQ(server_.memory_worker.RunOnce().learners, 1);
  EXPECT_EQ(ItemsOf("ada") + ItemsOf("bob"), 1);
  EXPECT_EQ(server_.memory_worker.RunOnce().learners, 0);
}

TEST_F(MemoryWorkerTest, RunsByItselfAndStops) {
  Practise();
  server_.clock.Advance(absl::Seconds(30));
  MemoryWorkerOptions options;
  options.poll = absl::Milliseconds(5);
  MemoryWorker worker(server_.memory_index, server_.memory_deriver, server_.clock, server_.logger, options);
  worker.Start();
  const absl::Time end = absl::Now() + absl::Seconds(20);
  while (ItemsOf("bob") == 0 && absl::Now() < end) std::this_thread::yield();
  EXPECT_EQ(ItemsOf("bob"), 1);
  worker.Stop();
  worker.Stop();
}

TEST(MemoryWorkerOptions, AreChecked) {
  EXPECT_TRUE(MemoryWorkerOptions().Validate().ok());
  MemoryWorkerOptions options;
  options.lease = absl::Minutes(1);
  EXPECT_FALSE(options.Validate().ok());
}

}  // namespace
}  // namespace greenroom::session::testing
