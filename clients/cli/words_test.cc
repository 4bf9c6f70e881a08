// Command-line words and lines of an answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "clients/cli/answer_lines.h"
#include "clients/cli/arguments.h"

namespace greenroom::cli {
namespace {

struct Given {
  std::string pack, question, word, more;
  std::vector<std::string> directories;
  double hours = 12;
  bool fresh = false;
};

absl::Status Parse(const std::vector<std::string>& words, Given* given) {
  Arguments arguments;
  arguments.Text("pack", "P", &given->pack, "");
  arguments.Text("question", "Q", &given->question, "");
  arguments.Texts("packs", "DIR", &given->directories, "");
  arguments.Number("hours", "H", &given->hours, "");
  arguments.Switch("new", &given->fresh, "");
  arguments.Word("WORD", &given->word);
  arguments.OptionalWord("MORE", &given->more);
  return arguments.Parse(words);
}

TEST(ArgumentsTest, TakesFlagsAndWordsInAnyOrder) {
  Given given;
  ASSERT_TRUE(
      Parse({"--pack", "p", "w", "--packs=a", "--new", "--packs", "b=c", "--hours=0.5", "--question=", "m"},
            &given)
          .ok());
  EXPECT_EQ(given.pack, "p");
  EXPECT_EQ(given.question, "");
  EXPECT_EQ(given.word, "w");
  EXPECT_EQ(given.more, "m");
  EXPECT_THAT(given.directories, testing::ElementsAre("a", "b=c"));
  EXPECT_EQ(given.hours, 0.5);
  EXPECT_TRUE(given.fresh);
}

TEST(ArgumentsTest, KeepsDefaultsAndEndsFlagsAtTwoDashes) {
  Given given;
  ASSERT_TRUE(Parse({"--", "--pack"}, &given).ok());
  EXPECT_EQ(given.word, "--pack");
  EXPECT_EQ(given.hours, 12);
  EXPECT_FALSE(given.fresh);
}

TEST(ArgumentsTest, NamesWhatIsWrong) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"w", "--nope"}, "--nope"},
      {{"w", "--pack"}, "--pack"},
      {{"w", "--new=1"}, "--new"},
      {{"w", "--pack", "a", "--pack", "b"}, "twice"},
      {{}, "WORD is missing"},
      {{"w", "m", "x"}, "\"x\""},
      {{"w", "--hours", "ten"}, "\"ten\""},
      {{"w", "--hours", "nan"}, "\"nan\""},
      {{"w", "--"}, ""},
  };
  for (const auto& [words, text] : cases) {
    Given given;
    const absl::Status status = Parse(words, &given);
    EXPECT_EQ(status.ok(), text.empty()) << status;
    EXPECT_THAT(std::string(status.message()), testing::HasSubstr(text));
  }
}

TEST(ArgumentsTest, TakesTheWordsThatAreLeftAndLettersOfFlags) {
  auto parse = [](const std::vector<std::string>& words, std::vector<std::string>* rest,
                  std::string* output) {
    Arguments arguments;
    arguments.Text("output", "FILE", output, "where to");
    arguments.Letter('o', "output");
    arguments.Words("WORDS", rest);
    EXPECT_EQ(arguments.Help().at(0).form, "-o, --output FILE");
    return arguments.Parse(words);
  };
  std::vector<std::string> rest;
  std::string output;
  ASSERT_TRUE(parse({"bias", "-o", "file", "and", "-", "-x", "--", "-o"}, &rest, &output).ok());
  EXPECT_THAT(rest, testing::ElementsAre("bias", "and", "-", "-x", "-o"));
  EXPECT_EQ(output, "file");
  rest.clear();
  EXPECT_THAT(std::string(parse({"-o", "file"}, &rest, &output).message()),
              testing::HasSubstr("WORDS is missing"));
  EXPECT_THAT(std::string(parse({"a", "-o"}, &rest, &output).message()), testing::HasSubstr("--output"));
  EXPECT_THAT(std::string(parse({"a", "-o", "f", "--output=g"}, &rest, &output).message()),
              testing::HasSubstr("twice"));
}

constexpr absl::string_view kCommands[] = {"hint", "quit"};

TEST(AnswerLinesTest, TellsTextFromCommands) {
  const auto read = [](const std::string& line) { return ReadTypedLine(line, kCommands); };
  EXPECT_EQ(read(".").meaning, LineMeaning::kEnd);
  EXPECT_EQ(read(".\r").meaning, LineMeaning::kEnd);
  EXPECT_EQ(read(":hint").meaning, LineMeaning::kCommand);
  EXPECT_EQ(read("  :quit ").text, "quit");
  for (const std::string text :
       {"", " ", "..", " .", ":-)", ":hints", ": hint", "hint", ":", "a:hint", "\\x"}) {
    EXPECT_EQ(read(text).meaning, LineMeaning::kText) << text;
    EXPECT_EQ(read(text).text, text);
  }
  EXPECT_EQ(read("text\r").text, "text");
  EXPECT_EQ(read("\\.").text, ".");
  EXPECT_EQ(read("\\.").meaning, LineMeaning::kText);
  EXPECT_EQ(read("\\:hint").text, ":hint");
  EXPECT_EQ(read("\\:nohint").text, "\\:nohint");
}

TEST(AnswerLinesTest, KeepsEmptyLinesInside) {
  AnswerLines lines;
  EXPECT_TRUE(lines.blank());
  lines.Append("");
  lines.Append("one");
  lines.Append("");
  lines.Append("two");
  EXPECT_EQ(lines.text(), "\none\n\ntwo");
  EXPECT_FALSE(lines.blank());
  lines.Replace("edited\n\n");
  EXPECT_EQ(lines.text(), "edited");
  lines.Append("more");
  EXPECT_EQ(lines.text(), "edited\nmore");
  AnswerLines kept("kept");
  kept.Append("and");
  EXPECT_EQ(kept.text(), "kept\nand");
}

TEST(AnswerLinesTest, SaysWhatCannotBeSent) {
  EXPECT_EQ(AnswerProblem("fine"), "");
  EXPECT_EQ(AnswerProblem(std::string(size_t{32} * 1024, 'a')), "");
  EXPECT_NE(AnswerProblem(std::string(size_t{32} * 1024 + 1, 'a')), "");
  EXPECT_NE(AnswerProblem(" \n\t"), "");
  EXPECT_NE(AnswerProblem("caf\xE9"), "");
  EXPECT_NE(AnswerProblem(std::string("a\0b", 3)), "");
}

}  // namespace
}  // namespace greenroom::cli
