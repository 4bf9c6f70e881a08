// SyncLearner: when questions are due, wherever an event may have moved that.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "services/session/progress_views.h"
#include "services/session/sync_cursor.h"
#include "services/session/testing/sync_fixture.h"

namespace greenroom::session::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

class SyncDueTest : public SyncTest {
 protected:
  using Progress = v1::ProgressService::Stub;
  static inline const LearnerKey kAda = {"acme", "ada"};

  // What the changes are of, in order: "session 1", "answer 2", "q1 is due", "q1 is not due".
  static std::vector<std::string> Told(const absl::StatusOr<v1::SyncLearnerResponse>& response) {
    if (!response.ok()) return {response.status().ToString()};
    std::vector<std::string> told;
    for (const v1::LearnerChange& change : response->changes()) {
      v1::SyncLearnerResponse one;
      *one.add_changes() = change;
      for (std::string& changed : Changed(one)) told.push_back(std::move(changed));
      if (!change.has_due()) continue;
      told.push_back(
          absl::StrCat(change.due().question(), change.due().has_due_time() ? " is due" : " is not due"));
    }
    return told;
  }
  static std::vector<std::string> DueTold(const absl::StatusOr<v1::SyncLearnerResponse>& response) {
    std::vector<std::string> told = Told(response);
    std::erase_if(told, [](const std::string& change) { return change[0] != 'q'; });
    return told;
  }
  v1::OutboxItem Rating(int number, int session, int second, const std::string& question) {
    v1::OutboxItem item = Item(number, session, second);
    item.mutable_rating()->set_question(question);
    item.mutable_rating()->set_rating(v1::RATING_GOOD);
    return item;
  }
  v1::OutboxItem SkipOf(int number, int session, int second, const std::string& question) {
    v1::OutboxItem item = Item(number, session, second);
    item.mutable_skip()->set_question(question);
    return item;
  }

  // What the index has, as sync should tell it.
  std::map<ItemKey, v1::DueChange> Remembered() {
    const auto memory = SyncWait(server_.memory_deriver.ReadMemory(kAda, absl::Now() + absl::Seconds(10)));
    EXPECT_TRUE(memory.ok()) << memory.status();
    std::map<ItemKey, v1::DueChange> items;
    for (const MemoryItem& item : memory->kept.items) {
      const ItemKey key = {item.pack, item.question};
      items[key] = DueChangeView(key, &item);
    }
    return items;
  }
  // As a replica's worker writes it, which knows the log's head.
  void AppendEvent(const std::string& id, const std::string& session, absl::Time occurred,
                   v1::EventPayload payload) {
    Event event;
    event.learner = kAda;
    event.seq = static_cast<int64_t>(Events().size()) + 1;
    event.event_id = id;
    event.session = session;
    event.occurred_time = occurred;
    event.received_time = server_.clock.Now();
    event.kind = KindOf(payload);
    event.payload = std::move(payload);
    ASSERT_EQ(*SyncWait(server_.log.Append({event}, absl::Now() + absl::Seconds(10))),
              AppendOutcome::kWritten);
  }
  void AppendGrade(const std::string& session, const std::string& answer, int32_t regrade, int32_t score) {
    v1::EventPayload payload;
    v1::Graded& graded = *payload.mutable_graded();
    graded.set_answer(answer);
    graded.set_cause(regrade == 0 ? v1::GRADE_CAUSE_INITIAL : v1::GRADE_CAUSE_REGRADE);
    graded.set_regrade_number(regrade);
    graded.mutable_report()->set_score(score);
    AppendEvent(Ledger::GradeEventId(answer, graded.cause(), regrade), session, server_.clock.Now(),
                std::move(payload));
  }
  void AppendRetention(int id, absl::Time occurred, double retention) {
    v1::EventPayload payload;
    payload.mutable_settings_changed()->mutable_settings()->set_desired_retention(retention);
    payload.mutable_settings_changed()->mutable_update_mask()->add_paths("desired_retention");
    AppendEvent(Uuid(id), "", occurred, std::move(payload));
  }
  // A session of a pack that the catalogue has never heard of, with an answer to q1 that has its grade.
  void AppendSessionOf(const std::string& pack, int session) {
    v1::EventPayload created, submitted;
    created.mutable_created()->set_revision(pack + "/revisions/r1");
    created.mutable_created()->set_mode(v1::SESSION_MODE_PRACTICE);
    created.mutable_created()->add_questions("q1");
    AppendEvent(Uuid(session), Uuid(session), kNine, std::move(created));
    submitted.mutable_submitted()->set_question("q1");
    submitted.mutable_submitted()->set_text("text");
    AppendEvent(Uuid(session + 1), Uuid(session), kNine + absl::Seconds(1), std::move(submitted));
    AppendGrade(Uuid(session), Uuid(session + 1), 0, 80);
  }
  absl::Status Import(int id, const std::string& question) {
    v1::ImportMemoryRequest request;
    request.set_parent(kLearner);
    request.set_request_id(Uuid(id));
    v1::MemoryToImport* item = request.add_items();
    item->set_pack(kPack);
    item->set_question(question);
    item->mutable_fsrs()->set_stability(12);
    item->mutable_fsrs()->set_difficulty(5);
    *item->mutable_last_review_time() = ToTimestamp(server_.clock.Now() - absl::Hours(24));
    item->set_reviews(3);
    return Call(&Progress::ImportMemory, request).status();
  }
};

TEST_F(SyncDueTest, WhatADeviceScheduledGivesWayToTheServers) {
  // Rated without typing: that counts at once. An answer that has no grade yet does not.
  const auto first = Sync({Begin(1, -60), Answer(3, 1, -50), RevealOf(4, 1, -40, "q2"),
                           Rating(5, 1, -30, "q2"), SkipOf(6, 1, -20, "q3")});
  EXPECT_THAT(Told(first), ElementsAre("session 1", "answer 3", "q1 is not due", "q2 is due"));
  const v1::DueChange& told = first->changes(3).due();
  EXPECT_EQ(DeterministicBytes(told), DeterministicBytes(Remembered()[{kPack, "q2"}]));
  EXPECT_EQ(told.pack(), kPack);
  EXPECT_GT(FromTimestamp(told.due_time()), server_.clock.Now());
  EXPECT_EQ(FromTimestamp(told.last_review_time()), kNine - absl::Seconds(40));
  EXPECT_GT(told.stability(), 0);
  EXPECT_GE(told.difficulty(), 1);
  EXPECT_EQ(told.reviews(), 1);
  EXPECT_EQ(first->changes(2).due().stability(), 0);
  EXPECT_THAT(Told(Sync({}, first->token())), IsEmpty());

  EXPECT_EQ(server_.worker.RunOnce(), 1);  // the grade comes late
  const auto graded = Sync({}, first->token());
  EXPECT_THAT(Told(graded), ElementsAre("session 1", "answer 3", "q1 is due"));
  EXPECT_EQ(DeterministicBytes(graded->changes(2).due()), DeterministicBytes(Remembered()[{kPack, "q1"}]));
}

TEST_F(SyncDueTest, OnlyWhatAnEventMayHaveMovedIsTold) {
  const std::string session = Create();
  ASSERT_OK(Submit(session, 2, "q1"));
  ASSERT_OK(Submit(session, 3, "q2"));
  std::string token = Sync({})->token();
  const auto told = [&] {
    const auto synced = Sync({}, token);
    if (synced.ok()) token = synced->token();
    return DueTold(synced);
  };
  ASSERT_OK(Hint(session, 4, "q3"));  // never reviewed
  EXPECT_THAT(told(), IsEmpty());
  ASSERT_OK(Rate(session, 5, "q2", session + "/answers/" + Uuid(3)));
  EXPECT_THAT(told(), ElementsAre("q2 is due"));
  AppendGrade(Uuid(1), Uuid(2), 1, 20);
  EXPECT_THAT(told(), ElementsAre("q1 is due"));
  ASSERT_OK(Finish(session, 6));  // of all of it
  EXPECT_THAT(told(), ElementsAre("q1 is due", "q2 is due"));
  // An answer that comes late, from before these: the one that counts is another now.
  EXPECT_THAT(DueTold(Sync({Answer(7, 1, -1, "q1")}, token)), ElementsAre("q1 is not due"));
}

TEST_F(SyncDueTest, SkipsAreReviewsInModeReviewOnly) {
  v1::OutboxItem review = Begin(2, -60);
  review.mutable_begin()->set_mode(v1::SESSION_MODE_REVIEW);
  EXPECT_THAT(DueTold(Sync({Begin(1, -60), SkipOf(3, 1, -50, "q1")})), IsEmpty());
  EXPECT_THAT(DueTold(Sync({review, SkipOf(4, 2, -40, "q1")})), ElementsAre("q1 is due"));
  // A finish from before undoes it.
  EXPECT_THAT(DueTold(Sync({FinishOf(5, 2, -45)})), ElementsAre("q1 is not due"));
}

TEST_F(SyncDueTest, OneDueTimeComesOnceInAReplyAndAfterAllThatMovedIt) {
  std::vector<v1::OutboxItem> items = {Begin(1, -60), Begin(2, -60)};
  // More than a window's events, all of the same two questions.
  for (int i = 0; i < 60; ++i) items.push_back(Answer(100 + i, 1 + i % 2, -50, i % 4 < 2 ? "q1" : "q2"));
  ASSERT_OK(Sync(items));
  while (server_.worker.RunOnce() > 0) {
  }
  for (const int size : {1, 7, 500}) {
    v1::SyncLearnerRequest request = Request({});
    request.set_page_size(size);
    int pages = 0, due = 0;
    for (bool more = true; more; ++pages) {
      ASSERT_LT(pages, 300);
      const auto page = Call(&Stub::SyncLearner, request);
      ASSERT_OK(page);
      std::set<std::string> questions;
      bool told = false;
      for (const v1::LearnerChange& change : page->changes()) {
        EXPECT_FALSE(told && !change.has_due()) << "a due time is told before what moved it";
        told = change.has_due();
        if (told) EXPECT_TRUE(questions.insert(change.due().question()).second) << "told twice";
        due += told ? 1 : 0;
      }
      request.set_token(page->token());
      more = page->more();
    }
    EXPECT_EQ(due, 4) << "two questions in two windows";
    if (size == 500) EXPECT_EQ(pages, 2);
    const auto after = Call(&Stub::SyncLearner, request);
    EXPECT_THAT(Told(after), IsEmpty());
    EXPECT_EQ(after->token(), request.token());
  }
}

TEST_F(SyncDueTest, ImportsAreToldAndSettingsThatMoveWhatWasReviewedSince) {
  std::string token = Sync({Begin(1, -60), RevealOf(3, 1, -50), Rating(4, 1, -40, "q1")})->token();
  ASSERT_TRUE(Import(20, "q2").ok());
  auto synced = Sync({}, token);
  EXPECT_THAT(Told(synced), ElementsAre("q2 is due"));
  EXPECT_EQ(synced->changes(0).due().reviews(), 3);
  token = synced->token();

  // Schedules go by the settings of their last review: a change of now moves none.
  v1::UpdateLearnerRequest update;
  update.set_name(kLearner);
  update.set_request_id(Uuid(21));
  update.mutable_settings()->set_desired_retention(0.8);
  update.mutable_update_mask()->add_paths("desired_retention");
  const auto before = Remembered();
  ASSERT_OK(Call(&Progress::UpdateLearner, update));
  synced = Sync({}, token);
  EXPECT_THAT(Told(synced), IsEmpty());
  token = synced->token();
  for (const auto& [key, due] : Remembered())
    EXPECT_EQ(DeterministicBytes(due), DeterministicBytes(before.at(key)));

  // One from before the review and the import, of a device whose clock was behind, moves both.
  AppendRetention(22, kNine - absl::Seconds(55), 0.7);
  synced = Sync({}, token);
  EXPECT_THAT(Told(synced), ElementsAre("q1 is due", "q2 is due"));
  EXPECT_NE(DeterministicBytes(synced->changes(0).due()), DeterministicBytes(before.at({kPack, "q1"})));
  EXPECT_NE(DeterministicBytes(synced->changes(1).due()), DeterministicBytes(before.at({kPack, "q2"})));
  token = synced->token();
  // One from between moves only what came after it.
  AppendRetention(23, kNine - absl::Seconds(45), 0.75);
  EXPECT_THAT(Told(Sync({}, token)), ElementsAre("q2 is due"));
}

TEST_F(SyncDueTest, PacksThatBecameExamsAreNotToldOfAndThoseThatAreUnknownAre) {
  AppendSessionOf("tenants/acme/packs/gone", 10);
  auto synced = Sync({});
  EXPECT_THAT(DueTold(synced), ElementsAre("q1 is due")) << "it may come back";
  // Where the catalogue is away it is left at what was practised.
  server_.catalogue.gate().Fail("", absl::UnavailableError("down"));
  AppendSessionOf("tenants/acme/packs/away", 20);
  synced = Sync({}, synced->token());
  EXPECT_THAT(DueTold(synced), ElementsAre("q1 is due"));
  server_.catalogue.gate().Heal();
  server_.catalogue.Publish("tenants/acme/packs/shut", {"tenants/acme/packs/shut/revisions/r1", {}},
                            content::v1::VISIBILITY_EXAM);
  AppendSessionOf("tenants/acme/packs/shut", 30);
  synced = Sync({}, synced->token());
  EXPECT_THAT(Told(synced), ElementsAre("session 30", "answer 31"));
  EXPECT_FALSE(synced->more());
}

TEST_F(SyncDueTest, WithoutTheIndexTheCallIsTriedAgainAndLosesNothing) {
  ASSERT_OK(Submit(Create(), 2, "q1"));
  for (const char* operation : {"Backlog", "Take", "ReadMemory"}) {
    SCOPED_TRACE(operation);
    server_.memory_index.gate().Fail(operation, absl::UnavailableError("down"), 1);
    EXPECT_REASON(Sync({}), kUnavailable, "DEPENDENCY_UNAVAILABLE");
  }
  EXPECT_THAT(Told(Sync({})), ElementsAre("session 1", "answer 2", "q1 is due"));
}

TEST_F(SyncDueTest, WhereTimeIsShortTheNextCallGoesOn) {
  ASSERT_OK(Submit(Create(), 2, "q1"));
  As hurried;
  hurried.deadline = absl::Seconds(4);
  // The index is not brought up when half of the time is over.
  const absl::Time half = absl::Now() + absl::Milliseconds(2100);
  server_.memory_index.gate().First("Backlog", [&] { absl::SleepFor(half - absl::Now()); });
  const auto first = Sync({}, "", hurried);
  EXPECT_THAT(Told(first), ElementsAre("session 1", "answer 2"));
  EXPECT_TRUE(first->more());
  const auto second = Sync({}, first->token());
  EXPECT_THAT(Told(second), ElementsAre("q1 is due"));
  EXPECT_FALSE(second->more());
}

TEST_F(SyncDueTest, ATokenIsGoodForThePlaceOfAnItem) {
  const SyncCursor cursor = {"e", 3, 9, 4, {kPack, "q1"}};
  const std::string token = EncodeSyncToken(kAda, cursor);
  EXPECT_EQ(*DecodeSyncToken(kAda, token), cursor);
  EXPECT_FALSE(DecodeSyncToken({"acme", "bob"}, token).ok());
  EXPECT_EQ(*DecodeSyncToken(kAda, EncodeSyncToken(kAda, {"e", 3, 9, 4, {}})),
            (SyncCursor{"e", 3, 9, 4, {}}));
}

// A learner's life on two devices and the web, and a device that keeps what it is told.
class RandomLife : public SyncDueTest {
 protected:
  RandomLife() {
    std::vector<content::v1::Question> questions;
    for (int i = 1; i <= 6; ++i) questions.push_back(MarkedQuestion(absl::StrCat("q", i)));
    server_.catalogue.Publish(kPack, {kRevision, std::move(questions)});
  }

  int Draw(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }
  std::string AnyQuestion() { return absl::StrCat("q", 1 + Draw(6)); }
  // Of the last two days.
  int AnySecond() {
    return static_cast<int>(absl::ToInt64Seconds(server_.clock.Now() - kNine)) - Draw(48 * 3600);
  }
  v1::OutboxItem AnyItem() {
    const int number = ++number_;
    if (sessions_ == 0 || Draw(6) == 0) {
      v1::OutboxItem begin = Begin(number, AnySecond());
      begin.mutable_begin()->set_mode(Draw(3) == 0 ? v1::SESSION_MODE_REVIEW : v1::SESSION_MODE_PRACTICE);
      for (int i = 4; i <= 6; ++i) begin.mutable_begin()->add_questions(absl::StrCat("q", i));
      ids_.push_back(number);
      ++sessions_;
      return begin;
    }
    const int session = ids_[static_cast<size_t>(Draw(static_cast<int>(ids_.size())))];
    switch (Draw(12)) {
      case 0:
      case 1:
        return RevealOf(number, session, AnySecond(), AnyQuestion());
      case 2:
      case 3:
      case 4:
        return Rating(number, session, AnySecond(), AnyQuestion());
      case 5:
      case 6:
        return SkipOf(number, session, AnySecond(), AnyQuestion());
      case 7:
        if (Draw(3) == 0) return FinishOf(number, session, AnySecond());
        [[fallthrough]];
      default:
        return Answer(number, session, AnySecond(), AnyQuestion(), absl::StrCat("text ", number));
    }
  }
  // What the server or another device adds.
  void Elsewhere() {
    std::vector<std::pair<std::string, std::string>> answers;  // session and answer
    for (const Event& event : Events()) {
      if (event.payload.has_submitted()) answers.emplace_back(event.session, event.event_id);
    }
    switch (Draw(6)) {
      case 0:
        server_.worker.RunOnce();
        break;
      case 1:
        if (answers.empty()) break;
        {
          const auto& [session, answer] =
              answers[static_cast<size_t>(Draw(static_cast<int>(answers.size())))];
          AppendGrade(session, answer, ++number_, Draw(101));
        }
        break;
      case 2:
        ASSERT_TRUE(Import(++number_, AnyQuestion()).ok());
        break;
      case 3:
        AppendRetention(++number_, kNine + absl::Seconds(AnySecond()), 0.7 + Draw(27) * 0.01);
        break;
      default: {
        v1::SyncLearnerRequest request = Request({AnyItem()});
        request.set_device("tablet");
        ASSERT_OK(Call(&Stub::SyncLearner, request));
      }
    }
  }
  // Syncs to the end, whatever happens meanwhile.
  void SyncToTheEnd(const std::vector<v1::OutboxItem>& items) {
    v1::SyncLearnerRequest request = Request(items, token_);
    bool more = true;
    for (int pages = 0; more; ++pages) {
      ASSERT_LT(pages, 400);
      request.set_page_size(Draw(3) == 0 ? 0 : 1 + Draw(6));
      const auto page = Call(&Stub::SyncLearner, request);
      ASSERT_OK(page);
      std::set<ItemKey> told;
      for (const v1::LearnerChange& change : page->changes()) {
        if (!change.has_due()) continue;
        const ItemKey key = {change.due().pack(), change.due().question()};
        EXPECT_TRUE(told.insert(key).second) << key.second << " is told twice";
        if (change.due().has_due_time()) {
          due_[key] = change.due();
        } else {
          due_.erase(key);
        }
      }
      request = Request({}, page->token());
      more = page->more();
      if (pages < 20 && Draw(4) == 0) Elsewhere();
    }
    token_ = request.token();
    if (HasFatalFailure()) return;
    // What came between the last page and now is told by one more.
    const auto last = Sync({}, token_);
    ASSERT_OK(last);
    ended_ = last->changes().empty();
  }
  static std::map<ItemKey, std::string> Bytes(const std::map<ItemKey, v1::DueChange>& items) {
    std::map<ItemKey, std::string> bytes;
    for (const auto& [key, item] : items) bytes[key] = item.ShortDebugString();
    return bytes;
  }
  // What ListDueQuestions goes by: in a year everything is due.
  std::map<ItemKey, std::string> DueInAYear() {
    server_.clock.Advance(absl::Hours(24 * 400));
    v1::ListDueQuestionsRequest request;
    request.set_parent(kLearner);
    request.set_page_size(200);
    const auto due = Call(&Progress::ListDueQuestions, request);
    EXPECT_TRUE(due.ok()) << due.status();
    std::map<ItemKey, std::string> times;
    for (const v1::DueQuestion& question : due->questions()) {
      times[{question.pack(), question.question()}] = question.due_time().ShortDebugString();
    }
    return times;
  }

  std::mt19937 random_;
  int number_ = 1000;
  int sessions_ = 0;
  std::vector<int> ids_;
  std::string token_;
  bool ended_ = false;
  std::map<ItemKey, v1::DueChange> due_;  // the device's
};

class RandomLives : public RandomLife, public ::testing::WithParamInterface<unsigned> {};
INSTANTIATE_TEST_SUITE_P(Seeds, RandomLives, ::testing::Range(1U, 25U));

TEST_P(RandomLives, ADeviceThatKeepsWhatItIsToldHasTheDueTimesOfTheIndex) {
  random_.seed(GetParam());
  server_.grader.set_grading([](const std::string& question, const std::string& text) {
    return MarkedReport(question, static_cast<int32_t>(std::hash<std::string>()(text) % 101));
  });
  size_t compared = 0, remembered = 0;
  for (int round = 0; round < 25; ++round) {
    server_.clock.Advance(absl::Hours(Draw(40)));
    std::vector<v1::OutboxItem> items;
    for (int i = Draw(4); i > 0; --i) Elsewhere();
    const int count = Draw(30) == 0 ? 90 : Draw(8);
    items.reserve(static_cast<size_t>(count));
    for (int i = 0; i < count; ++i) items.push_back(AnyItem());
    SyncToTheEnd(items);
    if (HasFatalFailure()) return;
    if (!ended_) continue;
    ASSERT_EQ(Bytes(due_), Bytes(Remembered())) << "round " << round;
    ++compared;
    remembered = std::max(remembered, due_.size());
  }
  while (!ended_) SyncToTheEnd({});
  EXPECT_EQ(Bytes(due_), Bytes(Remembered()));
  EXPECT_GT(compared, 5U);
  EXPECT_GE(remembered, 3U);
  std::map<ItemKey, std::string> times;
  for (const auto& [key, due] : due_) times[key] = due.due_time().ShortDebugString();
  EXPECT_EQ(times, DueInAYear());
  EXPECT_THAT(times, Not(IsEmpty()));
}

}  // namespace
}  // namespace greenroom::session::testing
