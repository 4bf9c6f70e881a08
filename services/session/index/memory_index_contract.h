// The contract of MemoryIndex as tests, run against every implementation:
//   INSTANTIATE_TEST_SUITE_P(Sqlite, MemoryIndexContract, testing::Values(MemoryIndexMaker([] { return ...; })));
#ifndef GREENROOM_SERVICES_SESSION_INDEX_MEMORY_INDEX_CONTRACT_H_
#define GREENROOM_SERVICES_SESSION_INDEX_MEMORY_INDEX_CONTRACT_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "services/session/index/memory_index.h"
#include "services/session/log/event_log.h"

namespace greenroom::session {

// An empty log and an empty index beside it, for one test. The two handles are over one store, as two replicas are; an
// implementation that lives in one process gives the same index twice.
class MemoryIndexUnderTest {
 public:
  virtual ~MemoryIndexUnderTest() = default;
  virtual EventLog& log() = 0;
  virtual MemoryIndex& index() = 0;
  virtual MemoryIndex& other_handle() { return index(); }
};
using MemoryIndexMaker = std::function<std::unique_ptr<MemoryIndexUnderTest>()>;

class MemoryIndexContract : public testing::TestWithParam<MemoryIndexMaker> {
 protected:
  static constexpr char kPack[] = "tenants/acme/packs/p";

  MemoryIndexContract() : made_(GetParam()()) {}

  MemoryIndex& index() { return made_->index(); }
  MemoryIndex& other_handle() { return made_->other_handle(); }
  static absl::Time Soon() { return absl::Now() + absl::Seconds(20); }
  static absl::Time At(int64_t ms) { return absl::FromUnixMillis(1700000000000 + ms); }
  static std::string Id(int number) { return absl::StrFormat("%08x-0000-4000-8000-000000000000", number); }
  static const LearnerKey& Ada() {
    static const auto& kAda = *new LearnerKey{"acme", "ada"};
    return kAda;
  }

  // An event of the session (0: of none), received at At(seq * 1000).
  void Append(int64_t seq, int session, LearnerKey learner = Ada()) {
    Event event;
    event.learner = std::move(learner);
    event.seq = seq;
    event.event_id = Id(1000 + static_cast<int>(seq));
    event.session = session == 0 ? "" : Id(session);
    event.occurred_time = event.received_time = At(seq * 1000);
    event.payload.mutable_skipped()->set_question("q");
    event.kind = KindOf(event.payload);
    auto outcome = SyncWait(made_->log().Append({event}, Soon()));
    ASSERT_TRUE(outcome.ok()) << outcome.status();
    ASSERT_EQ(*outcome, AppendOutcome::kWritten);
  }
  static Review ReviewOf(std::string question, int session, std::string pack = kPack) {
    Review review;
    review.pack = std::move(pack);
    review.question = std::move(question);
    review.session = Id(session);
    review.event_id = Id(500 + session);
    review.occurred_time = At(session);
    review.kind = ReviewKind::kAnswer;
    review.mode = v1::SESSION_MODE_PRACTICE;
    review.score = 70;
    review.critical = true;
    review.hints_before = 2;
    review.confidence = v1::CONFIDENCE_SURE;
    review.self_rating = v1::RATING_HARD;
    review.attempts = 3;
    review.best_score = 80;
    return review;
  }
  // As little as a review may hold.
  static Review BareReview(std::string question, int session) {
    Review review;
    review.pack = kPack;
    review.question = std::move(question);
    review.session = Id(session);
    review.event_id = Id(500 + session);
    review.occurred_time = At(session);
    review.kind = ReviewKind::kSelfRated;
    review.recited = true;
    return review;
  }
  static MemoryItem ItemOf(std::string question, double stability = 2.25) {
    MemoryItem item;
    item.pack = kPack;
    item.question = std::move(question);
    item.memory = {stability, 5.125};
    item.last_review_time = At(5);
    item.last_review_day = absl::CivilDay(2026, 2, 28);
    item.due_day = absl::CivilDay(2026, 3, 3);
    item.due_time = At(7);
    item.reviews = 4;
    item.lapses = 1;
    item.last_rating = fsrs::Rating::kEasy;
    item.sure_failure = true;
    return item;
  }
  static MemoryStep Step(int64_t from, int64_t to) {
    MemoryStep step;
    step.learner = Ada();
    step.from = from;
    step.to = to;
    return step;
  }

  MemoryBacklog Backlog(int32_t limit = 100, LearnerKey learner = Ada()) {
    auto backlog = SyncWait(index().Backlog(std::move(learner), limit, Soon()));
    EXPECT_TRUE(backlog.ok()) << backlog.status();
    return backlog.value_or(MemoryBacklog());
  }
  bool Take(const MemoryStep& step) {
    auto taken = SyncWait(index().Take(step, Soon()));
    EXPECT_TRUE(taken.ok()) << taken.status();
    return taken.value_or(false);
  }
  std::vector<Review> Reviews(std::string pack = "", LearnerKey learner = Ada()) {
    auto reviews = SyncWait(index().ListReviews(std::move(learner), std::move(pack), Soon()));
    EXPECT_TRUE(reviews.ok()) << reviews.status();
    return reviews.value_or(std::vector<Review>());
  }
  std::vector<Review> Around(std::vector<std::string> sessions, std::vector<ItemKey> items) {
    auto reviews = SyncWait(index().ReviewsAround(Ada(), std::move(sessions), std::move(items), Soon()));
    EXPECT_TRUE(reviews.ok()) << reviews.status();
    return reviews.value_or(std::vector<Review>());
  }
  std::vector<MemoryItem> Items(LearnerKey learner = Ada()) { return Memory(std::move(learner)).items; }
  KeptMemory Memory(LearnerKey learner = Ada()) {
    auto memory = SyncWait(index().ReadMemory(std::move(learner), Soon()));
    EXPECT_TRUE(memory.ok()) << memory.status();
    return memory.value_or(KeptMemory());
  }
  // With a lease of a minute and a quiet time of ten seconds.
  MemoryWalk Walk(absl::Time now, int32_t limit = 100) {
    auto walk = SyncWait(index().BeginWalk(now, absl::Seconds(10), absl::Minutes(1), limit, Soon()));
    EXPECT_TRUE(walk.ok()) << walk.status();
    return walk.value_or(MemoryWalk());
  }
  void EndWalk(MemoryWalk walk) {
    const absl::Status ended = SyncWait(index().EndWalk(std::move(walk), Soon()));
    EXPECT_TRUE(ended.ok()) << ended;
  }

  std::unique_ptr<MemoryIndexUnderTest> made_;
};

TEST_P(MemoryIndexContract, BeginsEmpty) {
  EXPECT_EQ(Backlog(), MemoryBacklog());
  EXPECT_THAT(Reviews(), testing::IsEmpty());
  EXPECT_THAT(Items(), testing::IsEmpty());
  EXPECT_THAT(Around({Id(1)}, {{kPack, "q"}}), testing::IsEmpty());
}

TEST_P(MemoryIndexContract, TellsWhatTheLogHasBeyondIt) {
  Append(1, 1);
  Append(2, 2);
  Append(3, 1);
  Append(4, 0);
  Append(1, 7, {"acme", "bob"});
  EXPECT_EQ(Backlog(), (MemoryBacklog{0, 4, 4, {"", Id(1), Id(2)}}));
  EXPECT_EQ(Backlog(2), (MemoryBacklog{0, 4, 2, {Id(1), Id(2)}}));
  ASSERT_TRUE(Take(Step(0, 2)));
  EXPECT_EQ(Backlog(), (MemoryBacklog{2, 4, 4, {"", Id(1)}}));
  ASSERT_TRUE(Take(Step(2, 4)));
  EXPECT_EQ(Backlog(), (MemoryBacklog{4, 4, 4, {}}));
  EXPECT_EQ(Backlog(100, {"acme", "bob"}), (MemoryBacklog{0, 1, 1, {Id(7)}}));
  EXPECT_EQ(Backlog(100, {"other", "ada"}), MemoryBacklog());
}

TEST_P(MemoryIndexContract, KeepsAStepWhole) {
  MemoryStep step = Step(0, 3);
  step.sessions = {Id(1), Id(2)};
  step.reviews = {ReviewOf("a", 1), BareReview("b", 1), ReviewOf("a", 2)};
  step.items = {ItemOf("a"), ItemOf("b", 1.0 / 3)};
  ASSERT_TRUE(Take(step));
  EXPECT_THAT(Reviews(), testing::UnorderedElementsAreArray(step.reviews));
  EXPECT_THAT(Items(), testing::UnorderedElementsAreArray(step.items));
  auto elsewhere = SyncWait(other_handle().ReadMemory(Ada(), Soon()));
  ASSERT_TRUE(elsewhere.ok()) << elsewhere.status();
  EXPECT_THAT(elsewhere->items, testing::UnorderedElementsAreArray(step.items));
}

TEST_P(MemoryIndexContract, GoesWithTheLog) {
  Append(1, 1);
  MemoryStep step = Step(0, 1);
  step.sessions = {Id(1)};
  step.reviews = {ReviewOf("a", 1)};
  step.items = {ItemOf("a")};
  step.settings.set_daily_minutes(7);
  ASSERT_TRUE(Take(step));
  ASSERT_TRUE(SyncWait(made_->log().Erase(Ada(), At(2000), Soon())).ok());
  EXPECT_EQ(Backlog(), MemoryBacklog());
  EXPECT_THAT(Reviews(), testing::IsEmpty());
  const auto newest = SyncWait(index().NewestReviews(Ada(), step.reviews[0].pack, 10, Soon()));
  ASSERT_TRUE(newest.ok()) << newest.status();
  EXPECT_THAT(*newest, testing::IsEmpty());
  EXPECT_THAT(Items(), testing::IsEmpty());
  EXPECT_EQ(Memory().settings.ByteSizeLong(), 0);
  EXPECT_FALSE(Take(step)) << "what was derived before";
  EXPECT_FALSE(Take(Step(1, 2)));
  EXPECT_THAT(Items(), testing::IsEmpty());
}

TEST_P(MemoryIndexContract, KeepsTheSettingsOfItsLastStep) {
  EXPECT_EQ(Memory().settings.ByteSizeLong(), 0);
  MemoryStep step = Step(0, 1);
  step.settings.set_rollover_hour(0);
  step.settings.set_time_zone("Europe/Berlin");
  step.settings.set_desired_retention(0.8123456789012345);
  step.settings.add_memory_parameters(1.0 / 3);
  ASSERT_TRUE(Take(step));
  EXPECT_EQ(Memory().settings.SerializeAsString(), step.settings.SerializeAsString());
  ASSERT_TRUE(Take(Step(1, 2)));
  EXPECT_FALSE(Memory().settings.has_rollover_hour());
  EXPECT_EQ(Memory({"acme", "bob"}).settings.ByteSizeLong(), 0);
}

TEST_P(MemoryIndexContract, ReplacesTheReviewsOfASession) {
  MemoryStep step = Step(0, 1);
  step.sessions = {Id(1), Id(2)};
  step.reviews = {ReviewOf("a", 1), ReviewOf("b", 1), ReviewOf("a", 2)};
  step.items = {ItemOf("a"), ItemOf("b")};
  ASSERT_TRUE(Take(step));
  MemoryStep next = Step(1, 2);
  next.sessions = {Id(1)};
  next.reviews = {ReviewOf("c", 1)};
  next.items = {ItemOf("a", 9), ItemOf("c")};
  next.gone = {{kPack, "b"}, {kPack, "never-there"}};
  ASSERT_TRUE(Take(next));
  EXPECT_THAT(Reviews(), testing::UnorderedElementsAre(ReviewOf("a", 2), ReviewOf("c", 1)));
  EXPECT_THAT(Items(), testing::UnorderedElementsAre(ItemOf("a", 9), ItemOf("c")));
}

TEST_P(MemoryIndexContract, FindsTheReviewsAroundSessionsAndItems) {
  MemoryStep step = Step(0, 1);
  step.sessions = {Id(1), Id(2), Id(3)};
  step.reviews = {ReviewOf("a", 1), ReviewOf("b", 1), ReviewOf("a", 2), ReviewOf("c", 2), ReviewOf("d", 3)};
  ASSERT_TRUE(Take(step));
  EXPECT_THAT(Around({Id(1)}, {}),
              testing::UnorderedElementsAre(ReviewOf("a", 1), ReviewOf("a", 2), ReviewOf("b", 1)));
  EXPECT_THAT(Around({Id(3)}, {{kPack, "c"}, {"tenants/acme/packs/other", "a"}}),
              testing::UnorderedElementsAre(ReviewOf("d", 3), ReviewOf("c", 2)));
  EXPECT_THAT(Around({}, {}), testing::IsEmpty());
}

TEST_P(MemoryIndexContract, ListsByPackAndLearner) {
  const std::string other = "tenants/acme/packs/other";
  MemoryStep step = Step(0, 1);
  step.sessions = {Id(1), Id(2)};
  step.reviews = {ReviewOf("a", 1), ReviewOf("a", 2, other)};
  ASSERT_TRUE(Take(step));
  EXPECT_THAT(Reviews(other), testing::ElementsAre(ReviewOf("a", 2, other)));
  EXPECT_THAT(Reviews("", {"acme", "bob"}), testing::IsEmpty());
  EXPECT_THAT(Reviews("", {"other", "ada"}), testing::IsEmpty());
  EXPECT_THAT(Items({"acme", "bob"}), testing::IsEmpty());
}

TEST_P(MemoryIndexContract, ListsTheNewestFirst) {
  const auto newest = [this](const std::string& pack, int32_t limit, LearnerKey learner = Ada()) {
    auto reviews = SyncWait(index().NewestReviews(std::move(learner), pack, limit, Soon()));
    EXPECT_TRUE(reviews.ok()) << reviews.status();
    return reviews.value_or(std::vector<Review>());
  };
  EXPECT_THAT(newest(kPack, 5), testing::IsEmpty());
  Review tied = ReviewOf("b", 3);  // of the same moment as another: the event's id decides
  tied.session = Id(4);
  tied.event_id = Id(504);
  MemoryStep step = Step(0, 1);
  step.sessions = {Id(1), Id(2), Id(3), Id(4)};
  step.reviews = {ReviewOf("a", 2), ReviewOf("a", 1, "tenants/acme/packs/other"), ReviewOf("c", 1), tied,
                  ReviewOf("a", 3)};
  ASSERT_TRUE(Take(step));
  EXPECT_THAT(newest(kPack, 5),
              testing::ElementsAre(tied, ReviewOf("a", 3), ReviewOf("a", 2), ReviewOf("c", 1)));
  EXPECT_THAT(newest(kPack, 2), testing::ElementsAre(tied, ReviewOf("a", 3)));
  EXPECT_THAT(newest(kPack, 5, {"acme", "bob"}), testing::IsEmpty());
}

TEST_P(MemoryIndexContract, AStepFromElsewhereIsNotTaken) {
  MemoryStep first = Step(0, 2);
  first.sessions = {Id(1)};
  first.reviews = {ReviewOf("a", 1)};
  first.items = {ItemOf("a")};
  ASSERT_TRUE(Take(first));
  for (const int64_t from : {0, 1, 3}) {
    MemoryStep late = Step(from, 5);
    late.sessions = {Id(1)};
    late.reviews = {ReviewOf("z", 1)};
    late.items = {ItemOf("a", 50)};
    EXPECT_FALSE(Take(late)) << from;
  }
  EXPECT_THAT(Reviews(), testing::ElementsAre(ReviewOf("a", 1)));
  EXPECT_THAT(Items(), testing::ElementsAre(ItemOf("a")));
  EXPECT_EQ(SyncWait(index().Take(Step(2, 2), Soon())).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_P(MemoryIndexContract, OfManyWhoTakeTheSameStepOneDoes) {
  std::atomic<int> taken = 0;
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      MemoryIndex& handle = t % 2 == 0 ? index() : other_handle();
      for (int64_t at = 0; at < 10; ++at) {
        MemoryStep step = Step(at, at + 1);
        step.items = {ItemOf("a", static_cast<double>(at + 1))};
        auto outcome = SyncWait(handle.Take(step, Soon()));
        EXPECT_TRUE(outcome.ok()) << outcome.status();
        if (outcome.value_or(false)) ++taken;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  // Whoever was behind took nothing; the steps that were taken lead on from one another.
  const std::vector<MemoryItem> items = Items();
  ASSERT_EQ(items.size(), 1);
  EXPECT_EQ(items[0].memory.stability, static_cast<double>(taken));
  EXPECT_GE(taken, 1);
  EXPECT_LE(taken, 10);
}

TEST_P(MemoryIndexContract, WhatComesTooLateIsNotTaken) {
  EXPECT_EQ(SyncWait(index().Take(Step(0, 1), absl::Now() - absl::Seconds(1))).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_TRUE(Take(Step(0, 1)));
}

TEST_P(MemoryIndexContract, AWalkMeetsWhoHasBeenQuiet) {
  Append(1, 1);
  Append(1, 9, {"acme", "bob"});
  Append(2, 1);
  EXPECT_EQ(Walk(At(10999)).to, 0) << "the first event is not old enough";
  // Ada's last event is too young, so she is met later.
  MemoryWalk walk = Walk(At(11500));
  EXPECT_THAT(walk.learners, testing::ElementsAre(LearnerKey{"acme", "bob"}));
  EndWalk(walk);
  walk = Walk(At(12000));
  EXPECT_THAT(walk.learners, testing::ElementsAre(Ada()));
  EndWalk(walk);
  walk = Walk(At(20000));
  EXPECT_EQ(walk.to, walk.from);
}

TEST_P(MemoryIndexContract, AWalkGoesAsFarAsItsLimit) {
  for (int i = 1; i <= 5; ++i) Append(i, 1);
  Append(1, 1, {"acme", "bob"});
  const absl::Time late = At(1000000);
  MemoryWalk walk = Walk(late, 3);
  EXPECT_THAT(walk.learners, testing::IsEmpty()) << "more of ada's comes";
  EXPECT_GT(walk.to, walk.from);
  EndWalk(walk);
  walk = Walk(late, 3);
  EXPECT_THAT(walk.learners, testing::UnorderedElementsAre(Ada(), LearnerKey{"acme", "bob"}));
}

TEST_P(MemoryIndexContract, OneWalksAtATime) {
  Append(1, 1);
  const absl::Time late = At(1000000);
  const MemoryWalk walk = Walk(late);
  ASSERT_THAT(walk.learners, testing::SizeIs(1));
  auto held = SyncWait(
      other_handle().BeginWalk(late + absl::Seconds(59), absl::Seconds(10), absl::Minutes(1), 9, Soon()));
  ASSERT_TRUE(held.ok()) << held.status();
  EXPECT_EQ(held->to, held->from);
  EXPECT_THAT(held->learners, testing::IsEmpty());
  // Who did not come back is not waited for.
  EXPECT_THAT(Walk(late + absl::Seconds(60)).learners, testing::SizeIs(1));
  EndWalk(walk);
  EndWalk(walk);  // again: it has been taken on
  EXPECT_EQ(Walk(late + absl::Minutes(5)).learners.size(), 0);
}

// The clock was ahead by an hour and has been set right since.
TEST_P(MemoryIndexContract, AWalkOfAClockThatWasSetBackIsOver) {
  Append(1, 1);
  const absl::Time ahead = At(3600000);
  ASSERT_THAT(Walk(ahead).learners, testing::SizeIs(1));
  EXPECT_THAT(Walk(ahead - absl::Minutes(9)).learners, testing::IsEmpty());
  EXPECT_THAT(Walk(ahead - absl::Minutes(10)).learners, testing::SizeIs(1));
  EXPECT_THAT(Walk(At(500)).learners, testing::SizeIs(1)) << "an event of the future is an old one";
}

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_INDEX_MEMORY_INDEX_CONTRACT_H_
