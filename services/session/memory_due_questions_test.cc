// What a review asks, by what the learner's log says.
#include "services/session/memory_due_questions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/session/testing/session_server.h"

namespace greenroom::session::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class MemoryDueQuestionsTest : public SessionServiceTest {
 protected:
  std::vector<std::string> Due(int32_t count = 10) {
    const PackOutline pack =
        OutlineOf(kPack, {}, {MarkedQuestion("q1"), MarkedQuestion("q2"), MarkedQuestion("q3")});
    auto due = SyncWait(
        due_.ListDue({"acme", "ada"}, pack, server_.clock.Now(), count, absl::Now() + absl::Seconds(10)));
    EXPECT_TRUE(due.ok()) << due.status();
    return due.value_or(std::vector<std::string>());
  }
  void Rate(const std::string& session, int id, const std::string& question, v1::Rating rating) {
    v1::RevealAnswerRequest reveal;
    reveal.set_session(session);
    reveal.set_question(question);
    reveal.set_request_id(Uuid(id));
    ASSERT_OK(Call(&v1::SessionService::Stub::RevealAnswer, reveal));
    v1::RateAnswerRequest rate;
    rate.set_session(session);
    rate.set_question(question);
    rate.set_rating(rating);
    rate.set_request_id(Uuid(id + 1));
    ASSERT_OK(Call(&v1::SessionService::Stub::RateAnswer, rate));
  }

  MemoryDueQuestions due_{server_.memory_index, server_.memory_deriver};
};

TEST_F(MemoryDueQuestionsTest, WhatWasForgottenIsDueTheNextDayAndFirst) {
  EXPECT_THAT(Due(), IsEmpty());
  const std::string session = Create();
  Rate(session, 10, "q1", v1::RATING_HARD);
  Rate(session, 20, "q2", v1::RATING_AGAIN);
  Rate(session, 30, "q3", v1::RATING_EASY);
  EXPECT_THAT(Due(), IsEmpty()) << "nothing is asked twice on one day";
  server_.clock.Advance(absl::Hours(3 * 24));
  EXPECT_THAT(Due(), ElementsAre("q2", "q1")) << "weakest first; the easy one is a week away";
  EXPECT_THAT(Due(1), ElementsAre("q2"));
}

}  // namespace
}  // namespace greenroom::session::testing
