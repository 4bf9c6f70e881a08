// The contract of GradebookStore as tests, run against every implementation.
#ifndef GREENROOM_SERVICES_SESSION_GRADEBOOK_GRADEBOOK_STORE_CONTRACT_H_
#define GREENROOM_SERVICES_SESSION_GRADEBOOK_GRADEBOOK_STORE_CONTRACT_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/session/domain/wire_time.h"
#include "services/session/gradebook/gradebook_store.h"
#include "services/session/log/event_log.h"

namespace greenroom::session {

// An empty store over an empty log for one test; the other handle is over the same store, as another replica's is.
class GradebookUnderTest {
 public:
  virtual ~GradebookUnderTest() = default;
  virtual EventLog& log() = 0;
  virtual GradebookStore& store() = 0;
  virtual GradebookStore& other_handle() { return store(); }
};
using GradebookMaker = std::function<std::unique_ptr<GradebookUnderTest>()>;

class GradebookStoreContract : public testing::TestWithParam<GradebookMaker> {
 protected:
  GradebookStoreContract() : made_(GetParam()()) {}

  GradebookStore& store() { return made_->store(); }
  GradebookStore& other() { return made_->other_handle(); }
  static absl::Time Soon() { return absl::Now() + absl::Seconds(20); }
  static absl::Time At(int64_t seconds) { return absl::FromUnixSeconds(1700000000 + seconds); }
  static std::string Id(int number) { return absl::StrFormat("%08x-0000-4000-8000-000000000000", number); }

  // A session of the learner's, created at that second; one event a learner.
  void CreateSession(const std::string& tenant, const std::string& learner, int id, int64_t second,
                     const std::vector<std::string>& questions = {}) {
    Event event;
    event.learner = {tenant, learner};
    event.seq = 1;
    event.event_id = event.session = Id(id);
    event.occurred_time = event.received_time = At(second);
    event.payload.mutable_created()->set_revision("tenants/acme/packs/p/revisions/r1");
    event.payload.mutable_created()->mutable_questions()->Assign(questions.begin(), questions.end());
    event.kind = KindOf(event.payload);
    const auto written = SyncWait(made_->log().Append({event}, Soon()));
    ASSERT_TRUE(written.ok()) << written.status();
  }
  static StoredRegrade Regrade(int id, const std::string& tenant = "acme") {
    StoredRegrade regrade;
    regrade.tenant = tenant;
    regrade.id = Id(id);
    regrade.content_sha256 = "content";
    regrade.regrade.set_name(absl::StrCat("tenants/", tenant, "/regrades/", regrade.id));
    regrade.regrade.set_pack("tenants/acme/packs/p");
    regrade.regrade.add_questions("q1");
    regrade.regrade.set_state(v1::REGRADE_STATE_COMPUTING);
    regrade.regrade.mutable_create_time()->set_seconds(1700000000 + id);
    return regrade;
  }
  void Create(const StoredRegrade& regrade) {
    const auto created = SyncWait(store().CreateRegrade(regrade, Soon()));
    ASSERT_TRUE(created.ok()) << created.status();
    ASSERT_TRUE(*created);
  }
  StoredRegrade Get(int id, const std::string& tenant = "acme") {
    const auto found = SyncWait(other().GetRegrade(tenant, Id(id), Soon()));
    EXPECT_TRUE(found.ok()) << found.status();
    EXPECT_TRUE(found->has_value());
    return **found;
  }
  // The ids, in pages of `limit`.
  std::vector<std::string> Listed(const std::string& pack, int32_t limit) {
    std::vector<std::string> ids;
    RegradePlace place;
    for (;;) {
      const auto page = SyncWait(other().ListRegrades("acme", pack, place, limit, Soon()));
      EXPECT_TRUE(page.ok()) << page.status();
      for (const StoredRegrade& regrade : *page) {
        EXPECT_EQ(regrade.tenant, "acme");
        ids.push_back(regrade.id);
        place = {absl::ToUnixMillis(FromTimestamp(regrade.regrade.create_time())), regrade.id};
      }
      if (page->size() < static_cast<size_t>(limit)) return ids;
    }
  }
  std::optional<StoredRegrade> Take(GradebookStore& from, const std::string& owner, int64_t second) {
    const auto taken = SyncWait(from.TakeRegrade(owner, At(second), absl::Seconds(60), Soon()));
    EXPECT_TRUE(taken.ok()) << taken.status();
    return *taken;
  }
  bool Save(const std::string& owner, const StoredRegrade& regrade, std::vector<StoredChange> changes,
            int64_t lease_until) {
    const auto saved =
        SyncWait(store().SavePiece(owner, regrade, std::move(changes), At(lease_until), Soon()));
    EXPECT_TRUE(saved.ok()) << saved.status();
    return *saved;
  }
  std::optional<StoredRegrade> Move(int id, v1::RegradeState from, v1::RegradeState to) {
    const auto moved = SyncWait(store().MoveRegrade("acme", Id(id), from, to, Soon()));
    EXPECT_TRUE(moved.ok()) << moved.status();
    return *moved;
  }
  static StoredChange Change(const std::string& learner, int answer) {
    StoredChange change;
    change.session = {{"acme", learner}, Id(1)};
    change.answer = Id(answer);
    change.question = "q1";
    change.old_score = 40;
    change.grade.set_answer(change.answer);
    change.grade.set_cause(v1::GRADE_CAUSE_REGRADE);
    change.grade.set_decided_by(Id(1));
    change.grade.mutable_report()->set_grader("g/1");
    change.grade.mutable_report()->add_items()->set_credit(0.25);
    return change;
  }
  std::vector<StoredChange> Changes(int id, ChangeKey after = {}, int32_t limit = 100) {
    const auto changes = SyncWait(other().ListChanges("acme", Id(id), std::move(after), limit, Soon()));
    EXPECT_TRUE(changes.ok()) << changes.status();
    return *changes;
  }
  std::vector<UnseenEvent> TakeUnseen(GradebookStore& from, const std::string& owner, int64_t now,
                                      int64_t settled, int32_t limit = 100) {
    const auto taken =
        SyncWait(from.TakeUnseen(owner, At(now), At(settled), absl::Seconds(60), limit, Soon()));
    EXPECT_TRUE(taken.ok()) << taken.status();
    return *taken;
  }
  bool SaveIndex(const std::string& owner, std::vector<SessionIndex> sessions, int64_t cursor) {
    const auto saved = SyncWait(store().SaveIndex(owner, std::move(sessions), cursor, Soon()));
    EXPECT_TRUE(saved.ok()) << saved.status();
    return *saved;
  }
  // An index of one session, held by "me".
  void Index(std::vector<SessionIndex> sessions) {
    ++touches_;
    CreateSession("acme", absl::StrCat("toucher-", touches_), 9000 + touches_, 0);
    const std::vector<UnseenEvent> unseen = TakeUnseen(store(), "me", 1000, 1000);
    ASSERT_FALSE(unseen.empty());
    ASSERT_TRUE(SaveIndex("me", std::move(sessions), unseen.back().commit_seq));
  }
  static SessionIndex SessionOf(const std::string& learner, const std::string& pack = "p") {
    SessionIndex index;
    index.session = {{"acme", learner}, Id(1)};
    index.pack = absl::StrCat("tenants/acme/packs/", pack);
    return index;
  }
  static ReviewNeed Need(int answer, v1::ReviewReason reason, int64_t second, const std::string& point = "") {
    ReviewNeed need;
    need.answer = Id(answer);
    need.question = "q1";
    need.reason = reason;
    need.point = point;
    need.received_time = At(second);
    return need;
  }
  std::vector<std::string> Review(v1::ReviewReason reason, const std::string& pack, int32_t limit) {
    std::vector<std::string> rows;
    ReviewPlace place;
    place.reason = reason;
    for (;;) {
      const auto page = SyncWait(other().ListReview("acme", pack, place, limit, Soon()));
      EXPECT_TRUE(page.ok()) << page.status();
      for (const ReviewRow& row : *page) {
        rows.push_back(absl::StrCat(row.session.learner.learner, " ", row.need.point, row.claimants));
        place = {reason,
                 row.claimants,
                 row.pack,
                 row.need.question,
                 row.need.point,
                 absl::ToUnixMillis(row.need.received_time),
                 row.session.learner.learner,
                 row.need.answer};
      }
      if (page->size() < static_cast<size_t>(limit)) return rows;
    }
  }

  const std::unique_ptr<GradebookUnderTest> made_;
  int touches_ = 0;
};

TEST_P(GradebookStoreContract, KeepsARegradeUnderItsTenantAndId) {
  CreateSession("acme", "ada", 1, 0);
  Create(Regrade(1));
  StoredRegrade kept = Get(1);
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(kept.regrade, Regrade(1).regrade));
  EXPECT_EQ(kept.content_sha256, "content");
  EXPECT_EQ(kept.until, 1);
  EXPECT_EQ(kept.cursor, 0);
  const auto again = SyncWait(other().CreateRegrade(Regrade(1), Soon()));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_FALSE(*again);
  const auto elsewhere = SyncWait(store().GetRegrade("rival", Id(1), Soon()));
  ASSERT_TRUE(elsewhere.ok()) << elsewhere.status();
  EXPECT_FALSE(elsewhere->has_value());
  Create(Regrade(1, "rival"));
}

TEST_P(GradebookStoreContract, RegradesAreListedTheNewestFirst) {
  for (const int id : {3, 1, 5, 2}) Create(Regrade(id));
  StoredRegrade of_other = Regrade(4);
  of_other.regrade.set_pack("tenants/acme/packs/other");
  of_other.regrade.set_against("tenants/acme/packs/other/revisions/r1");
  Create(of_other);
  StoredRegrade twin = Regrade(6);  // of the same millisecond as 5
  *twin.regrade.mutable_create_time() = Regrade(5).regrade.create_time();
  Create(twin);
  StoredRegrade later = Regrade(7);  // a millisecond after 2
  later.regrade.mutable_create_time()->set_seconds(1700000002);
  later.regrade.mutable_create_time()->set_nanos(1000000);
  Create(later);
  Create(Regrade(8, "rival"));
  for (const int32_t limit : {1, 2, 3, 10}) {
    EXPECT_THAT(Listed("", limit), testing::ElementsAre(Id(6), Id(5), Id(4), Id(3), Id(7), Id(2), Id(1)));
    EXPECT_THAT(Listed("tenants/acme/packs/other", limit), testing::ElementsAre(Id(4)));
    EXPECT_THAT(Listed("tenants/acme/packs/none", limit), testing::IsEmpty());
  }
  const auto kept = SyncWait(other().ListRegrades("acme", "tenants/acme/packs/other", {}, 1, Soon()));
  ASSERT_TRUE(kept.ok()) << kept.status();
  ASSERT_EQ(kept->size(), 1);
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals((*kept)[0].regrade, of_other.regrade));
}

TEST_P(GradebookStoreContract, OneWorkerHoldsARegradeUntilItsLeaseEnds) {
  EXPECT_FALSE(Take(store(), "a", 0).has_value());
  Create(Regrade(2));
  Create(Regrade(1));
  EXPECT_EQ(Take(store(), "a", 0)->id, Id(1));  // the older one
  EXPECT_EQ(Take(other(), "b", 0)->id, Id(2));
  EXPECT_FALSE(Take(other(), "c", 59).has_value());
  EXPECT_EQ(Take(other(), "c", 60)->id, Id(1));
  EXPECT_FALSE(Save("a", Regrade(1), {}, 100)) << "it is c's now";
  // A lease that ends far ahead is of a clock that was set back since.
  EXPECT_EQ(Take(store(), "d", -3600)->id, Id(1));
}

TEST_P(GradebookStoreContract, APieceIsKeptWithHowFarItGoes) {
  Create(Regrade(1));
  StoredRegrade regrade = *Take(store(), "a", 0);
  regrade.cursor = 17;
  regrade.regrade.set_answers(3);
  StoredChange failed = Change("bob", 3);
  failed.old_score.reset();
  failed.new_score = 7;
  failed.overridden = true;
  EXPECT_TRUE(Save("a", regrade, {Change("cyd", 1), failed, Change("bob", 2)}, 100));
  EXPECT_EQ(Get(1).cursor, 17);
  EXPECT_EQ(Get(1).regrade.answers(), 3);
  EXPECT_FALSE(Take(store(), "b", 99).has_value()) << "the lease was made longer";
  const std::vector<StoredChange> changes = Changes(1);
  ASSERT_EQ(changes.size(), 3);
  EXPECT_EQ(changes[0].key(), (ChangeKey{"bob", Id(2)}));
  EXPECT_EQ(changes[0].session, (SessionKey{{"acme", "bob"}, Id(1)}));
  EXPECT_EQ(changes[0].question, "q1");
  EXPECT_EQ(changes[0].old_score, 40);
  EXPECT_EQ(changes[0].new_score, std::nullopt);
  EXPECT_FALSE(changes[0].overridden);
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(changes[0].grade, Change("bob", 2).grade));
  EXPECT_EQ(changes[1].old_score, std::nullopt);
  EXPECT_EQ(changes[1].new_score, 7);
  EXPECT_TRUE(changes[1].overridden);
  EXPECT_EQ(Changes(1, changes[0].key(), 1)[0].key(), changes[1].key());
  EXPECT_EQ(Changes(1, changes[2].key()).size(), 0);
  // Once more, as by a worker that did not hear that it was kept.
  EXPECT_TRUE(Save("a", regrade, {Change("cyd", 1)}, 100));
  EXPECT_EQ(Changes(1).size(), 3);
}

TEST_P(GradebookStoreContract, ARegradeThatIsNotAtWorkIsNobodys) {
  Create(Regrade(1));
  StoredRegrade regrade = *Take(store(), "a", 0);
  regrade.regrade.set_state(v1::REGRADE_STATE_READY);
  EXPECT_TRUE(Save("a", regrade, {}, 100));
  EXPECT_FALSE(Take(store(), "a", 200).has_value());
  EXPECT_FALSE(Save("a", regrade, {}, 100));
  EXPECT_EQ(Move(1, v1::REGRADE_STATE_COMPUTING, v1::REGRADE_STATE_CANCELLED)->regrade.state(),
            v1::REGRADE_STATE_READY);
  const auto applying = Move(1, v1::REGRADE_STATE_READY, v1::REGRADE_STATE_APPLYING);
  EXPECT_EQ(applying->regrade.state(), v1::REGRADE_STATE_APPLYING);
  EXPECT_EQ(applying->regrade.number(), 1);
  EXPECT_EQ(Get(1).regrade.number(), 1);
  StoredRegrade taken = *Take(other(), "b", 0);
  taken.applied = {"bob", Id(2)};
  EXPECT_TRUE(Save("b", taken, {}, 100));
  EXPECT_EQ(Get(1).applied, (ChangeKey{"bob", Id(2)}));
  EXPECT_FALSE(Move(9, v1::REGRADE_STATE_READY, v1::REGRADE_STATE_APPLYING).has_value());
}

TEST_P(GradebookStoreContract, NumbersCountInTheTenantInTheOrderOfApplying) {
  for (int id = 1; id <= 3; ++id) Create(Regrade(id));
  Create(Regrade(4, "rival"));
  for (int id = 1; id <= 3; ++id) {
    StoredRegrade regrade = *Take(store(), "a", 0);
    regrade.regrade.set_state(v1::REGRADE_STATE_READY);
    EXPECT_TRUE(Save("a", regrade, {}, 100));
  }
  EXPECT_EQ(Move(2, v1::REGRADE_STATE_READY, v1::REGRADE_STATE_APPLYING)->regrade.number(), 1);
  EXPECT_EQ(Move(3, v1::REGRADE_STATE_READY, v1::REGRADE_STATE_APPLYING)->regrade.number(), 2);
  EXPECT_EQ(Move(3, v1::REGRADE_STATE_READY, v1::REGRADE_STATE_APPLYING)->regrade.number(), 2);
  EXPECT_EQ(Move(1, v1::REGRADE_STATE_READY, v1::REGRADE_STATE_APPLYING)->regrade.number(), 3);
}

TEST_P(GradebookStoreContract, MovingTakesARegradeFromItsWorker) {
  Create(Regrade(1));
  StoredRegrade regrade = *Take(store(), "a", 0);
  Move(1, v1::REGRADE_STATE_COMPUTING, v1::REGRADE_STATE_CANCELLED);
  regrade.cursor = 5;
  EXPECT_FALSE(Save("a", regrade, {Change("bob", 2)}, 100));
  EXPECT_EQ(Get(1).cursor, 0);
  EXPECT_EQ(Changes(1).size(), 0);
}

TEST_P(GradebookStoreContract, SessionsComeInTheOrderOfTheirCommits) {
  CreateSession("acme", "zoe", 1, 5);
  CreateSession("rival", "eve", 2, 0);
  CreateSession("acme", "ada", 3, 1);
  Create(Regrade(1));
  CreateSession("acme", "bob", 4, 2);
  const int64_t until = Get(1).until;
  const auto all = SyncWait(store().SessionsAfter("acme", 0, until, 10, Soon()));
  ASSERT_TRUE(all.ok()) << all.status();
  ASSERT_EQ(all->size(), 2);
  EXPECT_EQ((*all)[0].session, (SessionKey{{"acme", "zoe"}, Id(1)}));
  EXPECT_EQ((*all)[1].session, (SessionKey{{"acme", "ada"}, Id(3)}));
  const auto first = SyncWait(store().SessionsAfter("acme", 0, until, 1, Soon()));
  ASSERT_EQ(first->size(), 1);
  const auto rest = SyncWait(store().SessionsAfter("acme", (*first)[0].commit_seq, until, 10, Soon()));
  ASSERT_EQ(rest->size(), 1);
  EXPECT_EQ((*rest)[0].session, (*all)[1].session);
}

TEST_P(GradebookStoreContract, PlansComeNewestFirst) {
  const auto plans = [this](const std::string& tenant, int32_t limit) {
    auto read = SyncWait(other().NewestPlans(tenant, limit, Soon()));
    EXPECT_TRUE(read.ok()) << read.status();
    return read.value_or(std::vector<SessionPlan>());
  };
  EXPECT_THAT(plans("acme", 10), testing::IsEmpty());
  CreateSession("acme", "zoe", 1, 5, {"q1"});
  CreateSession("rival", "eve", 2, 0, {"q9"});
  CreateSession("acme", "ada", 3, 1, {"q3", "q2"});
  CreateSession("acme", "bob", 4, 2);
  const auto plan = [](std::vector<std::string> questions) {
    return SessionPlan{"tenants/acme/packs/p", std::move(questions)};
  };
  EXPECT_THAT(plans("acme", 10), testing::ElementsAre(plan({}), plan({"q3", "q2"}), plan({"q1"})));
  EXPECT_THAT(plans("acme", 2), testing::ElementsAre(plan({}), plan({"q3", "q2"})));
  EXPECT_THAT(plans("rival", 2), testing::ElementsAre(plan({"q9"})));
}

TEST_P(GradebookStoreContract, ARegradeThatBeginsAnewDropsItsChanges) {
  Create(Regrade(1));
  Create(Regrade(2));
  StoredRegrade regrade = *Take(store(), "a", 0);
  regrade.cursor = 17;
  EXPECT_TRUE(Save("a", regrade, {Change("bob", 2), Change("cyd", 1)}, 100));
  EXPECT_TRUE(Save("b", *Take(store(), "b", 0), {Change("bob", 2)}, 100));
  regrade.cursor = 0;
  regrade.regrade.set_calibration("another");
  EXPECT_FALSE(*SyncWait(store().RestartRegrade("b", regrade, At(200), Soon())));
  EXPECT_EQ(Changes(1).size(), 2);
  EXPECT_TRUE(*SyncWait(store().RestartRegrade("a", regrade, At(200), Soon())));
  EXPECT_TRUE(Changes(1).empty());
  EXPECT_EQ(Changes(2).size(), 1);
  EXPECT_EQ(Get(1).cursor, 0);
  EXPECT_EQ(Get(1).regrade.calibration(), "another");
  EXPECT_EQ(Take(store(), "c", 150)->id, Id(2)) << "the lease of the other was made longer";
  EXPECT_FALSE(Take(store(), "d", 150).has_value());
}

TEST_P(GradebookStoreContract, DecisionsComeNewestFirstAndAreOfPeople) {
  const auto grade = [&](const std::string& tenant, const std::string& learner, int64_t seq, int id,
                         const std::string& content) {
    Event event;
    event.learner = {tenant, learner};
    event.seq = seq;
    event.event_id = Id(id);
    event.session = Id(1);
    event.occurred_time = event.received_time = At(seq);
    event.payload.mutable_graded()->set_answer(Id(1000 + id));
    event.kind = KindOf(event.payload);
    event.content_sha256 = content;
    ASSERT_TRUE(SyncWait(made_->log().Append({event}, Soon())).ok());
  };
  const auto decisions = [&](int64_t before, int32_t limit) {
    const auto found = SyncWait(other().DecisionsBefore("acme", before, limit, Soon()));
    EXPECT_TRUE(found.ok()) << found.status();
    return *found;
  };
  CreateSession("acme", "bob", 1, 1);
  CreateSession("acme", "cyd", 1, 2);
  CreateSession("rival", "eve", 1, 3);
  grade("acme", "bob", 2, 10, "");  // the grader's
  grade("acme", "bob", 3, 11, "content");
  grade("rival", "eve", 2, 12, "content");
  grade("acme", "cyd", 2, 13, "content");
  grade("acme", "bob", 4, 14, "content");
  const std::vector<Decision> all = decisions(1000, 10);
  ASSERT_EQ(all.size(), 3);
  EXPECT_EQ(all[0].grade, Id(14));
  EXPECT_EQ(all[0].answer, Id(1014));
  EXPECT_EQ(all[1].session, (SessionKey{{"acme", "cyd"}, Id(1)}));
  EXPECT_EQ(all[2].grade, Id(11));
  EXPECT_EQ(decisions(1000, 2).size(), 2);
  ASSERT_EQ(decisions(all[1].commit_seq, 10).size(), 1);
  EXPECT_EQ(decisions(all[1].commit_seq, 10)[0].grade, Id(11));
  ASSERT_TRUE(SyncWait(made_->log().Erase({"acme", "bob"}, At(9), Soon())).ok());
  ASSERT_EQ(decisions(1000, 10).size(), 1);
  EXPECT_EQ(decisions(1000, 10)[0].grade, Id(13));
}

TEST_P(GradebookStoreContract, UnseenEventsAreThoseThatHaveSettled) {
  EXPECT_TRUE(TakeUnseen(store(), "a", 100, 50).empty());
  CreateSession("acme", "ada", 1, 10);
  CreateSession("rival", "eve", 2, 20);
  CreateSession("acme", "bob", 3, 60);
  CreateSession("acme", "cyd", 4, 30);
  const std::vector<UnseenEvent> first = TakeUnseen(store(), "a", 100, 50);
  ASSERT_EQ(first.size(), 2);
  EXPECT_EQ(first[0].session, (SessionKey{{"acme", "ada"}, Id(1)}));
  EXPECT_EQ(first[0].seq, 1);
  EXPECT_EQ(first[1].session, (SessionKey{{"rival", "eve"}, Id(2)}));
  EXPECT_TRUE(TakeUnseen(other(), "b", 159, 50).empty()) << "a holds the index";
  ASSERT_TRUE(SaveIndex("a", {}, first[1].commit_seq));
  EXPECT_TRUE(TakeUnseen(store(), "a", 100, 50).empty());
  const std::vector<UnseenEvent> next = TakeUnseen(store(), "a", 120, 70, 1);
  ASSERT_EQ(next.size(), 1);
  EXPECT_EQ(next[0].session, (SessionKey{{"acme", "bob"}, Id(3)}));
  EXPECT_FALSE(SaveIndex("b", {}, next[0].commit_seq));
  const std::vector<UnseenEvent> taken_over = TakeUnseen(other(), "b", 180, 70);
  EXPECT_EQ(taken_over.size(), 2);
  EXPECT_FALSE(SaveIndex("a", {SessionOf("ada")}, next[0].commit_seq));
  ASSERT_TRUE(SaveIndex("b", {}, taken_over[1].commit_seq));
  // A time far ahead is of a clock that was set back since: it keeps nothing waiting.
  CreateSession("acme", "dan", 5, 7200);
  EXPECT_EQ(TakeUnseen(store(), "b", 200, 180).size(), 1);
}

TEST_P(GradebookStoreContract, AnIndexReplacesWhatThereWasOfTheSession) {
  SessionIndex ada = SessionOf("ada");
  ada.needs = {Need(1, v1::REVIEW_REASON_FAILED, 2), Need(2, v1::REVIEW_REASON_FAILED, 1)};
  SessionIndex bob = SessionOf("bob", "other");
  bob.needs = {Need(3, v1::REVIEW_REASON_FAILED, 1), Need(3, v1::REVIEW_REASON_LOW_CONFIDENCE, 1)};
  Index({ada, bob});
  for (const int32_t limit : {1, 2, 10}) {
    EXPECT_THAT(Review(v1::REVIEW_REASON_FAILED, "", limit), testing::ElementsAre("ada 0", "bob 0", "ada 0"));
  }
  EXPECT_THAT(Review(v1::REVIEW_REASON_FAILED, "tenants/acme/packs/other", 10),
              testing::ElementsAre("bob 0"));
  ada.needs.clear();
  Index({ada});
  EXPECT_THAT(Review(v1::REVIEW_REASON_FAILED, "", 10), testing::ElementsAre("bob 0"));
  EXPECT_THAT(Review(v1::REVIEW_REASON_LOW_CONFIDENCE, "", 10), testing::ElementsAre("bob 0"));
}

TEST_P(GradebookStoreContract, ClaimsComeByHowManyLearnersMakeThem) {
  std::vector<SessionIndex> sessions;
  int answer = 0;
  for (const auto& [learner, points] : std::vector<std::pair<std::string, std::vector<std::string>>>{
           {"ada", {"x", "z"}}, {"bob", {"y"}}, {"cyd", {"y", "x"}}, {"dan", {"y"}}}) {
    SessionIndex index = SessionOf(learner);
    ++answer;
    for (const std::string& point : points) {
      index.needs.push_back(Need(answer, v1::REVIEW_REASON_CLAIMED, answer, point));
    }
    // The same learner once more counts once.
    if (learner == "ada") index.needs.push_back(Need(50, v1::REVIEW_REASON_CLAIMED, 50, "x"));
    sessions.push_back(std::move(index));
  }
  Index(std::move(sessions));
  for (const int32_t limit : {1, 2, 3, 10}) {
    EXPECT_THAT(Review(v1::REVIEW_REASON_CLAIMED, "", limit),
                testing::ElementsAre("bob y3", "cyd y3", "dan y3", "ada x2", "cyd x2", "ada x2", "ada z1"));
  }
  EXPECT_THAT(Review(v1::REVIEW_REASON_CLAIMED, "tenants/acme/packs/none", 10), testing::IsEmpty());
}

TEST_P(GradebookStoreContract, ScoresComeNewestFirst) {
  SessionIndex ada = SessionOf("ada");
  ada.scored.push_back({Id(1), "q1", 1, 40, At(1), {{"noise", true}, {"unseen", false}}});
  ada.scored.push_back({Id(2), "q1", 2, 60, At(3), {}});
  ada.scored.push_back({Id(3), "q2", 1, 70, At(4), {}});
  SessionIndex bob = SessionOf("bob");
  bob.scored.push_back({Id(4), "q1", 1, 50, At(2), {}});
  Index({ada, bob});
  const auto scored = SyncWait(other().ListScored("acme", "tenants/acme/packs/p", "q1", Soon()));
  ASSERT_TRUE(scored.ok()) << scored.status();
  ASSERT_EQ(scored->size(), 3);
  EXPECT_EQ((*scored)[0], std::pair(std::string("ada"), ada.scored[1]));
  EXPECT_EQ((*scored)[1], std::pair(std::string("bob"), bob.scored[0]));
  EXPECT_EQ((*scored)[2], std::pair(std::string("ada"), ada.scored[0]));
  EXPECT_EQ(SyncWait(store().ListScored("rival", "tenants/acme/packs/p", "q1", Soon()))->size(), 0);
}

TEST_P(GradebookStoreContract, NothingIsBegunAfterTheDeadline) {
  const absl::Time past = absl::Now() - absl::Seconds(1);
  EXPECT_TRUE(absl::IsDeadlineExceeded(SyncWait(store().CreateRegrade(Regrade(1), past)).status()));
  EXPECT_TRUE(absl::IsDeadlineExceeded(SyncWait(store().GetRegrade("acme", Id(1), past)).status()));
  EXPECT_FALSE(SyncWait(store().GetRegrade("acme", Id(1), Soon()))->has_value());
}

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_GRADEBOOK_GRADEBOOK_STORE_CONTRACT_H_
