#include "services/scoring/domain/phrase.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/scoring/domain/reading.h"
#include "services/scoring/domain/testing/sanitized.h"
#include "services/scoring/domain/text.h"

namespace greenroom::scoring {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The words of an answer that phrases match.
std::vector<std::string> Find(const std::vector<std::string>& phrases, absl::string_view answer) {
  Vocabulary vocabulary("en");
  PhraseSet set;
  for (const std::string& phrase : phrases) {
    const absl::StatusOr<PhraseNode> node = ParsePhrase(phrase);
    EXPECT_TRUE(node.ok()) << phrase << ": " << node.status();
    if (node.ok()) set.Add(*node, vocabulary);
  }
  vocabulary.Finish();
  set.Finish(vocabulary);
  const Text text(answer);
  const Reading reading(text, vocabulary);
  std::vector<std::string> found;
  for (const PhraseMatch& match : set.Match(reading)) {
    found.emplace_back(
        answer.substr(static_cast<size_t>(match.begin), static_cast<size_t>(match.end - match.begin)));
  }
  return found;
}

bool Matches(const std::string& phrase, absl::string_view answer) { return !Find({phrase}, answer).empty(); }

std::string ErrorOf(absl::string_view phrase) { return std::string(ParsePhrase(phrase).status().message()); }

TEST(PhraseTest, MatchesByStemAndInOrder) {
  EXPECT_THAT(Find({"memorise data"}, "It memorised data."), ElementsAre("memorised data"));
  EXPECT_TRUE(Matches("memorise data", "memorizes the data"));
  EXPECT_FALSE(Matches("memorise data", "data memorised"));
  EXPECT_FALSE(Matches("memorise data", "memorises some data"));
  EXPECT_FALSE(Matches("memorise data", "It memorises. Data is noisy."));
  EXPECT_TRUE(Matches("the error falls", "error fell"));
  EXPECT_TRUE(Matches("early stopping", "I'd use EARLY-STOPPING"));
  EXPECT_TRUE(Matches("noise means error", "noise always means that it is an error"));
  EXPECT_FALSE(Matches("noise means error", "noise rarely means an error"));
  EXPECT_FALSE(Matches("noise means error", "noise means not an error"));
}

TEST(PhraseTest, AGapIsFiveWordsOfOneSentence) {
  EXPECT_TRUE(Matches("learn ... noise", "learns noise"));
  EXPECT_TRUE(Matches("learn ... noise", "learns one two three four five noise"));
  EXPECT_FALSE(Matches("learn ... noise", "learns one two three four five six noise"));
  EXPECT_TRUE(Matches("learn ... noise", "learns state-of-the-art one two three four noise"));
  EXPECT_FALSE(Matches("learn ... noise", "It learns. The noise is bad."));
  EXPECT_FALSE(Matches("learn ... noise", "- it learns\n- noise"));
  EXPECT_FALSE(Matches("learn ... noise", "it learns\n\nnoise"));
  EXPECT_TRUE(Matches("learn ... noise", "it learns the\nnoise"));
  EXPECT_TRUE(Matches("a1 ... ... b1", "a1 b1"));
  EXPECT_TRUE(Matches("a1 \u2026 b1", "a1 x b1"));
  // The nearest words are the ones that are meant.
  EXPECT_THAT(Find({"learn ... noise"}, "learn nothing, it learns noise"), ElementsAre("learns noise"));
}

TEST(PhraseTest, Alternatives) {
  const std::string phrase = "(fewer|less|reduce ...) (parameter|feature map|layer)";
  EXPECT_TRUE(Matches(phrase, "fewer layers"));
  EXPECT_TRUE(Matches(phrase, "reduce the number of parameters"));
  EXPECT_TRUE(Matches(phrase, "less feature maps"));
  EXPECT_FALSE(Matches(phrase, "fewer of the layers"));
  EXPECT_FALSE(Matches(phrase, "less feature"));
  EXPECT_TRUE(Matches("((a1|b1) c1|d1) e1", "b1 c1 e1"));
  EXPECT_TRUE(Matches("((a1|b1) c1|d1) e1", "d1 e1"));
  EXPECT_FALSE(Matches("((a1|b1) c1|d1) e1", "a1 e1"));
  EXPECT_TRUE(Matches("x1 (... y1|z1)", "x1 q y1"));
  EXPECT_FALSE(Matches("x1 (... y1|z1)", "x1 q z1"));
}

TEST(PhraseTest, JoinedAndPartedWordsAreTheSame) {
  EXPECT_TRUE(Matches("cross-validation", "cross validation"));
  EXPECT_TRUE(Matches("cross validation", "crossvalidation"));
  EXPECT_TRUE(Matches("cross validation", "cross-validate"));
  EXPECT_TRUE(Matches("dataset", "a data set"));
  EXPECT_TRUE(Matches("overfitting", "over-fitting"));
  EXPECT_TRUE(Matches("(big|large) dataset ... model", "a large data set for the model"));
  EXPECT_TRUE(Matches("not (generalise)", "It doesn't generalize"));
  EXPECT_TRUE(Matches("doesn't generalise", "it does not generalise"));
  EXPECT_TRUE(Matches("A/B test", "we A/B tested it"));
}

TEST(PhraseTest, WordsThatProseDropsAreMeantWhereNothingElseIsSaid) {
  EXPECT_TRUE(Matches("(a|b) test", "an a test"));
  EXPECT_TRUE(Matches("1.", "option 1"));
  EXPECT_TRUE(Matches("(1.|2.) form", "in 2 forms"));
  EXPECT_TRUE(Matches("the ... a", "the a"));
  EXPECT_TRUE(Matches("the test", "test"));
}

TEST(PhraseTest, LiteralsIgnoreSpacesAndCase) {
  const std::string phrase = "=TP/(TP+FP)=";
  EXPECT_THAT(Find({phrase}, "precision is tp / (TP + FP), recall not"), ElementsAre("tp / (TP + FP"));
  EXPECT_FALSE(Matches(phrase, "TP/(TP+FN)"));
  EXPECT_FALSE(Matches("=L1=", "L12"));
  EXPECT_FALSE(Matches("=L1=", "XL1"));
  EXPECT_TRUE(Matches("(precision =TP/(TP+FP)=|ppv)", "precision: TP/(TP+FP)"));
  EXPECT_TRUE(Matches("=p(y|x)=", "models P(y | x) directly"));
}

TEST(PhraseTest, SaysWhatIsWrong) {
  EXPECT_THAT(ErrorOf(""), HasSubstr("needs a word"));
  EXPECT_THAT(ErrorOf("..."), HasSubstr("needs a word"));
  EXPECT_THAT(ErrorOf("(a|b"), HasSubstr("'(' without ')' at byte 1"));
  EXPECT_THAT(ErrorOf("a)"), HasSubstr("')' without '(' at byte 2"));
  EXPECT_THAT(ErrorOf("a|b"), HasSubstr("'|' outside of brackets at byte 2"));
  EXPECT_THAT(ErrorOf("(a|)"), HasSubstr("needs a word"));
  EXPECT_THAT(ErrorOf("()"), HasSubstr("needs a word"));
  EXPECT_THAT(ErrorOf("=abc"), HasSubstr("closing '='"));
  EXPECT_THAT(ErrorOf("= ="), HasSubstr("letter or digit"));
  EXPECT_THAT(ErrorOf(std::string(100, '(') + "a" + std::string(100, ')')), HasSubstr("nested"));
  const std::string sixteen = "(a|b|c|d|e|f|g|h|i|j|k|l|m|n|o|p)";
  EXPECT_THAT(ErrorOf(absl::StrCat("(", sixteen, " ", sixteen, ")")), IsEmpty());
  EXPECT_THAT(ErrorOf(absl::StrCat("(", sixteen, " ", sixteen, "|q)")), HasSubstr("256"));
  // What the worked example of the format has: a product over brackets is not counted.
  EXPECT_THAT(ErrorOf(absl::StrCat(sixteen, " ... ", sixteen, " ... ", sixteen)), IsEmpty());
}

TEST(PhraseTest, CountsExpansions) {
  EXPECT_EQ(ParsePhrase("(a|b c|(d|e) f)")->Expansions(), 4);
  EXPECT_EQ(ParsePhrase("a ... b")->Expansions(), 1);
}

// 32 KiB of words that every phrase is about, against 64 phrases, within 50 ms.
TEST(PhraseTest, TakesLinearTime) {
  Vocabulary vocabulary("en");
  PhraseSet set;
  for (int i = 0; i < 64; ++i) {
    set.Add(*ParsePhrase("(data|model|train) ... (data|model) ... (train|data|model|noise) ... never"),
            vocabulary);
  }
  vocabulary.Finish();
  set.Finish(vocabulary);
  const auto seconds = [&](size_t bytes) {
    std::string answer;
    while (answer.size() < bytes) answer += "data model train ";
    const Text text(answer);
    const Reading reading(text, vocabulary);
    double best = 1e9;
    for (int run = 0; run < 7; ++run) {
      const std::clock_t begin = std::clock();  // processor time: other programs do not count
      EXPECT_THAT(set.Match(reading), IsEmpty());
      best = std::min(best, static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC);
    }
    return best;
  };
  const double small = seconds(size_t{8} * 1024);
  const double large = seconds(size_t{32} * 1024);
  EXPECT_LT(large, kSanitized ? 5.0 : 0.05);
  EXPECT_LT(large, 12 * small);
}

RC_GTEST_PROP(PhraseProperty, ParsesOrRefusesAnyBytes, (const std::string& text)) {
  (void)ParsePhrase(text).ok();
}

// Any way through a generated phrase is found in an answer that says it, with words in its gaps or without.
RC_GTEST_PROP(PhraseProperty, FindsEveryExpansion, ()) {
  const std::vector<std::string> words = {"model", "noise", "training", "gap", "early", "stopping"};
  const auto word = [&] { return *rc::gen::elementOf(words); };
  std::string phrase;
  std::string answer = "So";
  const int parts = *rc::gen::inRange(1, 5);
  for (int i = 0; i < parts; ++i) {
    if (i > 0 && *rc::gen::arbitrary<bool>()) {
      phrase += " ... ";
      const int filler = *rc::gen::inRange(0, kMaxGapWords + 1);
      for (int k = 0; k < filler; ++k) answer += " xyz";
    }
    const std::string a = word();
    const std::string b = absl::StrCat(word(), " ", word());
    const bool first = *rc::gen::arbitrary<bool>();
    absl::StrAppend(&phrase, " (", a, "|", b, ")");
    absl::StrAppend(&answer, " ", first ? a : b);
  }
  RC_ASSERT(Matches(phrase, answer));
}

}  // namespace
}  // namespace greenroom::scoring
