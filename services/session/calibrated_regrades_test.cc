// Regrades that are corrected by what people decided: which decisions, for how long, and by workers that die.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/session/testing/gradebook_test.h"

namespace greenroom::session::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class CalibratedRegradeTest : public GradebookTest {
 protected:
  // Answers of the learners with these numbers, one to q1 and one to q2, graded 55.
  void Practise(int first, int last) {
    for (int i = first; i <= last; ++i) {
      const As as{"acme", NameOf(i)};
      const std::string session = Create(100 + i, as);
      ASSERT_OK(Submit(session, 1000 + 2 * i, "q1", absl::StrCat("SECRET-", i), as));
      ASSERT_OK(Submit(session, 1001 + 2 * i, "q2", "two", as));
    }
  }
  static std::string NameOf(int learner) { return absl::StrCat("learner-", learner); }
  static std::string AnswerOf(int learner, int question = 1) {
    return AnswerPath(SessionPath(Uuid(100 + learner), NameOf(learner)), 999 + 2 * learner + question);
  }
  void Decide(int learner, int32_t score, int question = 1) {
    ASSERT_OK(Override(ScoreOf(AnswerOf(learner, question), ++decisions_, score)));
  }
  static v1::CreateRegradeRequest Calibrated(int id) {
    v1::CreateRegradeRequest request = RegradeOf(id);
    request.set_calibrate(true);
    return request;
  }
  v1::Regrade Regrade(int id) {
    auto regrade = GetRegrade(id);
    EXPECT_TRUE(regrade.ok()) << regrade.status();
    return regrade.value_or(v1::Regrade());
  }
  v1::Regrade Preview(const v1::CreateRegradeRequest& request, int id) {
    EXPECT_TRUE(CreateRegrade(request).ok());
    EXPECT_TRUE(server_.regrades.RunOnce());
    EXPECT_EQ(Regrade(id).state(), v1::REGRADE_STATE_READY);
    return Regrade(id);
  }
  std::string ChangeText(int id) {
    auto page = Changes(id, 500);
    EXPECT_TRUE(page.ok()) << page.status();
    return page.ok() ? page->DebugString() : "";
  }
  void Erase(int learner) {
    const auto erased =
        SyncWait(server_.ledger.Erase({"acme", NameOf(learner)}, absl::Now() + absl::Seconds(10)));
    ASSERT_TRUE(erased.ok()) << erased.status();
  }
  // One life of a worker that dies in the middle of a session, after so many whole ones.
  void LiveAndDie(int sessions) {
    RegradeWorkerOptions options;
    options.batch = 1;
    server_.grader.set_grading(
        [&](const std::string& question, const std::string& text) -> absl::StatusOr<scoring::v1::Report> {
          if (text == "two" && sessions-- <= 0) return absl::UnavailableError("the process is gone");
          return MarkedReport(question, 55);
        });
    RegradeWorker worker(server_.gradebook_store, server_.log, server_.ledger, server_.grader, server_.clock,
                         server_.rng, server_.logger, options);
    worker.RunOnce();
    GradeWith(55);
    server_.clock.Advance(absl::Seconds(31));
  }

  int decisions_ = 5000;
};

TEST_F(CalibratedRegradeTest, DecisionsOfAQuestionMoveItsOtherAnswers) {
  Practise(0, 3);
  Decide(0, 10);
  Decide(0, 75);  // this is the one that counts
  Decide(1, 85);
  const v1::Regrade regrade = Preview(Calibrated(1), 1);
  EXPECT_TRUE(regrade.calibrate());
  EXPECT_EQ(regrade.graded_answers(), 2);
  EXPECT_EQ(regrade.calibration().size(), 64);
  EXPECT_EQ(regrade.answers(), 8);
  EXPECT_EQ(regrade.changes(), 4);  // those to q1
  EXPECT_EQ(regrade.raised(), 4);
  EXPECT_EQ(regrade.overridden(), 2);
  auto changes = Changes(1);
  ASSERT_OK(changes);
  for (const v1::RegradeChange& change : changes->changes()) EXPECT_EQ(change.new_score(), 80);
  ASSERT_OK(Apply(1));
  EXPECT_TRUE(server_.regrades.RunOnce());

  auto seen = GetAnswer(AnswerOf(2), {"acme", NameOf(2)});
  ASSERT_OK(seen);
  EXPECT_EQ(seen->grade().report().score(), 80);
  EXPECT_EQ(seen->grade().report().calibrated_with(), 0) << "that is not the learner's";
  EXPECT_THAT(seen->DebugString(), Not(HasSubstr("SECRET-0")));
  auto staff = GetAnswer(AnswerOf(2), kTeacher);
  ASSERT_OK(staff);
  EXPECT_EQ(staff->grade().report().calibrated_with(), 2);
  EXPECT_EQ(GetAnswer(AnswerOf(0), kTeacher)->grade().report().score(), 75) << "a person set it";
}

TEST_F(CalibratedRegradeTest, OnlyWhereItIsAskedFor) {
  Practise(0, 1);
  Decide(0, 75);
  const v1::Regrade plain = Preview(RegradeOf(1), 1);
  EXPECT_EQ(plain.changes(), 0);
  EXPECT_FALSE(plain.calibrate());
  EXPECT_EQ(plain.calibration(), "");
  EXPECT_REASON(CreateRegrade(Calibrated(1)), kAlreadyExists, "ID_REUSED");
  // Nothing was decided about what is asked for.
  v1::CreateRegradeRequest other = Calibrated(2);
  other.add_questions("q2");
  EXPECT_EQ(Preview(other, 2).graded_answers(), 0);
  EXPECT_EQ(Regrade(2).changes(), 0);
}

TEST_F(CalibratedRegradeTest, TheTenNewestOfThoseBeforeItsCreation) {
  Practise(0, 14);
  for (int i = 0; i < 3; ++i) Decide(i, 0);
  for (int i = 3; i < 13; ++i) Decide(i, 75);
  ASSERT_OK(CreateRegrade(Calibrated(1)));
  Decide(13, 0);
  Decide(14, 0, 2);
  EXPECT_TRUE(server_.regrades.RunOnce());
  EXPECT_EQ(Regrade(1).graded_answers(), 10);
  EXPECT_EQ(Regrade(1).raised(), 15);
  EXPECT_EQ(Changes(1)->changes(0).new_score(), 75);
  EXPECT_THAT(ChangeText(1), Not(HasSubstr("SECRET")));
}

// Whatever the others were told, nothing is corrected by those who are erased; and a preview is of one set throughout.
TEST_F(CalibratedRegradeTest, BeginsAnewWithoutALearnerWhoIsErased) {
  Practise(0, 5);
  Decide(0, 95);
  Decide(1, 65);
  ASSERT_OK(CreateRegrade(Calibrated(1)));
  LiveAndDie(3);
  ASSERT_EQ(Regrade(1).answers(), 6) << "sessions that were looked at whole";
  const std::string before = Regrade(1).calibration();
  EXPECT_EQ(Changes(1)->changes(0).new_score(), 80);
  Erase(0);
  EXPECT_TRUE(server_.regrades.RunOnce());
  const v1::Regrade regrade = Regrade(1);
  EXPECT_EQ(regrade.state(), v1::REGRADE_STATE_READY);
  EXPECT_EQ(regrade.graded_answers(), 1);
  EXPECT_NE(regrade.calibration(), before);
  EXPECT_EQ(regrade.answers(), 10);
  EXPECT_EQ(regrade.changes(), 5);
  auto changes = Changes(1);
  ASSERT_OK(changes);
  EXPECT_EQ(changes->changes_size(), 5);
  for (const v1::RegradeChange& change : changes->changes()) EXPECT_EQ(change.new_score(), 65);
  // The same as one that was created after it.
  EXPECT_EQ(Preview(Calibrated(2), 2).calibration(), regrade.calibration());
  EXPECT_EQ(ChangeText(2), ChangeText(1));
}

// The same while one worker is at it: it looks again after a while.
TEST_F(CalibratedRegradeTest, NoticesAnErasureUnderWay) {
  Practise(0, 5);
  Decide(0, 95);
  Decide(1, 65);
  ASSERT_OK(CreateRegrade(Calibrated(1)));
  RegradeWorkerOptions options;
  options.batch = 1;
  options.recollect = absl::ZeroDuration();
  int graded = 0;
  server_.grader.set_grading([&](const std::string& question, const std::string& text) {
    if (text == "two" && ++graded == 4) Erase(0);
    return MarkedReport(question, 55);
  });
  RegradeWorker worker(server_.gradebook_store, server_.log, server_.ledger, server_.grader, server_.clock,
                       server_.rng, server_.logger, options);
  EXPECT_TRUE(worker.RunOnce());
  EXPECT_EQ(Regrade(1).state(), v1::REGRADE_STATE_READY);
  EXPECT_EQ(Regrade(1).graded_answers(), 1);
  EXPECT_EQ(Regrade(1).answers(), 10);
  auto changes = Changes(1);
  ASSERT_OK(changes);
  ASSERT_EQ(changes->changes_size(), 5);
  for (const v1::RegradeChange& change : changes->changes()) EXPECT_EQ(change.new_score(), 65);
}

// A worker dies at every call that it makes, in turn; others go on, and the changes are the same.
TEST_F(CalibratedRegradeTest, WorkersThatDieAnywhereEndWithTheSameChanges) {
  Practise(0, 5);
  for (int i = 0; i < 3; ++i) Decide(i, 60 + 10 * i);
  ASSERT_OK(CreateRegrade(Calibrated(1)));
  ASSERT_OK(CreateRegrade(Calibrated(2)));
  EXPECT_TRUE(server_.regrades.RunOnce());
  ASSERT_EQ(Regrade(1).changes(), 6);
  for (int i = 3; i < 6; ++i) Decide(i, 0);  // what is decided meanwhile is for the next
  int lives = 0;
  for (; Regrade(2).state() == v1::REGRADE_STATE_COMPUTING && lives < 100; ++lives) {
    FaultGate& store = server_.gradebook_store.gate();
    if (lives % 5 == 0) store.Fail("DecisionsBefore", absl::UnavailableError("gone"), 1);
    if (lives % 5 == 1) store.Fail("RestartRegrade", absl::UnavailableError("gone"), 1);
    if (lives % 5 == 2) server_.log.gate().Fail("FindEvents", absl::UnavailableError("gone"), 1);
    if (lives % 5 == 3) store.Fail("SavePiece", absl::UnavailableError("gone"), 1);
    LiveAndDie(1);
    store.Heal();
    server_.log.gate().Heal();
  }
  EXPECT_GT(lives, 4);
  EXPECT_EQ(Regrade(2).state(), v1::REGRADE_STATE_READY);
  EXPECT_EQ(Regrade(2).answers(), 12);
  EXPECT_EQ(Regrade(2).calibration(), Regrade(1).calibration());
  // The regrade that waited has the same changes; a person has decided about some of them since.
  const auto first = Changes(1), second = Changes(2);
  ASSERT_OK(first);
  ASSERT_OK(second);
  ASSERT_EQ(first->changes_size(), second->changes_size());
  for (int i = 0; i < first->changes_size(); ++i) {
    EXPECT_EQ(first->changes(i).answer(), second->changes(i).answer());
    EXPECT_EQ(first->changes(i).new_score(), second->changes(i).new_score());
  }
}

}  // namespace
}  // namespace greenroom::session::testing
