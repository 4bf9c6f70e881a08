// A question in German: graded by phrases, stems and literals, and the report says so.
#include <gtest/gtest.h>

#include <string>

#include "services/scoring/domain/compile.h"
#include "services/scoring/domain/testing/question_builder.h"

namespace greenroom::scoring {
namespace {

content::v1::Question Overfitting() {
  content::v1::Question question =
      Question({Point("auswendig", "Das Modell lernt seine Trainingsdaten auswendig",
                      {"(lernt|merkt) ... auswendig", "lernt ... (rauschen|zufall)"}),
                Point("neu", "Auf neuen Daten ist es schlecht",
                      {"(schlecht|versagt) ... (neu) ... daten", "neue ... daten ... schlecht"}),
                Mention("abhilfe", "Regularisierung", {"(regularisierung|dropout|=L2=)"})},
               {Flag("laenger", {"(laenger|l\u00e4nger) trainieren"})});
  question.set_language("de");
  question.set_prompt("Was ist \u00dcberanpassung, und was hilft dagegen?");
  question.set_model_answer(
      "Das Modell lernt seine Trainingsdaten auswendig und ist auf neuen Daten schlecht.");
  return question;
}

TEST(GermanTest, PhrasesAndStemsAreGraded) {
  const v1::Report report = Grade(
      Overfitting(),
      "Es merkt sich die Beispiele auswendig, deshalb versagt es auf neuen Daten. Dagegen hilft Dropout.");
  EXPECT_TRUE(report.limited());
  EXPECT_FALSE(report.ungraded_language());
  EXPECT_EQ(report.score(), 100);
  EXPECT_NE(report.confidence(), v1::GRADE_CONFIDENCE_HIGH);
}

TEST(GermanTest, FlagsAreRaisedAndNothingIsEarnedByNothing) {
  EXPECT_TRUE(Raised(Grade(Overfitting(), "Man muss einfach l\u00e4nger trainieren."), "laenger"));
  EXPECT_EQ(Grade(Overfitting(), "Ich wei\u00df es leider nicht.").score(), 0);
  EXPECT_EQ(Grade(Overfitting(), "Was ist \u00dcberanpassung, und was hilft dagegen?").score(), 0);
}

TEST(GermanTest, AnEnglishAnswerIsNotGraded) {
  const v1::Report report =
      Grade(Overfitting(),
            "It is when the model learns the noise of the data that it was trained with, and so it is bad.");
  EXPECT_TRUE(report.ungraded_language());
  EXPECT_FALSE(report.has_score());
}

TEST(GermanTest, ReferencesAreGradedBySharesWithoutTheModel) {
  const std::vector<std::string> references = {"Das Modell lernt seine Trainingsdaten auswendig."};
  const absl::StatusOr<CompiledQuestion> question = CompileReference("Was ist das?", references, "de");
  ASSERT_TRUE(question.ok());
  EXPECT_EQ(Grade(*question, references[0]).score(), 100);
  EXPECT_EQ(Grade(*question, "Das Brot ist gebacken.").score(), 0);
}

}  // namespace
}  // namespace greenroom::scoring
