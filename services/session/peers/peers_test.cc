// What stands before the peers: the breaker and the catalogue's memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "services/base/fake_clock.h"
#include "services/base/status.h"
#include "services/session/peers/breaker_grader.h"
#include "services/session/peers/cached_catalogue.h"
#include "services/session/peers/fake_catalogue.h"
#include "services/session/peers/fake_grader.h"

namespace greenroom::session {
namespace {

OutgoingCall Soon() { return OutgoingCall(absl::Now() + absl::Seconds(10)); }

class BreakerTest : public ::testing::Test {
 protected:
  absl::Status Grade() { return SyncWait(breaker_.Grade({"acme", "ada"}, "q", "text", {}, Soon())).status(); }
  int asked() { return grader_.gate().calls("Grade"); }

  FakeClock clock_;
  FakeGrader grader_;
  BreakerGrader breaker_{grader_, clock_};
};

TEST_F(BreakerTest, AfterFiveFailuresInARowTheGraderIsNotAskedForASecond) {
  grader_.gate().Fail("Grade", absl::DeadlineExceededError("slow"));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Grade().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(Grade().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(asked(), 5);
  clock_.Advance(absl::Milliseconds(999));
  EXPECT_EQ(Grade().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(asked(), 5);
  clock_.Advance(absl::Milliseconds(1));
  EXPECT_EQ(Grade().code(), absl::StatusCode::kDeadlineExceeded);  // one tries
  EXPECT_EQ(Grade().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(asked(), 6);
  clock_.Advance(absl::Seconds(1));
  grader_.gate().Heal();
  EXPECT_TRUE(Grade().ok());
  EXPECT_TRUE(Grade().ok());
  EXPECT_EQ(asked(), 8);
}

TEST_F(BreakerTest, WhileOneTriesTheOthersDoNot) {
  grader_.gate().Fail("Grade", absl::UnavailableError("down"));
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(Grade().ok());
  clock_.Advance(absl::Seconds(1));
  grader_.gate().Heal();
  grader_.gate().Stall("Grade");
  bool done = false;
  StartTask(breaker_.Grade({"acme", "ada"}, "q", "text", {}, Soon()),
            [&](auto report) { done = report.ok(); });
  EXPECT_EQ(Grade().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(asked(), 6);
  grader_.gate().Heal();
  EXPECT_TRUE(done);
}

TEST_F(BreakerTest, SuccessesOwnFailuresAndCancellationsAreNotFailures) {
  for (int round = 0; round < 3; ++round) {
    grader_.gate().Fail("Grade", absl::UnavailableError("down"), 4);
    for (int i = 0; i < 4; ++i) EXPECT_FALSE(Grade().ok());
    if (round == 0) {
      EXPECT_TRUE(Grade().ok());
    } else {
      grader_.gate().Fail(
          "Grade",
          ErrorBuilder(absl::StatusCode::kInvalidArgument, "QUESTION_NOT_GRADABLE", "no rubric").Build(), 1);
      EXPECT_FALSE(Grade().ok());
    }
  }
  grader_.gate().Fail("Grade", absl::CancelledError("gone"), 20);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Grade().code(), absl::StatusCode::kCancelled);
}

TEST(OwnFailure, IsWhatAskingAgainDoesNotChange) {
  const auto status = [](absl::StatusCode code) { return ErrorBuilder(code, "SOME_REASON", "text").Build(); };
  EXPECT_EQ(OwnFailure(status(absl::StatusCode::kInvalidArgument)), "SOME_REASON");
  EXPECT_EQ(OwnFailure(status(absl::StatusCode::kNotFound)), "SOME_REASON");
  for (absl::StatusCode code : {absl::StatusCode::kUnavailable, absl::StatusCode::kDeadlineExceeded,
                                absl::StatusCode::kUnauthenticated, absl::StatusCode::kInternal}) {
    EXPECT_EQ(OwnFailure(status(code)), "");
  }
  EXPECT_EQ(OwnFailure(absl::OkStatus()), "");
}

class CachedCatalogueTest : public ::testing::Test {
 protected:
  CachedCatalogueTest() { source_.Publish("p", Revision("r1")); }
  static RevisionContent Revision(const std::string& name, size_t bytes = 10) {
    RevisionContent content;
    content.name = name;
    content.questions.emplace_back();
    content.questions[0].set_id("q");
    content.questions[0].set_prompt(std::string(bytes, 'x'));
    return content;
  }
  absl::StatusOr<PackSummary> Pack(Freshness freshness) {
    return SyncWait(cached_.GetPack({"acme", "ada"}, "p", freshness, Soon()));
  }
  absl::Status Content(const std::string& name) {
    return SyncWait(cached_.GetRevision({"acme", "ada"}, name, Soon())).status();
  }
  int revisions_asked() { return source_.gate().calls("GetRevision"); }
  int packs_asked() { return source_.gate().calls("GetPack"); }

  FakeClock clock_;
  FakeCatalogue source_;
  CachedCatalogue cached_{source_, clock_, {.max_revision_bytes = 2500}};
};

TEST_F(CachedCatalogueTest, ARevisionIsAskedForOnce) {
  EXPECT_TRUE(Content("r1").ok());
  source_.gate().Fail("", absl::UnavailableError("down"));
  EXPECT_TRUE(Content("r1").ok());
  EXPECT_EQ(revisions_asked(), 1);
  EXPECT_EQ(ReasonOf(Content("r2")), "DEPENDENCY_UNAVAILABLE");
}

TEST_F(CachedCatalogueTest, TheLeastUsedRevisionIsGivenUpFirst) {
  for (const char* name : {"a", "b", "c"}) source_.Publish("p", Revision(name, 1000));
  EXPECT_TRUE(Content("a").ok());
  EXPECT_TRUE(Content("b").ok());
  EXPECT_TRUE(Content("a").ok());
  EXPECT_TRUE(Content("c").ok());
  EXPECT_EQ(revisions_asked(), 3);
  EXPECT_TRUE(Content("a").ok());
  EXPECT_EQ(revisions_asked(), 3);
  EXPECT_TRUE(Content("b").ok());
  EXPECT_EQ(revisions_asked(), 4);
}

TEST_F(CachedCatalogueTest, WhatIsNotThereIsNotRemembered) {
  EXPECT_EQ(ReasonOf(Content("new")), "REVISION_NOT_FOUND");
  source_.Publish("p", Revision("new"));
  EXPECT_TRUE(Content("new").ok());
}

TEST_F(CachedCatalogueTest, TheCurrentRevisionIsAlwaysAskedForWhereItMatters) {
  EXPECT_EQ(Pack(Freshness::kCurrent)->current_revision, "r1");
  source_.Publish("p", Revision("r2"));
  EXPECT_EQ(Pack(Freshness::kMayBeStale)->current_revision, "r1");
  EXPECT_EQ(Pack(Freshness::kCurrent)->current_revision, "r2");
  EXPECT_EQ(Pack(Freshness::kMayBeStale)->current_revision, "r2");
  EXPECT_EQ(packs_asked(), 2);
  clock_.Advance(absl::Seconds(16));
  EXPECT_TRUE(Pack(Freshness::kMayBeStale).ok());
  EXPECT_EQ(packs_asked(), 3);
}

TEST_F(CachedCatalogueTest, AnOldAnswerIsBetterThanNoneWhereItMayBeStale) {
  EXPECT_TRUE(Pack(Freshness::kCurrent).ok());
  clock_.Advance(absl::Hours(1));
  source_.gate().Stall("GetPack");
  const absl::Time began = absl::Now();
  EXPECT_EQ(Pack(Freshness::kMayBeStale)->current_revision, "r1");
  EXPECT_LT(absl::Now() - began, absl::Seconds(1));
  EXPECT_EQ(Pack(Freshness::kMayBeStale)->current_revision, "r1");
  EXPECT_EQ(packs_asked(), 2);  // it is left alone for a while
  clock_.Advance(absl::Seconds(6));
  source_.gate().Heal();
  source_.Publish("p", Revision("r2"));
  EXPECT_EQ(Pack(Freshness::kMayBeStale)->current_revision, "r2");
}

TEST_F(CachedCatalogueTest, WithoutAnyAnswerItSaysSo) {
  source_.gate().Fail("", absl::UnavailableError("down"));
  EXPECT_FALSE(Pack(Freshness::kCurrent).ok());
  EXPECT_FALSE(Pack(Freshness::kMayBeStale).ok());
  EXPECT_EQ(packs_asked(), 1);
}

}  // namespace
}  // namespace greenroom::session
