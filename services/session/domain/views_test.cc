#include "services/session/domain/views.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/session/domain/fold_builder.h"

namespace greenroom::session {
namespace {

using scoring::v1::ItemResult;
using scoring::v1::Report;

ItemResult Item(const std::string& id, double credit) {
  ItemResult item;
  item.set_id(id);
  item.set_point("MARKER " + id);
  item.set_weight(2);
  item.set_credit(credit);
  item.set_status(credit >= 0.8 ? scoring::v1::ROW_STATUS_COVERED
                  : credit > 0  ? scoring::v1::ROW_STATUS_PARTLY
                                : scoring::v1::ROW_STATUS_MISSED);
  item.set_cue("cue of " + id);
  item.set_tip("tip");
  if (credit > 0) item.add_spans()->set_quote("said");
  if (credit == 0) item.add_cancelled_by("flag");
  return item;
}

Report WholeReport() {
  Report report;
  report.set_grader("g/1");
  report.set_score(55);
  *report.add_items() = Item("made", 1);
  *report.add_items() = Item("partly", 0.49);
  ItemResult group = Item("group", 0.5);
  *group.add_members() = Item("member-made", 1);
  *group.add_members() = Item("member-missed", 0);
  *report.add_items() = group;
  ItemResult missed_group = Item("missed-group", 0.3);
  *missed_group.add_members() = Item("inner-made", 0.6);
  *missed_group.add_members() = Item("inner-missed", 0);
  *report.add_items() = missed_group;
  *report.add_tips() = Item("tip-missed", 0);
  scoring::v1::FlagResult* flag = report.add_flags();
  flag->set_id("flag");
  flag->set_point("MARKER flag");
  flag->set_say("say");
  flag->set_penalty(1);
  flag->add_spans()->set_quote("said");
  flag->add_cancels("member-missed");
  scoring::v1::CapResult* cap = report.add_caps();
  cap->set_limit(50);
  cap->set_item("partly");
  cap->set_text("MARKER partly");
  cap->set_cue("cue of partly");
  scoring::v1::CapResult* flag_cap = report.add_caps();
  flag_cap->set_limit(60);
  flag_cap->set_flag("flag");
  flag_cap->set_text("MARKER flag");
  for (const char* item : {"made", "partly", "flag", "inner-missed"}) {
    scoring::v1::Feedback* feedback = report.add_feedback();
    feedback->set_kind(std::string(item) == "made" ? scoring::v1::FEEDBACK_KIND_MADE
                                                   : scoring::v1::FEEDBACK_KIND_GAP);
    feedback->set_item(item);
    feedback->set_text("line");
    (*feedback->mutable_parameters())["count"] = item;
  }
  report.mutable_star()->set_weight(3);
  return report;
}

TEST(LearnerView, BeforeTheRevealMissedItemsShowWeightCreditAndCueOnly) {
  const Report seen = ViewOf(WholeReport(), Sight::kBeforeReveal);
  EXPECT_EQ(seen.score(), 55);
  EXPECT_EQ(seen.grader(), "g/1");
  EXPECT_EQ(seen.items(0).point(), "MARKER made");
  EXPECT_EQ(seen.items(0).id(), "made");
  EXPECT_EQ(seen.items(0).spans_size(), 1);
  ItemResult bare;
  bare.set_weight(2);
  bare.set_credit(0.49);
  bare.set_status(scoring::v1::ROW_STATUS_PARTLY);
  bare.set_cue("cue of partly");
  EXPECT_EQ(seen.items(1).DebugString(), bare.DebugString());
  EXPECT_EQ(seen.items(2).point(), "MARKER group");
  EXPECT_EQ(seen.items(2).members(0).point(), "MARKER member-made");
  EXPECT_EQ(seen.items(2).members(1).point(), "");
  EXPECT_EQ(seen.items(2).members(1).id(), "");
  EXPECT_EQ(seen.items(2).members(1).cue(), "cue of member-missed");
  EXPECT_EQ(seen.items(3).point(), "");
  EXPECT_EQ(seen.items(3).members(0).point(), "MARKER inner-made");
  EXPECT_EQ(seen.items(3).members(1).point(), "");
  EXPECT_EQ(seen.tips(0).point(), "");
  EXPECT_EQ(seen.tips(0).cue(), "cue of tip-missed");
  EXPECT_EQ(seen.star().weight(), 3);
}

TEST(LearnerView, BeforeTheRevealFlagsSayAndQuoteOnly) {
  const Report seen = ViewOf(WholeReport(), Sight::kBeforeReveal);
  EXPECT_EQ(seen.flags(0).id(), "flag");
  EXPECT_EQ(seen.flags(0).say(), "say");
  EXPECT_EQ(seen.flags(0).spans(0).quote(), "said");
  EXPECT_EQ(seen.flags(0).point(), "");
  EXPECT_EQ(seen.flags(0).cancels_size(), 0);
}

TEST(LearnerView, BeforeTheRevealCapsAndFeedbackNameNothingThatWasMissed) {
  const Report seen = ViewOf(WholeReport(), Sight::kBeforeReveal);
  EXPECT_EQ(seen.caps(0).limit(), 50);
  EXPECT_EQ(seen.caps(0).cause_case(), scoring::v1::CapResult::kItem);
  EXPECT_EQ(seen.caps(0).item(), "");
  EXPECT_EQ(seen.caps(0).text(), "");
  EXPECT_EQ(seen.caps(0).cue(), "cue of partly");
  EXPECT_EQ(seen.caps(1).flag(), "flag");
  EXPECT_EQ(seen.caps(1).text(), "");
  EXPECT_EQ(seen.feedback(0).item(), "made");
  EXPECT_EQ(seen.feedback(0).parameters().size(), 1);
  EXPECT_EQ(seen.feedback(1).item(), "");
  EXPECT_EQ(seen.feedback(1).parameters().size(), 0);
  EXPECT_EQ(seen.feedback(2).item(), "flag");
  EXPECT_EQ(seen.feedback(3).item(), "");
}

TEST(LearnerView, EverythingAndNothing) {
  EXPECT_EQ(ViewOf(WholeReport(), Sight::kEverything).DebugString(), WholeReport().DebugString());
  Report corrected = WholeReport();
  corrected.set_calibrated_with(3);
  EXPECT_EQ(ViewOf(corrected, Sight::kStaff).calibrated_with(), 3);
  EXPECT_EQ(ViewOf(corrected, Sight::kEverything).DebugString(), WholeReport().DebugString());
  EXPECT_EQ(ViewOf(corrected, Sight::kBeforeReveal).calibrated_with(), 0);
  EXPECT_EQ(ViewOf(WholeReport(), Sight::kNothing).ByteSizeLong(), 0);
}

TEST(LearnerView, SightFollowsTheConversation) {
  const auto sight = [](v1::SessionMode mode, bool finished, bool released, bool revealed) {
    return SightOfLearner({mode, finished, released, v1::QUESTION_STATE_ANSWERED, revealed});
  };
  EXPECT_EQ(sight(v1::SESSION_MODE_PRACTICE, false, false, false), Sight::kBeforeReveal);
  EXPECT_EQ(sight(v1::SESSION_MODE_PRACTICE, false, false, true), Sight::kEverything);
  EXPECT_EQ(sight(v1::SESSION_MODE_PRACTICE, true, false, false), Sight::kEverything);
  EXPECT_EQ(sight(v1::SESSION_MODE_MOCK, false, false, false), Sight::kBeforeReveal);
  EXPECT_EQ(sight(v1::SESSION_MODE_MOCK, true, false, false), Sight::kEverything);
  EXPECT_EQ(sight(v1::SESSION_MODE_EXAM, true, false, true), Sight::kNothing);
  EXPECT_EQ(sight(v1::SESSION_MODE_EXAM, false, true, true), Sight::kNothing);
  EXPECT_EQ(sight(v1::SESSION_MODE_EXAM, true, true, false), Sight::kEverything);
}

TEST(LearnerView, ARevealShowsTheRubricWithoutItsMechanics) {
  content::v1::Question question;
  question.set_id("q");
  question.set_model_answer("model");
  question.set_guidance("guidance");
  question.set_notes("SECRET");
  content::v1::RubricItem* item = question.add_rubric();
  item->set_id("i");
  item->set_point("point");
  item->add_accept("SECRET");
  content::v1::RubricItem* group = question.add_rubric();
  group->set_id("g");
  group->set_weight(2.5);
  group->add_of()->set_id("m");
  content::v1::RedFlag* flag = question.add_red_flags();
  flag->set_say("do not");
  flag->add_match("SECRET");
  question.add_follow_ups()->set_line("and then?");
  question.add_follow_ups()->set_question("other");
  question.add_examples()->set_answer("SECRET");
  const v1::Reveal reveal = RevealOf(question);
  EXPECT_EQ(reveal.model_answer(), "model");
  EXPECT_EQ(reveal.points(0).weight(), 1);
  EXPECT_EQ(reveal.points(1).weight(), 2.5);
  EXPECT_EQ(reveal.points(1).members(0).weight(), 0);
  EXPECT_THAT(reveal.pitfalls(), testing::ElementsAre("do not"));
  EXPECT_THAT(reveal.follow_ups(), testing::ElementsAre("and then?"));
  EXPECT_FALSE(absl::StrContains(reveal.DebugString(), "SECRET"));
}

TEST(Views, ASessionAsTheApiShowsIt) {
  FoldBuilder log;
  log.Answer("q1", 60);
  log.Submit("q1");
  log.Hint("q2");
  const SessionFold fold = *FoldSession(log.events());
  const v1::Session session = SessionView(FoldBuilder::Key(), fold.live, Reader::kLearner);
  EXPECT_EQ(session.name(), "tenants/acme/learners/ada/sessions/" + FoldBuilder::Id(1));
  EXPECT_EQ(session.questions(0).number(), 1);
  EXPECT_EQ(session.questions(0).attempts(), 2);
  EXPECT_EQ(session.questions(0).score(), 60);
  EXPECT_EQ(session.questions(0).pending_grades(), 1);
  EXPECT_FALSE(session.questions(1).has_score());
  EXPECT_EQ(session.questions(1).hints_taken(), 1);
  EXPECT_EQ(session.score(), 60);
  EXPECT_EQ(session.sequence(), 5);
  EXPECT_EQ(session.create_time().seconds(), 1700000001);
  EXPECT_FALSE(session.has_finish_time());
  EXPECT_EQ(session.expire_time().seconds(), 1700000005 + 30 * 24 * 3600);
}

TEST(Views, AReportHoldsAnswersByQuestion) {
  FoldBuilder log;
  const std::string first = log.Answer("q2", 82);
  log.Submit("q2", "again");
  log.Skip("q3");
  const SessionFold fold = *FoldSession(log.events());
  const v1::SessionReport report = ReportView(
      FoldBuilder::Key(), fold, Reader::kLearner,
      [](const std::string& id, int32_t form) { return absl::StrCat("prompt ", form, " of ", id); });
  EXPECT_EQ(report.score(), 82);
  EXPECT_EQ(report.band(), scoring::v1::BAND_STRONG);
  EXPECT_EQ(report.answered(), 1);
  EXPECT_EQ(report.skipped(), 1);
  EXPECT_EQ(report.pending_grades(), 1);
  ASSERT_EQ(report.questions(1).answers_size(), 2);
  EXPECT_EQ(report.questions(1).prompt(), "prompt 0 of q2");
  EXPECT_EQ(report.questions(1).answers(0).name(), AnswerName(FoldBuilder::Key(), first));
  EXPECT_EQ(report.questions(1).answers(1).text(), "again");
  EXPECT_EQ(report.questions(1).answers(1).grade().state(), v1::GRADE_STATE_PENDING);
  EXPECT_FALSE(report.questions(1).answers(1).grade().has_report());
}

TEST(Views, AnUnreleasedExamShowsNoScore) {
  FoldBuilder log(v1::SESSION_MODE_EXAM);
  log.Answer("q1", 60);
  log.Finish();
  const SessionFold fold = *FoldSession(log.events());
  const auto none = [](const std::string&, int32_t) { return std::string(); };
  const v1::SessionReport seen = ReportView(FoldBuilder::Key(), fold, Reader::kLearner, none);
  EXPECT_FALSE(seen.has_score());
  EXPECT_FALSE(seen.questions(0).has_score());
  EXPECT_FALSE(seen.questions(0).answers(0).grade().has_report());
  EXPECT_FALSE(SessionView(FoldBuilder::Key(), fold.live, Reader::kLearner).has_score());
  EXPECT_EQ(ReportView(FoldBuilder::Key(), fold, Reader::kStaff, none)
                .questions(0)
                .answers(0)
                .grade()
                .report()
                .score(),
            60);
}

}  // namespace
}  // namespace greenroom::session
