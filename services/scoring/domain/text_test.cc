#include "services/scoring/domain/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace greenroom::scoring {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> Words(absl::string_view source) {
  const Text text(source);
  std::vector<std::string> words;
  for (const Token& token : text.tokens()) words.emplace_back(text.Fold(token));
  return words;
}

std::vector<std::string> Sentences(absl::string_view source) {
  const Text text(source);
  std::vector<std::string> sentences;
  for (const Sentence& sentence : text.sentences()) {
    std::string joined;
    for (int32_t i = sentence.first; i < sentence.last; ++i) {
      if (!joined.empty()) joined += ' ';
      joined += std::string(text.Fold(static_cast<size_t>(i)));
    }
    sentences.push_back(joined);
  }
  return sentences;
}

TEST(TextTest, FoldsWords) {
  EXPECT_THAT(Words("The Model"), ElementsAre("the", "model"));
  EXPECT_THAT(Words("naïve Ｂayes ﬁts"), ElementsAre("naive", "bayes", "fits"));
  EXPECT_THAT(Words("don\u2019t isn't model's"), ElementsAre("don't", "isn't", "model"));
  EXPECT_THAT(Words("cross-validation train/test day_of_week"),
              ElementsAre("cross", "validation", "train", "test", "day", "of", "week"));
  EXPECT_THAT(Words("3.5 10,000 70% 70 % L1 & C++ c#"),
              ElementsAre("3.5", "10000", "70", "percent", "70", "percent", "l1", "and", "c++", "c#"));
  EXPECT_THAT(Words("bias\u00b2 + variance"), ElementsAre("bias", "2", "variance"));
  EXPECT_THAT(Words("so um the uh model"), ElementsAre("so", "the", "model"));
  EXPECT_THAT(Words("over\u00adfitting"), ElementsAre("overfitting"));
  EXPECT_THAT(Words(""), ElementsAre());
  EXPECT_THAT(Words("... !!! \U0001f600"), ElementsAre());
}

TEST(TextTest, GluesWhatHyphensAndSlashesJoin) {
  const Text text("k-fold A/B a - b");
  std::vector<bool> glued;
  for (const Token& token : text.tokens()) glued.push_back(token.glued);
  EXPECT_THAT(glued, ElementsAre(false, true, false, true, false, false));
  EXPECT_EQ(text.tokens()[0].word, text.tokens()[1].word);
  EXPECT_NE(text.tokens()[4].word, text.tokens()[5].word);
}

TEST(TextTest, EndsSentencesWhereReadersDo) {
  EXPECT_THAT(Sentences("One two. Three! Four? five"), ElementsAre("one two", "three", "four", "five"));
  // A line break inside a paragraph ends nothing; an empty line and a bullet do.
  EXPECT_THAT(Sentences("one\ntwo\n\nthree"), ElementsAre("one two", "three"));
  EXPECT_THAT(Sentences("one\r\ntwo\r\n\r\nthree"), ElementsAre("one two", "three"));
  EXPECT_THAT(Sentences("- one\n  two\n- three\n* four\n\u2022 five\n1. six\n2) seven\n(3) eight"),
              ElementsAre("one two", "three", "four", "five", "six", "seven", "eight"));
  EXPECT_THAT(Sentences("To prevent: (1) one. (2) two (3) three"),
              ElementsAre("to prevent", "one", "two", "three"));
  EXPECT_THAT(Sentences("it models P(y) (x) and f(1) here"), ElementsAre("it models p y x and f 1 here"));
  EXPECT_THAT(Sentences("Steps. 1. one. 2. two."), ElementsAre("steps", "one", "two"));
  EXPECT_THAT(Sentences("e.g. one vs. two i.e. three"), ElementsAre("e g one vs two i e three"));
  EXPECT_THAT(Sentences("version 3.5 of foo.bar"), ElementsAre("version 3.5 of foo bar"));
  EXPECT_THAT(Sentences("one... two"), ElementsAre("one two"));
  EXPECT_THAT(Sentences("one... Two"), ElementsAre("one", "two"));
  EXPECT_THAT(Sentences("a-\nb"), ElementsAre("a b"));
}

TEST(TextTest, KnowsQuestionsItemsLabelsAndQuotes) {
  const Text text("Signs: gap. Really?\n- item \"not mine\" mine 'nor this' it's");
  ASSERT_EQ(text.sentences().size(), 3u);
  EXPECT_TRUE(text.clauses()[0].label);
  EXPECT_FALSE(text.sentences()[0].question);
  EXPECT_TRUE(text.sentences()[1].question);
  EXPECT_TRUE(text.sentences()[2].item);
  std::vector<std::string> quoted;
  for (const Token& token : text.tokens()) {
    if (token.quoted) quoted.emplace_back(text.Fold(token));
  }
  EXPECT_THAT(quoted, ElementsAre("not", "mine", "nor", "this"));
  const Text open("he said \"it never ends");
  for (const Token& token : open.tokens()) EXPECT_FALSE(token.quoted);
}

TEST(TextTest, CountsUtf16) {
  const std::string source = "a \U0001f600 b\u00e9 c";
  const Text text(source);
  ASSERT_EQ(text.tokens().size(), 3u);
  EXPECT_EQ(text.tokens()[1].begin, 7);
  EXPECT_EQ(text.tokens()[1].begin_utf16, 5);
  EXPECT_EQ(text.tokens()[1].end, 10);
  EXPECT_EQ(text.tokens()[1].end_utf16, 7);
  EXPECT_EQ(text.Utf16(0), 0);
  EXPECT_EQ(text.Utf16(static_cast<int32_t>(source.size())), 9);
}

TEST(TextTest, ReadsNoMoreThanItsBound) {
  std::string source;
  for (size_t i = 0; i < Text::kMaxTokens + 100; ++i) source += "a ";
  EXPECT_EQ(Text(source).tokens().size(), Text::kMaxTokens);
}

RC_GTEST_PROP(TextProperty, TokensTileAnyBytes, (const std::string& source)) {
  const Text text(source);
  int32_t at = 0;
  for (const Token& token : text.tokens()) {
    RC_ASSERT(token.begin >= at && token.begin < token.end);
    RC_ASSERT(token.end <= static_cast<int32_t>(source.size()));
    RC_ASSERT(token.fold_size > 0u);
    RC_ASSERT(token.begin_utf16 < token.end_utf16);
    at = token.end;
  }
  int32_t next = 0;
  for (const Sentence& sentence : text.sentences()) {
    RC_ASSERT(sentence.first == next && sentence.first < sentence.last);
    next = sentence.last;
  }
  RC_ASSERT(next == static_cast<int32_t>(text.tokens().size()));
  next = 0;
  for (const Clause& clause : text.clauses()) {
    RC_ASSERT(clause.first == next && clause.first < clause.last);
    next = clause.last;
  }
  RC_ASSERT(next == static_cast<int32_t>(text.tokens().size()));
}

}  // namespace
}  // namespace greenroom::scoring
