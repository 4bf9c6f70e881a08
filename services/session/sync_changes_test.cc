// SyncLearner: what changed is told once, and is enough to keep a copy by.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "services/session/testing/sync_fixture.h"

namespace greenroom::session::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(SyncTest, TellsWhatChangedOnceAndInPages) {
  auto first = Sync({Begin(1, -60), Answer(3, 1, -50), Begin(2, -60), Answer(4, 2, -40)});
  ASSERT_OK(first);
  EXPECT_THAT(Changed(*first), ElementsAre("session 1", "answer 3", "session 2", "answer 4"));
  EXPECT_FALSE(first->more());
  EXPECT_FALSE(first->reset());
  EXPECT_EQ(first->changes(1).answer().text(), "words of the learner");
  EXPECT_EQ(first->changes(1).answer().grade().state(), v1::GRADE_STATE_PENDING);
  std::string token = first->token();
  EXPECT_THAT(Changed(*Sync({}, token)), IsEmpty());
  EXPECT_EQ(Sync({}, token)->token(), token);

  EXPECT_EQ(server_.worker.RunOnce(), 2);  // the grades come
  auto graded = Sync({}, token);
  ASSERT_OK(graded);
  EXPECT_THAT(Changed(*graded), ElementsAre("session 1", "answer 3", "session 2", "answer 4"));
  EXPECT_EQ(graded->changes(1).answer().grade().report().score(), 55);
  EXPECT_EQ(graded->changes(1).answer().grade().report().items(1).point(), "");  // not made, not revealed
  token = graded->token();

  ASSERT_OK(Reveal(SessionPath(Uuid(1)), 5, "q1"));  // shows more of the answer
  auto revealed = Sync({}, token);
  ASSERT_OK(revealed);
  EXPECT_THAT(Changed(*revealed), ElementsAre("session 1", "answer 3"));
  EXPECT_EQ(revealed->changes(1).answer().grade().report().items(1).point(), "MARKER-POINT-missed-q1");

  // From the beginning, in pages of one.
  std::vector<std::string> all;
  v1::SyncLearnerRequest request = Request({});
  request.set_page_size(1);
  for (bool more = true; more;) {
    const auto page = Call(&Stub::SyncLearner, request);
    ASSERT_OK(page);
    ASSERT_LE(page->changes_size(), 1);
    for (std::string& change : Changed(*page)) all.push_back(std::move(change));
    request.set_token(page->token());
    more = page->more();
    ASSERT_LE(all.size(), 4);
  }
  EXPECT_THAT(all, ElementsAre("session 1", "answer 3", "session 2", "answer 4"));
}

// A device that keeps what it is told has, after the last page, what the server shows, though the log grew between pages.
TEST_F(SyncTest, AMirrorOfTheChangesIsWhatTheServerShows) {
  std::map<std::string, v1::Session> sessions;
  std::map<std::string, v1::Answer> answers;
  std::string token;
  int number = 100;
  for (int round = 0; round < 30; ++round) {
    const int session = 1 + round % 3;
    std::vector<v1::OutboxItem> items;
    if (round < 3) items.push_back(Begin(session, -600));
    items.push_back(Answer(++number, session, -500 + (round * 37) % 100, round % 2 == 0 ? "q1" : "q2"));
    if (round % 7 == 6) items.push_back(RevealOf(++number, session, -500 + (round * 53) % 100));
    if (round == 20) items.push_back(FinishOf(++number, 1, -430));
    v1::SyncLearnerRequest request = Request(items, token);
    request.set_page_size(1 + round % 4);
    auto page = Call(&Stub::SyncLearner, request);
    for (int pages = 0;; ++pages) {
      ASSERT_OK(page);
      ASSERT_LT(pages, 200);
      for (const v1::LearnerChange& change : page->changes()) {
        if (change.has_session()) sessions[change.session().name()] = change.session();
        if (change.has_answer()) answers[change.answer().name()] = change.answer();
      }
      token = page->token();
      if (!page->more()) break;
      if (pages == 1) server_.worker.RunOnce();
      request = Request({}, token);
      request.set_page_size(1 + round % 4);
      page = Call(&Stub::SyncLearner, request);
    }
  }
  ASSERT_EQ(sessions.size(), 3);
  size_t counted = 0;
  for (const auto& [name, kept] : sessions) {
    auto shown = Get(name);
    ASSERT_OK(shown);
    shown->clear_newer_revision();
    EXPECT_EQ(DeterministicBytes(kept), DeterministicBytes(*shown));
    v1::ListAnswersRequest list;
    list.set_parent(name);
    list.set_page_size(200);
    const auto listed = Call(&Stub::ListAnswers, list);
    ASSERT_OK(listed);
    for (const v1::Answer& answer : listed->answers()) {
      EXPECT_EQ(DeterministicBytes(answers[answer.name()]), DeterministicBytes(answer)) << answer.name();
      ++counted;
    }
  }
  for (const auto& [name, answer] : answers) counted += answer.attempt() == 0 ? 1 : 0;
  EXPECT_EQ(counted, answers.size());
}

TEST_F(SyncTest, ALogThatBeganAnewIsToldFromItsBeginning) {
  const std::string token = Sync({Begin(1, -60)})->token();
  server_.log.BeginEpoch();
  const auto reset = Sync({Answer(2, 1, -50)}, token);
  ASSERT_OK(reset);
  EXPECT_TRUE(reset->reset());
  EXPECT_THAT(Outcomes(reset), ElementsAre("TAKEN"));
  EXPECT_THAT(Changed(*reset), ElementsAre("session 1", "answer 2"));
  EXPECT_FALSE(Sync({}, reset->token())->reset());
  // A backup that nobody told of: the log ends before what the device has seen.
  server_.log.Clear();
  EXPECT_TRUE(Sync({}, reset->token())->reset());
}

}  // namespace
}  // namespace greenroom::session::testing
