// The contract of LiveStore as tests, run against every implementation:
//   INSTANTIATE_TEST_SUITE_P(Redis, LiveStoreContract, testing::Values(LiveStoreMaker([] { return ...; })));
#ifndef GREENROOM_SERVICES_SESSION_LIVE_LIVE_STORE_CONTRACT_H_
#define GREENROOM_SERVICES_SESSION_LIVE_LIVE_STORE_CONTRACT_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "services/session/live/live_store.h"

namespace greenroom::session {

// An empty store for one test.
class LiveStoreUnderTest {
 public:
  virtual ~LiveStoreUnderTest() = default;
  virtual LiveStore& store() = 0;
  // A second client of the same store, as another replica has.
  virtual LiveStore& other_handle() { return store(); }
  // The store loses everything.
  virtual void Flush() = 0;
  // The store's process is replaced by another that has the same data; returns when it serves.
  virtual void Restart() = 0;
  // Makes what is stored for a session look as if written with this format.
  virtual void SetFormat(const SessionKey& session, int32_t format) = 0;
  // The seqs that were published for the session so far, in order, once `count` of them are there (or 5 s passed).
  virtual std::vector<int64_t> WakeUps(const SessionKey& session, size_t count) = 0;
  // Before anything whose wake-ups are to be seen.
  virtual void WatchWakeUps(const SessionKey& /*session*/) {}
};
using LiveStoreMaker = std::function<std::unique_ptr<LiveStoreUnderTest>()>;

class LiveStoreContract : public testing::TestWithParam<LiveStoreMaker> {
 protected:
  LiveStoreContract() : made_(GetParam()()) {}

  LiveStoreUnderTest& made() { return *made_; }
  LiveStore& store() { return made_->store(); }
  static absl::Time Soon() { return absl::Now() + absl::Seconds(20); }
  static absl::Time At(int64_t ms) { return absl::FromUnixMillis(1700000000000 + ms); }

  LiveView Begin(std::string open_write = "", bool with_drafts = false, absl::Time now = At(0)) {
    auto view = SyncWait(store().Begin(key_, {std::move(open_write), with_drafts}, now, Soon()));
    EXPECT_TRUE(view.ok()) << view.status();
    return view.value_or(LiveView());
  }
  PutOutcome Put(LiveWrite write) {
    auto outcome = SyncWait(store().Put(key_, std::move(write), Soon()));
    EXPECT_TRUE(outcome.ok()) << outcome.status();
    return outcome.value_or(PutOutcome::kNotNewer);
  }
  PutOutcome PutState(std::string bytes, int64_t seq, bool rebuilt = false) {
    LiveWrite write;
    write.bytes = std::move(bytes);
    write.seq = seq;
    write.head = {seq, At(seq)};
    write.rebuilt = rebuilt;
    return Put(std::move(write));
  }
  absl::Duration SaveDraft(std::string text, absl::Time now, std::string question = "q1") {
    auto left = SyncWait(store().SaveDraft(key_, std::move(question), std::move(text), now, Soon()));
    EXPECT_TRUE(left.ok()) << left.status();
    return left.value_or(absl::InfiniteDuration());
  }

  const SessionKey key_ = {{"acme", "ada"}, "5f0c3c58-0000-4000-8000-000000000001"};
  const SessionKey other_session_ = {{"acme", "ada"}, "5f0c3c58-0000-4000-8000-000000000002"};

 private:
  std::unique_ptr<LiveStoreUnderTest> made_;
};

TEST_P(LiveStoreContract, NothingIsStoredAtFirst) {
  LiveView view = Begin("", true);
  EXPECT_FALSE(view.state.has_value());
  EXPECT_FALSE(view.head.has_value());
  EXPECT_THAT(view.drafts, testing::IsEmpty());
  EXPECT_FALSE(view.oldest_open_write.has_value());
}

TEST_P(LiveStoreContract, GivesBackEveryByte) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  EXPECT_EQ(PutState(bytes, 3), PutOutcome::kWritten);
  LiveView view = Begin();
  ASSERT_TRUE(view.state.has_value());
  EXPECT_EQ(view.state->bytes, bytes);
  EXPECT_EQ(view.state->seq, 3);
  EXPECT_EQ(view.state->format, kLiveStateFormat);
  EXPECT_TRUE(view.state->same_run);
  EXPECT_EQ(view.head, (LogHead{3, At(3)}));
}

TEST_P(LiveStoreContract, OnlyAHigherSeqIsWritten) {
  EXPECT_EQ(PutState("three", 3), PutOutcome::kWritten);
  EXPECT_EQ(PutState("two", 2), PutOutcome::kNotNewer);
  EXPECT_EQ(PutState("two", 2, /*rebuilt=*/true), PutOutcome::kNotNewer);
  EXPECT_EQ(PutState("three again", 3), PutOutcome::kNotNewer);
  EXPECT_EQ(Begin().state->bytes, "three");
  EXPECT_EQ(PutState("three repaired", 3, /*rebuilt=*/true), PutOutcome::kWritten);
  EXPECT_EQ(Begin().state->bytes, "three repaired");
  EXPECT_EQ(PutState("ten", 10), PutOutcome::kWritten);  // ten is above three, also where numbers are texts
  EXPECT_EQ(PutState("nine", 9), PutOutcome::kNotNewer);
  EXPECT_EQ(Begin().state->seq, 10);
}

TEST_P(LiveStoreContract, LargeSeqsKeepTheirOrder) {
  constexpr int64_t kLarge = (int64_t{1} << 53) + 1;  // not a double
  EXPECT_EQ(PutState("a", kLarge), PutOutcome::kWritten);
  EXPECT_EQ(Begin().state->seq, kLarge);
  EXPECT_EQ(PutState("b", kLarge + 1), PutOutcome::kWritten);
  EXPECT_EQ(PutState("c", kLarge), PutOutcome::kNotNewer);
  EXPECT_EQ(Begin().state->bytes, "b");
}

TEST_P(LiveStoreContract, AnotherRunsStateIsMarkedAndReplaced) {
  EXPECT_EQ(PutState("old", 7), PutOutcome::kWritten);
  made().Restart();
  ASSERT_TRUE(Begin().state.has_value());
  EXPECT_FALSE(Begin().state->same_run);
  EXPECT_EQ(PutState("new", 5),
            PutOutcome::kWritten);  // fenced: what an earlier run stored does not win by its seq
  EXPECT_TRUE(Begin().state->same_run);
  EXPECT_EQ(Begin().state->bytes, "new");
}

TEST_P(LiveStoreContract, AnOlderFormatIsReplacedAndANewerOneLeftAlone) {
  EXPECT_EQ(PutState("older", 7), PutOutcome::kWritten);
  made().SetFormat(key_, kLiveStateFormat - 1);
  EXPECT_EQ(Begin().state->format, kLiveStateFormat - 1);
  EXPECT_EQ(PutState("ours", 7), PutOutcome::kWritten);
  EXPECT_EQ(Begin().state->format, kLiveStateFormat);
  made().SetFormat(key_, kLiveStateFormat + 1);
  EXPECT_EQ(PutState("ours again", 99, /*rebuilt=*/true), PutOutcome::kNewerFormat);
  EXPECT_EQ(Begin().state->bytes, "ours");
  EXPECT_EQ(Begin().state->format, kLiveStateFormat + 1);
}

TEST_P(LiveStoreContract, AFlushLosesEverything) {
  EXPECT_EQ(PutState("state", 7), PutOutcome::kWritten);
  EXPECT_EQ(SaveDraft("draft", At(0)), absl::ZeroDuration());
  made().Flush();
  LiveView view = Begin("", true);
  EXPECT_FALSE(view.state.has_value());
  EXPECT_FALSE(view.head.has_value());
  EXPECT_THAT(view.drafts, testing::IsEmpty());
  EXPECT_EQ(PutState("rebuilt", 7), PutOutcome::kWritten);
}

TEST_P(LiveStoreContract, TheHeadIsTheLearnersAndOnlyRises) {
  EXPECT_EQ(PutState("a", 7), PutOutcome::kWritten);
  LiveWrite write;
  write.bytes = "b";
  write.seq = 5;
  write.head = {5, At(5)};
  ASSERT_TRUE(SyncWait(store().Put(other_session_, write, Soon())).ok());
  EXPECT_EQ(Begin().head, (LogHead{7, At(7)}));
  write.seq = 8;
  write.head = {9, At(9)};  // the log is known further than the state
  ASSERT_TRUE(SyncWait(store().Put(other_session_, write, Soon())).ok());
  EXPECT_EQ(Begin().head, (LogHead{9, At(9)}));
  EXPECT_EQ(Begin().state->seq, 7);
  const SessionKey stranger = {{"acme", "bob"}, key_.session};
  EXPECT_FALSE(SyncWait(store().Begin(stranger, {}, At(0), Soon()))->head.has_value());
}

TEST_P(LiveStoreContract, AnErasedLearnerIsGoneAndNobodyElse) {
  EXPECT_EQ(PutState("state", 3), PutOutcome::kWritten);
  EXPECT_EQ(SaveDraft("a draft", At(0)), absl::ZeroDuration());
  const SessionKey bobs = {{"acme", "bob"}, key_.session};
  LiveWrite write;
  write.bytes = "bob's";
  write.seq = write.head.seq = 1;
  ASSERT_TRUE(SyncWait(store().Put(bobs, write, Soon())).ok());
  const std::vector<std::string> sessions = {key_.session, other_session_.session};
  EXPECT_TRUE(SyncWait(store().Erase(key_.learner, sessions, Soon())).ok());
  EXPECT_TRUE(SyncWait(store().RewriteFiles(Soon())).ok());
  const LiveView view = Begin("", true);
  EXPECT_FALSE(view.state.has_value());
  EXPECT_FALSE(view.head.has_value());
  EXPECT_THAT(view.drafts, testing::IsEmpty());
  EXPECT_TRUE(SyncWait(store().Begin(bobs, {}, At(0), Soon()))->state.has_value());
  EXPECT_TRUE(SyncWait(store().Erase(key_.learner, sessions, Soon())).ok()) << "again";
}

TEST_P(LiveStoreContract, OpenWritesAreSeenByOthers) {
  EXPECT_FALSE(Begin("w1", false, At(0)).oldest_open_write.has_value());  // not one's own
  EXPECT_FALSE(Begin("w1", false, At(500)).oldest_open_write.has_value());
  EXPECT_EQ(Begin("", false, At(2500)).oldest_open_write,
            absl::Milliseconds(2500));  // since it was first opened
  EXPECT_EQ(Begin("w2", false, At(3000)).oldest_open_write, absl::Milliseconds(3000));
  EXPECT_EQ(Begin("w1", false, At(3500)).oldest_open_write, absl::Milliseconds(500));
  EXPECT_EQ(Begin("", false, At(-100)).oldest_open_write, absl::ZeroDuration());  // a clock that is behind
}

TEST_P(LiveStoreContract, PutClosesTheWrite) {
  Begin("w1", false, At(0));
  Begin("w2", false, At(100));
  LiveWrite write;
  write.bytes = "s";
  write.seq = 3;
  write.head = {3, At(3)};
  write.close_write = "w1";
  EXPECT_EQ(Put(write), PutOutcome::kWritten);
  EXPECT_EQ(Begin("", false, At(1100)).oldest_open_write, absl::Milliseconds(1000));
  write.close_write = "w2";
  EXPECT_EQ(Put(write), PutOutcome::kNotNewer);  // closed all the same
  EXPECT_FALSE(Begin("", false, At(1100)).oldest_open_write.has_value());
}

TEST_P(LiveStoreContract, OldWritesAreClosedTogether) {
  Begin("w1", false, At(0));
  Begin("w2", false, At(100));
  Begin("w3", false, At(200));
  ASSERT_TRUE(SyncWait(store().Close(key_, "w2", At(100), Soon())).ok());  // w1 by its time, w2 by its name
  EXPECT_EQ(Begin("", false, At(1200)).oldest_open_write, absl::Milliseconds(1000));
  LiveWrite write;
  write.bytes = "s";
  write.seq = 3;
  write.head = {3, At(3)};
  write.close_opened_before = At(201);
  EXPECT_EQ(Put(write), PutOutcome::kWritten);
  EXPECT_FALSE(Begin("", false, At(1200)).oldest_open_write.has_value());
  ASSERT_TRUE(SyncWait(store().Close(key_, "never opened", absl::InfinitePast(), Soon())).ok());
  ASSERT_TRUE(SyncWait(store().Close(other_session_, "", At(0), Soon())).ok());
  EXPECT_FALSE(SyncWait(store().Begin(other_session_, {}, At(0), Soon()))->state.has_value());
}

TEST_P(LiveStoreContract, ADraftOfAClockThatWasSetBackIsOld) {
  EXPECT_EQ(SaveDraft("an hour ahead", At(3600000)), absl::ZeroDuration());
  EXPECT_EQ(SaveDraft("a minute ahead", At(3540000)), kDraftInterval);
  EXPECT_EQ(SaveDraft("now", At(0)), absl::ZeroDuration());
  EXPECT_EQ(Begin("", true).drafts["q1"], (LiveDraft{"now", At(0)}));
  EXPECT_EQ(SaveDraft("too soon", At(1000)), absl::Milliseconds(2000));
}

TEST_P(LiveStoreContract, DraftsAreKeptAtMostEveryThreeSeconds) {
  EXPECT_EQ(SaveDraft("one", At(0)), absl::ZeroDuration());
  EXPECT_EQ(SaveDraft("two", At(1000)), absl::Milliseconds(2000));
  EXPECT_EQ(SaveDraft("other", At(1000), "q2"), absl::ZeroDuration());
  EXPECT_EQ(SaveDraft("three", At(2999)), absl::Milliseconds(1));
  EXPECT_EQ(SaveDraft("earlier", At(-5000)), kDraftInterval);  // a clock that is behind
  LiveView view = Begin("", true);
  EXPECT_THAT(view.drafts, testing::UnorderedElementsAre(testing::Pair("q1", LiveDraft{"one", At(0)}),
                                                         testing::Pair("q2", LiveDraft{"other", At(1000)})));
  EXPECT_EQ(SaveDraft("four", At(3000)), absl::ZeroDuration());
  EXPECT_EQ(Begin("", true).drafts["q1"], (LiveDraft{"four", At(3000)}));
  EXPECT_THAT(Begin("", false).drafts, testing::IsEmpty());
  EXPECT_FALSE(view.state.has_value());
}

TEST_P(LiveStoreContract, EmptyTextRemovesTheDraft) {
  EXPECT_EQ(SaveDraft("one", At(0)), absl::ZeroDuration());
  EXPECT_EQ(SaveDraft("", At(10)), absl::ZeroDuration());
  EXPECT_THAT(Begin("", true).drafts, testing::IsEmpty());
  EXPECT_EQ(SaveDraft("", At(20)), absl::ZeroDuration());
  EXPECT_EQ(SaveDraft("two", At(30)), absl::ZeroDuration());
}

TEST_P(LiveStoreContract, ASubmittedDraftIsCleared) {
  SaveDraft("one", At(0), "q1");
  SaveDraft("two", At(0), "q2");
  LiveWrite write;
  write.bytes = "s";
  write.seq = 3;
  write.head = {3, At(3)};
  write.clear_draft = "q1";
  EXPECT_EQ(Put(write), PutOutcome::kWritten);
  EXPECT_THAT(Begin("", true).drafts, testing::ElementsAre(testing::Pair("q2", testing::_)));
}

TEST_P(LiveStoreContract, DraftsMayHoldAnything) {
  std::string text(size_t{32} * 1024, 'x');
  text.replace(0, 24, "\"quotes\" {braces} \n\t\\ \xc3\xa4");
  EXPECT_EQ(SaveDraft(text, At(0), "a-question"), absl::ZeroDuration());
  EXPECT_EQ(Begin("", true).drafts["a-question"].text, text);
}

TEST_P(LiveStoreContract, OneOfManyDraftsAtOnceIsKept) {
  std::atomic<int> kept = 0;
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      LiveStore& handle = t % 2 == 0 ? store() : made().other_handle();
      auto left = SyncWait(handle.SaveDraft(key_, "q1", "text", At(0), Soon()));
      EXPECT_TRUE(left.ok()) << left.status();
      if (left.ok() && *left == absl::ZeroDuration()) ++kept;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(kept, 1);
}

TEST_P(LiveStoreContract, OfManyStatesAtOnceTheHighestStays) {
  std::vector<std::thread> threads;
  for (int64_t t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      LiveStore& handle = t % 2 == 0 ? store() : made().other_handle();
      for (int64_t seq = t + 1; seq <= 80; seq += 8) {
        LiveWrite write;
        write.bytes = std::to_string(seq);
        write.seq = seq;
        write.head = {seq, At(seq)};
        EXPECT_TRUE(SyncWait(handle.Put(key_, write, Soon())).ok());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Begin().state->bytes, "80");
  EXPECT_EQ(Begin().head->seq, 80);
}

TEST_P(LiveStoreContract, WhatIsWrittenWakesTheWatchers) {
  made().WatchWakeUps(key_);
  PutState("three", 3);
  PutState("two", 2);
  PutState("four", 4);
  EXPECT_THAT(made().WakeUps(key_, 2), testing::ElementsAre(3, 4));
}

TEST_P(LiveStoreContract, ADeadlineThatHasPassedIsToldSo) {
  EXPECT_EQ(SyncWait(store().Begin(key_, {}, At(0), absl::Now() - absl::Seconds(1))).status().code(),
            absl::StatusCode::kDeadlineExceeded);
}

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_LIVE_LIVE_STORE_CONTRACT_H_
