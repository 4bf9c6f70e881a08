#include "clients/cli/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "clients/cli/evidence.h"
#include "services/base/text.h"

namespace greenroom::cli {
namespace {

using testing::ElementsAre;

TEST(LayoutTest, CountsCells) {
  EXPECT_EQ(CellsOf("plain"), 5);
  EXPECT_EQ(CellsOf("\xC3\xA4"), 1);                  // a-umlaut
  EXPECT_EQ(CellsOf("a\xCC\x88"), 1);                 // a and a combining diaeresis
  EXPECT_EQ(CellsOf("\xE6\xBC\xA2\xE5\xAD\x97"), 4);  // two wide characters
  EXPECT_EQ(CellsOf("\xF0\x9F\x98\x80"), 2);          // an emoji
  EXPECT_EQ(CellsOf("\t\x1b\xff"), 3);
}

TEST(LayoutTest, NothingOfATextSteersTheTerminal) {
  EXPECT_EQ(Printable("a\x1b[31mb\r\x7f\n\tc"), "a\xEF\xBF\xBD[31mb\xEF\xBF\xBD\xEF\xBF\xBD\n c");
  EXPECT_EQ(Printable("\xE2\x80\xAE"
                      "abc"),
            "\xEF\xBF\xBD"
            "abc");  // right-to-left override
  EXPECT_EQ(Printable("\xC2\x9B"
                      "31m"),
            "\xEF\xBF\xBD"
            "31m");  // the one-character CSI
  EXPECT_EQ(Printable("caf\xE9"), "caf\xEF\xBF\xBD");
}

TEST(LayoutTest, WrapsAtWords) {
  EXPECT_THAT(Wrap("the quick brown fox", 20), ElementsAre("the quick brown fox"));
  EXPECT_THAT(Wrap("the quick brown foxes", 20), ElementsAre("the quick brown", "foxes"));
  EXPECT_THAT(Wrap("one\n\ntwo", 20), ElementsAre("one", "", "two"));
  EXPECT_THAT(Wrap("", 20), ElementsAre(""));
  EXPECT_THAT(Wrap("0123456789012345678901234", 20), ElementsAre("01234567890123456789", "01234"));
  EXPECT_THAT(Wrap("one two three four five", 20, "  - "), ElementsAre("  - one two three", "    four five"));
}

TEST(LayoutTest, UnwrapsWhatAnAuthorWrapped) {
  EXPECT_EQ(Unwrap("one line that\ngoes on \nhere.\n\nAnother\none.\n"),
            "one line that goes on here.\n\nAnother one.");
  EXPECT_EQ(Unwrap("first:\n- one\n  more\n* two\n10. ten\n2024 was\nfine"),
            "first:\n- one\n  more\n* two\n10. ten 2024 was fine");
  EXPECT_EQ(Unwrap("\n \n"), "");
}

RC_GTEST_PROP(LayoutTest, LinesFitAndLoseNothing, (const std::string& text)) {
  const int width = *rc::gen::inRange(2, 40);
  size_t at = 0;
  for (const TextLine& line : BreakLines(text, width)) {
    RC_ASSERT(line.begin <= line.end);
    RC_ASSERT(line.end <= text.size());
    RC_ASSERT(CellsOf(absl::string_view(text).substr(line.begin, line.end - line.begin)) <= width);
    // What lies between two lines is one space or newline.
    if (line.begin != at) {
      RC_ASSERT(line.begin == at + 1);
      RC_ASSERT(text[at] == '\n' || text[at] == ' ' || text[at] == '\t');
    }
    at = line.end;
  }
  RC_ASSERT(at == text.size());
}

RC_GTEST_PROP(LayoutTest, WhatIsPrintedIsTextWithoutControls, (const std::string& text)) {
  const std::string printable = Printable(text);
  RC_ASSERT(IsValidUtf8(printable));
  for (const char c : printable) RC_ASSERT(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
}

TEST(EvidenceTest, UnderlinesEachSpanOnItsLines) {
  //                           0123456789012345678901234567890
  const std::string answer = "a model fits the noise of its training data";
  EXPECT_THAT(RenderEvidence(answer,
                             {{.begin = 8, .end = 22, .label = '1'},
                              {.begin = 30, .end = 43, .label = '2', .line = '!'}},
                             {.width = 32}),
              ElementsAre("  a model fits the noise of its", "          1^^^^^^^^^^^^^", "  training data",
                          "  2!!!!!!!!!!!!"));
}

TEST(EvidenceTest, ASpanOverALineBreakGoesOn) {
  EXPECT_THAT(
      RenderEvidence("one two three four five", {{.begin = 8, .end = 23, .label = 'a'}}, {.width = 20}),
      ElementsAre("  one two three four", "          a^^^^^^^^^", "  five", "  a^^^"));
}

TEST(EvidenceTest, OverlappingSpansStandBelowEachOther) {
  EXPECT_THAT(RenderEvidence("abcdef",
                             {{.begin = 0, .end = 4, .label = '1'},
                              {.begin = 2, .end = 6, .label = '2'},
                              {.begin = 4, .end = 6, .label = '3'}},
                             {.width = 40}),
              ElementsAre("  abcdef", "  1^^^3^", "    2^^^"));
}

TEST(EvidenceTest, CountsCellsAndNotBytes) {
  EXPECT_THAT(RenderEvidence("\xC3\xA4\xE6\xBC\xA2 x", {{.begin = 6, .end = 7, .label = '1'}}, {.width = 40}),
              ElementsAre("  \xC3\xA4\xE6\xBC\xA2 x", "      1"));
}

RC_GTEST_PROP(EvidenceTest, TakesAnyMarks, (const std::string& answer)) {
  const auto ends = *rc::gen::container<std::vector<std::pair<uint8_t, uint8_t>>>(
      rc::gen::arbitrary<std::pair<uint8_t, uint8_t>>());
  std::vector<Mark> marks;
  marks.reserve(ends.size());
  for (const auto& [begin, end] : ends) marks.push_back({.begin = begin, .end = end});
  for (const std::string& line : RenderEvidence(answer, marks, {.width = 30})) RC_ASSERT(CellsOf(line) <= 30);
}

}  // namespace
}  // namespace greenroom::cli
