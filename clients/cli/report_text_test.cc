#include "clients/cli/report_text.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <regex>
#include <string>

#include "clients/cli/golden_text.h"
#include "clients/cli/layout.h"
#include "clients/cli/session_text.h"

namespace greenroom::cli {
namespace {

constexpr char kAnswer[] =
    "It learns the noise of the training data, so it does badly on new data.\n\nTrain longer to fix it, or "
    "use dropout.";

template <typename Message>
Message Parse(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message));
  return message;
}

// A learner's view before the reveal: missed items without text.
scoring::v1::Report LearnersReport() {
  return Parse<scoring::v1::Report>(R"pb(
    grader: "greenroom-lexical/4+wn30+credit2"
    score: 31
    score_low: 25
    score_high: 41
    band: BAND_WEAK
    confidence: GRADE_CONFIDENCE_MEDIUM
    items {
      id: "meaning"
      point: "It learns noise and fails on new data"
      weight: 3
      credit: 1
      status: ROW_STATUS_COVERED
      members {
        id: "noise"
        point: "Learns noise"
        credit: 1
        status: ROW_STATUS_COVERED
        spans { start: 3 end: 19 }
      }
      members {
        id: "new"
        point: "Fails on new data"
        credit: 1
        status: ROW_STATUS_COVERED
        spans { start: 45 end: 70 }
      }
    }
    items {
      weight: 2
      credit: 0
      status: ROW_STATUS_MISSED
      cue: "How would you notice it? Compare two numbers."
    }
    items {
      weight: 4
      credit: 0.25
      status: ROW_STATUS_PARTLY
      cue: "Name more ways to prevent it."
      members {
        id: "dropout"
        point: "Regularisation"
        credit: 1
        status: ROW_STATUS_COVERED
        spans { start: 105 end: 112 }
      }
      members { status: ROW_STATUS_MISSED }
      members { status: ROW_STATUS_MISSED }
    }
    star {
      weight: 1
      credit: 0.25
      status: ROW_STATUS_PARTLY
      parts {
        part: STAR_PART_ACTION
        spans { start: 73 end: 85 }
      }
    }
    tips {
      id: "watch"
      point: "Says how to watch it"
      weight: 0.5
      credit: 0
      status: ROW_STATUS_MISSED
      cue: "Who notices when it breaks?"
      tip: "watch"
    }
    flags {
      id: "longer"
      misconception: true
      say: "Training longer makes the gap wider; stop earlier."
      penalty: 1
      spans { start: 73 end: 95 }
    }
    caps { limit: 50 cue: "Compare two numbers." item: "" }
    feedback { kind: FEEDBACK_KIND_MADE text: "You made 1 of 3 points." }
    feedback { kind: FEEDBACK_KIND_GAP text: "Not to be printed twice." }
    feedback { kind: FEEDBACK_KIND_NEXT_STEP text: "Say how you would notice it." }
  )pb");
}

TEST(ReportTextTest, IsLaidOutForWideAndNarrowPages) {
  ExpectGolden(RenderReport(LearnersReport(), kAnswer, {.width = 80}), "report-80.txt");
  ExpectGolden(RenderReport(LearnersReport(), kAnswer, {.width = 40}), "report-40.txt");
}

TEST(ReportTextTest, FitsAnyWidthAndLosesNoWord) {
  for (int width = 20; width <= 120; ++width) {
    std::string all;
    for (const std::string& line : RenderReport(LearnersReport(), kAnswer, {.width = width})) {
      if (line.find("of 100") == std::string::npos)
        EXPECT_LE(CellsOf(line), std::max(width, 34)) << width << ": " << line;
      all += line + " ";
    }
    all = std::regex_replace(all, std::regex(" +"), " ");
    for (const char* text : {"WEAK: 31 of 100", "Compare two numbers.", "stop earlier.", "at most 50",
                             "You made 1 of 3 points."}) {
      EXPECT_THAT(all, testing::HasSubstr(text)) << width;
    }
  }
}

TEST(ReportTextTest, ColourSaysNothingMore) {
  const auto plain = RenderReport(LearnersReport(), kAnswer, {.width = 80, .colour = false});
  auto coloured = RenderReport(LearnersReport(), kAnswer, {.width = 80, .colour = true});
  EXPECT_NE(plain, coloured);
  for (std::string& line : coloured) line = std::regex_replace(line, std::regex("\x1b\\[[0-9]*m"), "");
  EXPECT_EQ(plain, coloured);
}

TEST(ReportTextTest, TheSumIsTheReportsArithmetic) {
  // raw = 3 x 1 + 4 x 0.25 + 1 x 0.25 - 1 = 3.25 of 10.5: 30.95, rounded half up to 31.
  const std::string text = absl::StrJoin(RenderReport(LearnersReport(), kAnswer, {.width = 100}), "\n");
  EXPECT_THAT(text, testing::HasSubstr("Sum: 4.25 less 1.00 of 10.50 is 31 of 100"));
  // Penalties count half of the whole at most; half a point rounds up; limits hold.
  const auto sum = [](const std::string& fields) {
    return absl::StrJoin(
        RenderReport(Parse<scoring::v1::Report>("score: 1 band: BAND_WEAK " + fields), "", {.width = 100}),
        "\n");
  };
  EXPECT_THAT(sum("items { weight: 2 credit: 1 status: ROW_STATUS_COVERED } flags { penalty: 5 }"),
              testing::HasSubstr("Sum: 2.00 less 1.00 (half of all at most) of 2.00 is 50 of 100"));
  EXPECT_THAT(sum("items { weight: 2 credit: 0.33 status: ROW_STATUS_PARTLY } items { weight: 2 credit: 0.34 "
                  "status: ROW_STATUS_PARTLY }"),
              testing::HasSubstr("Sum: 1.34 of 4.00 is 34 of 100"));
  EXPECT_THAT(
      sum("items { weight: 1 credit: 1 status: ROW_STATUS_COVERED } caps { limit: 50 } caps { limit: 60 }"),
      testing::HasSubstr("is 100 of 100, limited to 50"));
}

TEST(ReportTextTest, SaysWhyThereIsNoScore) {
  const auto report = Parse<scoring::v1::Report>("ungraded_language: true");
  EXPECT_THAT(RenderReport(report, "hola", {.width = 80})[0], testing::HasSubstr("NO SCORE"));
}

TEST(ReportTextTest, SpansOutsideOfTheAnswerDoNoHarm) {
  const auto report = Parse<scoring::v1::Report>(
      "score: 1 items { id: 'a' weight: 1 spans { start: -5 end: 3 } spans { start: 2 end: 900 } spans { "
      "start: 9 end: 1 } }");
  EXPECT_FALSE(RenderReport(report, "short", {.width = 80}).empty());
}

TEST(SessionTextTest, ShowsQuestionRevealAndReport) {
  const auto question = Parse<session::v1::PresentedQuestion>(R"pb(
    question: "overfitting"
    prompt: "Explain overfitting and how you would prevent it in a model that you run."
    number: 2
    total: 9
    minutes: 4
    kind: QUESTION_KIND_CONCEPT
    difficulty: 2
    hints_left: 1
    hints: "Compare two numbers."
    attempts: 1
    tips { id: "watch" text: "Say how you would watch the model once it runs, every time." }
  )pb");
  const auto reveal = Parse<session::v1::Reveal>(R"pb(
    question: "overfitting"
    model_answer: "A model overfits when it learns noise.\nIt shows as a gap."
    guidance: "Meaning, signs, cures."
    points {
      id: "meaning"
      point: "It learns noise"
      weight: 3
      members { id: "noise" point: "Learns noise" }
      members { id: "new" point: "Fails on new data" }
    }
    points { id: "signs" point: "There is a gap" weight: 2 }
    pitfalls: "Training longer makes it worse."
    follow_ups: "Which would you try first?"
    read_more { title: "A course" url: "https://example.com/course" }
  )pb");
  const auto report = Parse<session::v1::SessionReport>(R"pb(
    score: 61
    band: BAND_GOOD
    answered: 2
    skipped: 1
    pending_grades: 1
    questions {
      question: "overfitting"
      state: QUESTION_STATE_RATED
      score: 61
      hints_taken: 1
      rating: RATING_HARD
      answers {}
      answers {}
    }
    questions { question: "failed-project" state: QUESTION_STATE_SKIPPED }
    questions {
      question: "bias-variance"
      state: QUESTION_STATE_ANSWERED
      answers {}
    }
  )pb");
  for (const int width : {80, 40}) {
    const Page page{.width = width};
    std::vector<std::string> lines = RenderQuestion(question, page);
    for (const auto& more : {RenderReveal(reveal, page), RenderClaimable(ClaimablePoints(reveal, {}), page),
                             RenderSessionReport(report, page)}) {
      lines.push_back("----");
      lines.insert(lines.end(), more.begin(), more.end());
    }
    for (const std::string& line : lines) EXPECT_LE(CellsOf(line), width) << line;
    ExpectGolden(lines, absl::StrCat("session-", width, ".txt"));
  }
}

TEST(SessionTextTest, ClaimsAreOfPointsThatWereNotFound) {
  const auto reveal = Parse<session::v1::Reveal>(
      "points { id: 'g' members { id: 'a' } members { id: 'b' } } points { id: 'c' } points { id: 'd' }");
  const auto answer = Parse<session::v1::Answer>(
      "grade { report { items { id: 'g' credit: 0.5 members { id: 'a' credit: 1 } members { id: 'b' credit: "
      "0.4 } } "
      "items { id: 'c' credit: 0.5 } } }");
  std::vector<std::string> ids;
  for (const ClaimablePoint& point : ClaimablePoints(reveal, answer)) ids.push_back(point.id);
  EXPECT_THAT(ids, testing::ElementsAre("b", "d"));
}

TEST(SessionTextTest, FindsIdsInNames) {
  EXPECT_EQ(IdIn("tenants/a/packs/p/revisions/r1", "packs"), "p");
  EXPECT_EQ(IdIn("tenants/a/packs/p/revisions/r1", "revisions"), "r1");
  EXPECT_EQ(IdIn("tenants/packs", "packs"), "");
  EXPECT_EQ(IdIn("", "packs"), "");
}

}  // namespace
}  // namespace greenroom::cli
