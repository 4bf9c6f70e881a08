#include "services/content/domain/page_reader.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/content/domain/answer_points.h"
#include "services/content/domain/pack_generator.h"
#include "services/content/domain/pack_writer.h"

namespace greenroom::content {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

bool IsAPack(const ReadResult& read) {
  const ReadResult again = ReadPack(WritePack(read.pack));
  return again.ok() && google::protobuf::util::MessageDifferencer::Equals(again.pack, read.pack);
}

// The page that the product was conceived from; it lies outside of the project.
class OriginPage : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ifstream file("../shared/data/origin-page.txt", std::ios::binary);
    if (!file) {
      ASSERT_EQ(std::getenv("CI"), nullptr) << "under CI ../shared must be there";
      GTEST_SKIP() << "no ../shared/data/origin-page.txt";
    }
    std::stringstream text;
    text << file.rdbuf();
    read_ = ReadPage(text.str(), "origin");
  }

  ReadResult read_;
};

TEST_F(OriginPage, HasNineQuestionsAndFiveTips) {
  EXPECT_TRUE(read_.ok());
  EXPECT_EQ(read_.pack.pack(), "origin");
  EXPECT_EQ(read_.pack.role(), "Machine Learning Engineer");
  EXPECT_THAT(read_.pack.tagline(), ::testing::StartsWith("Build and deploy ML models"));
  EXPECT_THAT(read_.pack.tips(), SizeIs(5));
  ASSERT_THAT(read_.pack.questions(), SizeIs(9));
  for (const v1::Question& question : read_.pack.questions()) {
    EXPECT_TRUE(question.derived()) << question.id();
    EXPECT_THAT(question.rubric(), Not(IsEmpty())) << question.id();
  }
  EXPECT_TRUE(IsAPack(read_));
}

TEST_F(OriginPage, HasOneRedFlagOnTheFailedProject) {
  for (const v1::Question& question : read_.pack.questions()) {
    const bool failed = question.prompt() == "Tell me about an ML project that did not work as expected.";
    EXPECT_EQ(question.has_star(), failed) << question.id();
    EXPECT_EQ(question.kind(), failed ? v1::QUESTION_KIND_BEHAVIOURAL : v1::QUESTION_KIND_CONCEPT);
    ASSERT_EQ(question.red_flags_size(), failed ? 1 : 0) << question.id();
    if (!failed) continue;
    EXPECT_THAT(question.red_flags(0).match(), ElementsAre("all my projects worked"));
    EXPECT_THAT(question.model_answer(), Not(::testing::HasSubstr("red flag")));
  }
}

TEST_F(OriginPage, ReportsEachDamagedCharacter) {
  std::vector<std::string> found;
  for (const v1::Issue& issue : read_.issues) {
    EXPECT_EQ(issue.severity(), v1::SEVERITY_WARNING);
    found.push_back(absl::StrCat(issue.code(), " ", issue.line(), ":", issue.column(), " ", issue.path(), " ",
                                 issue.suggestion()));
  }
  EXPECT_THAT(found, ElementsAre("damaged-character 7:32 tips[3] –",                      //
                                 "damaged-character 17:177 questions[2].model_answer ²",  //
                                 "damaged-character 17:289 questions[2].model_answer –",  //
                                 "damaged-character 20:82 questions[3].model_answer –",   //
                                 "damaged-character 20:339 questions[3].model_answer –",  //
                                 "damaged-character 20:408 questions[3].model_answer –",  //
                                 "damaged-character 26:52 questions[5].model_answer –",   //
                                 "damaged-character 26:109 questions[5].model_answer –",  //
                                 "damaged-character 26:168 questions[5].model_answer –",  //
                                 "damaged-character 26:299 questions[5].model_answer –"));
}

TEST_F(OriginPage, MakesGroupsOfEnumerations) {
  const v1::Question& overfitting = read_.pack.questions(1);
  ASSERT_EQ(overfitting.rubric_size(), 4);
  EXPECT_EQ(overfitting.rubric(2).point(), "Prevention");
  EXPECT_EQ(overfitting.rubric(2).of_size(), 7);
  EXPECT_EQ(overfitting.rubric(2).any(), 5) << "60 % of 7, rounded up";
  EXPECT_EQ(overfitting.rubric(3).point(), "Always split data into train/val/test");
  EXPECT_EQ(read_.pack.questions(3).rubric(0).of_size(), 8);
  EXPECT_EQ(read_.pack.questions(2).rubric(2).point(), "Total error = bias² + variance + irreducible noise");
}

TEST(PageReader, SaysWhatIsMissing) {
  EXPECT_EQ(ReadPage("Just a title\n\n- a tip").issues[0].code(), "no-question");
  EXPECT_EQ(ReadPage("").issues[0].code(), "no-question");
  const ReadResult unanswered = ReadPage("One?\nShow model answer\nTwo?\nShow model answer\nYes.");
  ASSERT_THAT(unanswered.issues, SizeIs(1));
  EXPECT_EQ(unanswered.issues[0].code(), "missing-answer");
  EXPECT_EQ(unanswered.issues[0].line(), 1);
  const ReadResult bytes = ReadPage("ok\né\xff");
  EXPECT_EQ(bytes.issues[0].code(), "not-utf8");
  EXPECT_EQ(bytes.issues[0].line(), 2);
  EXPECT_EQ(bytes.issues[0].column(), 2);
  EXPECT_EQ(ReadPage(absl::string_view("a\0b", 3)).issues[0].code(), "nul");
  EXPECT_EQ(ReadPage(std::string((4 << 20) + 1, 'a')).issues[0].code(), "too-large");
}

TEST(PageReader, ReadsPagesOfOtherHabits) {
  const ReadResult read = ReadPage(
      "\xEF\xBB\xBFSite reliability interview questions\r\n\r\nTips\r\n* Be calm.\r\n\r\nWhat is an "
      "SLO?\r\n\r\nSHOW MODEL "
      "ANSWER\r\nA target.\r\nIt is agreed; it is measured.\r\nA red flag is \"100 % is the goal\".\r\n");
  EXPECT_THAT(read.issues, IsEmpty());
  EXPECT_EQ(read.pack.role(), "Site reliability");
  EXPECT_EQ(read.pack.tagline(), "");
  EXPECT_EQ(read.pack.pack(), "site-reliability");
  ASSERT_THAT(read.pack.tips(), SizeIs(1));
  ASSERT_THAT(read.pack.questions(), SizeIs(1));
  const v1::Question& question = read.pack.questions(0);
  EXPECT_EQ(question.model_answer(), "A target.\nIt is agreed; it is measured.");
  EXPECT_THAT(question.rubric(), SizeIs(3));
  ASSERT_THAT(question.red_flags(), SizeIs(1));
  EXPECT_THAT(question.red_flags(0).match(), ElementsAre("100 % is the goal"));
}

TEST(PageReader, ANoteWithoutQuotedWordsIsNoFlag) {
  const ReadResult read = ReadPage("Why?\nShow model answer\nBecause. Don't say it's a red flag.");
  ASSERT_THAT(read.pack.questions(), SizeIs(1));
  EXPECT_THAT(read.pack.questions(0).red_flags(), IsEmpty());
}

TEST(Clauses, Table) {
  EXPECT_THAT(Clauses("One. Two! Three? four"), ElementsAre("One", "Two!", "Three? four"));
  EXPECT_THAT(Clauses("e.g. this at 1.5 of 3; that – so"),
              ElementsAre("e.g. this at 1.5 of 3", "that", "so"));
  EXPECT_THAT(Clauses("A 'quoted end.' Next"), ElementsAre("A 'quoted end.'", "Next"));
  EXPECT_THAT(Clauses("..., ;;; -"), IsEmpty());
  EXPECT_THAT(Clauses(""), IsEmpty());
}

TEST(FindEnumeration, Table) {
  Enumeration found;
  ASSERT_TRUE(FindEnumeration("Ways: (1) one. (2) two (a lot). (3) three. And more. Yes.", found));
  EXPECT_EQ(found.before, "Ways: ");
  EXPECT_THAT(found.members, ElementsAre("one", "two (a lot)", "three"));
  EXPECT_EQ(found.after, " And more. Yes.");
  found = {};
  ASSERT_TRUE(FindEnumeration("1. first\n2. second\nRest", found));
  EXPECT_THAT(found.members, ElementsAre("first", "second"));
  EXPECT_EQ(found.after, "Rest");
  for (const char* none :
       {"(1) alone", "f(1) and f(2)", "Chapter 1.5 and 2.5", "(2) then (1)", "", "in 1. and 3. place"}) {
    EXPECT_FALSE(FindEnumeration(none, found)) << none;
  }
}

RC_GTEST_PROP(PageReaderFuzz, WhatHasNoErrorsIsAPack, ()) {
  std::string page;
  for (int i = *rc::gen::inRange(0, 12); i > 0; --i) {
    static const char* const kLines[] = {"Show model answer",
                                         "- tip",
                                         "STAR. I did.",
                                         "Saying 'x y' is a red flag.",
                                         "(1) a. (2) b",
                                         "What?",
                                         "",
                                         "Role interview prep"};
    absl::StrAppend(
        &page, *rc::gen::arbitrary<bool>() ? kLines[*rc::gen::inRange(0, 8)] : PackGenerator::Nasty(8), "\n");
  }
  const ReadResult read = ReadPage(page);
  if (read.ok()) RC_ASSERT(IsAPack(read));
}

}  // namespace
}  // namespace greenroom::content
