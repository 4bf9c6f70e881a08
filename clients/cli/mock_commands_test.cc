// Mock interviews, exams and assignments in the terminal.
#include <gmock/gmock.h>

#include "clients/cli/commands_fixture.h"

namespace greenroom::cli {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

class MockCommandsTest : public CommandsTest {
 protected:
  // What a session or a question has from now on.
  void SetTimeLeft(absl::Duration left) {
    session().deadline_seconds = absl::ToUnixSeconds(clock_.Now() + left);
  }
};

TEST_F(MockCommandsTest, AMockIsTimedAndCountsDown) {
  terminal_.is_terminal = true;
  SetTimeLeft(absl::Seconds(125));
  terminal_.Type({"An answer", ".", "", ":finish"});
  terminal_.Before(1, [this] { clock_.Advance(absl::Seconds(20)); });
  EXPECT_EQ(Run({"mock", "p", "--minutes", "2", "--question-minutes", "0.5"}), kExitOk) << terminal_.err;
  ASSERT_EQ(session().created.size(), 1u);
  EXPECT_EQ(session().created[0].mode(), session::v1::SESSION_MODE_MOCK);
  EXPECT_EQ(session().created[0].time_limit().seconds(), 120);
  EXPECT_EQ(session().created[0].question_time_limit().seconds(), 30);
  ASSERT_EQ(session().submitted.size(), 1u);
  EXPECT_THAT(terminal_.out, HasSubstr("[2:05] "));
  EXPECT_THAT(terminal_.out, HasSubstr("[1:45] "));
  EXPECT_THAT(terminal_.out, Not(HasSubstr(":reveal")));
  EXPECT_EQ(session().calls.back(), "FinishSession");
}

TEST_F(MockCommandsTest, WithoutFlagsTheServerSetsTheTime) {
  terminal_.Type({":quit"});
  EXPECT_EQ(Run({"mock", "p"}), kExitOk) << terminal_.err;
  EXPECT_FALSE(session().created[0].has_time_limit());
  EXPECT_FALSE(session().created[0].has_question_time_limit());
  EXPECT_EQ(Run({"mock", "p", "--minutes", "-1"}), kExitUsage);
  EXPECT_EQ(Run({"mock", "p", "--exam"}), kExitUsage);
}

TEST_F(MockCommandsTest, ACountIsForTheServerToSelect) {
  terminal_.Type({":quit"});
  EXPECT_EQ(Run({"mock", "p", "--count", "3"}), kExitOk) << terminal_.err;
  EXPECT_EQ(session().created[0].criteria().count(), 3);
  terminal_.Type({":quit"});
  EXPECT_EQ(Run({"practice", "p", "--count", "2"}), kExitOk) << terminal_.err;
  EXPECT_EQ(session().created[1].criteria().count(), 2);
  EXPECT_EQ(session().created[1].questions_size(), 0);
  terminal_.Type({":quit"});
  EXPECT_EQ(Run({"practice", "p", "--new"}), kExitOk) << terminal_.err;
  EXPECT_FALSE(session().created[2].has_criteria());
  for (const char* count : {"-1", "1.5", "501"}) {
    EXPECT_EQ(Run({"practice", "p", "--count", count}), kExitUsage) << count;
  }
  EXPECT_EQ(Run({"practice", "p", "--count", "2", "--question", "first"}), kExitUsage);
  EXPECT_EQ(Run({"mock", "p", "--count", "2", "--assignment", "week-1"}), kExitUsage);
  EXPECT_EQ(session().created.size(), 3u);
}

TEST_F(MockCommandsTest, AQuestionWhoseTimeIsUpGivesWayToTheNext) {
  session().RefuseNext("SubmitAnswer", absl::StatusCode::kFailedPrecondition, "TIME_IS_UP");
  terminal_.Type({"too late", ".", "in time", ".", ":quit"});
  terminal_.Before(1, [this] {
    for (auto& [id, one] : session().sessions) {
      one.mutable_questions(0)->set_state(session::v1::QUESTION_STATE_SKIPPED);
    }
  });
  EXPECT_EQ(Run({"mock", "p"}), kExitOk) << terminal_.err;
  EXPECT_THAT(terminal_.err, HasSubstr("TIME_IS_UP"));
  ASSERT_EQ(session().submitted.size(), 1u);
  EXPECT_EQ(session().submitted[0].question(), "second");
}

TEST_F(MockCommandsTest, AMockThatTheServerEndedIsReportedOn) {
  session().RefuseNext("NextQuestion", absl::StatusCode::kFailedPrecondition, "SESSION_FINISHED");
  EXPECT_EQ(Run({"mock", "p"}), kExitOk) << terminal_.err;
  EXPECT_EQ(session().calls.back(), "GetSessionReport");
  EXPECT_THAT(terminal_.out, HasSubstr("The session is over."));
  EXPECT_THAT(terminal_.out, HasSubstr("35"));
}

TEST_F(MockCommandsTest, AMockIsPausedAndGoesOn) {
  terminal_.Type({"so far", ":pause"});
  EXPECT_EQ(Run({"mock", "p"}), kExitOk) << terminal_.err;
  EXPECT_EQ(session().calls.back(), "PauseSession");
  EXPECT_THAT(terminal_.out, HasSubstr("Paused."));
  terminal_.Type({"and more", ".", ":quit"});
  EXPECT_EQ(Run({"mock", "p"}), kExitOk) << terminal_.err;
  EXPECT_THAT(session().calls, Contains("ResumeSession"));
  ASSERT_EQ(session().submitted.size(), 1u);
  EXPECT_EQ(session().submitted[0].text(), "so far\nand more");
  EXPECT_EQ(session().created.size(), 1u);
}

TEST_F(MockCommandsTest, PracticeDoesNotGoOnWithAMock) {
  terminal_.Type({":quit"});
  ASSERT_EQ(Run({"mock", "p"}), kExitOk);
  terminal_.Type({":quit"});
  ASSERT_EQ(Run({"practice", "p"}), kExitOk);
  ASSERT_EQ(session().created.size(), 2u);
  EXPECT_EQ(session().created[1].mode(), session::v1::SESSION_MODE_PRACTICE);
}

TEST_F(MockCommandsTest, AnExamIsMadeOfItsAssignment) {
  terminal_.Type({":quit", ":quit"});
  EXPECT_EQ(Run({"mock", "p", "--assignment", "final", "--exam"}), kExitOk) << terminal_.err;
  EXPECT_EQ(session().created[0].mode(), session::v1::SESSION_MODE_EXAM);
  EXPECT_EQ(session().created[0].assignment(), "tenants/-/assignments/final");
  terminal_.Type({":quit"});
  EXPECT_EQ(Run({"mock", "p", "--assignment", "final", "--exam"}), kExitOk) << terminal_.err;
  EXPECT_EQ(session().created.size(), 1u) << "it goes on";
}

TEST_F(MockCommandsTest, AnAnsweredExamIsFinishedLater) {
  terminal_.Type({"one", ".", "", "two", ".", ":quit"});
  ASSERT_EQ(Run({"mock", "p", "--assignment", "final", "--exam"}), kExitOk) << terminal_.err;
  EXPECT_THAT(terminal_.out, HasSubstr("`greenroom mock p --assignment final --exam` goes on with"));
  EXPECT_THAT(terminal_.out, HasSubstr("when grades are released"));
  terminal_.Type({":finish"});
  EXPECT_EQ(Run({"mock", "p", "--assignment", "final", "--exam"}), kExitOk) << terminal_.err;
  EXPECT_EQ(session().calls.back(), "FinishSession");
  EXPECT_EQ(session().created.size(), 1u);
}

TEST_F(MockCommandsTest, AnAssignmentIsMade) {
  EXPECT_EQ(Run({"assign",
                 "--pack",
                 "p",
                 "--id",
                 "final",
                 "--mode",
                 "exam",
                 "--title",
                 "Final",
                 "--question",
                 "a",
                 "--question",
                 "b",
                 "--learner",
                 "ada",
                 "--closes",
                 "2026-12-01T09:00:00Z",
                 "--minutes",
                 "30",
                 "--question-minutes",
                 "2",
                 "--sessions",
                 "1"}),
            kExitOk)
      << terminal_.err;
  ASSERT_EQ(services_.gradebook.assigned.size(), 1u);
  const session::v1::CreateAssignmentRequest& request = services_.gradebook.assigned[0];
  EXPECT_EQ(request.assignment_id(), "final");
  const session::v1::Assignment& assignment = request.assignment();
  EXPECT_EQ(assignment.revision(), "tenants/-/packs/p");
  EXPECT_EQ(assignment.mode(), session::v1::SESSION_MODE_EXAM);
  EXPECT_EQ(assignment.questions_size(), 2);
  EXPECT_EQ(assignment.learners(0), "ada");
  EXPECT_EQ(assignment.close_time().seconds(), 1796115600);
  EXPECT_FALSE(assignment.has_open_time());
  EXPECT_EQ(assignment.time_limit().seconds(), 1800);
  EXPECT_EQ(assignment.question_time_limit().seconds(), 120);
  EXPECT_EQ(assignment.max_sessions(), 1);
  EXPECT_THAT(terminal_.out, HasSubstr("final: exam"));
}

TEST_F(MockCommandsTest, AssignmentsAreListedReportedReleasedAndDeleted) {
  EXPECT_EQ(Run({"assign"}), kExitOk) << terminal_.err;
  EXPECT_THAT(terminal_.out, HasSubstr("final: exam on p, 30 minutes"));
  EXPECT_EQ(Run({"assign", "--results", "final"}), kExitOk) << terminal_.err;
  EXPECT_THAT(terminal_.out, HasSubstr("ada: 2 of 3 answered, score 55, finished"));
  EXPECT_EQ(Run({"assign", "--results", "none"}), kExitFailed);
  EXPECT_EQ(Run({"assign", "--release", "final"}), kExitOk) << terminal_.err;
  EXPECT_THAT(services_.gradebook.released, Contains("tenants/-/assignments/final"));
  EXPECT_EQ(Run({"assign", "--delete", "final"}), kExitOk) << terminal_.err;
  EXPECT_THAT(services_.gradebook.deleted, Contains("tenants/-/assignments/final"));
  for (const std::vector<std::string>& wrong :
       std::vector<std::vector<std::string>>{{"assign", "--pack", "p"},
                                             {"assign", "--release", "a", "--delete", "b"},
                                             {"assign", "--pack", "p", "--id", "a", "--mode", "sprint"},
                                             {"assign", "--pack", "p", "--id", "a", "--opens", "soon"}}) {
    EXPECT_EQ(Run(wrong), kExitUsage);
  }
}

}  // namespace
}  // namespace greenroom::cli
