// How often questions were asked lately, and what looking costs.
#include "services/session/exposures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/base/fake_clock.h"
#include "services/session/gradebook/fake_gradebook_store.h"

namespace greenroom::session {
namespace {

using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr char kPack[] = "tenants/acme/packs/p";

class ExposuresTest : public ::testing::Test {
 protected:
  static absl::Time Soon() { return absl::Now() + absl::Seconds(20); }
  // A session by a learner of its own.
  void Session(std::vector<std::string> questions, const std::string& tenant = "acme",
               const std::string& pack = kPack) {
    Event event;
    event.learner = {tenant, absl::StrCat("learner-", ++sessions_)};
    event.seq = 1;
    event.event_id = event.session = absl::StrCat("session-", sessions_);
    event.occurred_time = event.received_time = clock_.Now();
    v1::Created& created = *event.payload.mutable_created();
    created.set_revision(pack + "/revisions/r1");
    created.mutable_questions()->Assign(questions.begin(), questions.end());
    event.kind = KindOf(event.payload);
    ASSERT_TRUE(SyncWait(log_.Append({event}, Soon())).ok());
  }
  absl::StatusOr<Exposures::Shares> Shares(const std::string& tenant = "acme",
                                           const std::string& pack = kPack) {
    return SyncWait(exposures_.GetShares(tenant, pack, Soon()));
  }
  int asked() const { return store_.gate().calls("NewestPlans"); }

  static ExposureOptions Few() {
    ExposureOptions options;
    options.sessions = 8;
    options.least_sessions = 4;
    options.max_questions = 4;
    return options;
  }

  FakeClock clock_;
  FakeEventLog log_;
  mutable FakeGradebookStore store_{log_};
  Exposures exposures_{store_, clock_, Few()};
  int sessions_ = 0;
};

TEST_F(ExposuresTest, TheShareOfRecentSessions) {
  EXPECT_THAT(*Shares(), IsEmpty());
  clock_.Advance(absl::Minutes(2));
  for (int i = 0; i < 3; ++i) Session({"old"});  // of which one is among the newest eight
  for (int i = 0; i < 4; ++i) Session({"q1", "q1", "q2"});
  Session({"q1"});
  Session({"q9"}, "acme", "tenants/acme/packs/other");
  Session({"q1"}, "rival", "tenants/rival/packs/p");
  Session({"q3"});
  EXPECT_THAT(*Shares(), UnorderedElementsAre(Pair("old", 1 / 7.0), Pair("q1", 5 / 7.0), Pair("q2", 4 / 7.0),
                                              Pair("q3", 1 / 7.0)));
  EXPECT_THAT(*Shares("acme", "tenants/acme/packs/other"), UnorderedElementsAre(Pair("q9", 0.25)))
      << "few sessions are as if there had been four";
  EXPECT_THAT(*Shares("acme", "tenants/acme/packs/none"), IsEmpty());
  EXPECT_THAT(*Shares("rival", "tenants/rival/packs/p"), UnorderedElementsAre(Pair("q1", 0.25)));
}

TEST_F(ExposuresTest, TheStoreIsAskedOnceAMinuteForATenant) {
  Session({"q1"});
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(*Shares(), UnorderedElementsAre(Pair("q1", 0.25)));
    EXPECT_THAT(*Shares("acme", "tenants/acme/packs/other"), IsEmpty());
  }
  EXPECT_EQ(asked(), 1);
  EXPECT_THAT(*Shares("rival", "tenants/rival/packs/p"), IsEmpty());
  EXPECT_EQ(asked(), 2);
  Session({"q1"});
  clock_.Advance(absl::Seconds(61));
  EXPECT_THAT(*Shares(), UnorderedElementsAre(Pair("q1", 0.5)));
  EXPECT_EQ(asked(), 3);
}

TEST_F(ExposuresTest, AStoreThatFailsIsLeftAlone) {
  store_.gate().Fail("NewestPlans", absl::UnavailableError("away"));
  EXPECT_TRUE(absl::IsUnavailable(Shares().status()));
  EXPECT_THAT(*Shares(), IsEmpty()) << "nobody asks again at once";
  EXPECT_EQ(asked(), 1);
  store_.gate().Heal();
  Session({"q1"});
  clock_.Advance(absl::Seconds(6));
  EXPECT_THAT(*Shares(), UnorderedElementsAre(Pair("q1", 0.25)));
  store_.gate().Fail("NewestPlans", absl::UnavailableError("away"));
  clock_.Advance(absl::Seconds(61));
  EXPECT_THAT(*Shares(), UnorderedElementsAre(Pair("q1", 0.25)))
      << "what is remembered is better than nothing";
  EXPECT_EQ(asked(), 3);
}

TEST_F(ExposuresTest, OneWaitsTheOthersGoOn) {
  Session({"q1"});
  ASSERT_THAT(*Shares(), UnorderedElementsAre(Pair("q1", 0.25)));
  Session({"q1"});
  clock_.Advance(absl::Seconds(61));
  store_.gate().Stall("NewestPlans");
  std::optional<absl::StatusOr<Exposures::Shares>> waited;
  std::thread one([&] { waited = Shares(); });
  while (store_.gate().waiting() == 0) std::this_thread::yield();
  EXPECT_THAT(*Shares(), UnorderedElementsAre(Pair("q1", 0.25)));
  store_.gate().Heal();
  one.join();
  EXPECT_THAT(**waited, UnorderedElementsAre(Pair("q1", 0.5)));
}

TEST_F(ExposuresTest, WhatIsRememberedIsBounded) {
  Session({"q1", "q2", "q3"});
  Session({"q1", "q2", "q3"}, "rival", "tenants/rival/packs/p");
  EXPECT_EQ(Shares()->size(), 3);
  EXPECT_EQ(Shares("rival", "tenants/rival/packs/p")->size(), 3) << "which forgets the other";
  EXPECT_EQ(asked(), 2);
  EXPECT_EQ(Shares()->size(), 3);
  EXPECT_EQ(asked(), 3);
}

}  // namespace
}  // namespace greenroom::session
