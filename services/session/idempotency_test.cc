// One effect per id, whatever is repeated, when and by how many.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <thread>

#include "services/session/testing/session_server.h"

namespace greenroom::session::testing {
namespace {

using IdempotencyTest = SessionServiceTest;

template <typename Response>
std::string Apart(Response response) {
  response.set_replayed(false);
  return response.DebugString();
}

TEST_F(IdempotencyTest, TheSameIdTwentyTimesInParallelHasOneEffect) {
  const std::string session = Create();
  std::vector<absl::StatusOr<v1::SubmitAnswerResponse>> replies(20, absl::UnknownError("none"));
  std::vector<std::thread> threads;
  threads.reserve(replies.size());
  for (auto& reply : replies) {
    threads.emplace_back([&] { reply = Submit(session, 2, "q1"); });
  }
  for (std::thread& thread : threads) thread.join();
  int first = 0;
  std::set<std::string> distinct;
  for (const auto& reply : replies) {
    ASSERT_OK(reply);
    first += reply->replayed() ? 0 : 1;
    distinct.insert(Apart(*reply));
  }
  EXPECT_EQ(first, 1);
  EXPECT_EQ(distinct.size(), 1);
  EXPECT_EQ(Events().size(), 3);
  EXPECT_EQ(Get(session)->questions(0).attempts(), 1);
}

TEST_F(IdempotencyTest, TheSameCreationTwentyTimesInParallelHasOneEffect) {
  std::vector<std::thread> threads;
  threads.reserve(20);
  for (int i = 0; i < 20; ++i) threads.emplace_back([&] { Create(); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Events().size(), 1);
}

TEST_F(IdempotencyTest, EveryWriteIsRepeatedWithTheSameReplyWhateverHasHappenedSince) {
  v1::CreateSessionRequest create;
  create.set_parent(kLearner);
  create.set_session_id(Uuid(1));
  create.set_source(kPack);
  create.set_mode(v1::SESSION_MODE_PRACTICE);
  auto created = Call(&Stub::CreateSession, create);
  ASSERT_OK(created);
  const std::string session = created->session().name();
  auto hint = Hint(session, 2, "q1");
  auto submitted = Submit(session, 3, "q1");
  auto skipped = Skip(session, 4, "q2");
  auto revealed = Reveal(session, 5, "q1");
  auto rated = Rate(session, 6, "q1", session + "/answers/" + Uuid(3));
  auto finished = Finish(session, 7);
  ASSERT_OK(hint);
  ASSERT_OK(submitted);
  ASSERT_OK(skipped);
  ASSERT_OK(revealed);
  ASSERT_OK(rated);
  ASSERT_OK(finished);
  const size_t events = Events().size();
  server_.clock.Advance(absl::Hours(1));
  ASSERT_OK(Reveal(session, 8, "q3"));
  server_.catalogue.gate().Fail(
      "", absl::UnavailableError("down"));  // a creation is repeated without the catalogue
  server_.grader.gate().Fail("", absl::UnavailableError("down"));

  EXPECT_EQ(Apart(*Call(&Stub::CreateSession, create)), Apart(*created));
  EXPECT_EQ(Apart(*Hint(session, 2, "q1")), Apart(*hint));
  EXPECT_EQ(Apart(*Submit(session, 3, "q1")),
            Apart(*submitted));  // also after the reveal: as it was acknowledged
  EXPECT_EQ(Apart(*Skip(session, 4, "q2")), Apart(*skipped));
  EXPECT_EQ(Apart(*Reveal(session, 5, "q1")), Apart(*revealed));
  EXPECT_EQ(Apart(*Rate(session, 6, "q1", session + "/answers/" + Uuid(3))), Apart(*rated));
  EXPECT_EQ(Apart(*Finish(session, 7)), Apart(*finished));
  EXPECT_TRUE(Submit(session, 3, "q1")->replayed());
  EXPECT_EQ(Events().size(), events + 1);
  EXPECT_THAT(server_.live.OpenWrites(Key()), ::testing::IsEmpty());
}

TEST_F(IdempotencyTest, TheSameIdWithOtherContentIsRefusedByEveryWrite) {
  const std::string session = Create();
  ASSERT_OK(Submit(session, 2, "q1"));
  EXPECT_REASON(Submit(session, 2, "q1", "other text"), kAlreadyExists, "ID_REUSED");
  EXPECT_REASON(Submit(session, 2, "q2"), kAlreadyExists, "ID_REUSED");
  EXPECT_REASON(Hint(session, 2, "q2"), kAlreadyExists, "ID_REUSED");
  EXPECT_REASON(Skip(session, 2, "q2"), kAlreadyExists, "ID_REUSED");
  EXPECT_REASON(Reveal(session, 2, "q2"), kAlreadyExists, "ID_REUSED");
  EXPECT_REASON(Rate(session, 2, "q1"), kAlreadyExists, "ID_REUSED");
  EXPECT_REASON(Finish(session, 2), kAlreadyExists, "ID_REUSED");
  v1::CreateSessionRequest create;
  create.set_parent(kLearner);
  create.set_source(kPack);
  create.set_mode(v1::SESSION_MODE_PRACTICE);
  create.set_session_id(Uuid(2));
  EXPECT_REASON(Call(&Stub::CreateSession, create), kAlreadyExists, "ID_REUSED");
  create.set_session_id(Uuid(1));
  create.add_questions("q1");
  EXPECT_REASON(Call(&Stub::CreateSession, create), kAlreadyExists, "ID_REUSED");
  // The id of another session's answer.
  EXPECT_REASON(Submit(Create(9), 2, "q1"), kAlreadyExists, "ID_REUSED");
  // Reused where the state would refuse, or repeat, all the same.
  ASSERT_OK(Reveal(session, 10, "q1"));
  EXPECT_REASON(Reveal(session, 2, "q1"), kAlreadyExists, "ID_REUSED");
  ASSERT_OK(Finish(session, 11));
  EXPECT_REASON(Submit(session, 2, "q1", "other text"), kAlreadyExists, "ID_REUSED");
}

TEST_F(IdempotencyTest, IdsAreComparedInLowerCaseAndFormsOfNamesDoNotMatter) {
  const std::string session = Create();
  v1::SubmitAnswerRequest request;
  request.set_session(session);
  request.set_answer_id("ABCDEF00-1111-4111-8111-111111111111");
  request.set_question("q1");
  request.set_text("text");
  ASSERT_OK(Call(&Stub::SubmitAnswer, request));
  request.set_answer_id("abcdef00-1111-4111-8111-111111111111");
  request.set_session("tenants/-/learners/me/sessions/" + Uuid(1));
  request.set_device("another device");
  request.set_seen_sequence(1);
  auto again = Call(&Stub::SubmitAnswer, request);
  ASSERT_OK(again);
  EXPECT_TRUE(again->replayed());
}

TEST_F(IdempotencyTest, OneLearnersIdsAreNobodyElses) {
  const std::string ada = Create();
  ASSERT_OK(Submit(ada, 2, "q1"));
  const As bob{"acme", "bob"};
  const std::string bobs = Create(1, bob);
  auto submitted = Submit(bobs, 2, "q1", "bob's text", bob);
  ASSERT_OK(submitted);
  EXPECT_FALSE(submitted->replayed());
}

TEST_F(IdempotencyTest, AReplayCarriesTheGradeNowCurrent) {
  const std::string session = Create();
  server_.grader.gate().Fail("Grade", absl::UnavailableError("down"));
  auto first = Submit(session, 2, "q1");
  ASSERT_OK(first);
  EXPECT_EQ(first->answer().grade().state(), v1::GRADE_STATE_PENDING);
  EXPECT_EQ(Apart(*Submit(session, 2, "q1")), Apart(*first));
  server_.grader.gate().Heal();
  EXPECT_EQ(server_.worker.RunOnce(), 1);
  auto replay = Submit(session, 2, "q1");
  ASSERT_OK(replay);
  EXPECT_EQ(replay->answer().grade().state(), v1::GRADE_STATE_GRADED);
  EXPECT_EQ(replay->answer().grade().report().score(), 55);
  replay->mutable_answer()->clear_grade();
  first->mutable_answer()->clear_grade();
  EXPECT_EQ(Apart(*replay), Apart(*first));
}

TEST_F(IdempotencyTest, AFinishRepeatedCarriesGradesCompletedSince) {
  const std::string session = Create();
  server_.grader.gate().Fail("Grade", absl::UnavailableError("down"));
  ASSERT_OK(Submit(session, 2, "q1"));
  auto first = Finish(session, 3);
  ASSERT_OK(first);
  EXPECT_EQ(first->report().pending_grades(), 1);
  EXPECT_FALSE(first->report().has_score());
  server_.grader.gate().Heal();
  EXPECT_EQ(server_.worker.RunOnce(), 1);
  ASSERT_OK(Reveal(session, 4, "q2"));  // not part of the finish
  auto replay = Finish(session, 3);
  ASSERT_OK(replay);
  EXPECT_EQ(replay->report().pending_grades(), 0);
  EXPECT_EQ(replay->report().score(), 55);
  EXPECT_EQ(replay->report().questions(1).state(), v1::QUESTION_STATE_OPEN);
}

TEST_F(IdempotencyTest, TwentyLearnersAtOnceDoNotDisturbOneAnother) {
  std::vector<std::thread> threads;
  threads.reserve(20);
  for (int i = 0; i < 20; ++i) {
    threads.emplace_back([&, i] {
      const As as{"acme", absl::StrCat("learner-", i)};
      const std::string session = Create(1, as);
      for (int round = 0; round < 5; ++round) {
        const int id = 10 + round;
        auto submitted =
            Submit(session, id, absl::StrCat("q", round % 3 + 1), absl::StrCat("answer ", round), as);
        ASSERT_OK(submitted);
        auto again =
            Submit(session, id, absl::StrCat("q", round % 3 + 1), absl::StrCat("answer ", round), as);
        ASSERT_OK(again);
        EXPECT_TRUE(again->replayed());
        EXPECT_EQ(submitted->sequence(), 2 + 2 * round);
      }
      auto got = Get(session, 0, as);
      ASSERT_OK(got);
      EXPECT_EQ(got->questions(0).attempts(), 2);
      EXPECT_EQ(got->sequence(), 11);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int i = 0; i < 20; ++i) {
    const std::vector<Event> events = Events(absl::StrCat("learner-", i));
    ASSERT_EQ(events.size(), 11);
    for (size_t j = 0; j < events.size(); ++j) EXPECT_EQ(events[j].seq, static_cast<int64_t>(j) + 1);
  }
}

TEST_F(IdempotencyTest, ManyDifferentWritesOfOneLearnerAtOnceAreInTheLogOnceOrRefusedByName) {
  const std::string session = Create();
  std::vector<std::thread> threads;
  threads.reserve(12);
  std::atomic<int> written = 0;
  for (int i = 0; i < 12; ++i) {
    threads.emplace_back([&, i] {
      for (int tries = 0; tries < 50; ++tries) {
        auto submitted = Submit(session, 100 + i, "q1", absl::StrCat("text ", i));
        if (submitted.ok()) {
          ++written;
          return;
        }
        EXPECT_REASON(submitted, kAborted, "SESSION_MOVED");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(written, 12);
  EXPECT_EQ(Events().size(), 25);
  EXPECT_EQ(Get(session, Events().back().seq)->questions(0).attempts(), 12);
}

TEST_F(IdempotencyTest, AnotherDevicesChangeIsToldWhereTheClientAsks) {
  const std::string session = Create();
  auto hint = Act<v1::TakeHintRequest>(session, 2, "q1");
  hint.set_device("phone");
  auto taken = Call(&Stub::TakeHint, hint);
  ASSERT_OK(taken);
  v1::SubmitAnswerRequest request;
  request.set_session(session);
  request.set_answer_id(Uuid(3));
  request.set_question("q1");
  request.set_text("text");
  request.set_device("tablet");
  request.set_seen_sequence(1);
  auto moved = Call(&Stub::SubmitAnswer, request);
  EXPECT_REASON(moved, kAborted, "SESSION_MOVED");
  EXPECT_EQ(MetadataOf(moved.status(), "sequence"), "2");
  EXPECT_EQ(server_.grader.gate().calls("Grade"), 0);  // refused before it is graded
  request.set_question("q2");                          // another question has not moved
  EXPECT_TRUE(Call(&Stub::SubmitAnswer, request).ok());
  request.set_question("q1");
  request.set_answer_id(Uuid(4));
  request.set_device("phone");  // its own event
  EXPECT_TRUE(Call(&Stub::SubmitAnswer, request).ok());
  request.set_answer_id(Uuid(5));
  request.set_device("tablet");
  request.set_seen_sequence(0);  // not asked
  EXPECT_TRUE(Call(&Stub::SubmitAnswer, request).ok());
  request.set_answer_id(Uuid(4));  // a replay is no race
  request.set_seen_sequence(1);
  request.set_device("phone");
  EXPECT_TRUE(Call(&Stub::SubmitAnswer, request)->replayed());
}

}  // namespace
}  // namespace greenroom::session::testing
