#include "services/session/domain/follow_ups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_format.h"
#include "services/session/domain/digest.h"
#include "services/session/domain/fold.h"
#include "services/session/domain/fold_builder.h"
#include "services/session/domain/plan.h"
#include "services/session/domain/views.h"

namespace greenroom::session {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

SessionFold Fold(const FoldBuilder& log) { return *FoldSession(log.events()); }

std::vector<std::string> PlanOf(const v1::LiveState& state) {
  std::vector<std::string> plan;
  for (const v1::LiveQuestion& question : state.questions()) plan.push_back(question.question());
  return plan;
}

void Follow(content::v1::Question& question, const std::string& follow_up, std::vector<std::string> missed) {
  content::v1::FollowUp& added = *question.add_follow_ups();
  added.set_question(follow_up);
  for (std::string& item : missed) added.add_when_missed(std::move(item));
}

std::vector<content::v1::Question> Revision() {
  std::vector<content::v1::Question> revision;
  for (const char* id : {"q1", "q2", "q3", "f1", "f2", "f3"}) {
    content::v1::Question& question = revision.emplace_back();
    question.set_id(id);
    question.set_follow_up_only(id[0] == 'f');
    if (id[0] == 'f') {
      for (int i = 0; i < 3; ++i) question.add_variants(absl::StrFormat("%s %d", id, i));
    }
  }
  revision[0].add_follow_ups()->set_line("only a line");
  Follow(revision[0], "f2", {"made", "missed"});
  Follow(revision[0], "f1", {"member"});
  Follow(revision[0], "f3", {"made", "member-made"});
  Follow(revision[3], "f1", {"missed"});
  Follow(revision[3], "f3", {"missed"});
  return revision;
}

v1::Graded Graded() {
  v1::Graded graded;
  graded.set_answer("answer");
  graded.set_cause(v1::GRADE_CAUSE_INITIAL);
  const auto add = [](auto* item, const char* id, double credit) {
    item->set_id(id);
    item->set_credit(credit);
    return item;
  };
  add(graded.mutable_report()->add_items(), "made", 0.5);
  add(graded.mutable_report()->add_items(), "missed", 0.49);
  auto* group = add(graded.mutable_report()->add_items(), "group", 0.7);
  add(group->add_members(), "member", 0);
  add(group->add_members(), "member-made", 1);
  return graded;
}

std::vector<std::string> Added(const std::vector<v1::EventPayload>& payloads) {
  std::vector<std::string> added;
  added.reserve(payloads.size());
  for (const v1::EventPayload& payload : payloads) added.push_back(payload.follow_up_added().question());
  return added;
}

TEST(FollowUps, AreThoseThatNameAnItemOrAMemberThatWasMissedInTheAuthorsOrder) {
  FoldBuilder log;
  const v1::LiveState state = Fold(log).live;
  const auto follow_ups = FollowUpsOf(state, Revision(), "q1", Graded());
  ASSERT_THAT(Added(follow_ups), ElementsAre("f2", "f1"));
  const v1::FollowUpAdded& first = follow_ups[0].follow_up_added();
  EXPECT_EQ(first.parent(), "q1");
  EXPECT_EQ(first.answer(), "answer");
  EXPECT_EQ(first.variant(), 0);
  EXPECT_THAT(FollowUpsOf(state, Revision(), "q2", Graded()), IsEmpty());
  EXPECT_THAT(FollowUpsOf(state, Revision(), "elsewhere", Graded()), IsEmpty());
  EXPECT_THAT(FollowUpsOf(state, {}, "q1", Graded()), IsEmpty());
  v1::Graded failed = Graded();
  failed.clear_report();
  EXPECT_THAT(FollowUpsOf(state, Revision(), "q1", failed), IsEmpty());
}

TEST(FollowUps, AreNeverInAPlanTwice) {
  FoldBuilder log;
  log.FollowUp("q2", "f2");
  EXPECT_THAT(Added(FollowUpsOf(Fold(log).live, Revision(), "q1", Graded())), ElementsAre("f1"));
  std::vector<content::v1::Question> twice = Revision();
  Follow(twice[0], "f1", {"missed"});
  EXPECT_THAT(Added(FollowUpsOf(Fold(log).live, twice, "q1", Graded())), ElementsAre("f1"));
}

TEST(FollowUps, AreAskedInAFormOfTheSessionsSeed) {
  FoldBuilder log;
  log.events()[0].payload.mutable_created()->set_vary_prompts(true);
  std::set<int32_t> forms;
  for (int64_t seed = 1; seed < 40; ++seed) {
    log.events()[0].payload.mutable_created()->set_seed(seed);
    const auto follow_ups = FollowUpsOf(Fold(log).live, Revision(), "q1", Graded());
    ASSERT_EQ(follow_ups.size(), 2);
    EXPECT_EQ(follow_ups[0].follow_up_added().variant(), DrawForm(seed, "f2", 3));
    forms.insert(follow_ups[0].follow_up_added().variant());
  }
  EXPECT_EQ(forms.size(), 4);
}

TEST(FollowUps, MayBeAddedByTheFirstAnswerBeforeAnyReveal) {
  FoldBuilder log;
  EXPECT_TRUE(MayAddFollowUps(Fold(log).live, "q1"));
  EXPECT_FALSE(MayAddFollowUps(Fold(log).live, "elsewhere"));
  log.Hint("q1");
  log.Skip("q1");
  EXPECT_TRUE(MayAddFollowUps(Fold(log).live, "q1"));
  const std::string first = log.Submit("q1").event_id;
  const std::string second = log.Submit("q1").event_id;
  log.Reveal("q2");
  const std::string after = log.Submit("q2").event_id;
  const v1::LiveState state = Fold(log).live;
  EXPECT_FALSE(MayAddFollowUps(state, "q1"));
  EXPECT_FALSE(MayAddFollowUps(state, "q2"));
  EXPECT_EQ(QuestionOfFirstAnswer(state, first), "q1");
  EXPECT_EQ(QuestionOfFirstAnswer(state, second), "");
  EXPECT_EQ(QuestionOfFirstAnswer(state, after), "");
  EXPECT_EQ(QuestionOfFirstAnswer(state, "unknown"), "");
  log.Finish();
  EXPECT_EQ(QuestionOfFirstAnswer(Fold(log).live, first), "");
  EXPECT_FALSE(MayAddFollowUps(Fold(log).live, "q3"));
}

TEST(FollowUps, BelongToPracticeAndMockAndCanBeRefused) {
  for (const auto& [mode, takes] : {std::pair(v1::SESSION_MODE_PRACTICE, true),
                                    {v1::SESSION_MODE_MOCK, true},
                                    {v1::SESSION_MODE_EXAM, false},
                                    {v1::SESSION_MODE_REVIEW, false}}) {
    FoldBuilder log(mode);
    EXPECT_EQ(MayAddFollowUps(Fold(log).live, "q1"), takes) << mode;
    log.events()[0].payload.mutable_created()->set_no_follow_ups(true);
    EXPECT_FALSE(MayAddFollowUps(Fold(log).live, "q1"));
    const std::string answer = log.Submit("q1").event_id;
    EXPECT_EQ(QuestionOfFirstAnswer(Fold(log).live, answer), "");
  }
}

TEST(FollowUps, StandBehindTheirParentAndWhatFollowsItUpAlready) {
  FoldBuilder log;
  log.FollowUp("q1", "f1");
  log.FollowUp("q1", "f2");
  log.FollowUp("f1", "g1");
  log.FollowUp("g1", "h1");
  log.FollowUp("f1", "g2");
  log.FollowUp("q3", "f3");
  log.FollowUp("q1", "f4");
  const v1::LiveState state = Fold(log).live;
  EXPECT_THAT(PlanOf(state), ElementsAre("q1", "f1", "g1", "h1", "g2", "f2", "f4", "q2", "q3", "f3"));
  EXPECT_THAT(ParentsOf(state), ElementsAre("", "q1", "f1", "g1", "f1", "q1", "q1", "", "", "q3"));
  const v1::Session view = SessionView(FoldBuilder::Key(), state, Reader::kLearner);
  EXPECT_EQ(view.questions(3).question(), "h1");
  EXPECT_EQ(view.questions(3).number(), 4);
  EXPECT_EQ(view.questions(3).follow_up_of(), "g1");
}

TEST(FollowUps, WhatDoesNotApplyChangesNothing) {
  FoldBuilder log;
  const v1::LiveState before = Fold(log).live;
  for (const auto& [parent, question] :
       {std::pair("elsewhere", "f1"), {"q1", "q2"}, {"q1", ""}, {"", "f1"}}) {
    FoldBuilder with = log;
    with.FollowUp(parent, question);
    EXPECT_THAT(PlanOf(Fold(with).live), ElementsAre("q1", "q2", "q3"));
  }
  log.Finish();
  log.FollowUp("q1", "f1");
  EXPECT_THAT(PlanOf(Fold(log).live), ElementsAre("q1", "q2", "q3"));
  // The finish came late but stands before: so it was finished.
  FoldBuilder late;
  late.FollowUp("q1", "f1");
  Event& finish = late.Finish();
  finish.occurred_time = late.events()[1].occurred_time - absl::Milliseconds(1);
  EXPECT_THAT(PlanOf(Fold(late).live), ElementsAre("q1", "q2", "q3"));
}

TEST(FollowUps, MoveTheNumbersOfAnswersBehindThem) {
  FoldBuilder log;
  const std::string pending = log.Submit("q3").event_id;
  const std::string graded = log.Answer("q2", 70);
  const std::string first = log.Submit("q1").event_id;
  log.Grade(first, 20);
  log.FollowUp("q1", "f1", first, 2);
  log.FollowUp("q1", "f2", first);
  log.Rate("q2", v1::RATING_GOOD, {"ticked"});
  const std::string on_it = log.Answer("f1", 90);
  const SessionFold fold = Fold(log);
  EXPECT_THAT(PlanOf(fold.live), ElementsAre("q1", "f1", "f2", "q2", "q3"));
  EXPECT_EQ(fold.FindAnswer(pending)->number, 5);
  EXPECT_EQ(fold.FindAnswer(graded)->number, 4);
  EXPECT_EQ(fold.FindAnswer(on_it)->number, 2);
  EXPECT_THAT(fold.FindAnswer(first)->follow_ups, ElementsAre("f1", "f2"));
  EXPECT_THAT(fold.FindAnswer(graded)->follow_ups, IsEmpty());
  ASSERT_EQ(fold.live.pending_size(), 1);
  EXPECT_EQ(fold.live.pending(0).number(), 5);
  const v1::SessionReport report = ReportView(
      FoldBuilder::Key(), fold, Reader::kLearner,
      [](const std::string& id, int32_t form) { return absl::StrFormat("%s in form %d", id, form); });
  EXPECT_EQ(report.questions(1).question(), "f1");
  EXPECT_EQ(report.questions(1).prompt(), "f1 in form 2");
  EXPECT_EQ(report.questions(1).variant(), 2);
  EXPECT_EQ(report.questions(1).follow_up_of(), "q1");
  EXPECT_EQ(report.questions(1).number(), 2);
  EXPECT_THAT(report.questions(3).claimed_points(), ElementsAre("ticked"));
  EXPECT_THAT(report.questions(0).answers(0).follow_ups(), ElementsAre("f1", "f2"));
}

TEST(FollowUps, ARegradeTakesNoneAway) {
  FoldBuilder log;
  const std::string answer = log.Answer("q1", 20);
  log.FollowUp("q1", "f1", answer);
  log.Grade(answer, 100, v1::GRADE_CAUSE_REGRADE, 1);
  log.Grade(answer, 100, v1::GRADE_CAUSE_OVERRIDE);
  EXPECT_THAT(PlanOf(Fold(log).live), ElementsAre("q1", "f1", "q2", "q3"));
}

TEST(FollowUps, AreNoUseOfTheSessionByTheLearner) {
  FoldBuilder log;
  const v1::LiveState before = Fold(log).live;
  log.FollowUp("q1", "f1");
  const v1::LiveState after = Fold(log).live;
  EXPECT_EQ(after.last_use_ms(), before.last_use_ms());
  EXPECT_EQ(after.sequence(), 2);
}

TEST(FollowUps, LeaveLiveStateSmall) {
  std::vector<std::string> questions;
  questions.reserve(100);
  for (int i = 0; i < 100; ++i) questions.push_back(std::string(60, 'q') + std::to_string(100 + i));
  FoldBuilder log(v1::SESSION_MODE_PRACTICE, questions);
  std::vector<content::v1::Question> revision;
  for (const std::string& id : questions) {
    content::v1::Question question;
    question.set_id(id);
    for (int i = 0; i < 8; ++i) {
      Follow(question, absl::StrFormat("%s-%d", id.substr(3), i), {"missed"});
      revision.emplace_back().set_id(question.follow_ups(i).question());
    }
    revision.push_back(question);
  }
  int added = 0;
  for (const std::string& question : questions) {
    const std::string answer = log.Answer(question, 20);
    for (const auto& payload : FollowUpsOf(Fold(log).live, revision, question, Graded())) {
      const std::string follow_up = payload.follow_up_added().question();
      log.Add(payload);
      ++added;
      log.Submit(follow_up).device = "tablet";
      log.Grade(log.events().back().event_id, 100);
      log.Hint(follow_up).device = "phone";
      log.Reveal(follow_up);
      log.Rate(follow_up, v1::RATING_EASY);
    }
    log.Hint(question).device = "phone";
    log.Reveal(question).device = "tablet";
    log.Rate(question, v1::RATING_EASY);
  }
  for (Event& event : log.events()) event.seq += 1 << 30;
  EXPECT_GT(added, 8);
  EXPECT_LE(Fold(log).live.ByteSizeLong(), kMaxLiveBytes);
}

TEST(Forms, AreFixedByTheCreation) {
  FoldBuilder log;
  v1::Created& created = *log.events()[0].payload.mutable_created();
  created.add_variants(0);
  created.add_variants(2);
  const v1::LiveState state = Fold(log).live;
  EXPECT_EQ(state.questions(0).variant(), 0);
  EXPECT_EQ(state.questions(1).variant(), 2);
  EXPECT_EQ(state.questions(2).variant(), 0);
  EXPECT_EQ(SessionView(FoldBuilder::Key(), state, Reader::kLearner).questions(1).variant(), 2);
}

}  // namespace
}  // namespace greenroom::session
