// The shipped packs' own examples, and answers made to game the grader or to be fair to: every floor of the design, mean
// over questions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/content/domain/pack_reader.h"
#include "services/content/packs/shipped_packs.h"
#include "services/scoring/domain/compile.h"
#include "services/scoring/domain/testing/probe_answers.h"
#include "services/scoring/domain/testing/question_builder.h"

namespace greenroom::scoring {
namespace {

struct Graded {
  content::v1::Question question;
  CompiledQuestion compiled;
};

const std::vector<Graded>& Shipped() {
  static const auto& questions = *[] {
    auto* all = new std::vector<Graded>();
    for (const content::ShippedPack& pack : content::ShippedPacks()) {
      const content::ReadResult read = content::ReadPack(pack.yaml);
      EXPECT_TRUE(read.ok()) << pack.id;
      for (content::v1::Question& question : FullQuestions(read.pack)) {
        CompiledQuestion compiled = MustCompile(question);
        all->push_back({std::move(question), std::move(compiled)});
      }
    }
    return all;
  }();
  return questions;
}

int Score(const Graded& graded, absl::string_view answer) { return Grade(graded.compiled, answer).score(); }

// Collects scores under a name and tells their mean.
class Scores {
 public:
  void Add(const std::string& name, double score) { scores_[name].push_back(score); }
  double Mean(const std::string& name) const {
    double sum = 0;
    for (double score : scores_.at(name)) sum += score;
    return sum / static_cast<double>(scores_.at(name).size());
  }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    names.reserve(scores_.size());
    for (const auto& [name, scores] : scores_) names.push_back(name);
    return names;
  }

 private:
  std::map<std::string, std::vector<double>> scores_;
};

TEST(ProbesTest, ThereIsAPack) { ASSERT_GE(Shipped().size(), 9u); }

TEST(ProbesTest, ExamplesAreInRangeAndInOrder) {
  int in_range = 0;
  int examples = 0;
  for (const Graded& graded : Shipped()) {
    int lowest_good = 101;
    int highest_poor = -1;
    for (const content::v1::Example& example : graded.question.examples()) {
      const v1::Report report = Grade(graded.compiled, example.answer());
      const bool right = report.score() >= example.score_low() && report.score() <= example.score_high();
      in_range += right ? 1 : 0;
      ++examples;
      if (!right) {
        std::cout << "out of range: " << graded.question.id() << "/" << example.id() << " " << report.score()
                  << " not in [" << example.score_low() << ", " << example.score_high() << "]\n";
      }
      if (example.score_low() >= 60) lowest_good = std::min(lowest_good, report.score());
      if (example.score_high() <= 40) highest_poor = std::max(highest_poor, report.score());
    }
    EXPECT_LT(highest_poor, lowest_good) << graded.question.id();
  }
  EXPECT_GE(in_range, 0.85 * examples);
}

TEST(ProbesTest, ModelAnswersAreGood) {
  for (const Graded& graded : Shipped()) {
    const v1::Report report = Grade(graded.compiled, graded.question.model_answer());
    EXPECT_GE(report.score(), 90) << graded.question.id();
    EXPECT_TRUE(report.recited()) << graded.question.id();
    EXPECT_EQ(report.flags_size(), 0) << graded.question.id();
  }
}

TEST(ProbesTest, NothingSaidIsNothingEarned) {
  for (const Graded& graded : Shipped()) {
    const std::string& id = graded.question.id();
    EXPECT_EQ(Score(graded, ""), 0) << id;
    EXPECT_EQ(Score(graded, " \n\t "), 0) << id;
    for (const std::string& answer : Unknowing()) EXPECT_LE(Score(graded, answer), 5) << id << ": " << answer;
    EXPECT_LE(Score(graded, graded.question.prompt()), 10) << id;
    for (const std::string& variant : graded.question.variants()) EXPECT_LE(Score(graded, variant), 10) << id;
    for (const std::string& text : UnrelatedTexts()) EXPECT_LE(Score(graded, text), 25) << id;
  }
}

TEST(ProbesTest, GamedAnswersStayUnderTheirFloors) {
  Scores scores;
  for (const Graded& graded : Shipped()) {
    const std::string& model = graded.question.model_answer();
    // Follow-ups ask about a part of another question, whose answer may well answer them.
    for (const Graded& other : Shipped()) {
      if (&other == &graded || graded.question.follow_up_only()) continue;
      scores.Add("other", Score(graded, other.question.model_answer()));
    }
    for (const auto& [name, answer] : NegatedForms(model))
      scores.Add(absl::StrCat("negated ", name), Score(graded, answer));
    for (uint32_t seed : {1u, 2u, 3u}) {
      for (const auto& [name, answer] : ShuffledForms(model, seed)) scores.Add(name, Score(graded, answer));
    }
    for (const auto& [name, answer] : KeywordForms(graded.question)) scores.Add(name, Score(graded, answer));
    for (const auto& [name, answer] : SwappedForms(graded.question, model))
      scores.Add("swapped", Score(graded, answer));
  }
  const std::map<std::string, double> floors = {{"other", 10},
                                                {"negated denied-whole", 40},
                                                {"negated denied-each", 40},
                                                {"negated disbelieved-each", 40},
                                                {"shuffled", 50},
                                                {"shuffled-bare", 50},
                                                {"keywords", 50},
                                                {"keyword-list", 50},
                                                {"swapped", 40}};
  for (const auto& [name, most] : floors) EXPECT_LE(scores.Mean(name), most) << name;
  double negated = 0;
  int forms = 0;
  for (const std::string& name : scores.names()) {
    if (!absl::StartsWith(name, "negated ")) continue;
    negated += scores.Mean(name);
    ++forms;
  }
  EXPECT_LE(negated / forms, 40);
}

TEST(ProbesTest, HonestFormsAreWorthTheSame) {
  Scores lost;
  for (const Graded& graded : Shipped()) {
    const auto compare = [&](absl::string_view answer) {
      const int whole = Score(graded, answer);
      for (const auto& [name, form] : HonestForms(answer)) lost.Add(name, whole - Score(graded, form));
    };
    compare(graded.question.model_answer());
    for (const content::v1::Example& example : graded.question.examples()) {
      // Forms of prose only: a list without its line breaks is no honest form of it.
      const bool list =
          absl::StrContains(example.answer(), "\n- ") || absl::StartsWith(example.answer(), "- ");
      if (example.score_low() >= 60 && !list) compare(example.answer());
    }
  }
  for (const std::string& form : lost.names()) EXPECT_LE(lost.Mean(form), 12) << form;
}

TEST(ProbesTest, AnInstructionChangesNothing) {
  for (const Graded& graded : Shipped()) {
    for (const content::v1::Example& example : graded.question.examples()) {
      if (example.score_high() > 50) continue;
      const int score = Score(graded, example.answer());
      for (const std::string& instruction : Instructions()) {
        for (const char* between : {" ", "\n", "\n\n", ". "}) {
          EXPECT_EQ(Score(graded, absl::StrCat(example.answer(), between, instruction)), score)
              << graded.question.id() << "/" << example.id() << ": " << instruction;
          EXPECT_EQ(Score(graded, absl::StrCat(instruction, "\n", example.answer())), score)
              << graded.question.id() << "/" << example.id() << ": " << instruction;
        }
      }
    }
  }
}

}  // namespace
}  // namespace greenroom::scoring
