// Rows, groups, caps, tips and the score; languages; derived points; what a report says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/scoring/domain/arithmetic.h"
#include "services/scoring/domain/compile.h"
#include "services/scoring/domain/derive.h"
#include "services/scoring/domain/language.h"
#include "services/scoring/domain/testing/question_builder.h"
#include "services/scoring/domain/testing/sanitized.h"

namespace greenroom::scoring {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<content::v1::RubricItem> Letters(int count) {
  std::vector<content::v1::RubricItem> points;
  for (int i = 0; i < count; ++i) {
    const std::string word = absl::StrCat("zed", std::string(1, static_cast<char>('a' + i)));
    points.push_back(Mention(word, absl::StrCat("Names ", word, word), {word}));
  }
  return points;
}

TEST(GradeTest, AGroupIsTheMeanOfItsBest) {
  const content::v1::Question question = Question({Group("g", 3, Letters(5)), Group("all", 0, Letters(3))});
  EXPECT_EQ(Credit(Grade(question, "zeda"), "g"), 0.33);
  EXPECT_EQ(Credit(Grade(question, "zeda and zedb"), "g"), 0.67);
  EXPECT_EQ(Credit(Grade(question, "zeda, zedb, zede"), "g"), 1);
  EXPECT_EQ(Credit(Grade(question, "zeda, zedb, zedc, zedd, zede"), "g"), 1);
  EXPECT_EQ(Credit(Grade(question, "zeda, zedb, zede"), "all"), 0.67);
  EXPECT_EQ(Grade(question, "zeda, zedb, zede").score(), 84);
}

TEST(GradeTest, GroupsNestOnce) {
  const content::v1::Question question =
      Question({Group("outer", 2, {Group("inner", 1, Letters(2)), Point("p", "x1", {"x1"})})});
  EXPECT_EQ(Credit(Grade(question, "zedb"), "outer"), 0.5);
  EXPECT_EQ(Credit(Grade(question, "zedb x1"), "outer"), 1);
  EXPECT_FALSE(Compile(Question({Group("a", 0, {Group("b", 0, {Group("c", 0, Letters(2))})})})).ok());
}

TEST(GradeTest, TheSameWordsEarnOneMember) {
  const content::v1::Question question =
      Question({Group("g", 0,
                      {
                          Mention("data", "More data", {"more data"}),
                          Mention("augment", "Augmented data", {"(augment|more) ... data"}),
                      })});
  const v1::Report once = Grade(question, "I would get more data.");
  EXPECT_EQ(Credit(once, "data") + Credit(once, "augment"), 1);
  EXPECT_EQ(Credit(Grade(question, "I would get more data or augment the data."), "g"), 1);
  // The member with one place only gets it, whichever comes first.
  const content::v1::Question order = Question({Group("g", 0,
                                                      {
                                                          Mention("either", "x", {"(zeda|zedb)"}),
                                                          Mention("one", "y", {"zeda"}),
                                                      })});
  EXPECT_EQ(Credit(Grade(order, "zeda zedb"), "g"), 1);
  // Different items may rest on the same words.
  EXPECT_EQ(Grade(Question({Mention("a", "x", {"zeda"}), Mention("b", "y", {"zeda"})}), "zeda").score(), 100);
}

TEST(GradeTest, FollowsTheFormula) {
  content::v1::Question question = Question({Mention("a", "x", {"zeda"}), Mention("b", "y", {"zedb"})},
                                            {Flag("f", {"zedf"}), Flag("g", {"zedg"})});
  question.mutable_rubric(0)->set_weight(2.5);
  question.mutable_rubric(1)->set_weight(0.5);
  question.mutable_red_flags(0)->set_penalty(0.75);
  question.mutable_red_flags(1)->set_penalty(9);
  EXPECT_EQ(Grade(question, "zeda").score(), 83);            // 2.5 / 3
  EXPECT_EQ(Grade(question, "zeda zedf").score(), 58);       // 1.75 / 3
  EXPECT_EQ(Grade(question, "zeda zedb zedg").score(), 50);  // penalties together at most half
  EXPECT_EQ(Grade(question, "zedb zedg").score(), 0);
  EXPECT_EQ(Grade(question, "").score(), 0);
}

TEST(GradeTest, CapsHoldWhileTheirCauseDoes) {
  content::v1::Question question =
      Question({Mention("a", "x", {"zeda"}), Mention("b", "y", {"zedb"})}, {Flag("f", {"zedf"})});
  question.mutable_rubric(0)->set_cap_without(30);
  question.mutable_rubric(0)->set_cue("Think of the first letter.");
  question.mutable_red_flags(0)->set_cap(15);
  question.mutable_red_flags(0)->set_penalty(0);
  v1::Report report = Grade(question, "zedb");
  EXPECT_EQ(report.score(), 30);
  ASSERT_EQ(report.caps_size(), 1);
  EXPECT_EQ(report.caps(0).item(), "a");
  EXPECT_EQ(report.caps(0).cue(), "Think of the first letter.");
  report = Grade(question, "zedb zedf");
  EXPECT_EQ(report.score(), 15);
  ASSERT_EQ(report.caps_size(), 2);
  EXPECT_EQ(report.caps(0).flag(), "f");
  EXPECT_EQ(Grade(question, "zeda zedb").caps_size(), 0);
  report = Grade(question, "");
  EXPECT_EQ(report.score(), 0);
  EXPECT_EQ(report.caps_size(), 1);
}

TEST(GradeTest, AFlagCancelsItems) {
  content::v1::Question question =
      Question({Group("g", 0, Letters(2)), Mention("b", "y", {"zedy"})}, {Flag("f", {"zedf"})});
  question.mutable_red_flags(0)->add_cancels("g");
  const v1::Report report = Grade(question, "zeda zedb zedy zedf");
  EXPECT_EQ(Credit(report, "g"), 0);
  EXPECT_EQ(Credit(report, "zeda"), 0);
  EXPECT_THAT(FindItem(report.items(), "zeda")->spans(), IsEmpty());
  EXPECT_THAT(FindItem(report.items(), "g")->cancelled_by(), ElementsAre("f"));
  EXPECT_EQ(Credit(report, "b"), 1);
  EXPECT_EQ(report.score(), 0);  // 1 of 2, less the flag's penalty of 1
}

TEST(GradeTest, TipsCountByKindUnlessAnItemSatisfiesThem) {
  content::v1::Question question = Question({Mention("a", "x", {"zeda"})});
  question.set_kind(content::v1::QUESTION_KIND_PRODUCTION);
  content::v1::Tip& tip = *question.add_tips();
  tip.set_id("monitoring");
  tip.set_text("Say how you would watch it.");
  tip.mutable_check()->add_kinds(content::v1::QUESTION_KIND_PRODUCTION);
  *tip.mutable_check()->mutable_rubric() = Mention("watch", "Watches it", {"monitor"});
  v1::Report report = Grade(question, "zeda");
  EXPECT_EQ(report.score(), 50);
  ASSERT_EQ(report.tips_size(), 1);
  EXPECT_EQ(report.tips(0).tip(), "monitoring");
  EXPECT_EQ(Grade(question, "zeda, monitor").score(), 100);

  content::v1::Question satisfied = question;
  satisfied.mutable_rubric(0)->set_satisfies("monitoring");
  report = Grade(satisfied, "zeda");
  EXPECT_EQ(report.score(), 100);
  EXPECT_EQ(report.tips_size(), 0);
  EXPECT_EQ(report.items(0).tip(), "monitoring");

  question.set_kind(content::v1::QUESTION_KIND_CONCEPT);
  EXPECT_EQ(Grade(question, "zeda").tips_size(), 0);
}

TEST(GradeTest, StarCapsWithoutAResult) {
  content::v1::Question question = Question({Mention("a", "x", {"model"})});
  question.set_kind(content::v1::QUESTION_KIND_BEHAVIOURAL);
  question.mutable_star()->set_weight(1);
  question.mutable_star()->set_cap_without_result(40);
  v1::Report report = Grade(question, "At my last job I built a model. I learned a lot from it.");
  EXPECT_EQ(report.score(), 40);
  EXPECT_TRUE(report.caps(0).star_without_result());
  report = Grade(question,
                 "At my last job I built a model. In the end it dropped to chance. I learned a lot from it.");
  EXPECT_EQ(report.score(), 100);
}

TEST(GradeTest, MarksRecitation) {
  content::v1::Question question = Question({Mention("a", "x", {"zeda"})});
  question.set_model_answer("One two three four five six seven eight nine ten eleven twelve. Zeda ends it.");
  EXPECT_TRUE(Grade(question, question.model_answer()).recited());
  EXPECT_TRUE(Grade(question, "So: " + question.model_answer() + " That is all.").recited());
  EXPECT_FALSE(Grade(question, "One two three four five six. Zeda ends it.").recited());
  EXPECT_FALSE(Grade(question, "").recited());
  // A denial in front of a recitation is meant for all of it.
  EXPECT_EQ(Grade(question, "It is not true that " + question.model_answer()).score(), 0);
}

TEST(GradeTest, GivesNoScoreInAnotherLanguage) {
  const content::v1::Question english = Question({Mention("a", "x", {"zeda"})});
  for (const char* answer :
       {"Das Modell lernt die Daten auswendig und ist auf neuen Daten nicht gut, weil es das Rauschen lernt.",
        "El modelo aprende los datos de memoria y por eso no es bueno con los datos nuevos.",
        "Модель запоминает обучающие данные и плохо работает на новых данных.",
        "模型记住了训练数据，因此在新数据上表现不佳，这就是过拟合。"}) {
    const v1::Report report = Grade(english, answer);
    EXPECT_TRUE(report.ungraded_language()) << answer;
    EXPECT_FALSE(report.has_score());
    EXPECT_EQ(report.band(), v1::BAND_UNSPECIFIED);
    EXPECT_EQ(report.confidence(), v1::GRADE_CONFIDENCE_UNSPECIFIED);
  }
  for (const char* answer :
       {"", "zeda", "Dropout, L1, L2.", "die", "Überanpassung", "K-means, DBSCAN, PCA, t-SNE",
        "I die if a model dies.", "overfit -> dropout", "no idea"}) {
    EXPECT_FALSE(Grade(english, answer).ungraded_language()) << answer;
  }
  content::v1::Question german = english;
  german.set_language("de");
  german.mutable_rubric(0)->clear_accept();
  german.mutable_rubric(0)->add_accept("Rauschen ... lernen");
  v1::Report report = Grade(german, "Das Modell will das Rauschen der Daten lernen.");
  EXPECT_EQ(report.score(), 100);
  EXPECT_TRUE(report.limited());
  EXPECT_NE(report.confidence(), v1::GRADE_CONFIDENCE_HIGH);
  EXPECT_TRUE(
      Grade(german, "The model has learned the noise of the data and that is why it is not good at all.")
          .ungraded_language());
  content::v1::Question japanese = english;
  japanese.set_language("ja");
  EXPECT_TRUE(Grade(japanese, "zeda").ungraded_language());
}

TEST(GradeTest, RefusesQuestionsOutOfBounds) {
  const auto error = [](const content::v1::Question& question) {
    return std::string(Compile(question).status().message());
  };
  EXPECT_THAT(error(Question({})), HasSubstr("rubric: "));
  EXPECT_THAT(error(Question({Point("a", "x", {"(open"})})), HasSubstr("rubric[0].accept[0]: "));
  EXPECT_THAT(error(Question({Group("g", 0, {Point("a", "x"), About(Point("b", "y"), {"ok", "(|)"})})})),
              HasSubstr("rubric[0].of[1].about[1]: "));
  EXPECT_THAT(error(Question({Point("a", "x")}, {Flag("f", {"a"}, {")"})})),
              HasSubstr("red_flags[0].unless[0]: "));
  EXPECT_THAT(error(Question({Point("a", "x", std::vector<std::string>(65, "y1"))})),
              HasSubstr("more than 64"));
  EXPECT_THAT(error(Question({Point("a", "x", {std::string(301, 'y')})})), HasSubstr("longer than 300"));
  std::string two_bytes_each;
  for (int i = 0; i < 300; ++i) two_bytes_each += "\u00f6";
  EXPECT_EQ(error(Question({Point("a", "x", {two_bytes_each})})), "");
  content::v1::Question weight = Question({Point("a", "x")});
  weight.mutable_rubric(0)->set_weight(101);
  EXPECT_THAT(error(weight), HasSubstr("rubric[0].weight: "));
  EXPECT_THAT(error(Question({Group("g", 3, Letters(2))})), HasSubstr("rubric[0].any: "));
}

TEST(GradeTest, FeedbackIsShortAndAboutTheAnswer) {
  content::v1::Question question =
      Question({Mention("a", "Names the first", {"zeda"}), Mention("b", "Names the second", {"zedb"})},
               {Flag("f", {"zedf"})});
  question.mutable_rubric(1)->set_cue("What comes after the first?");
  const v1::Report report = Grade(question, "zeda zedf");
  ASSERT_EQ(report.feedback_size(), 4);
  EXPECT_EQ(report.feedback(0).kind(), v1::FEEDBACK_KIND_MADE);
  EXPECT_EQ(report.feedback(0).parameters().at("count"), "1");
  EXPECT_THAT(report.feedback(1).text(), HasSubstr("What comes after the first?"));
  EXPECT_THAT(report.feedback(1).item(), IsEmpty());
  EXPECT_EQ(report.feedback(2).text(), "Look at this again.");
  EXPECT_EQ(report.feedback(3).kind(), v1::FEEDBACK_KIND_NEXT_STEP);
  const v1::Report empty = Grade(question, "");
  for (const v1::Feedback& line : empty.feedback()) {
    EXPECT_NE(line.kind(), v1::FEEDBACK_KIND_MADE);
    EXPECT_FALSE(absl::StrContains(line.text(), "Names the")) << line.text();
    EXPECT_FALSE(absl::StrContains(line.text(), "!"));
    EXPECT_FALSE(absl::StrContains(line.text(), "wrong"));
  }
}

// Nothing an answer can hold makes grading slow: 32 KiB of each of these within 100 ms of processor time.
TEST(GradeTest, EveryAnswerEndsSoon) {
  std::vector<content::v1::RubricItem> items;
  items.reserve(20);
  for (int i = 0; i < 20; ++i) {
    items.push_back(
        About(Point(absl::StrCat("p", i), "The model does not learn the noise of its training data",
                    {"(model|data) ... (learn|fit) ... noise", "(not|no) ... (label|noise)"}),
              {i % 2 == 0 ? "supervised" : "unsupervised"}));
  }
  const CompiledQuestion question = MustCompile(Question(
      items,
      {Flag("f", {"(model|data) ... noise ... (label|data)", "=TP/(TP+FP)="}, {"(not|never) ... label"})}));
  for (const char* piece : {"a ",
                            "not ",
                            "it is not true that ",
                            "model ",
                            "the model does not learn noise ",
                            "supervised unsupervised label ",
                            "\"",
                            "'",
                            "(1) ",
                            "- x\n",
                            "some say ",
                            "I would ",
                            "the first ",
                            "\u00e9",
                            "\u6a21",
                            "zzzzzzzzzz",
                            "modle ",
                            ". ",
                            "TP/(TP+FP) ",
                            "no no not never ",
                            "\xff",
                            "\n\n",
                            "I built it and then we tried ",
                            "...",
                            "{",
                            "a-",
                            "you know "}) {
    std::string answer;
    for (int i = 0; answer.size() + 32 < size_t{32} * 1024; ++i) {
      answer += piece;
      if (answer.size() > 2 && std::string(piece) == "zzzzzzzzzz") absl::StrAppend(&answer, i, " ");
    }
    const std::clock_t begin = std::clock();
    (void)Grade(question, answer);
    const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    EXPECT_LT(seconds, kSanitized ? 5 : 0.1) << piece;
  }
}

TEST(ReferenceTest, DerivesPointsFromReferences) {
  const std::vector<content::v1::RubricItem> clauses =
      DeriveRubric("A stack is a list; the last element is removed first. It has push and pop.");
  ASSERT_EQ(clauses.size(), 3u);
  EXPECT_EQ(clauses[1].point(), "the last element is removed first");
  const std::vector<content::v1::RubricItem> list = DeriveRubric(
      "Overfitting: it memorises. Prevention: (1) More data. (2) Simpler model. (3) Dropout. (4) Early "
      "stopping. "
      "(5) Ensembles. Always split the data.");
  ASSERT_EQ(list.size(), 4u);
  EXPECT_EQ(list[2].of_size(), 5);
  EXPECT_EQ(list[2].any(), 3);
  EXPECT_THAT(DeriveRubric("..."), IsEmpty());

  const auto score = [](const std::vector<std::string>& references, const char* answer) {
    return Grade(*CompileReference("What is a stack?", references, "en"), answer).score();
  };
  const std::string last = "A list where the last element added is the first one removed.";
  EXPECT_EQ(score({last}, last.c_str()), 100);
  EXPECT_EQ(score({"It is a kind of furniture.", last}, last.c_str()), 100);
  EXPECT_EQ(score({last}, ""), 0);
  EXPECT_LT(score({last}, "The recipe needs two eggs."), 20);
  EXPECT_GT(score({last}, "The element that was added last is removed first."), 50);
  EXPECT_FALSE(CompileReference("q", std::vector<std::string>{"", "?!"}, "en").ok());
}

TEST(ArithmeticTest, RoundsHalfUp) {
  EXPECT_EQ(Hundredths(0.29), 29);
  EXPECT_EQ(Hundredths(1.005), 100);  // the double is below
  EXPECT_EQ(MeanCredit(200, 3), 67);
  EXPECT_EQ(MeanCredit(100, 3), 33);
  EXPECT_EQ(MeanCredit(1, 2), 1);
  v1::Report report;
  report.add_items()->set_weight(8);
  report.mutable_items(0)->set_credit(0.01);
  report.add_items()->set_weight(8);
  EXPECT_EQ(ScoreOfRows(report), 1);  // 0.5
  report.mutable_items(0)->set_credit(1);
  report.add_flags()->set_penalty(100);
  EXPECT_EQ(ScoreOfRows(report), 0);
  EXPECT_EQ(ScoreOfRows(v1::Report()), 0);
  EXPECT_EQ(StatusOfCredit(0.8), v1::ROW_STATUS_COVERED);
  EXPECT_EQ(StatusOfCredit(0.79), v1::ROW_STATUS_PARTLY);
  EXPECT_EQ(StatusOfCredit(0), v1::ROW_STATUS_MISSED);
  EXPECT_EQ(BandOfScore(80), v1::BAND_STRONG);
  EXPECT_EQ(BandOfScore(79), v1::BAND_GOOD);
  EXPECT_EQ(BandOfScore(59), v1::BAND_PARTIAL);
  EXPECT_EQ(BandOfScore(34), v1::BAND_WEAK);
}

}  // namespace
}  // namespace greenroom::scoring
