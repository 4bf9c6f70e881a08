#include "services/session/domain/override.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "google/protobuf/util/message_differencer.h"
#include "services/scoring/domain/arithmetic.h"
#include "services/scoring/domain/testing/question_builder.h"

namespace greenroom::session {
namespace {

using content::v1::Question;
using google::protobuf::util::MessageDifferencer;
using scoring::v1::Report;

// Two points of weight 2 and 1, a group, a tip with a check, a flag that cancels, caps of all kinds but STAR's.
Question AQuestion() {
  Question question = scoring::Question(
      {scoring::Point("noise", "It learns the noise of its training data", {"learns ... noise"}),
       scoring::Point("unseen", "It does badly on unseen data", {"(unseen|new) data"}),
       scoring::Group("remedies", 2,
                      {scoring::Point("dropout", "Dropout", {"dropout"}),
                       scoring::Point("early", "Early stopping", {"early stopping"}),
                       scoring::Point("more", "More data", {"more data"})})},
      {scoring::Flag("bigger", {"bigger model"})});
  question.mutable_rubric(0)->set_weight(2);
  question.mutable_rubric(0)->set_cap_without(60);
  question.mutable_red_flags(0)->set_penalty(0.5);
  question.mutable_red_flags(0)->set_cap(40);
  question.mutable_red_flags(0)->set_critical(true);
  question.mutable_red_flags(0)->add_cancels("unseen");
  content::v1::Tip* tip = question.add_tips();
  tip->set_id("figure");
  tip->set_text("Give a figure.");
  tip->mutable_check()->add_kinds(content::v1::QUESTION_KIND_CONCEPT);
  tip->mutable_check()->mutable_rubric()->set_id("figure-check");
  tip->mutable_check()->mutable_rubric()->set_detect(content::v1::DETECT_FIGURE);
  return question;
}

constexpr char kGood[] =
    "It learns the noise of the training data, so it fails on unseen data. I use dropout.";
constexpr char kPoor[] = "Take a bigger model, and it works on unseen data.";

v1::OverrideGradeRequest Items(const std::vector<std::pair<std::string, double>>& items) {
  v1::OverrideGradeRequest request;
  for (const auto& [item, credit] : items) {
    v1::ItemDecision* decision = request.add_items();
    decision->set_item(item);
    decision->set_credit(credit);
  }
  return request;
}
v1::OverrideGradeRequest Flag(const std::string& flag, bool raised) {
  v1::OverrideGradeRequest request;
  request.add_flags()->set_flag(flag);
  request.mutable_flags(0)->set_raised(raised);
  return request;
}
const scoring::v1::ItemResult& Row(const Report& report, const std::string& id) {
  for (const auto& row : report.items()) {
    if (row.id() == id) return row;
  }
  return scoring::v1::ItemResult::default_instance();
}

TEST(Override, WithoutDecisionsTheGradeStaysAndIsAPersons) {
  const Report base = scoring::Grade(AQuestion(), kGood);
  const Overridden same = Override(base, AQuestion(), {});
  EXPECT_EQ(same.problem, "");
  EXPECT_EQ(same.report.score(), base.score());
  EXPECT_EQ(same.report.band(), base.band());
  EXPECT_EQ(same.report.grader(), kPersonGrader);
  EXPECT_EQ(same.report.confidence(), scoring::v1::GRADE_CONFIDENCE_HIGH);
  EXPECT_EQ(same.report.score_low(), base.score());
  EXPECT_EQ(same.report.score_high(), base.score());
  EXPECT_EQ(same.report.feedback_size(), base.feedback_size());
}

TEST(Override, CreditOfAnItemMovesTheScoreByTheFormula) {
  const Report base = scoring::Grade(AQuestion(), kPoor);
  ASSERT_EQ(Row(base, "noise").credit(), 0);
  ASSERT_EQ(base.flags_size(), 1);
  const Overridden raised = Override(base, AQuestion(), Items({{"noise", 1}}));
  EXPECT_EQ(Row(raised.report, "noise").credit(), 1);
  EXPECT_EQ(Row(raised.report, "noise").status(), scoring::v1::ROW_STATUS_COVERED);
  EXPECT_EQ(raised.report.score(), scoring::ScoreOfRows(raised.report));
  EXPECT_GT(raised.report.score(), base.score());
  for (const auto& cap : raised.report.caps()) EXPECT_NE(cap.item(), "noise");

  const Report good = scoring::Grade(AQuestion(), kGood);
  ASSERT_GT(good.score(), 60);
  const Overridden lowered = Override(good, AQuestion(), Items({{"noise", 0.499}}));
  EXPECT_EQ(Row(lowered.report, "noise").credit(), 0.5);  // hundredths
  const Overridden capped = Override(good, AQuestion(), Items({{"noise", 0.49}}));
  ASSERT_EQ(capped.report.caps_size(), 1);
  EXPECT_EQ(capped.report.caps(0).item(), "noise");
  EXPECT_LE(capped.report.score(), 60);
}

TEST(Override, AFlagIsRaisedWithAllThatItDoesAndDismissedWithIt) {
  const Report good = scoring::Grade(AQuestion(), kGood);
  ASSERT_GT(Row(good, "unseen").credit(), 0);
  const Overridden raised = Override(good, AQuestion(), Flag("bigger", true));
  ASSERT_EQ(raised.report.flags_size(), 1);
  EXPECT_TRUE(raised.report.flags(0).critical());
  EXPECT_EQ(raised.report.flags(0).penalty(), 0.5);
  EXPECT_EQ(raised.report.flags(0).say(), "Look at this again.");
  EXPECT_EQ(Row(raised.report, "unseen").credit(), 0);
  EXPECT_EQ(Row(raised.report, "unseen").cancelled_by(0), "bigger");
  EXPECT_LE(raised.report.score(), 40);

  const Report poor = scoring::Grade(AQuestion(), kPoor);
  ASSERT_EQ(poor.flags_size(), 1);
  const Overridden dismissed = Override(poor, AQuestion(), Flag("bigger", false));
  EXPECT_EQ(dismissed.report.flags_size(), 0);
  EXPECT_EQ(Row(dismissed.report, "unseen").cancelled_by_size(), 0);
  for (const auto& cap : dismissed.report.caps()) EXPECT_EQ(cap.flag(), "");
  for (const auto& line : dismissed.report.feedback()) EXPECT_NE(line.item(), "bigger");

  v1::OverrideGradeRequest both = Flag("bigger", true);
  *both.add_items() = Items({{"unseen", 1}}).items(0);
  EXPECT_EQ(Row(Override(good, AQuestion(), both).report, "unseen").credit(), 1);
}

TEST(Override, AScoreStandsWhateverTheRowsSay) {
  v1::OverrideGradeRequest request = Items({{"noise", 0}});
  request.set_score(95);
  const Overridden decided = Override(scoring::Grade(AQuestion(), kPoor), AQuestion(), request);
  EXPECT_EQ(decided.report.score(), 95);
  EXPECT_EQ(decided.report.band(), scoring::v1::BAND_STRONG);
  request.set_score(0);
  EXPECT_EQ(Override({}, AQuestion(), request).report.score(), 0);
}

TEST(Override, AnAnswerWithoutAGradeBeginsWithAllRowsMissed) {
  const Overridden decided = Override({}, AQuestion(), Items({{"noise", 1}, {"remedies", 0.5}}));
  EXPECT_EQ(decided.problem, "");
  EXPECT_EQ(decided.report.items_size(), 3);
  EXPECT_EQ(decided.report.items(2).members_size(), 3);
  EXPECT_EQ(decided.report.tips_size(), 1);
  EXPECT_EQ(decided.report.tips(0).id(), "figure-check");
  EXPECT_EQ(decided.report.score(), 50);  // (2 x 1 + 1 x 0 + 1 x 0.5 + 1 x 0) / 5
  EXPECT_EQ(Override({}, AQuestion(), {}).field, "score");
}

TEST(Override, TheRowsOfAnUngradedAnswerAreThoseThatTheGraderWouldMake) {
  const Report nothing = scoring::Grade(AQuestion(), "I do not know.");
  Report base;
  v1::OverrideGradeRequest request = Items({{"noise", 0}});
  const Report made = Override(base, AQuestion(), request).report;
  ASSERT_EQ(made.items_size(), nothing.items_size());
  for (int i = 0; i < made.items_size(); ++i) {
    EXPECT_TRUE(MessageDifferencer::Equals(made.items(i), nothing.items(i)))
        << made.items(i).DebugString() << nothing.items(i).DebugString();
  }
  ASSERT_EQ(made.tips_size(), nothing.tips_size());
  EXPECT_TRUE(MessageDifferencer::Equals(made.tips(0), nothing.tips(0)));
  EXPECT_EQ(made.score(), nothing.score());
}

TEST(Override, AGroupFollowsItsMembersUnlessItIsDecidedItself) {
  const Report base = scoring::Grade(AQuestion(), kGood);  // one of the three, two are wanted
  ASSERT_EQ(Row(base, "remedies").credit(), 0.5);
  EXPECT_EQ(Row(Override(base, AQuestion(), Items({{"more", 1}})).report, "remedies").credit(), 1);
  EXPECT_EQ(Row(Override(base, AQuestion(), Items({{"more", 0.25}})).report, "remedies").credit(), 0.63);
  EXPECT_EQ(Row(Override(base, AQuestion(), Items({{"dropout", 0}})).report, "remedies").credit(), 0);
  const Overridden both = Override(base, AQuestion(), Items({{"more", 1}, {"remedies", 0.2}}));
  EXPECT_EQ(Row(both.report, "remedies").credit(), 0.2);
  EXPECT_EQ(both.report.score(), scoring::ScoreOfRows(both.report));
}

TEST(Override, NamesTheFieldOfADecisionAboutNothing) {
  const Report base = scoring::Grade(AQuestion(), kGood);
  EXPECT_EQ(Override(base, AQuestion(), Items({{"noise", 1}, {"absent", 1}})).field, "items[1].item");
  EXPECT_EQ(Override(base, AQuestion(), Flag("smaller", true)).field, "flags[0].flag");
}

// What a person says as the grader said it changes nothing.
RC_GTEST_PROP(Override, DecidingAsTheGraderDidIsTheGradersScoreAndCaps, ()) {
  const std::vector<std::string> parts = {"It learns the noise.", "It fails on unseen data.",
                                          "I use dropout.",       "Then early stopping.",
                                          "Take a bigger model.", "By 40 %."};
  std::string answer;
  for (const std::string& part : *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(parts))) {
    answer += part + " ";
  }
  const Report base = scoring::Grade(AQuestion(), answer);
  if (!base.has_score()) return;
  v1::OverrideGradeRequest request;
  for (const auto* rows : {&base.items(), &base.tips()}) {
    for (const auto& row : *rows) {
      request.add_items()->set_item(row.id());
      request.mutable_items()->rbegin()->set_credit(row.credit());
    }
  }
  for (const auto& flag : base.flags()) {
    request.add_flags()->set_flag(flag.id());
    request.mutable_flags()->rbegin()->set_raised(true);
  }
  const Report report = Override(base, AQuestion(), request).report;
  RC_ASSERT(report.score() == base.score());
  RC_ASSERT(report.caps_size() == base.caps_size());
  for (int i = 0; i < report.caps_size(); ++i) {
    RC_ASSERT(MessageDifferencer::Equals(report.caps(i), base.caps(i)));
  }
}

RC_GTEST_PROP(Override, TheFormulaIsScorings, ()) {
  Report report;
  for (int i = *rc::gen::inRange(0, 6); i > 0; --i) {
    scoring::v1::ItemResult* row = *rc::gen::arbitrary<bool>() ? report.add_items() : report.add_tips();
    row->set_weight(*rc::gen::inRange(1, 10001) / 100.0);
    row->set_credit(*rc::gen::inRange(0, 101) / 100.0);
  }
  for (int i = *rc::gen::inRange(0, 3); i > 0; --i) {
    report.add_flags()->set_penalty(*rc::gen::inRange(0, 10001) / 100.0);
  }
  if (*rc::gen::arbitrary<bool>()) report.add_caps()->set_limit(*rc::gen::inRange(0, 101));
  if (*rc::gen::arbitrary<bool>()) {
    report.mutable_star()->set_weight(*rc::gen::inRange(1, 10001) / 100.0);
    report.mutable_star()->set_credit(*rc::gen::inRange(0, 5) / 4.0);
  }
  RC_ASSERT(ScoreOfRows(report) == scoring::ScoreOfRows(report));
  RC_ASSERT(BandOf(ScoreOfRows(report)) == scoring::BandOfScore(ScoreOfRows(report)));
}

}  // namespace
}  // namespace greenroom::session
