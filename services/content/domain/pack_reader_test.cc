#include "services/content/domain/pack_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "services/content/domain/yaml_tree.h"

namespace greenroom::content {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// 20 lines; the tests below put something wrong into one of them.
constexpr char kPack[] = R"(format: greenroom-pack/1
pack: ml
language: en
role: Engineer
tips:
  - {id: watch, text: Watch it.}
topics:
  - {id: basics, title: Basics}
questions:
  - id: one
    kind: concept
    topic: basics
    difficulty: 2
    prompt: What is it?
    model_answer: It is this.
    rubric:
      - {id: this, point: It is this, accept: ["(is|was) this"]}
      - {id: both, of: [{id: a, point: Has a}, {id: b, point: Has b}]}
    red_flags:
      - {id: wrong, point: Says that, match: [that]}
    follow_ups:
      - {question: two, when_missed: [this]}
    examples:
      - {id: good, answer: It is this., score: [60, 90], made: [this], flags: []}
  - {id: two, kind: concept, difficulty: 1, follow_up_only: true, prompt: "And?", model_answer: So., rubric: [{id: so, point: So}]}
)";

std::string Issues(const ReadResult& result) {
  return absl::StrJoin(result.issues, "\n", [](std::string* out, const v1::Issue& issue) {
    absl::StrAppend(out, issue.severity() == v1::SEVERITY_ERROR ? "error " : "warning ", issue.code(), " ",
                    issue.line(), ":", issue.column(), " ", issue.path(),
                    issue.suggestion().empty() ? "" : absl::StrCat(" -> ", issue.suggestion()));
  });
}

TEST(PackReader, ReadsWhatThePackSays) {
  const ReadResult result = ReadPack(kPack);
  EXPECT_EQ(Issues(result), "");
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result.pack.pack(), "ml");
  ASSERT_EQ(result.pack.questions_size(), 2);
  const v1::Question& one = result.pack.questions(0);
  EXPECT_EQ(one.kind(), v1::QUESTION_KIND_CONCEPT);
  EXPECT_EQ(one.model_answer(), "It is this.");
  ASSERT_EQ(one.rubric_size(), 2);
  EXPECT_FALSE(one.rubric(0).has_weight());
  EXPECT_THAT(one.rubric(0).accept(), ElementsAre("(is|was) this"));
  EXPECT_EQ(one.rubric(1).of(1).point(), "Has b");
  EXPECT_EQ(one.follow_ups(0).question(), "two");
  EXPECT_EQ(one.examples(0).score_high(), 90);
  EXPECT_TRUE(one.examples(0).check_flags());
  EXPECT_TRUE(result.pack.questions(1).follow_up_only());
  EXPECT_EQ(result.places.Find("questions[0].rubric[0].accept[0]").line, 17);
}

// One wrong thing each: `from` in the pack becomes `to`.
struct Wrong {
  const char* name;
  const char* from;
  const char* to;
  const char* issues;
};

void PrintTo(const Wrong& wrong, std::ostream* out) { *out << wrong.name; }

class PackReaderGolden : public ::testing::TestWithParam<Wrong> {};

TEST_P(PackReaderGolden, SaysWhatIsWrongAndWhere) {
  const std::string source = absl::StrReplaceAll(kPack, {{GetParam().from, GetParam().to}});
  ASSERT_NE(source, kPack) << "nothing replaced";
  EXPECT_EQ(Issues(ReadPack(source)), GetParam().issues);
}

INSTANTIATE_TEST_SUITE_P(
    Errors, PackReaderGolden,
    ::testing::Values(
        Wrong{"UnknownTopKey", "role: Engineer", "roel: Engineer",
              "error missing-key 1:1 \nerror unknown-key 4:1 roel -> role"},
        Wrong{"UnknownKeyWithoutANearOne", "kind: concept\n    topic",
              "zebra: 1\n    kind: concept\n    topic", "error unknown-key 11:5 questions[0].zebra"},
        Wrong{"MisspeltKeyInFlowMap", "{id: this, point: It is this,",
              "{id: this, wieght: 2, point: It is this,",
              "error unknown-key 17:20 questions[0].rubric[0].wieght -> weight"},
        Wrong{"DuplicateKey", "    topic: basics\n", "    topic: basics\n    topic: basics\n",
              "error duplicate-key 13:5 questions[0].topic"},
        Wrong{"DuplicateTopKey", "pack: ml\n", "pack: ml\npack: ml\n", "error duplicate-key 3:1 pack"},
        Wrong{"MissingPrompt", "    prompt: What is it?\n", "", "error missing-key 10:5 questions[0]"},
        Wrong{"OtherFormat", "greenroom-pack/1", "greenroom-pack/2",
              "error bad-format 1:9 format -> greenroom-pack/1"},
        Wrong{"NumberForText", "role: Engineer", "role: 12", "error wrong-type 4:7 role -> \"12\""},
        Wrong{"TruthForText", "role: Engineer", "role: true", "error wrong-type 4:7 role -> \"true\""},
        Wrong{"NothingForText", "role: Engineer", "role:", "error wrong-type 4:1 role"},
        Wrong{"TextForList", "match: [that]", "match: that",
              "error wrong-type 20:46 questions[0].red_flags[0].match"},
        Wrong{"ListForText", "What is it?", "[What]", "error wrong-type 14:13 questions[0].prompt"},
        Wrong{"TextForNumber", "difficulty: 2", "difficulty: hard",
              "error wrong-type 13:17 questions[0].difficulty"},
        Wrong{"QuotedNumber", "difficulty: 2", "difficulty: \"2\"",
              "error wrong-type 13:17 questions[0].difficulty"},
        Wrong{"FractionForWhole", "difficulty: 2", "difficulty: 2.5",
              "error wrong-type 13:17 questions[0].difficulty"},
        Wrong{"TextForTruth", "follow_up_only: true", "follow_up_only: yes",
              "error not-follow-up-only 22:20 questions[0].follow_ups[0].question\n"
              "error wrong-type 25:61 questions[1].follow_up_only"},
        Wrong{"DifficultyTooHigh", "difficulty: 2", "difficulty: 6",
              "error out-of-range 13:17 questions[0].difficulty"},
        Wrong{"MinutesTooFew", "difficulty: 2", "difficulty: 2\n    minutes: 0",
              "error out-of-range 14:14 questions[0].minutes"},
        Wrong{"WeightZero", "{id: this,", "{id: this, weight: 0,",
              "error out-of-range 17:28 questions[0].rubric[0].weight"},
        Wrong{"WeightOver100", "{id: this,", "{id: this, weight: 100.01,",
              "error out-of-range 17:28 questions[0].rubric[0].weight"},
        Wrong{"WeightTooPrecise", "{id: this,", "{id: this, weight: 1.234,",
              "error too-precise 17:28 questions[0].rubric[0].weight"},
        Wrong{"WeightNotANumber", "{id: this,", "{id: this, weight: .nan,",
              "error wrong-type 17:28 questions[0].rubric[0].weight"},
        Wrong{"CapOver100", "{id: this,", "{id: this, cap_without: 101,",
              "error out-of-range 17:33 questions[0].rubric[0].cap_without"},
        Wrong{"ScoreBackwards", "[60, 90]", "[90, 60]",
              "error out-of-range 24:48 questions[0].examples[0].score"},
        Wrong{"ScoreOfThree", "[60, 90]", "[60, 70, 90]",
              "error too-many 24:48 questions[0].examples[0].score"},
        Wrong{"ScoreOfOne", "[60, 90]", "[60]", "error too-few 24:48 questions[0].examples[0].score"},
        Wrong{"BadId", "pack: ml", "pack: ML Engineer", "error bad-id 2:7 pack -> ml-engineer"},
        Wrong{"BadLanguage", "language: en", "language: english", "error bad-language 3:11 language"},
        Wrong{"BadKind", "kind: concept\n    topic", "kind: concpet\n    topic",
              "error bad-value 11:11 questions[0].kind -> concept"},
        Wrong{"EmptyText", "What is it?", "\"\"", "error too-short 14:13 questions[0].prompt"},
        Wrong{"LineBreakInALine", "role: Engineer", "role: |\n  Engineer",
              "error line-break 4:7 role -> write it with >- or on one line"},
        Wrong{"ControlCharacter", "What is it?", "\"What \\x1b[31m?\"",
              "error control-character 14:13 questions[0].prompt"},
        Wrong{"EscapedNul", "It is this., score", "\"a\\0b\", score",
              "error nul 24:28 questions[0].examples[0].answer"},
        Wrong{"BadUrl", "role: Engineer", "role: Engineer\nhomepage: example.org",
              "error bad-url 5:11 homepage"},
        Wrong{"ReadMoreWithoutTls",
              "    follow_ups:", "    read_more: [{title: T, url: \"http://a.example\"}]\n    follow_ups:",
              "error bad-url 21:33 questions[0].read_more[0].url"},
        Wrong{"DuplicateQuestion", "id: two, kind", "id: one, kind",
              "error unknown-reference 22:20 questions[0].follow_ups[0].question\n"
              "warning never-asked 25:5 questions[1]\n"
              "error duplicate-id 25:10 questions[1].id"},
        Wrong{"DuplicateItemAndMember", "{id: a, point", "{id: this, point",
              "error duplicate-id 18:30 questions[0].rubric[1].of[0].id"},
        Wrong{"UnknownTopic", "topic: basics", "topic: basic",
              "error unknown-reference 12:12 questions[0].topic -> basics"},
        Wrong{"UnknownTip", "{id: this,", "{id: this, satisfies: wacth,",
              "error unknown-reference 17:31 questions[0].rubric[0].satisfies -> watch"},
        Wrong{"UnknownCancelled", "match: [that]", "match: [that], cancels: [thsi]",
              "error unknown-reference 20:64 questions[0].red_flags[0].cancels[0] -> this"},
        Wrong{"UnknownMissed", "when_missed: [this]", "when_missed: [this, nothing]",
              "error unknown-reference 22:45 questions[0].follow_ups[0].when_missed[1]"},
        Wrong{"UnknownFollowUp", "question: two", "question: tow",
              "error unknown-reference 22:20 questions[0].follow_ups[0].question -> two\n"
              "warning never-asked 25:5 questions[1]"},
        Wrong{"FollowUpOfItsOwn", ", follow_up_only: true", "",
              "error not-follow-up-only 22:20 questions[0].follow_ups[0].question"},
        Wrong{"UnknownMade", "made: [this]", "made: [that]",
              "error unknown-reference 24:65 questions[0].examples[0].made[0]"},
        Wrong{"MadeAndMissed", "made: [this]", "made: [this], missed: [this]",
              "error made-and-missed 24:81 questions[0].examples[0].missed[0]"},
        Wrong{"UnknownFlag", "flags: []", "flags: [worng]",
              "error unknown-reference 24:80 questions[0].examples[0].flags[0] -> wrong"},
        Wrong{"AnyOverTheGroup", "{id: both,", "{id: both, any: 3,",
              "error out-of-range 18:25 questions[0].rubric[1].any"},
        Wrong{"AnyZero", "{id: both,", "{id: both, any: 0,",
              "error out-of-range 18:25 questions[0].rubric[1].any"},
        Wrong{"GroupOfOne", ", {id: b, point: Has b}]", "]", "error too-few 18:24 questions[0].rubric[1].of"},
        Wrong{"GroupWithPhrases", "{id: both,", "{id: both, accept: [a],",
              "error unknown-key 18:20 questions[0].rubric[1].accept"},
        Wrong{
            "GroupThreeDeep", "{id: a, point: Has a}",
            "{id: a, of: [{id: c, of: [{id: d, point: D}, {id: e, point: E}], point: C}, {id: f, point: F}]}",
            "error unknown-key 18:46 questions[0].rubric[1].of[0].of[0].of"},
        Wrong{"UnclosedParenthesis", "(is|was) this", "(is|was this",
              "error phrase-syntax 17:48 questions[0].rubric[0].accept[0]"},
        Wrong{"EmptyAlternative", "(is|was) this", "(is|) this",
              "error phrase-syntax 17:48 questions[0].rubric[0].accept[0]"},
        Wrong{"UnclosedLiteral", "(is|was) this", "=TP/FP this",
              "error phrase-syntax 17:48 questions[0].rubric[0].accept[0]"},
        Wrong{"Anchor", "role: Engineer", "role: &r Engineer", "error alias 4:7 "},
        Wrong{"Tag", "role: Engineer", "role: !!str Engineer", "error tag 4:7 "},
        Wrong{"SecondDocument", "pack: ml\n", "pack: ml\n---\nx: 1\n", "error multiple-documents 3:1 "},
        Wrong{"Tab", "    topic: basics", "\ttopic: basics", "error tab-indent 12:1  -> indent by spaces"},
        Wrong{"NotYaml", "role: Engineer", "role: [Engineer", "error yaml-syntax 5:5 "},
        Wrong{"BadLocale", "    follow_ups:", "    locales: {German: {prompt: \"Was?\"}}\n    follow_ups:",
              "error bad-language 21:15 questions[0].locales.German"},
        Wrong{"ColumnsCountCharacters", "{id: watch, text: Watch it.}",
              "{id: watch, text: Wätch it., zebra: 1}", "error unknown-key 6:34 tips[0].zebra"}),
    [](const ::testing::TestParamInfo<Wrong>& info) { return std::string(info.param.name); });

TEST(PackReader, RefusesBytesThatAreNotText) {
  EXPECT_EQ(Issues(ReadPack("format: x\nrole: a\xff")), "error not-utf8 2:8 ");
  EXPECT_EQ(Issues(ReadPack(absl::string_view("format: x\nrole: a\0b", 19))), "error nul 2:8 ");
  EXPECT_EQ(Issues(ReadPack("")), "error empty-document 1:1 ");
  EXPECT_EQ(Issues(ReadPack("# nothing but a comment\n")), "error empty-document 1:1 ");
  EXPECT_EQ(Issues(ReadPack("just words")), "error wrong-type 1:1 ");
  EXPECT_EQ(Issues(ReadPack(std::string(kMaxYamlBytes + 1, 'a'))), "error too-large 1:1 ");
  EXPECT_EQ(ReadPack("\xEF\xBB\xBF" + std::string(kPack)).issues.size(), 0u);
}

TEST(PackReader, AnErrorMayStandBehindTheLastCharacter) {
  EXPECT_EQ(Issues(ReadPack("role: [{a b\n")), "error yaml-syntax 2:1 ");
  EXPECT_EQ(Issues(ReadPack("role: [{a b")), "error yaml-syntax 1:1 ");
}

TEST(PackReader, AnErrorTellsNoHalfCharacter) {
  for (const char* const escape : {"\\\xC3\xA9", "\\\x1B", "\\\xF0\x9F\x98\x80"}) {
    const ReadResult result = ReadPack(absl::StrCat("role: \"", escape, "\"\n"));
    ASSERT_EQ(result.issues.size(), 1u) << escape;
    EXPECT_EQ(result.issues[0].code(), "yaml-syntax");
    EXPECT_EQ(result.issues[0].message(), "this is not YAML: unknown escape character: ?");
  }
}

TEST(PackReader, WindowsLineEndsAreLineEnds) {
  const ReadResult windows = ReadPack(absl::StrReplaceAll(kPack, {{"\n", "\r\n"}}));
  EXPECT_EQ(Issues(windows), "");
  EXPECT_EQ(windows.pack.SerializeAsString(), ReadPack(kPack).pack.SerializeAsString());
}

TEST(PackReader, SurvivesBombs) {
  std::string laughs = "a: &a [x,x,x,x,x,x,x,x,x]\n";
  for (char c = 'b'; c < 'j'; ++c) {
    const std::string before(1, static_cast<char>(c - 1));
    absl::StrAppend(&laughs, std::string(1, c), ": &", std::string(1, c), " [*", before, ",*", before, "]\n");
  }
  EXPECT_EQ(Issues(ReadPack(laughs)), "error alias 1:4 ");
  EXPECT_EQ(Issues(ReadPack(std::string(100'000, '['))), "error too-deep 1:13 ");
  std::string maps;
  for (int i = 0; i < 5000; ++i) absl::StrAppend(&maps, std::string(static_cast<size_t>(i), ' '), "a:\n");
  EXPECT_THAT(Issues(ReadPack(maps.substr(0, kMaxYamlBytes))), HasSubstr("too-deep"));
  std::string many = "questions: [";
  for (int i = 0; i < kMaxYamlNodes; ++i) many += "a,";
  EXPECT_THAT(Issues(ReadPack(many + "]")), HasSubstr("too-large"));
}

TEST(PackReader, StopsListingIssues) {
  std::string source = kPack;
  for (int i = 0; i < 500; ++i) absl::StrAppend(&source, "x", i, ": 1\n");
  const ReadResult result = ReadPack(source);
  ASSERT_EQ(result.issues.size(), static_cast<size_t>(IssueList::kMaxIssues) + 1);
  EXPECT_EQ(result.issues.back().code(), "too-many-issues");
  EXPECT_FALSE(result.ok());
}

TEST(PackReader, MergesFilesById) {
  const std::vector<PackSource> sources = {
      {"pack.yaml",
       "format: greenroom-pack/1\npack: ml\nlanguage: en\nrole: Engineer\ntopics: [{id: t, title: T}]\n"},
      {"a.yaml",
       "pack: ml\nquestions:\n  - {id: a, kind: concept, difficulty: 1, topic: t, prompt: \"A?\", "
       "model_answer: "
       "A., "
       "rubric: [{id: x, point: X}]}\n"},
      {"b.yaml",
       "questions:\n  - {id: b, kind: concept, difficulty: 1, prompt: \"B?\", model_answer: B., rubric: "
       "[{id: x, "
       "point: X}]}\n  - {id: a, examples: [{id: e, answer: A, score: [0, 10]}]}\n"}};
  const ReadResult result = ReadPack(sources);
  EXPECT_EQ(Issues(result), "");
  ASSERT_EQ(result.pack.questions_size(), 2);
  EXPECT_EQ(result.pack.questions(0).examples_size(), 1);
  EXPECT_EQ(result.pack.questions(1).id(), "b");
}

TEST(PackReader, FilesMayNotContradictEachOther) {
  const std::vector<PackSource> sources = {
      {"a.yaml", kPack},
      {"b.yaml",
       "pack: other\nquestions:\n  - {id: two, prompt: \"What else?\"}\n  - {id: one, hints: [{}, 1]}\n"}};
  const ReadResult result = ReadPack(sources);
  EXPECT_EQ(
      Issues(result),
      "error duplicate-key 1:7 pack\nerror duplicate-key 3:23 questions[1].prompt\n"
      "error wrong-type 4:23 questions[0].hints[0]\nerror wrong-type 4:27 questions[0].hints[1] -> \"1\"");
  EXPECT_THAT(result.issues[0].message(), HasSubstr("b.yaml: "));
}

TEST(PackReader, KeepsTranslations) {
  const ReadResult result = ReadPack(absl::StrReplaceAll(
      kPack, {{"    follow_ups:",
               "    locales: {de: {prompt: \"Was?\", rubric: {this: {accept: [das]}}}}\n    follow_ups:"}}));
  ASSERT_TRUE(result.ok()) << Issues(result);
  const auto& german = result.pack.questions(0).locales().fields().at("de").struct_value().fields();
  EXPECT_EQ(german.at("prompt").string_value(), "Was?");
}

TEST(PackReader, WrittenOutDefaultsAreCleared) {
  const ReadResult result = ReadPack(
      absl::StrReplaceAll(kPack, {{"{id: both,", "{id: both, any: 2, weight: 1.00,"},
                                  {"{id: wrong,", "{id: wrong, kind: red_flag, penalty: 1,"},
                                  {"pack: ml\n", "pack: ml\nvisibility: practice\noffline: none\n"}}));
  EXPECT_THAT(result.issues, IsEmpty());
  EXPECT_EQ(result.pack.SerializeAsString(), ReadPack(kPack).pack.SerializeAsString());
}

}  // namespace
}  // namespace greenroom::content
