#include "clients/cli/watch_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace greenroom::cli {
namespace {

using session::v1::Session;
using testing::ElementsAre;

Session Before() {
  Session session;
  session.set_state(session::v1::SESSION_STATE_ACTIVE);
  for (const char* id : {"q1", "q2"}) {
    auto* const question = session.add_questions();
    question->set_question(id);
    question->set_number(session.questions_size());
    question->set_state(session::v1::QUESTION_STATE_OPEN);
  }
  return session;
}

TEST(WatchText, SaysWhatHappenedToAQuestion) {
  Session now = Before();
  now.mutable_questions(0)->set_hints_taken(2);
  EXPECT_THAT(DescribeChanges(Before(), now), ElementsAre("q1: hint 2 taken"));
  now = Before();
  now.mutable_questions(0)->set_attempts(1);
  now.mutable_questions(0)->set_pending_grades(1);
  const Session pending = now;
  EXPECT_THAT(DescribeChanges(Before(), now), ElementsAre("q1: answered, its grade is to come"));
  now.mutable_questions(0)->set_pending_grades(0);
  EXPECT_THAT(DescribeChanges(pending, now), ElementsAre("q1: graded"));
  now.mutable_questions(0)->set_score(40);
  EXPECT_THAT(DescribeChanges(pending, now), ElementsAre("q1: score 40"));
  Session again = now;
  again.mutable_questions(0)->set_attempts(2);
  again.mutable_questions(0)->set_pending_grades(1);
  EXPECT_THAT(DescribeChanges(now, again), ElementsAre("q1: answer 2 given, its grade is to come"));
  Session same = again;
  same.mutable_questions(0)->set_pending_grades(0);
  EXPECT_THAT(DescribeChanges(again, same), ElementsAre("q1: graded, the best is still 40"));
  now = Before();
  now.mutable_questions(1)->set_state(session::v1::QUESTION_STATE_SKIPPED);
  now.mutable_questions(0)->set_revealed(true);
  now.mutable_questions(0)->set_rating(session::v1::RATING_HARD);
  EXPECT_THAT(DescribeChanges(Before(), now),
              ElementsAre("q1: the model answer was shown, rated hard", "q2: skipped"));
}

TEST(WatchText, SaysWhatJoinedAndWhatIsOver) {
  Session now = Before();
  auto* const added = now.add_questions();
  added->set_question("f1");
  added->set_number(2);
  added->set_follow_up_of("q1");
  added->set_state(session::v1::QUESTION_STATE_OPEN);
  EXPECT_THAT(DescribeChanges(Before(), now), ElementsAre("f1 joined as question 2 of 3, a follow-up on q1"));
  now = Before();
  now.set_state(session::v1::SESSION_STATE_FINISHED);
  EXPECT_THAT(DescribeChanges(Before(), now), ElementsAre("The session is finished."));
  now.set_score(12);
  EXPECT_THAT(DescribeChanges(Before(), now), ElementsAre("The session is finished, score 12."));
  now = Before();
  now.set_newer_revision("tenants/t/packs/p/revisions/r2");
  EXPECT_THAT(DescribeChanges(Before(), now),
              ElementsAre("The pack has a newer revision; a new session takes it."));
  EXPECT_THAT(DescribeChanges(Before(), Before()),
              ElementsAre("Something was added that changes nothing shown here."));
}

TEST(WatchText, PassesNoControlCharactersOn) {
  Session now = Before();
  now.add_questions()->set_question("\x1b[2Jq");
  EXPECT_EQ(DescribeChanges(Before(), now)[0].find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace greenroom::cli
