#include "services/content/domain/phrase_syntax.h"

#include <gtest/gtest.h>

#include <string>

namespace greenroom::content {
namespace {

struct Case {
  const char* phrase;
  const char* code;
  int column;
};

TEST(PhraseSyntax, Table) {
  for (const Case& c : {
           Case{"word", "", 0},
           Case{"two words", "", 0},
           Case{"split ... (validation|test|train)", "", 0},
           Case{"(a|b (c|d e) f|g)", "", 0},
           Case{"(fewer|less|reduce ...) (parameter|feature)", "", 0},
           Case{"=TP/(TP+FP)=", "", 0},
           Case{"precision = TP / (TP + FP) =", "", 0},
           Case{"held-out L1/L2 don't", "", 0},
           Case{"...", "phrase-syntax", 1},
           Case{"   ", "phrase-syntax", 1},
           Case{"(a|b", "phrase-syntax", 1},
           Case{"é (a|(b)", "phrase-syntax", 3},
           Case{"a)", "phrase-syntax", 2},
           Case{"a|b", "phrase-syntax", 2},
           Case{"()", "phrase-syntax", 2},
           Case{"(|a)", "phrase-syntax", 2},
           Case{"(a||b)", "phrase-syntax", 4},
           Case{"(a|...)", "phrase-syntax", 7},
           Case{"=TP/FP", "phrase-syntax", 1},
           Case{"a == b", "phrase-syntax", 3},
           Case{"=+=", "phrase-syntax", 1},
           Case{"\u2026", "phrase-syntax", 1},
           Case{"(a|-)", "phrase-syntax", 5},
           Case{"((((((((((((((((a))))))))))))))))", "", 0},
           Case{"(((((((((((((((((a)))))))))))))))))", "phrase-syntax", 17},
           Case{"a = = b", "phrase-syntax", 3},
           Case{"\u65e5\u672c|", "phrase-syntax", 3},
           Case{"\u2192 \U0001f600", "phrase-syntax", 1},
           Case{"=\u2265=", "phrase-syntax", 1},
           Case{"(x\u00b2|\u2167)", "", 0},
       }) {
    const PhraseProblem problem = CheckPhrase(c.phrase);
    EXPECT_EQ(problem.code, c.code) << c.phrase << ": " << problem.message;
    EXPECT_EQ(problem.column, c.column) << c.phrase;
  }
}

TEST(PhraseSyntax, CountsWordingsPerParentheses) {
  const std::string two = "(a|b)";
  std::string nested = "x (";
  for (int i = 0; i < 8; ++i) nested += two + " ";
  EXPECT_EQ(CheckPhrase(nested + ")").code, "") << "2^8 is 256";
  EXPECT_EQ(CheckPhrase(nested + "|c)").code, "phrase-expansions");
  EXPECT_EQ(CheckPhrase(nested + "|c)").column, 3);
  std::string row;
  for (int i = 0; i < 20; ++i) row += two + " ";
  EXPECT_EQ(CheckPhrase(row).code, "") << "side by side they are not multiplied";
}

}  // namespace
}  // namespace greenroom::content
