// What learners are told, of forty answers of the shipped packs: read the file, it must read well to a person. Renew it with
// GREENROOM_UPDATE_GOLDEN=1 and read what changed.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/content/domain/pack_reader.h"
#include "services/content/packs/shipped_packs.h"
#include "services/scoring/domain/compile.h"
#include "services/scoring/domain/testing/probe_answers.h"
#include "services/scoring/domain/testing/question_builder.h"

namespace greenroom::scoring {
namespace {

constexpr char kFile[] = "services/scoring/domain/testing/golden/feedback.txt";
constexpr size_t kReports = 40;
constexpr size_t kEvery = 6;  // of all examples

struct Graded {
  std::string name;
  v1::Report report;
};

const std::vector<Graded>& Reports() {
  static const auto& reports = *[] {
    auto* all = new std::vector<Graded>();
    size_t number = 0;
    for (const content::ShippedPack& pack : content::ShippedPacks()) {
      const content::ReadResult read = content::ReadPack(pack.yaml);
      for (const content::v1::Question& question : FullQuestions(read.pack)) {
        const CompiledQuestion compiled = MustCompile(question);
        for (const content::v1::Example& example : question.examples()) {
          if (number++ % kEvery != 0 || all->size() == kReports) continue;
          all->push_back({absl::StrCat(pack.id, "/", question.id(), "/", example.id()),
                          Grade(compiled, example.answer())});
        }
      }
    }
    return all;
  }();
  return reports;
}

TEST(FeedbackGoldenTest, FortyReports) {
  ASSERT_EQ(Reports().size(), kReports);
  std::string text;
  for (const Graded& graded : Reports()) {
    absl::StrAppend(&text, graded.name, ": ", graded.report.score(), "\n");
    for (const v1::Feedback& feedback : graded.report.feedback())
      absl::StrAppend(&text, "  ", absl::AsciiStrToLower(v1::FeedbackKind_Name(feedback.kind()).substr(14)),
                      ": ", feedback.text(), "\n");
  }
  if (std::getenv("GREENROOM_UPDATE_GOLDEN") != nullptr) std::ofstream(kFile) << text;
  std::ifstream file(kFile);
  EXPECT_EQ(text, std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()));
}

TEST(FeedbackGoldenTest, KeepsItsTone) {
  for (const Graded& graded : Reports()) {
    EXPECT_LE(graded.report.feedback_size(), 4) << graded.name;
    EXPECT_GE(graded.report.feedback_size(), 1) << graded.name;
    int before = 0;
    for (const v1::Feedback& feedback : graded.report.feedback()) {
      EXPECT_GT(feedback.kind(), before) << graded.name << ": not in the order made, gap, flag, next step";
      before = feedback.kind();
      const std::string lower = absl::AsciiStrToLower(feedback.text());
      for (const char* word : {"wrong", "failed", "!", "you are ", "you're "}) {
        // Points, cues and what a flag says are an author's words.
        if (feedback.kind() != v1::FEEDBACK_KIND_NEXT_STEP) continue;
        EXPECT_FALSE(absl::StrContains(lower, word)) << graded.name << ": " << feedback.text();
      }
    }
    const bool unsure = graded.report.confidence() == v1::GRADE_CONFIDENCE_LOW;
    bool said = false;
    for (const v1::Feedback& feedback : graded.report.feedback())
      said = said || absl::StrContains(feedback.text(), "I may have missed this");
    EXPECT_EQ(said, unsure) << graded.name;
  }
}

}  // namespace
}  // namespace greenroom::scoring
