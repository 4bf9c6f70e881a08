#include "clients/cli/batch.h"

#include <gmock/gmock.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"

namespace greenroom::cli {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr char kPack[] = R"yaml(format: greenroom-pack/1
pack: small
language: en
role: Tester
questions:
  - id: overfitting
    kind: concept
    difficulty: 2
    prompt: What is overfitting?
    model_answer: A model overfits when it learns the noise of its training data.
    rubric:
      - id: meaning
        weight: 3
        any: 1
        point: What it learns
        of:
          - {id: noise, point: It learns the noise of its training data, accept: ["learn ... noise"]}
          - {id: heart, point: It learns examples by heart, accept: ["by heart"]}
    red_flags:
      - {id: longer, point: Trains longer, penalty: 1, match: ["train longer"], say: Stop earlier.}
)yaml";

class BatchTest : public testing::Test {
 protected:
  BatchTest() {
    std::string directory = testing::TempDir() + "/greenroom-batch-XXXXXX";
    directory_ = mkdtemp(directory.data());
    std::ofstream(directory_ + "/small.pack.yaml") << kPack;
    EXPECT_TRUE(packs_.Add(directory_).ok());
  }

  std::string directory_;
  LocalPacks packs_;
  BatchGrader grader_{packs_};
};

TEST_F(BatchTest, RepliesInTheStatedForm) {
  const BatchGrader::Reply reply = grader_.Grade(
      R"({"id":"a \"1\"","pack":"small","question":"overfitting","answer":"It learns noise; train longer.","topic":7})",
      1);
  EXPECT_TRUE(reply.graded) << reply.json;
  google::protobuf::Struct parsed;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(reply.json, &parsed).ok()) << reply.json;
  EXPECT_EQ(parsed.fields().size(), 7u);
  EXPECT_LE(parsed.fields().at("low").number_value(), parsed.fields().at("score").number_value());
  EXPECT_GE(parsed.fields().at("high").number_value(), parsed.fields().at("score").number_value());
  EXPECT_THAT(parsed.fields().at("confidence").string_value(), testing::AnyOf("low", "medium", "high"));
  EXPECT_EQ(parsed.fields().at("id").string_value(), "a \"1\"");
  EXPECT_TRUE(parsed.fields().at("score").has_number_value());
  EXPECT_THAT(reply.json, HasSubstr(R"({"id":"meaning","credit":1,"spans":[[3,)"));
  EXPECT_THAT(reply.json, HasSubstr(R"({"id":"noise","credit":1,"spans":[[3,)"));
  EXPECT_THAT(reply.json, HasSubstr(R"({"id":"heart","credit":0,"spans":[]})"));
  EXPECT_THAT(reply.json, HasSubstr(R"("flags":["longer"])"));
}

TEST_F(BatchTest, NamesThePartsOfAStory) {
  const auto star = [&](const std::string& answer) {
    return grader_
        .Grade(absl::StrCat(R"({"id":1,"pack":"ml-engineer","question":"failed-project","answer":")", answer,
                            "\"}"),
               1)
        .json;
  };
  EXPECT_THAT(
      star("At my last job I built a churn model. In the end it fell to chance. I learned to check dates."),
      HasSubstr(R"("star":["situation","action","result","lesson"]})"));
  EXPECT_THAT(star(""), HasSubstr(R"("star":[]})"));
}

TEST_F(BatchTest, GradesAgainstReferences) {
  const std::string line =
      R"({"id":7,"question":"What is a stack?","references":["A stack is last in, first out."],"answer":"last in, first out"})";
  const BatchGrader::Reply reply = grader_.Grade(line, 1);
  EXPECT_TRUE(reply.graded) << reply.json;
  EXPECT_THAT(reply.json, StartsWith(R"({"id":7,"score":)"));
  EXPECT_EQ(grader_.Grade(line, 2).json, reply.json);
  EXPECT_TRUE(
      grader_.Grade(R"({"id":"x","references":["A queue is first in, first out."],"answer":""})", 3).graded);
}

TEST_F(BatchTest, AnswersThatAPersonGradedCorrectTheScore) {
  const auto score = [&](const std::string& graded) {
    const BatchGrader::Reply reply = grader_.Grade(
        absl::StrCat(
            R"({"id":7,"question":"What is a pointer?","references":["It stores the address of a variable."],)",
            R"("answer":"it refers to the location of a variable","graded":[)", graded, "]}"),
        1);
    EXPECT_TRUE(reply.graded) << reply.json;
    google::protobuf::Struct parsed;
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(reply.json, &parsed).ok());
    return parsed.fields().at("score").number_value();
  };
  const double plain = score("");
  EXPECT_LT(score(R"({"answer":"it refers to the location of a variable","score":0})"), plain);
  EXPECT_GT(score(R"({"answer":"it refers to the location of a variable","score":100})"), plain);
  EXPECT_EQ(score(""), plain);
}

TEST_F(BatchTest, AnswersBadLinesWithTheirNumber) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"{", "not a JSON object"},
      {"[]", "not a JSON object"},
      {"7", "not a JSON object"},
      {R"({"answer":"a"})", "\\\"id\\\" is missing"},
      {R"({"id":null,"answer":"a"})", "\\\"id\\\""},
      {R"({"id":"x"})", "\\\"answer\\\" is missing"},
      {R"({"id":"x","answer":7})", "\\\"answer\\\" is not a string"},
      {R"({"id":"x","answer":"a"})", "neither"},
      {R"({"id":"x","answer":"a","references":"r"})", "references"},
      {R"({"id":"x","answer":"a","references":[]})", "references"},
      {R"({"id":"x","answer":"a","references":[7]})", "references"},
      {R"({"id":"x","answer":"a","references":[" "]})", "references"},
      {R"({"id":"x","answer":"a","references":["r"],"graded":7})", "graded"},
      {R"({"id":"x","answer":"a","references":["r"],"graded":[{"answer":"a"}]})", "graded"},
      {R"({"id":"x","answer":"a","references":["r"],"graded":[{"answer":"a","score":101}]})", "graded"},
      {R"({"id":"x","answer":"a","pack":"small"})", "\\\"question\\\" is missing"},
      {R"({"id":"x","answer":"a","pack":"small","question":"nope"})", "no question"},
      {R"({"id":"x","answer":"a","pack":"nope","question":"q"})", "no pack"},
      {R"({"id":"x","answer":"a\u0000b","pack":"small","question":"overfitting"})", "answer"},
      {absl::StrCat(R"({"id":"x","pack":"small","question":"overfitting","answer":")",
                    std::string(32 * 1024 + 1, 'a'), "\"}"),
       "answer"},
      {std::string(kMaxBatchLine + 1, ' '), "1 MiB"},
  };
  for (const auto& [line, text] : cases) {
    const BatchGrader::Reply reply = grader_.Grade(line, 42);
    EXPECT_FALSE(reply.graded) << line.substr(0, 100);
    EXPECT_THAT(reply.json, StartsWith("{\"line\":42,")) << line.substr(0, 100);
    EXPECT_THAT(reply.json, HasSubstr(text)) << line.substr(0, 100);
    google::protobuf::Struct parsed;
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(reply.json, &parsed).ok()) << reply.json;
  }
}

TEST_F(BatchTest, KnowsTheShippedPacks) {
  const BatchGrader::Reply reply = grader_.Grade(
      R"({"id":"x","answer":"It learns noise.","pack":"ml-engineer","question":"overfitting"})", 1);
  EXPECT_TRUE(reply.graded) << reply.json;
}

TEST_F(BatchTest, SaysWhatIsWrongWithAPackOfADirectory) {
  std::ofstream(directory_ + "/bad.yaml") << "format: greenroom-pack/1\npack: bad\n";
  LocalPacks packs;
  const absl::Status status = packs.Add(directory_);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("bad.yaml"));
  EXPECT_FALSE(packs.Add(directory_ + "/absent").ok());
}

TEST_F(BatchTest, MergesADirectoryOfOnePack) {
  const std::string merged = directory_ + "/merged";
  ASSERT_EQ(mkdir(merged.c_str(), 0700), 0);
  std::string text = kPack;
  const size_t questions = text.find("questions:");
  std::ofstream(merged + "/1-head.yaml") << text.substr(0, questions).replace(text.find("small"), 5, "whole");
  std::ofstream(merged + "/2-questions.yaml") << text.substr(questions);
  LocalPacks packs;
  ASSERT_TRUE(packs.Add(directory_).ok());
  EXPECT_TRUE(packs.Find("whole", "overfitting").ok());
}

}  // namespace
}  // namespace greenroom::cli
