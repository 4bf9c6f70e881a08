#include "services/content/domain/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/content/domain/pack_reader.h"
#include "services/content/domain/question_view.h"

namespace greenroom::content {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kPack[] = R"(format: greenroom-pack/1
pack: ml
language: en
role: Engineer
tips:
  - {id: watch, text: Watch it., check: {kinds: [concept], rubric: {id: watches, point: Watches}}}
  - {id: idle, text: Rest.}
questions:
  - id: q
    kind: concept
    difficulty: 2
    prompt: PROMPT
    model_answer: MODEL
    rubric:
      - {id: main, point: Main, cue: CUE}
      - {id: names, any: 1, of: [{id: a, point: A, need: mention}, {id: b, point: B}]}
    red_flags:
      - {id: wrong, point: Wrong, match: [wrong]}
    hints: [HINT]
    examples:
      - {id: g1, answer: GOOD1, score: [70, 100], made: [main], flags: []}
      - {id: g2, answer: GOOD2, score: [60, 90]}
      - {id: mid, answer: MID, score: [40, 70]}
      - {id: p1, answer: POOR1, score: [0, 30], missed: [main]}
      - {id: p2, answer: POOR2, score: [0, 59], flags: [wrong]}
)";

scoring::v1::Report Graded(int score, const std::vector<std::string>& made = {},
                           const std::vector<std::string>& flags = {}) {
  scoring::v1::Report report;
  report.set_score(score);
  auto credit = [&](const std::string& id) {
    return std::count(made.begin(), made.end(), id) > 0 ? 0.5 : 0.49;
  };
  scoring::v1::ItemResult& main = *report.add_items();
  main.set_id("main");
  main.set_credit(credit("main"));
  scoring::v1::ItemResult& names = *report.add_items();
  names.set_id("names");
  names.set_credit(credit("names"));
  for (const char* id : {"a", "b"}) {
    scoring::v1::ItemResult& member = *names.add_members();
    member.set_id(id);
    member.set_credit(credit(id));
  }
  for (const std::string& id : flags) report.add_flags()->set_id(id);
  return report;
}

// A grader that knows what every answer of the pack deserves.
class CheckTest : public ::testing::Test {
 protected:
  CheckTest() : read_(ReadPack(kPack)) {
    EXPECT_TRUE(read_.ok());
    reports_ = {{"MODEL", Graded(95, {"main", "names", "a"})},
                {"GOOD1", Graded(80, {"main"})},
                {"GOOD2", Graded(60)},
                {"MID", Graded(50)},
                {"POOR1", Graded(10)},
                {"POOR2", Graded(20, {}, {"wrong"})},
                {"CUE", Graded(0)},
                {"HINT", Graded(0)},
                {"PROMPT", Graded(0)}};
  }

  v1::CheckPackResponse Run() {
    absl::StatusOr<v1::CheckPackResponse> response = CheckPack(
        read_.pack,
        [this](const v1::Question&, absl::string_view answer) { return reports_.at(std::string(answer)); },
        read_.places, read_.issues);
    EXPECT_TRUE(response.ok());
    return *response;
  }

  static std::string Issues(const v1::CheckPackResponse& response) {
    return absl::StrJoin(response.issues(), "\n", [](std::string* out, const v1::Issue& issue) {
      absl::StrAppend(out, issue.severity() == v1::SEVERITY_ERROR ? "error " : "warning ", issue.code(), " ",
                      issue.line(), " ", issue.path());
    });
  }

  ReadResult read_;
  std::map<std::string, scoring::v1::Report> reports_;
};

TEST_F(CheckTest, AGoodPackPassesWithoutAWord) {
  const v1::CheckPackResponse response = Run();
  EXPECT_EQ(Issues(response), "");
  EXPECT_TRUE(response.passed());
  EXPECT_EQ(response.examples(), 5);
  EXPECT_EQ(response.examples_in_range(), 5);
  ASSERT_EQ(response.results_size(), 6);
  EXPECT_EQ(response.results(0).example(), "model-answer");
  EXPECT_EQ(response.results(0).score_low(), 90);
  EXPECT_EQ(response.results(5).example(), "p2");
}

TEST_F(CheckTest, FourOfFiveInRangeIsTooFew) {
  reports_["MID"] = Graded(71);
  const v1::CheckPackResponse response = Run();
  EXPECT_EQ(Issues(response),
            "warning example-out-of-range 23 questions[0].examples[2]\nerror examples-out-of-range 0 ");
  EXPECT_FALSE(response.passed());
  EXPECT_EQ(response.examples_in_range(), 4);
}

TEST_F(CheckTest, APoorOneAboveTheLowestGoodOneFails) {
  reports_["POOR2"] = Graded(59, {}, {"wrong"});
  reports_["GOOD2"] = Graded(59);
  EXPECT_THAT(Issues(Run()), Not(::testing::HasSubstr("poor-above-good"))) << "level is not above";
  reports_["GOOD2"] = Graded(58);
  const v1::CheckPackResponse response = Run();
  EXPECT_THAT(Issues(response), ::testing::HasSubstr("error poor-above-good 25 questions[0].examples[4]"));
  EXPECT_FALSE(response.passed());
}

TEST_F(CheckTest, AnExampleInBetweenIsNeitherGoodNorPoor) {
  reports_["MID"] = Graded(69);
  EXPECT_EQ(Issues(Run()), "") << "above the lowest good one";
}

TEST_F(CheckTest, MadeMissedAndFlagsAreWarnings) {
  reports_["GOOD1"] = Graded(80, {}, {"wrong"});
  reports_["POOR1"] = Graded(10, {"main"});
  reports_["POOR2"] = Graded(20);
  const v1::CheckPackResponse response = Run();
  EXPECT_EQ(
      Issues(response),
      "warning example-made 21 questions[0].examples[0]\nwarning example-flags 21 questions[0].examples[0]\n"
      "warning example-missed 24 questions[0].examples[3]\nwarning example-flags 25 "
      "questions[0].examples[4]");
  EXPECT_TRUE(response.passed());
  EXPECT_THAT(response.results(1).not_made(), ElementsAre("main"));
  EXPECT_THAT(response.results(1).wrongly_raised(), ElementsAre("wrong"));
  EXPECT_THAT(response.results(4).not_missed(), ElementsAre("main"));
  EXPECT_THAT(response.results(5).not_raised(), ElementsAre("wrong"));
  EXPECT_THAT(response.results(2).wrongly_raised(), IsEmpty());
}

TEST_F(CheckTest, AbsentFlagsAreUnchecked) {
  reports_["GOOD2"] = Graded(60, {}, {"wrong"});
  EXPECT_EQ(Issues(Run()), "");
}

TEST_F(CheckTest, TheModelAnswerShouldBeGoodAndUnflagged) {
  reports_["MODEL"] = Graded(89, {}, {"wrong"});
  const v1::CheckPackResponse response = Run();
  EXPECT_EQ(Issues(response),
            "warning model-answer-low 13 questions[0].model_answer\n"
            "warning model-answer-flagged 13 questions[0].model_answer");
  EXPECT_TRUE(response.passed());
}

TEST_F(CheckTest, CuesAndHintsShouldNotGivePointsAway) {
  reports_["CUE"] = Graded(20, {"main"});
  reports_["HINT"] = Graded(20, {"b"});
  EXPECT_EQ(Issues(Run()),
            "warning cue-gives-away 15 questions[0].rubric[0].cue\nwarning hint-gives-away 19 "
            "questions[0].hints[0]");
  reports_["CUE"] = Graded(20, {"names"});
  reports_["HINT"] = Graded(0);
  EXPECT_EQ(Issues(Run()), "") << "another item is not what this cue is about";
}

TEST_F(CheckTest, AMentionThatEveryPoorExampleEarnsIsTooEasy) {
  reports_["POOR1"] = Graded(10, {"a", "b"});
  EXPECT_EQ(Issues(Run()), "");
  reports_["POOR2"] = Graded(10, {"a", "b"}, {"wrong"});
  EXPECT_EQ(Issues(Run()), "warning mention-too-easy 16 questions[0].rubric[1].of[0]")
      << "b asks for a statement";
}

TEST_F(CheckTest, AcceptedPhrasesShouldNotMatchTheQuestion) {
  scoring::v1::Report report = Graded(0);
  scoring::v1::Span& span = *report.mutable_items(1)->mutable_members(1)->add_spans();
  span.set_match(scoring::v1::MATCH_KIND_SAME_WORDS);
  reports_["PROMPT"] = report;
  EXPECT_EQ(Issues(Run()), "");
  report.mutable_items(1)->mutable_members(1)->mutable_spans(0)->set_match(
      scoring::v1::MATCH_KIND_ACCEPTED_PHRASE);
  reports_["PROMPT"] = report;
  EXPECT_EQ(Issues(Run()), "warning phrase-in-prompt 16 questions[0].rubric[1].of[1].accept");
}

TEST_F(CheckTest, TwoGoodAndTwoPoorExamplesAreWanted) {
  read_.pack.mutable_questions(0)->mutable_examples()->DeleteSubrange(3, 1);
  EXPECT_EQ(Issues(Run()), "warning few-examples 9 questions[0]");
}

TEST_F(CheckTest, AnswersWithoutAScoreAreOutOfRange) {
  reports_["MODEL"].clear_score();
  reports_["POOR1"].clear_score();
  const v1::CheckPackResponse response = Run();
  EXPECT_EQ(response.examples_in_range(), 4);
  EXPECT_THAT(Issues(response), ::testing::HasSubstr("warning ungraded 24"));
}

TEST_F(CheckTest, IssuesOfReadingAreKeptAndDecide) {
  v1::Issue error;
  error.set_severity(v1::SEVERITY_ERROR);
  error.set_code("bad-id");
  const std::vector<v1::Issue> issues = {error};
  const CheckPlan plan = PlanCheck(read_.pack);
  std::vector<scoring::v1::Report> reports;
  reports.reserve(plan.tasks.size());
  for (const CheckTask& task : plan.tasks) reports.push_back(reports_.at(task.answer));
  const v1::CheckPackResponse response = EvaluateCheck(read_.pack, plan, reports, read_.places, issues);
  EXPECT_EQ(Issues(response), "error bad-id 0 ");
  EXPECT_FALSE(response.passed());
}

TEST_F(CheckTest, ManyWarningsDoNotHideAnError) {
  v1::Question& question = *read_.pack.mutable_questions(0);
  for (int i = 0; i < 300; ++i) {
    v1::Example& example = *question.add_examples();
    example.set_id(absl::StrCat("x", i));
    example.set_answer("MID");
    example.set_score_high(1);
  }
  EXPECT_FALSE(Run().passed());
  EXPECT_THAT(Issues(Run()), ::testing::HasSubstr("error examples-out-of-range"));
}

TEST_F(CheckTest, TheGradersErrorEndsIt) {
  const absl::Status status = CheckPack(read_.pack, [](const v1::Question&, absl::string_view) {
                                return absl::UnavailableError("gone");
                              }).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
}

TEST_F(CheckTest, SubjectsAreCompleteQuestions) {
  const CheckPlan plan = PlanCheck(read_.pack);
  const v1::Question& subject = *plan.tasks[0].subject;
  EXPECT_EQ(subject.language(), "en");
  EXPECT_EQ(subject.hint_count(), 1);
  ASSERT_EQ(subject.tips_size(), 1);
  EXPECT_EQ(subject.tips(0).check().rubric().id(), "watches");
  EXPECT_EQ(plan.tasks.back().purpose, CheckTask::Purpose::kPrompt);
  EXPECT_NE(plan.tasks.back().subject->prompt(), "PROMPT");
}

TEST(QuestionView, BasicHoldsNothingOfTheAnswer) {
  const v1::PackContent pack = ReadPack(kPack).pack;
  v1::Question full = FullQuestion(pack, pack.questions(0));
  full.set_name("name");
  const v1::Question basic = BasicQuestion(full);
  for (const char* secret :
       {"MODEL", "Main", "CUE", "HINT", "GOOD", "wrong", "Wrong", "watches", "Watches"}) {
    EXPECT_THAT(basic.SerializeAsString(), Not(::testing::HasSubstr(secret))) << secret;
  }
  EXPECT_EQ(basic.prompt(), "PROMPT");
  EXPECT_EQ(basic.hint_count(), 1);
  EXPECT_EQ(basic.tips(0).text(), "Watch it.");
  EXPECT_THAT(basic.tips(0).check().kinds(), ElementsAre(v1::QUESTION_KIND_CONCEPT));
  EXPECT_EQ(QuestionCount(pack), 1);
}

}  // namespace
}  // namespace greenroom::content
