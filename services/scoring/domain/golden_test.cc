// Whole reports, word for word: a change of the grader shows here as a difference that somebody has to want. To accept
// one, run the test with GREENROOM_WRITE_GOLDEN=1 and read the diff.
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "services/scoring/domain/compile.h"
#include "services/scoring/domain/testing/question_builder.h"

namespace greenroom::scoring {
namespace {

void ExpectGolden(const std::string& name, const v1::Report& report) {
  std::string actual;
  google::protobuf::TextFormat::Printer printer;
  printer.SetUseUtf8StringEscaping(true);
  ASSERT_TRUE(printer.PrintToString(report, &actual));
  const std::string path = absl::StrCat("services/scoring/domain/testing/golden/", name, ".txtpb");
  if (std::getenv("GREENROOM_WRITE_GOLDEN") != nullptr) {
    std::ofstream(path) << actual;
    return;
  }
  std::ifstream file(path);
  ASSERT_TRUE(file) << path;
  std::stringstream expected;
  expected << file.rdbuf();
  EXPECT_EQ(actual, expected.str());
}

content::v1::Question Overfitting() {
  content::v1::RubricItem meaning = Group(
      "meaning", 0,
      {Point("memorises", "It learns noise or single examples instead of the pattern",
             {"(memorise|memorize) ... (training|example|data)", "(learn|fit) ... noise"}),
       Point("fails-on-new", "It does badly on data it has not seen",
             {"(bad|badly|poor|poorly|fail) ... (new|unseen) data", "(not|never|fail to) generalise"})});
  meaning.set_point("The model learns noise and so does badly on new data");
  meaning.set_weight(3);
  meaning.set_cap_without(50);
  meaning.set_cue("Say what the model has learnt that it should not have, and where that hurts.");
  content::v1::RubricItem signs = Point("signs", "Training results are much better than validation results",
                                        {"(gap|difference) ... training ... validation"});
  signs.set_weight(2);
  signs.set_cue("How would you notice it? Compare two numbers.");
  content::v1::RubricItem prevention =
      Group("prevention", 2,
            {Mention("more-data", "More training data", {"more data"}),
             Mention("stop", "Early stopping", {"early stopping"}),
             Mention("regularise", "Regularisation", {"(regularise|dropout)"})});
  prevention.set_point("Two or more ways to prevent it");
  prevention.set_weight(4);
  content::v1::RedFlag longer = Flag("longer", {"train ... longer ... (help|fix)"});
  longer.set_kind(content::v1::FLAG_KIND_MISCONCEPTION);
  longer.set_penalty(2);
  longer.add_cancels("prevention");
  content::v1::Question question = Question({meaning, signs, prevention}, {longer});
  question.set_prompt("Explain overfitting and how you would prevent it.");
  return question;
}

TEST(GoldenTest, Spoken) {
  ExpectGolden(
      "overfitting_spoken",
      Grade(Overfitting(),
            "so basically the model fits the noise \u2013 it doesn\u2019t generalise \U0001f605 and you see "
            "a gap between training and validation, I'd get more data, dropout, early stoping"));
}

TEST(GoldenTest, Misconception) {
  ExpectGolden("overfitting_misconception",
               Grade(Overfitting(), "It memorises the examples. Training it longer helps, or dropout."));
}

TEST(GoldenTest, Story) {
  content::v1::Question question =
      Question({Point("own", "Something of their own that failed", {"(it|model|pilot) (failed|dropped)"})});
  question.set_kind(content::v1::QUESTION_KIND_BEHAVIOURAL);
  question.set_prompt("Tell me about a project that did not work.");
  question.mutable_star()->set_weight(4);
  question.mutable_star()->set_cap_without_result(65);
  ExpectGolden(
      "story",
      Grade(question,
            "At my last job we wanted to predict churn. I built a model on 300 columns. In the pilot "
            "it dropped to chance. I would call that bad luck."));
}

}  // namespace
}  // namespace greenroom::scoring
