#include "services/session/domain/graded_examples.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "services/session/domain/fold_builder.h"

namespace greenroom::session {
namespace {

using testing::Pair;
using testing::UnorderedElementsAre;

constexpr char kQuestion[] = "tenants/acme/packs/p/revisions/r1/questions/q1";

// A decision whose rows give 50: one point of two, the other a group of two.
v1::Graded Decided(const std::string& answer, int32_t score = 50) {
  v1::Graded graded;
  graded.set_answer(answer);
  graded.set_cause(v1::GRADE_CAUSE_OVERRIDE);
  graded.set_question_name(kQuestion);
  scoring::v1::Report& report = *graded.mutable_report();
  report.set_score(score);
  for (const char* id : {"a", "b"}) {
    scoring::v1::ItemResult& item = *report.add_items();
    item.set_id(id);
    item.set_weight(1);
  }
  report.mutable_items(0)->set_credit(1);
  for (const char* id : {"b1", "b2"}) report.mutable_items(1)->add_members()->set_id(id);
  return graded;
}

class GradedExamplesTest : public testing::Test {
 protected:
  Event Submit(const std::string& text) { return log_.Submit("q1", text); }
  Event Decide(const Event& submitted, int32_t score = 50) {
    v1::EventPayload payload;
    *payload.mutable_graded() = Decided(submitted.event_id, score);
    return log_.Add(payload);
  }

  FoldBuilder log_;
  GradedExamples examples_;
};

TEST_F(GradedExamplesTest, CreditsCountWhereTheyGiveTheScore) {
  v1::Submitted submitted;
  submitted.set_text("what was said");
  const scoring::v1::GradedAnswer rows = ExampleOf(submitted, Decided("x"));
  EXPECT_EQ(rows.answer(), "what was said");
  EXPECT_EQ(rows.score(), 50);
  const std::map<std::string, double> credits(rows.credits().begin(), rows.credits().end());
  EXPECT_THAT(credits, UnorderedElementsAre(Pair("a", 1), Pair("b", 0), Pair("b1", 0), Pair("b2", 0)));
  const scoring::v1::GradedAnswer whole = ExampleOf(submitted, Decided("x", 85));
  EXPECT_EQ(whole.score(), 85);
  EXPECT_TRUE(whole.credits().empty());

  v1::Graded long_report = Decided("x");
  for (int i = 0; i < 300; ++i)
    long_report.mutable_report()->mutable_items(1)->add_members()->set_id(absl::StrCat("m", i));
  EXPECT_EQ(ExampleOf(submitted, long_report).credits().size(), 256);
}

TEST_F(GradedExamplesTest, TheNewestDecisionOfAnAnswerAndTheNewestAnswers) {
  const Event twice = Submit("decided twice");
  const Event before = Decide(twice, 10);
  const Event after = Decide(twice, 20);
  examples_.Add(twice, after);
  examples_.Add(twice, before);
  ASSERT_EQ(examples_.Of(kQuestion).size(), 1);
  EXPECT_EQ(examples_.Of(kQuestion)[0].score(), 20);
  for (int i = 0; i < 20; ++i) {
    const Event submitted = Submit(absl::StrCat("answer ", i));
    examples_.Add(submitted, Decide(submitted, i));
  }
  ASSERT_EQ(examples_.Of(kQuestion).size(), kMostExamples);
  EXPECT_EQ(examples_.Of(kQuestion)[9].answer(), "answer 8");
  EXPECT_EQ(examples_.count(), 10);
  EXPECT_TRUE(examples_.Of("tenants/acme/packs/p/revisions/r2/questions/q1").empty());
}

TEST_F(GradedExamplesTest, OnlyWhatAPersonDecidedAboutThisAnswer) {
  const Event submitted = Submit("one");
  const Event other = Submit("another");
  examples_.Add(other, Decide(submitted));
  examples_.Add(submitted, log_.Grade(submitted.event_id, 50));
  v1::EventPayload without_score;
  *without_score.mutable_graded() = Decided(submitted.event_id);
  without_score.mutable_graded()->mutable_report()->clear_score();
  examples_.Add(submitted, log_.Add(without_score));
  EXPECT_EQ(examples_.count(), 0);
  examples_.Add(submitted, Decide(submitted));
  EXPECT_EQ(examples_.count(), 1);
}

TEST_F(GradedExamplesTest, TheNameIsOfTheSet) {
  const std::string none = examples_.Name();
  EXPECT_EQ(none.size(), 64);
  const Event submitted = Submit("one");
  const Event decided = Decide(submitted);
  examples_.Add(submitted, decided);
  GradedExamples same;
  same.Add(submitted, decided);
  EXPECT_EQ(examples_.Name(), same.Name());
  EXPECT_NE(examples_.Name(), none);
}

}  // namespace
}  // namespace greenroom::session
