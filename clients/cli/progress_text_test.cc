#include "clients/cli/progress_text.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/civil_time.h"
#include "clients/cli/golden_text.h"
#include "clients/cli/layout.h"

namespace greenroom::cli {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

session::v1::Progress Example() {
  session::v1::Progress progress;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"pb(
        name: "tenants/default/learners/ada/progress"
        pack: "tenants/default/packs/ml-engineer"
        topics {
          topic: "basics"
          title: "Basics"
          weight: 2
          questions: 6
          seen: 5
          attempts: 9
          mastery: 0.71
          low: 0.6
          high: 0.8
          credit: 0.8
          recall: 0.89
          level: MASTERY_LEVEL_GOOD
          reasons { reason: MASTERY_REASON_UNSEEN count: 1 questions: "bias" }
          reasons { reason: MASTERY_REASON_FORGOTTEN count: 2 questions: "overfitting" questions: "leakage" }
          due: 2
        }
        topics {
          topic: "serving"
          title: "Serving and operating models in production"
          questions: 9
          seen: 1
          attempts: 1
          mastery: 0.3
          level: MASTERY_LEVEL_WEAK
          reasons {
            reason: MASTERY_REASON_UNSEEN
            count: 8
            questions: "drift"
            questions: "canary"
            questions: "shadow"
            questions: "rollback"
            questions: "batching"
            questions: "quantisation"
            questions: "caching"
            questions: "autoscaling"
          }
          reasons { reason: MASTERY_REASON_FEW_ATTEMPTS count: 1 }
        }
        topics { questions: 2 }
        readiness { expected: 0.57 low: 0.44 high: 0.69 attempts: 10 }
        streak { days: 3 longest: 12 }
        questions {
          question: "overfitting"
          sessions: 2
          attempts: 3
          first_score: 40
          best_score: 85
          last_score: 85
          gained: 45
          reviews: 2
          lapses: 1
          recall: 0.74
          due_time { seconds: 1795867200 }
          last_rating: RATING_GOOD
        }
        questions { question: "bias" sessions: 1 attempts: 1 }
        due: 2
      )pb",
      &progress));
  // From a Saturday on.
  for (int day = 0; day < 35; ++day) {
    auto* const forecast = progress.add_forecast();
    forecast->set_date(absl::FormatCivilTime(absl::CivilDay(2026, 11, 28) + day));
    forecast->set_questions(day % 5 == 0 ? 2 + day : 0);
    forecast->set_minutes(4 * forecast->questions());
  }
  return progress;
}

TEST(ProgressText, LooksAsItDid) {
  for (const int width : {40, 80}) {
    ExpectGolden(RenderProgress(Example(), {width, false}), absl::StrCat("progress-", width, ".txt"));
  }
}

TEST(ProgressText, KeepsToTheWidth) {
  for (int width = kMinWidth; width <= 130; ++width) {
    const Page page = {width, false};
    for (const auto& lines : {RenderProgress(Example(), page), RenderHistory(Example(), page)}) {
      for (const std::string& line : lines) EXPECT_LE(CellsOf(line), std::max(width, kMinWidth)) << line;
    }
  }
}

TEST(ProgressText, ColourChangesNoWord) {
  std::string plain = absl::StrJoin(RenderProgress(Example(), {80, false}), "\n");
  std::string coloured = absl::StrJoin(RenderProgress(Example(), {80, true}), "\n");
  for (size_t at; (at = coloured.find('\x1b')) != std::string::npos;)
    coloured.erase(at, coloured.find('m', at) - at + 1);
  EXPECT_EQ(coloured, plain);
}

TEST(ProgressText, SaysWhatIsMissingForReadiness) {
  session::v1::Progress progress = Example();
  progress.mutable_readiness()->clear_expected();
  progress.mutable_readiness()->set_attempts(1);
  progress.mutable_readiness()->set_unseen_share(0.4);
  progress.mutable_readiness()->add_answer_next("drift");
  const std::string text = absl::StrJoin(RenderProgress(progress, {200, false}), "\n");
  EXPECT_THAT(text, HasSubstr("1 answer counts, and topics of 40 % of the weight have none."));
  EXPECT_THAT(text, HasSubstr("Answer next: drift"));
  EXPECT_THAT(text, Not(HasSubstr("you would make")));
}

TEST(ProgressText, OfNobody) {
  const std::string text = absl::StrJoin(RenderProgress({}, {80, false}), "\n");
  EXPECT_THAT(text, HasSubstr("Nothing was answered yet."));
  EXPECT_THAT(text, HasSubstr("No day with an answer yet."));
  EXPECT_THAT(RenderHistory({}, {80, false}), IsEmpty());
  EXPECT_THAT(RenderCalibration({}, {80, false}), IsEmpty());
  EXPECT_THAT(absl::StrJoin(RenderDueTotals({}, {80, false}), "\n"), HasSubstr("Nothing is due today."));
}

TEST(ProgressText, NothingOfAServersReachesTheTerminalRaw) {
  session::v1::Progress progress = Example();
  progress.mutable_topics(0)->set_title("\x1b[31mred");
  progress.mutable_questions(0)->set_question("\x1b[2J");
  for (const auto& lines : {RenderProgress(progress, {80, false}), RenderHistory(progress, {80, false})}) {
    for (const std::string& line : lines) EXPECT_EQ(line.find('\x1b'), std::string::npos);
  }
}

TEST(ProgressText, BarsAreFullWhereTheShareIsOne) {
  EXPECT_EQ(Bar(0, 4), "....");
  EXPECT_EQ(Bar(0.5, 4), "##..");
  EXPECT_EQ(Bar(1, 4), "####");
  EXPECT_EQ(Bar(7, 4), "####");
}

}  // namespace
}  // namespace greenroom::cli
