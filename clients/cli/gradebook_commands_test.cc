// override, regrade, queue, stats.
#include <gmock/gmock.h>

#include "clients/cli/commands_fixture.h"

namespace greenroom::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

class GradebookCommandsTest : public CommandsTest {
 protected:
  FakeGradebookService& grades() { return services_.gradebook; }
};

TEST_F(GradebookCommandsTest, OverridesAnAnswer) {
  EXPECT_EQ(Run({"override", "learners/ada/sessions/s/answers/a", "--item", "noise=0.5", "--item", "unseen=1",
                 "--flag", "bigger=no", "--score", "90", "--comment", "Well argued.", "--note", "a note"}),
            kExitOk)
      << terminal_.err;
  ASSERT_EQ(grades().overridden.size(), 1u);
  const session::v1::OverrideGradeRequest& sent = grades().overridden[0];
  EXPECT_EQ(sent.answer(), "tenants/-/learners/ada/sessions/s/answers/a");
  EXPECT_EQ(sent.request_id().size(), 36u);
  ASSERT_EQ(sent.items_size(), 2);
  EXPECT_EQ(sent.items(0).item(), "noise");
  EXPECT_EQ(sent.items(0).credit(), 0.5);
  ASSERT_EQ(sent.flags_size(), 1);
  EXPECT_FALSE(sent.flags(0).raised());
  EXPECT_EQ(sent.score(), 90);
  EXPECT_EQ(sent.note(), "a note");
  EXPECT_THAT(terminal_.out, HasSubstr("Decided by a person."));
  EXPECT_THAT(terminal_.out, HasSubstr("Well argued."));
  EXPECT_THAT(terminal_.out, HasSubstr("STRONG: 90 of 100"));
}

TEST_F(GradebookCommandsTest, SaysWhatIsWrongWithADecision) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"override"},
                                             {"override", "a", "--item", "noise"},
                                             {"override", "a", "--item", "noise=much"},
                                             {"override", "a", "--flag", "bigger=maybe"},
                                             {"override", "a", "--score", "50.5"},
                                             {"override", "a", "--score", "101"},
                                             {"regrade", "begin", "alpha"},
                                             {"regrade", "create"},
                                             {"regrade", "show"},
                                             {"regrade", "list", "alpha", "beta"},
                                             {"stats", "alpha"},
                                             {"queue", "--reason", "boredom"}}) {
    EXPECT_EQ(Run(words), kExitUsage) << terminal_.out << terminal_.err;
  }
  EXPECT_TRUE(grades().overridden.empty());
}

TEST_F(GradebookCommandsTest, ARegradeFromItsCreationToItsEnd) {
  EXPECT_EQ(Run({"regrade", "create", "alpha", "--question", "first", "--against", "r2", "--follow"}),
            kExitOk)
      << terminal_.err;
  ASSERT_EQ(grades().created.size(), 1u);
  EXPECT_EQ(grades().created[0].pack(), "tenants/-/packs/alpha");
  EXPECT_EQ(grades().created[0].against(), "tenants/-/packs/alpha/revisions/r2");
  EXPECT_THAT(terminal_.out, HasSubstr("of alpha, first, against revision r2"));
  EXPECT_THAT(terminal_.out, HasSubstr("9 answers looked at: 2 changes (1 up, 1 down)"));
  EXPECT_THAT(terminal_.out, HasSubstr("of them decided by a person, which stays: 1\n"));
  EXPECT_THAT(terminal_.out, HasSubstr("greenroom regrade changes"));
  const std::string id = grades().created[0].regrade_id();
  EXPECT_EQ(Run({"regrade", "changes", id}), kExitOk) << terminal_.err;
  EXPECT_THAT(terminal_.out, HasSubstr(" 40 ->  75  first  learners/ada/sessions/s/answers/a\n"));
  EXPECT_THAT(terminal_.out, HasSubstr("  - ->  75  first  learners/ada/sessions/s/answers/b"));
  EXPECT_THAT(terminal_.out, HasSubstr("decided by a person"));
  EXPECT_EQ(Run({"regrade", "apply", id}), kExitOk) << terminal_.err;
  EXPECT_THAT(terminal_.out, HasSubstr("recording: 0 of 2 new grades"));
  EXPECT_EQ(Run({"regrade", "show", id}), kExitOk) << terminal_.err;
  EXPECT_THAT(terminal_.out, HasSubstr("done: 2 new grades recorded"));
  EXPECT_EQ(Run({"regrade", "cancel", id}), kExitOk) << terminal_.err;
  EXPECT_THAT(terminal_.out, HasSubstr("given up"));
  EXPECT_EQ(Run({"regrade", "show", "absent"}), kExitFailed);
  EXPECT_FALSE(grades().created[0].calibrate());
}

TEST_F(GradebookCommandsTest, ARegradeSaysByHowManyDecisionsItIsCorrected) {
  EXPECT_EQ(Run({"regrade", "create", "alpha", "--calibrate"}), kExitOk) << terminal_.err;
  EXPECT_TRUE(grades().created[0].calibrate());
  EXPECT_THAT(terminal_.out, HasSubstr("corrected by what people decided\n"));
  EXPECT_EQ(Run({"regrade", "show", grades().created[0].regrade_id()}), kExitOk) << terminal_.err;
  EXPECT_THAT(terminal_.out, HasSubstr("corrected by what people decided about 7 answers\n"));
}

TEST_F(GradebookCommandsTest, ListsRegrades) {
  EXPECT_EQ(Run({"regrade", "list"}), kExitOk) << terminal_.err;
  ASSERT_EQ(grades().listed.size(), 2u);
  EXPECT_EQ(grades().listed[0].pack(), "");
  EXPECT_THAT(terminal_.out, HasSubstr("0e6f1a52-2\n  2023-11-"));
  EXPECT_THAT(terminal_.out, HasSubstr("looking at answers: alpha, against each answer's"));
  EXPECT_THAT(terminal_.out, HasSubstr("1 answer, 2 changes\n0e6f1a52-1\n"));
  EXPECT_THAT(terminal_.out, HasSubstr("answers, 2 changes; number 1\n"));
  EXPECT_EQ(Run({"regrade", "list", "alpha", "--json"}), kExitOk) << terminal_.err;
  EXPECT_EQ(JsonLines().size(), 2u);
  EXPECT_EQ(grades().listed.back().pack(), "tenants/-/packs/alpha");
  EXPECT_EQ(Run({"regrade", "list", "beta"}), kExitOk) << terminal_.err;
  EXPECT_THAT(terminal_.out, HasSubstr("Nothing was graded anew."));
}

TEST_F(GradebookCommandsTest, TellsHowAQuestionIsAnswered) {
  EXPECT_EQ(Run({"stats", "alpha", "first"}), kExitOk) << terminal_.err;
  EXPECT_EQ(terminal_.out,
            "first of alpha\n"
            "  12 answers of 5 learners, answers after a reveal left out\n"
            "  mean score 50, of first attempts 31\n"
            "  How many made each point:\n"
            "   50 %  noise\n"
            "    0 %  unseen\n");
  EXPECT_EQ(Run({"stats", "alpha", "second"}), kExitOk) << terminal_.err;
  EXPECT_THAT(terminal_.out, HasSubstr("second of alpha\n  Fewer than 5 learners"));
  EXPECT_THAT(terminal_.out, Not(HasSubstr("mean score")));
  EXPECT_THAT(terminal_.out, Not(HasSubstr("0 answers")));
  EXPECT_EQ(Run({"stats", "alpha", "second", "--json"}), kExitOk) << terminal_.err;
  ASSERT_EQ(JsonLines().size(), 1u);
  EXPECT_TRUE(JsonLines()[0].fields().at("withheld").bool_value());
}

TEST_F(GradebookCommandsTest, ListsTheQueue) {
  EXPECT_EQ(Run({"queue"}), kExitOk) << terminal_.err;
  EXPECT_THAT(terminal_.out, HasSubstr("first of alpha: could not be graded\n"));
  EXPECT_THAT(terminal_.out, HasSubstr("first of alpha: claims \"noise\", as 3 learners do, score 40\n"));
  EXPECT_THAT(terminal_.out, HasSubstr("  learners/ada/sessions/s/answers/a\n"));
  EXPECT_EQ(Run({"queue", "--most", "1", "--json"}), kExitOk) << terminal_.err;
  EXPECT_EQ(JsonLines().size(), 1u);
  EXPECT_EQ(Run({"queue", "--pack", "alpha", "--reason", "low"}), kExitOk) << terminal_.err;
  EXPECT_EQ(grades().asked.reason(), session::v1::REVIEW_REASON_LOW_CONFIDENCE);
  EXPECT_THAT(terminal_.out, HasSubstr("Nothing waits for a person."));
}

}  // namespace
}  // namespace greenroom::cli
