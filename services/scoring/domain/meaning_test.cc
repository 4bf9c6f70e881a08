// What an answer means: negation, attribution, what it is said of, shapes and STAR. Tables over the whole grader.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "services/scoring/domain/compile.h"
#include "services/scoring/domain/fluency.h"
#include "services/scoring/domain/reading.h"
#include "services/scoring/domain/testing/question_builder.h"
#include "services/scoring/domain/text.h"
#include "services/scoring/domain/vocabulary.h"
#include "services/scoring/domain/word_order.h"

namespace greenroom::scoring {
namespace {

struct Case {
  const char* answer;
  bool made;
};

TEST(NegationTest, IsComparedWithThePoint) {
  const CompiledQuestion question = MustCompile(Question({
      Point("noise", "It fits noise", {"(learn|fit) ... noise"}),
      Point("no-labels", "There are no labels", {"(no|without) ... label", "unlabelled"}),
      Point("fails", "It fails on new data", {"(fail|bad) ... new data", "(not|fail to) generalise"}),
  }));
  const auto check = [&](const char* id, const std::vector<Case>& cases) {
    for (const Case& c : cases)
      EXPECT_EQ(Made(Grade(question, c.answer), id), c.made) << id << ": " << c.answer;
  };
  check("noise", {
                     {"It learns the noise.", true},
                     {"It does not learn the noise.", false},
                     {"It doesn't fit noise", false},
                     {"it doesnt fit noise", false},
                     {"It never learns the noise.", false},
                     {"It is not true that it learns the noise.", false},
                     {"It is a myth that the model learns noise.", false},
                     {"I don't think that the model, in general, learns noise.", false},
                     {"It fails to learn the noise.", false},
                     {"It learns the signal instead of fitting noise.", false},
                     {"It does not learn the signal, it learns the noise.", true},
                     {"it is not learning the signal it learns the noise", true},
                     {"it doesn't learn the signal it'll learn the noise", true},
                     {"not the signal we'd say it fits noise", true},
                     {"It does not only learn the signal but also fits noise.", true},
                     {"It not only fits the signal, it learns noise.", true},
                     {"No doubt it learns the noise.", true},
                     {"It cannot help but learn the noise.", true},
                     {"A model that has no limits learns the noise.", true},
                     {"Nothing stops it, so it fits noise.", true},
                 });
  check("no-labels", {
                         {"There are no labels.", true},
                         {"It works without any labels.", true},
                         {"The data is unlabelled.", true},
                         {"There are labels.", false},
                         {"It is not true that there are no labels.", false},
                         {"The data is not unlabelled.", false},
                     });
  check("fails", {
                     {"It fails on new data.", true},
                     {"It does not generalise.", true},
                     {"It doesn't generalize.", true},
                     {"It fails to generalise.", true},
                     {"It no longer fails on new data.", false},
                     {"It never fails to generalise.", false},
                     {"It generalises.", false},
                     {"It does not fail on new data.", false},
                 });
}

TEST(NegationTest, ThePointsOwnWordsAreNegatedOrNot) {
  const CompiledQuestion question = MustCompile(Question({
      Point("unseen", "The model performs badly on examples it has not seen"),
      Point("wet", "Rain makes the roads slippery in winter"),
  }));
  EXPECT_TRUE(Made(Grade(question, "The model performs badly on examples it has not seen."), "unseen"));
  EXPECT_TRUE(Made(Grade(question, "It performs badly on unseen examples."), "unseen"));
  EXPECT_FALSE(Made(Grade(question, "It performs badly on examples it has seen."), "unseen"));
  EXPECT_FALSE(Made(Grade(question, "It does not perform badly on unseen examples."), "unseen"));
  EXPECT_TRUE(Made(Grade(question, "In winter the rain makes roads slippery"), "wet"));
  EXPECT_FALSE(Made(Grade(question, "In winter the rain does not make roads slippery"), "wet"));
}

TEST(NegationTest, SaidTwiceIsNotTakenBack) {
  const CompiledQuestion question = MustCompile(Question({
      Point("direct", "Elements can be accessed directly", {"access ... directly"}),
      Point("apart", "They part", {"training loss ... fall ... validation loss ... rise"}),
  }));
  EXPECT_TRUE(Made(Grade(question, "The elements can be accessed directly."), "direct"));
  EXPECT_FALSE(Made(Grade(question, "The elements can not be accessed directly."), "direct"));
  EXPECT_FALSE(Made(Grade(question, "The elements can not be not accessed directly."), "direct"));
  EXPECT_TRUE(Made(Grade(question, "You never fail to access them directly."), "direct"));
  // One word that is denied outright takes the rest of the phrase with it.
  EXPECT_TRUE(
      Made(Grade(question, "The training loss keeps falling while the validation loss rises."), "apart"));
  EXPECT_FALSE(Made(Grade(question, "The training loss never keeps falling while the validation loss rises."),
                    "apart"));
}

TEST(NegationTest, AnAnswerThatDeniesNearlyAllIsTurnedRound) {
  const CompiledQuestion question = MustCompile(Question({
      Point("writes", "Writes get slower", {"writes get slower"}),
      Point("scale", "It does not scale", {"(not|never) scale"}),
  }));
  const std::string said = "Writes get slower with it.";
  EXPECT_EQ(Credit(Grade(question, said), "writes"), 1);
  EXPECT_LT(Credit(Grade(question,
                         said + " It is not a copy. You can not read it. It should not be kept. It has not a "
                                "price."),
                   "writes"),
            0.5);
  // What a point asks to be denied does not count against the answer.
  EXPECT_EQ(Credit(Grade(question,
                         said + " It is not a copy. You can not read it. It should not be kept. It does not "
                                "scale."),
                   "writes"),
            1);
}

TEST(FlagTest, IsRaisedHoweverItIsSaid) {
  const CompiledQuestion question = MustCompile(Question(
      {Point("p", "Something else entirely")},
      {Flag("all-worked",
            {"(all|all of|every one of|each of) (my|our) (project|model) ... (work|succeed|fine|well)",
             "(every|each) (project|model) ... (work|succeed|success)", "(never|not) ... (fail|failure)",
             "(none|no project) ... (fail|go wrong)"})}));
  for (const char* answer : {
           "All my projects worked.",
           "all my projects worked",
           "Honestly, all of my projects have worked so far.",
           "I must say that all our models succeeded.",
           "Every one of my projects went well.",
           "I would say all my projects worked.",
           "I think all my projects worked.",
           "Luckily every project I did was a success.",
           "- all my projects worked\n- nothing to report",
           "I have never had a failure.",
           "None of my projects failed.",
           "So far no project of mine has failed.",
           "Each project succeeded, nothing went wrong.",
           "To be honest, all my projects worked fine, I had no problems.",
           "All my models worked well and I cannot think of anything bad.",
           "ALL MY PROJECTS WORKED!",
           "In five years every model I built has succeeded.",
           "I am proud to say that all my projects worked.",
           "My experience is that all of my projects succeed because I plan them.",
           "All my projects worked, so I have no story for you.",
           "We never fail.",
       }) {
    EXPECT_TRUE(Raised(Grade(question, answer), "all-worked")) << answer;
  }
  for (const char* answer : {
           "Not all my projects worked.",
           "It is not true that all my projects worked.",
           "I cannot say that all my projects worked.",
           "I won't claim that all my projects worked.",
           "I would never say that all of my projects worked.",
           "Saying that all my projects worked would be a lie.",
           "It would be dishonest to say that every project succeeded.",
           "\"All my projects worked\" is a red flag.",
           "Candidates who say all my projects worked are not credible.",
           "A colleague once claimed that every project succeeded.",
           "Some people say that all of my projects worked sounds arrogant.",
           "If I told you that all my projects worked, you should not believe it.",
           "I wish I could say that all my projects worked.",
           "I doubt that every project succeeded.",
           "All my projects worked? No.",
           "Did all my projects work? Of course not, one broke badly.",
           "I used to believe that all our models succeed.",
           "It is a myth that every model succeeds.",
           "All my projects worked. That is not true.",
           "People like to claim that every project was a success.",
           "I don't believe that all my projects worked well.",
           "It would be wrong to claim all my projects worked.",
           "Nobody should believe that all my projects worked, that every project succeeded.",
       }) {
    EXPECT_FALSE(Raised(Grade(question, answer), "all-worked")) << answer;
  }
}

TEST(FlagTest, TheWordsThatReportAreTheFlagsOwnOrAFrame) {
  const CompiledQuestion question = MustCompile(
      Question({Point("p", "Something else")}, {Flag("advice", {"(one|you) should (say|explain) ... plan"}),
                                                Flag("silent", {"not (say|tell) ... (that|anybody)"})}));
  EXPECT_TRUE(Raised(Grade(question, "One should explain the whole plan."), "advice"));
  EXPECT_FALSE(Raised(Grade(question, "Many claim that one should explain the whole plan."), "advice"));
  EXPECT_TRUE(Raised(Grade(question, "I did not say that it was late."), "silent"));
  EXPECT_TRUE(Raised(Grade(question, "I would not say that to anybody."), "silent"));
  EXPECT_FALSE(Raised(Grade(question, "I would not say that it was late."), "silent"));
}

TEST(FlagTest, IsKeptDownByUnlessInTheSentence) {
  const CompiledQuestion question = MustCompile(Question(
      {Point("p", "Something else")},
      {Flag("longer", {"train ... (longer|more epochs) ... (help|fix)"}, {"until ... validation"})}));
  EXPECT_TRUE(Raised(Grade(question, "I would train it longer to fix that."), "longer"));
  EXPECT_FALSE(Raised(Grade(question, "I would train it longer to fix that until the validation loss rises."),
                      "longer"));
  EXPECT_TRUE(Raised(Grade(question, "I would train it longer to fix that. I stop until validation is over."),
                     "longer"));
  EXPECT_FALSE(Raised(Grade(question, "Instead of training longer to fix that, stop early."), "longer"));
  EXPECT_FALSE(Raised(Grade(question, "Avoid training for more epochs, it does not help"), "longer"));
}

TEST(AboutTest, WordsBelongToTheNearestTopic) {
  const CompiledQuestion question = [] {
    content::v1::Question q = Question({
        About(Point("labels", "Learns from labels", {"(label|answer)"}), {"supervised"}),
        About(Point("structure", "Finds structure", {"(structure|cluster|no labels)"}), {"unsupervised"}),
    });
    q.set_prompt("How do supervised and unsupervised learning differ?");
    return MustCompile(q);
  }();
  const auto check = [&](const char* answer, bool labels, bool structure) {
    const v1::Report report = Grade(question, answer);
    EXPECT_EQ(Made(report, "labels"), labels) << answer;
    EXPECT_EQ(Made(report, "structure"), structure) << answer;
  };
  check("Supervised learning has labels, unsupervised learning finds structure.", true, true);
  check("Unsupervised learning has labels, supervised learning finds structure.", false, false);
  check("Labels are used in supervised learning, whereas structure is what unsupervised learning finds.",
        true, true);
  check("Supervised: labels\nUnsupervised: clusters", true, true);
  check("Supervised:\n- needs labels\nUnsupervised:\n- finds clusters", true, true);
  check("Unsupervised:\n- needs labels\nSupervised:\n- finds clusters", false, false);
  check("Supervised learning is the usual kind. It needs labels.", true, false);
  check("The first uses labels. The second finds structure.", true, true);
  check("The former has labels; the latter looks for structure.", true, true);
  check("The second uses labels. The first finds structure.", false, false);
  check(
      "There are supervised and unsupervised learning. The first has labels, the second one finds clusters.",
      true, true);
  check("Unlike unsupervised learning, supervised learning has labels.", true, false);
  check("Semi-supervised and self-supervised methods need few labels.", false, false);
  check("It has labels and finds structure.", false, false);
}

TEST(AboutTest, ASoleTopicNeedNotBeNamed) {
  content::v1::Question question =
      Question({About(Point("noise", "Fits noise", {"fit ... noise"}), {"overfitting"})});
  question.set_prompt("What is overfitting?");
  EXPECT_TRUE(Made(Grade(question, "The model fits the noise."), "noise"));
  EXPECT_TRUE(Made(Grade(question, "Overfitting is fitting the noise."), "noise"));
}

TEST(ShapeTest, FindsShapes) {
  const auto made = [](content::v1::Detect shape, const char* answer) {
    content::v1::RubricItem point = Point("shape", "Has the shape");
    point.set_detect(shape);
    content::v1::Question question = Question({point});
    question.set_prompt("A model has an accuracy of 99 percent. What do you make of it?");
    return Made(Grade(question, answer), "shape");
  };
  EXPECT_TRUE(
      made(content::v1::DETECT_EXAMPLE, "Take time: for example, a fraud model counts payments per hour."));
  EXPECT_TRUE(made(content::v1::DETECT_EXAMPLE, "You derive columns, e.g. the weekday of a date."));
  EXPECT_FALSE(made(content::v1::DETECT_EXAMPLE, "You derive columns."));
  EXPECT_FALSE(made(content::v1::DETECT_EXAMPLE, "For example."));
  EXPECT_TRUE(made(content::v1::DETECT_TRADE_OFF, "The larger model is better at the cost of latency."));
  EXPECT_FALSE(made(content::v1::DETECT_TRADE_OFF, "The larger model is better."));
  EXPECT_TRUE(made(content::v1::DETECT_FIGURE, "It answered within 200 ms."));
  EXPECT_TRUE(made(content::v1::DETECT_FIGURE, "The error halved."));
  EXPECT_FALSE(made(content::v1::DETECT_FIGURE, "A model has an accuracy of 99 percent, as you say."));
  EXPECT_FALSE(made(content::v1::DETECT_FIGURE, "1. first\n2. second"));
  EXPECT_TRUE(made(content::v1::DETECT_QUESTION, "How many users does the service have?"));
  EXPECT_FALSE(made(content::v1::DETECT_QUESTION, "What do you make of it?"));
}

std::vector<int> StarParts(const char* answer) {
  content::v1::Question question = Question({Point("p", "Something of their own that failed")});
  question.set_kind(content::v1::QUESTION_KIND_BEHAVIOURAL);
  question.set_prompt("Tell me about a project that did not work.");
  question.mutable_star()->set_weight(4);
  std::vector<int> parts;
  const v1::Report report = Grade(question, answer);
  for (const v1::StarPartResult& part : report.star().parts()) {
    EXPECT_FALSE(part.spans().empty());
    parts.push_back(part.part());
  }
  EXPECT_DOUBLE_EQ(report.star().credit(), 0.25 * static_cast<double>(parts.size()));
  return parts;
}

TEST(StarTest, FindsThePartsOfAStory) {
  using ::testing::ElementsAre;
  using ::testing::IsEmpty;
  constexpr int kS = v1::STAR_PART_SITUATION, kA = v1::STAR_PART_ACTION, kR = v1::STAR_PART_RESULT,
                kL = v1::STAR_PART_LESSON;
  EXPECT_THAT(
      StarParts(
          "At my last company we wanted to predict churn. I built a model on two years of data. In the pilot "
          "it dropped to chance level. I learned to check when a column is filled in."),
      ElementsAre(kS, kA, kR, kL));
  EXPECT_THAT(
      StarParts(
          "at my last company we wanted to predict churn i built a model on two years of data in the end it "
          "dropped to chance level and i learned to check when a column is filled in"),
      ElementsAre(kS, kA, kR, kL));
  EXPECT_THAT(StarParts("- churn project at my last job, labels were noisy\n- rebuilt the split by time\n- "
                        "result: precision "
                        "fell to 40 %\n- lesson: check the labels first"),
              ElementsAre(kS, kA, kR, kL));
  EXPECT_THAT(StarParts("Situation: our ranking model was slow. Action: I cut the features in half. Result: "
                        "latency fell by "
                        "60 ms. Lesson: measure before you tune it."),
              ::testing::Contains(kR));
  EXPECT_THAT(StarParts("I built a model for our shop last year."), ::testing::Not(::testing::Contains(kR)));
}

TEST(StarTest, ClausesShareASubjectOrBeginWithATime) {
  using ::testing::ElementsAre;
  using ::testing::IsEmpty;
  constexpr int kS = v1::STAR_PART_SITUATION, kA = v1::STAR_PART_ACTION, kL = v1::STAR_PART_LESSON;
  EXPECT_THAT(StarParts("Our team had a slow report. I reduced the number of joins and rewrote the rest."),
              ElementsAre(kS, kA));
  EXPECT_THAT(StarParts("Our team had a slow report. We reindexed the biggest table."), ElementsAre(kS, kA));
  EXPECT_THAT(StarParts("at my first job we lost two invoices and since then we read every diff aloud"),
              ElementsAre(kS, kL));
  EXPECT_THAT(StarParts("I should have asked the team earlier, they told me."), IsEmpty());
  EXPECT_THAT(StarParts("Describe what the project was and who led the team."), IsEmpty());
}

TEST(StarTest, AdviceIsNoStory) {
  using ::testing::IsEmpty;
  for (const char* answer : {
           "I would pick a real failure and say what I tried, why it did not work and what I learned.",
           "Pick a real failure. Cover what you tried, why it didn't work, what you learned, what you did "
           "instead.",
           "You should tell what went wrong and what you learned from it.",
           "I'd talk about a project where the data was bad, then I'd say what I did instead and what I "
           "learned.",
           "One could describe a model that failed and the lesson from it.",
           "If asked, I would describe how I built a model that failed, what I changed and what I learned.",
           "I don't know.",
           "",
       }) {
    EXPECT_THAT(StarParts(answer), IsEmpty()) << answer;
  }
}

TEST(ParrotTest, TheQuestionsOwnWordsEarnNothing) {
  content::v1::Question question =
      Question({Point("drift", "The data has drifted", {"(data|accuracy) ... (drift|decrease)"})},
               {Flag("flag", {"accuracy ... decrease"})});
  question.set_prompt(
      "Your model is in production but its accuracy is decreasing over time. What do you do?");
  const v1::Report parroted =
      Grade(question, "Your model is in production but its accuracy is decreasing over time.");
  EXPECT_EQ(parroted.score(), 0);
  EXPECT_FALSE(Raised(parroted, "flag"));
  EXPECT_TRUE(Made(Grade(question, "I suspect that the data has drifted."), "drift"));
}

TEST(OrderTest, LowersStatementsOnly) {
  const content::v1::Question question = Question({
      Point("noise", "The model learns the noise of its training data", {"learn ... noise"}),
      Mention("stop", "Early stopping", {"early stopping"}),
  });
  const v1::Report heap = Grade(question,
                                "model learns noise training data early stopping gap curve split holdout "
                                "sample error rate dropout penalty");
  EXPECT_LT(Credit(heap, "noise"), 0.5);
  EXPECT_GT(Credit(heap, "noise"), 0);
  EXPECT_EQ(Credit(heap, "stop"), 1);
  const v1::Report list =
      Grade(question, "model, learns, noise, training, data, early stopping, gap, curve, split, holdout");
  EXPECT_LT(Credit(list, "noise"), 0.5);
  EXPECT_EQ(Credit(list, "stop"), 1);
  for (const char* honest : {
           "- model learns noise in training data\n- early stopping",
           "Model learns noise, not the pattern. Early stopping helps.",
           "so the model just learns the noise of its training data and you use early stopping",
           "Overfitting: model learns noise. Fix: early stopping.",
       }) {
    EXPECT_EQ(Credit(Grade(question, honest), "noise"), 1) << honest;
  }
}

TEST(OrderTest, JudgesASentenceByItsNeighbours) {
  const auto disordered = [](const char* answer) {
    const Vocabulary vocabulary("en");
    const Text text(answer);
    const Reading reading(text, vocabulary);
    return Fluency(reading, /*recited=*/false).Disordered(0);
  };
  for (const char* said : {
           "The elements of an array can be accessed directly, unlike those of a list.",
           "it isn't there and we'll load half of it i'd wait for the marker",
           "last element removed first",
           "- rebuilt the split by time, not at random",
           "push, pop, peek",
           "O(n log n)",
       })
    EXPECT_FALSE(disordered(said)) << said;
  for (const char* heap : {
           "of the of array directly can to elements the be list accessed a an unlike in",
           "the function a is called the when that and defines to in returns of",
       })
    EXPECT_TRUE(disordered(heap)) << heap;
}

TEST(OrderTest, AReferencesOwnWordsInNoOrderEarnLittle) {
  const std::vector<std::string> references = {"A queue is a list that removes the oldest of its elements."};
  const auto graded = CompileReference("What is a queue?", references, "en");
  ASSERT_TRUE(graded.ok()) << graded.status();
  const auto score = [&](const char* answer) { return Grade(*graded, answer).score(); };
  EXPECT_GE(score("a list that removes the oldest of its elements"), 90);
  EXPECT_GE(score("list that removes its oldest element"), 80);
  EXPECT_LE(score("removes the a. the its of elements oldest that list"), 30);
  EXPECT_LE(score("oldest its of the elements"), 30);
}

TEST(OrderTest, KindsOfWords) {
  const auto kinds_of = [](const char* word, bool number = false) {
    return KindsOf(word, LookUpWord(word), number);
  };
  EXPECT_EQ(kinds_of("isn't").count, 2u);
  EXPECT_EQ(kinds_of("it's").count, 2u);
  EXPECT_EQ(kinds_of("a").kinds[0], kinds_of("an").kinds[0]);
  EXPECT_EQ(kinds_of("12", true).kinds[0], kinds_of("3.5", true).kinds[0]);
  const auto follows = [&](const char* a, const char* b) {
    return Follows(kinds_of(a).kinds[0], kinds_of(b).kinds[0]);
  };
  EXPECT_GT(follows("of", "the"), 0.5);
  EXPECT_LT(follows("the", "of"), -1);
  EXPECT_GT(follows("the", "array"), follows("array", "the"));
}

}  // namespace
}  // namespace greenroom::scoring
