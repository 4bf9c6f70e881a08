// What people decided counts for answers that are graded afterwards.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/session/testing/gradebook_test.h"

namespace greenroom::session::testing {
namespace {

class CalibratedAnswersTest : public GradebookTest {
 protected:
  // An answer of the learner to the question; the number makes both.
  void Answer(int number, const std::string& question = "q1") {
    const As as{"acme", absl::StrCat("learner-", number)};
    ASSERT_OK(Submit(Create(100 + number, as), 1000 + number, question, absl::StrCat("SECRET-", number), as));
  }
  static std::string PathOf(int number) {
    return AnswerPath(SessionPath(Uuid(100 + number), absl::StrCat("learner-", number)), 1000 + number);
  }
  void Decide(int number, int32_t score) {
    ASSERT_OK(Override(ScoreOf(PathOf(number), 5000 + number, score)));
    server_.clock.Advance(DecidedAnswers::kFresh);
  }
  scoring::v1::Report ReportOf(int number, const As& as = kTeacher) {
    auto answer = GetAnswer(PathOf(number), as);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? answer->grade().report() : scoring::v1::Report();
  }
};

TEST_F(CalibratedAnswersTest, AnswersGivenLaterAreGradedByTheDecisions) {
  Answer(1);
  Decide(1, 75);
  Answer(2);
  EXPECT_EQ(ReportOf(2).score(), 75);
  EXPECT_EQ(ReportOf(2).calibrated_with(), 1);
  Decide(2, 85);
  Answer(3);
  EXPECT_EQ(ReportOf(3).score(), 80);
  EXPECT_EQ(ReportOf(3).calibrated_with(), 2);
  // Another question is not moved, and what was graded before stays.
  Answer(4, "q2");
  EXPECT_EQ(ReportOf(4).score(), 55);
  EXPECT_EQ(ReportOf(4).calibrated_with(), 0);
  EXPECT_EQ(ReportOf(1).score(), 75);

  const scoring::v1::Report seen = ReportOf(3, {"acme", "learner-3"});
  EXPECT_EQ(seen.score(), 80);
  EXPECT_EQ(seen.calibrated_with(), 0) << "that is not the learner's";
  EXPECT_THAT(seen.DebugString(), ::testing::Not(::testing::HasSubstr("SECRET-1")));
}

TEST_F(CalibratedAnswersTest, SoAreThoseThatWaitedForTheirGrade) {
  Answer(1);
  Decide(1, 75);
  server_.grader.gate().Fail("Grade", absl::UnavailableError("down"), 1);
  Answer(2);
  EXPECT_EQ(server_.log.pending_count(), 1);
  server_.worker.RunOnce();
  EXPECT_EQ(ReportOf(2).score(), 75);
  EXPECT_EQ(ReportOf(2).calibrated_with(), 1);
}

// No grade rather than one that depends on whether the log answered just then.
TEST_F(CalibratedAnswersTest, WithoutTheDecisionsTheGradeWaits) {
  Answer(1);
  Decide(1, 75);
  server_.log.gate().Fail("ListDecisions", absl::UnavailableError("down"), 1);
  Answer(2);
  EXPECT_EQ(GetAnswer(PathOf(2), kTeacher)->grade().state(), v1::GRADE_STATE_PENDING);
  server_.worker.RunOnce();
  EXPECT_EQ(ReportOf(2).score(), 75);
}

TEST_F(CalibratedAnswersTest, OfTwoDecisionsAboutAnAnswerTheLaterCounts) {
  Answer(1);
  Decide(1, 95);
  ASSERT_OK(Override(ScoreOf(PathOf(1), 6000, 65)));
  server_.clock.Advance(DecidedAnswers::kFresh);
  Answer(2);
  EXPECT_EQ(ReportOf(2).score(), 65);
}

}  // namespace
}  // namespace greenroom::session::testing
