#include "services/session/domain/review_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/session/domain/fold_builder.h"

namespace greenroom::session {
namespace {

using testing::IsEmpty;

void AddItem(Event& grade, const std::string& id, double credit) {
  auto* row = grade.payload.mutable_graded()->mutable_report()->add_items();
  row->set_id(id);
  row->set_credit(credit);
}

SessionIndex Index(const FoldBuilder& log) {
  const std::optional<SessionFold> fold = FoldSession(log.events());
  return IndexOf(FoldBuilder::Key(), *fold);
}

std::vector<std::string> Needs(const SessionIndex& index) {
  std::vector<std::string> needs;
  needs.reserve(index.needs.size());
  for (const ReviewNeed& need : index.needs) {
    needs.push_back(v1::ReviewReason_Name(need.reason).substr(14) + " " + need.question + " " + need.point);
  }
  return needs;
}

TEST(ReviewIndex, HoldsScoresAndWhatWasMade) {
  FoldBuilder log;
  const std::string answer = log.Submit("q1").event_id;
  Event& grade = log.Grade(answer, 60);
  AddItem(grade, "noise", 0.5);
  AddItem(grade, "unseen", 0.49);
  log.Answer("q1", 80);
  const SessionIndex index = Index(log);
  EXPECT_EQ(index.pack, "tenants/acme/packs/p");
  ASSERT_EQ(index.scored.size(), 2);
  EXPECT_EQ(index.scored[0].answer, answer);
  EXPECT_EQ(index.scored[0].attempt, 1);
  EXPECT_EQ(index.scored[0].score, 60);
  EXPECT_EQ(index.scored[0].made, (std::map<std::string, bool>{{"noise", true}, {"unseen", false}}));
  EXPECT_EQ(index.scored[1].attempt, 2);
  EXPECT_THAT(index.needs, IsEmpty());
}

TEST(ReviewIndex, PendingAnswersAndThoseAfterTheRevealAreLeftOut) {
  FoldBuilder log;
  log.Submit("q1");
  log.Reveal("q2");
  const std::string copied = log.Submit("q2").event_id;
  log.Grade(copied, 100)
      .payload.mutable_graded()
      ->mutable_report()
      ->set_confidence(scoring::v1::GRADE_CONFIDENCE_LOW);
  const SessionIndex index = Index(log);
  EXPECT_THAT(index.scored, IsEmpty());
  EXPECT_THAT(index.needs, IsEmpty());
}

TEST(ReviewIndex, FailedAndDoubtfulGradesWaitUntilAPersonHasDecided) {
  FoldBuilder log;
  const std::string failed = log.Submit("q1").event_id;
  Event& failure = log.Grade(failed, 0);
  failure.payload.mutable_graded()->clear_report();
  failure.payload.mutable_graded()->set_failure("QUESTION_NOT_FOUND");
  const std::string doubtful = log.Submit("q2").event_id;
  log.Grade(doubtful, 50)
      .payload.mutable_graded()
      ->mutable_report()
      ->set_confidence(scoring::v1::GRADE_CONFIDENCE_LOW);
  EXPECT_THAT(Needs(Index(log)), testing::ElementsAre("FAILED q1 ", "LOW_CONFIDENCE q2 "));
  log.Grade(failed, 70, v1::GRADE_CAUSE_OVERRIDE);
  log.Grade(doubtful, 50, v1::GRADE_CAUSE_OVERRIDE);
  const SessionIndex decided = Index(log);
  EXPECT_THAT(decided.needs, IsEmpty());
  EXPECT_EQ(decided.scored.size(), 2);
}

TEST(ReviewIndex, ClaimsAreOfPointsThatTheGraderDidNotFind) {
  FoldBuilder log;
  const std::string answer = log.Submit("q1").event_id;
  Event& grade = log.Grade(answer, 60);
  AddItem(grade, "made", 1);
  AddItem(grade, "missed", 0);
  log.Reveal("q1");
  log.Rate("q1", v1::RATING_GOOD, {"missed", "made", "no-such-point"});
  log.Rate("q2", v1::RATING_GOOD, {"missed"});  // no answer: nothing to look at
  EXPECT_THAT(Needs(Index(log)), testing::ElementsAre("CLAIMED q1 missed"));
  log.Grade(answer, 60, v1::GRADE_CAUSE_OVERRIDE);
  EXPECT_THAT(Index(log).needs, IsEmpty());
}

TEST(Fold, EarlierGradesAreThoseThatWereCurrentBefore) {
  FoldBuilder log;
  const std::string answer = log.Answer("q1", 10);
  log.Grade(answer, 20, v1::GRADE_CAUSE_REGRADE, 2);
  log.Grade(answer, 30, v1::GRADE_CAUSE_REGRADE, 1);  // never was
  log.Grade(answer, 40, v1::GRADE_CAUSE_OVERRIDE);
  log.Grade(answer, 50, v1::GRADE_CAUSE_REGRADE, 3);  // nor was this
  log.Grade(answer, 60, v1::GRADE_CAUSE_OVERRIDE);
  const std::optional<SessionFold> fold = FoldSession(log.events());
  const FoldedAnswer& folded = fold->answers[0];
  EXPECT_EQ(folded.score, 60);
  std::vector<int32_t> scores;
  for (const Event* grade : EarlierGrades(*fold, folded)) {
    scores.push_back(grade->payload.graded().report().score());
  }
  EXPECT_THAT(scores, testing::ElementsAre(40, 20, 10));
  EXPECT_EQ(GradersGrade(*fold, folded)->payload.graded().report().score(), 50);
}

TEST(Fold, AGradersGradeIsNoPersons) {
  FoldBuilder log;
  const std::string answer = log.Submit("q1").event_id;
  log.Grade(answer, 40, v1::GRADE_CAUSE_OVERRIDE);
  const std::optional<SessionFold> fold = FoldSession(log.events());
  EXPECT_EQ(GradersGrade(*fold, fold->answers[0]), nullptr);
  EXPECT_THAT(EarlierGrades(*fold, fold->answers[0]), IsEmpty());
}

}  // namespace
}  // namespace greenroom::session
