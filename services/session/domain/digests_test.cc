#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>

#include "services/session/domain/content_hash.h"
#include "services/session/domain/digest.h"
#include "services/session/domain/fold_builder.h"
#include "services/session/domain/plan.h"
#include "services/session/domain/state_hash.h"

namespace greenroom::session {
namespace {

TEST(Digest, IsSha256) {
  EXPECT_EQ(Sha256Hex("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");  // FIPS 180-2, B.1
  EXPECT_EQ(Sha256("").size(), 32);
}

TEST(Digest, FieldsDoNotRunTogether) {
  EXPECT_NE(FieldBytes().Add("ab").Add("c").bytes(), FieldBytes().Add("a").Add("bc").bytes());
  EXPECT_NE(FieldBytes().Add("a").bytes(), FieldBytes().Add("a").Add("").bytes());
}

TEST(ContentHash, EveryFieldThatSaysWhatIsMeantCountsAndNoOther) {
  v1::SubmitAnswerRequest base;
  base.set_question("q1");
  base.set_text("text");
  const std::vector<std::function<void(v1::SubmitAnswerRequest&)>> meant = {
      [](auto& r) { r.set_question("q2"); },
      [](auto& r) { r.set_text("other"); },
      [](auto& r) { r.set_confidence(v1::CONFIDENCE_SURE); },
      [](auto& r) { r.mutable_active_duration()->set_seconds(1); },
      [](auto& r) { r.mutable_active_duration(); },
      [](auto& r) { r.set_input(v1::INPUT_METHOD_PASTED); },
      [](auto& r) { r.mutable_shown_time()->set_nanos(1); },
  };
  std::set<std::string> hashes = {ContentOfSubmit(base, "s")};
  for (const auto& change : meant) {
    v1::SubmitAnswerRequest changed = base;
    change(changed);
    EXPECT_TRUE(hashes.insert(ContentOfSubmit(changed, "s")).second);
  }
  EXPECT_TRUE(hashes.insert(ContentOfSubmit(base, "another session")).second);
  v1::SubmitAnswerRequest same = base;
  same.set_device("phone");
  same.set_seen_sequence(9);
  same.set_session("tenants/-/learners/me/sessions/S");
  EXPECT_EQ(ContentOfSubmit(same, "s"), ContentOfSubmit(base, "s"));
}

TEST(ContentHash, KindsDiffer) {
  v1::TakeHintRequest hint;
  hint.set_question("q");
  v1::RevealAnswerRequest reveal;
  reveal.set_question("q");
  v1::SkipQuestionRequest skip;
  skip.set_question("q");
  v1::RateAnswerRequest rate;
  rate.set_question("q");
  const std::set<std::string> hashes = {ContentOfHint(hint, "s"), ContentOfReveal(reveal, "s"),
                                        ContentOfSkip(skip, "s"), ContentOfRate(rate, "s", ""),
                                        ContentOfFinish("s")};
  EXPECT_EQ(hashes.size(), 5);
  EXPECT_NE(ContentOfRate(rate, "s", "a"), ContentOfRate(rate, "s", ""));
}

TEST(ContentHash, OfACreationCountsItsCriteria) {
  v1::CreateSessionRequest base;
  base.set_mode(v1::SESSION_MODE_PRACTICE);
  const std::vector<std::function<void(v1::CreateSessionRequest&)>> meant = {
      [](auto& r) { r.set_mode(v1::SESSION_MODE_MOCK); },
      [](auto& r) { r.add_questions("q"); },
      [](auto& r) { r.mutable_criteria(); },
      [](auto& r) { r.mutable_criteria()->add_topics("t"); },
      [](auto& r) { r.mutable_criteria()->add_tags("t"); },
      [](auto& r) { r.mutable_criteria()->add_kinds(content::v1::QUESTION_KIND_CONCEPT); },
      [](auto& r) { r.mutable_criteria()->set_min_difficulty(1); },
      [](auto& r) { r.mutable_criteria()->set_max_difficulty(1); },
      [](auto& r) { r.mutable_criteria()->set_count(1); },
      [](auto& r) { r.mutable_criteria()->set_shuffle(true); },
      [](auto& r) { r.set_seed(1); },
      [](auto& r) { r.set_assignment("a"); },
      [](auto& r) { (*r.mutable_labels())["a"] = "b"; },
      [](auto& r) { r.set_no_follow_ups(true); },
      [](auto& r) { r.set_vary_prompts(true); },
      [](auto& r) {
        r.set_no_follow_ups(true);
        r.set_vary_prompts(true);
      },
  };
  std::set<std::string> hashes = {ContentOfCreate(base, "p", base.assignment())};
  for (const auto& change : meant) {
    v1::CreateSessionRequest changed = base;
    change(changed);
    EXPECT_TRUE(hashes.insert(ContentOfCreate(changed, "p", changed.assignment())).second);
  }
  EXPECT_TRUE(hashes.insert(ContentOfCreate(base, "another pack", base.assignment())).second);
  v1::CreateSessionRequest same = base;
  same.set_device("phone");
  same.set_seen_sequence(3);
  same.set_parent("tenants/-/learners/me");
  EXPECT_EQ(ContentOfCreate(same, "p", same.assignment()), ContentOfCreate(base, "p", base.assignment()));
  // What an earlier version of the program wrote of a request without the later fields.
  EXPECT_EQ(ContentOfCreate(base, "p", base.assignment()),
            "9b8f30fce3e7ccc27f4ad3d5c0eb26e2e7a24a0fe03f4f112c7078e20683a978");
}

std::vector<content::v1::Question> Revision() {
  std::vector<content::v1::Question> questions(6);
  for (size_t i = 0; i < questions.size(); ++i) {
    questions[i].set_id("q" + std::to_string(i + 1));
    questions[i].set_topic(i < 3 ? "first" : "second");
    questions[i].set_kind(i % 2 == 0 ? content::v1::QUESTION_KIND_CONCEPT
                                     : content::v1::QUESTION_KIND_PRODUCTION);
    questions[i].set_difficulty(static_cast<int32_t>(i % 5) + 1);
    questions[i].add_tags(i < 2 ? "early" : "late");
  }
  questions[5].set_follow_up_only(true);
  return questions;
}

TEST(Plan, AllCriteriaMustHold) {
  v1::QuestionCriteria criteria;
  using Ids = std::vector<std::string>;
  EXPECT_EQ(ResolveCriteria(Revision(), criteria, 1), (Ids{"q1", "q2", "q3", "q4", "q5"}));
  criteria.add_topics("first");
  EXPECT_EQ(ResolveCriteria(Revision(), criteria, 1), (Ids{"q1", "q2", "q3"}));
  criteria.add_kinds(content::v1::QUESTION_KIND_CONCEPT);
  EXPECT_EQ(ResolveCriteria(Revision(), criteria, 1), (Ids{"q1", "q3"}));
  criteria.add_tags("late");
  EXPECT_EQ(ResolveCriteria(Revision(), criteria, 1), (Ids{"q3"}));
  criteria.set_min_difficulty(4);
  EXPECT_EQ(ResolveCriteria(Revision(), criteria, 1), Ids{});
  v1::QuestionCriteria difficulty;
  difficulty.set_min_difficulty(2);
  difficulty.set_max_difficulty(4);
  EXPECT_EQ(ResolveCriteria(Revision(), difficulty, 1), (Ids{"q2", "q3", "q4"}));
  difficulty.set_count(2);
  EXPECT_EQ(ResolveCriteria(Revision(), difficulty, 1), (Ids{"q2", "q3"}));
}

TEST(Plan, AShuffleIsDecidedByItsSeed) {
  v1::QuestionCriteria criteria;
  criteria.set_shuffle(true);
  std::set<std::vector<std::string>> orders;
  for (int64_t seed = 1; seed <= 50; ++seed) {
    const auto plan = ResolveCriteria(Revision(), criteria, seed);
    EXPECT_EQ(plan, ResolveCriteria(Revision(), criteria, seed));
    EXPECT_EQ(std::set<std::string>(plan.begin(), plan.end()).size(), 5);
    orders.insert(plan);
  }
  EXPECT_GT(orders.size(), 20);
  // Golden: a plan is kept by its event, but a replayed resolution on another machine must not differ.
  EXPECT_EQ(ResolveCriteria(Revision(), criteria, 42), ResolveCriteria(Revision(), criteria, 42));
}

TEST(Plan, FollowUpsDoNotStandOnTheirOwn) {
  EXPECT_EQ(FirstUnknown(Revision(), {"q1", "q5"}), "");
  EXPECT_EQ(FirstUnknown(Revision(), {"q1", "q6"}), "q6");
  EXPECT_EQ(FirstUnknown(Revision(), {"nope", "q6"}), "nope");
}

TEST(Plan, AFormIsDecidedByTheSeedAndTheQuestion) {
  std::map<int32_t, int> drawn;
  for (int64_t seed = 1; seed <= 3000; ++seed) {
    const int32_t form = DrawForm(seed, "q1", 2);
    EXPECT_EQ(form, DrawForm(seed, "q1", 2));
    EXPECT_EQ(DrawForm(seed, "q1", 0), 0);
    ++drawn[form];
  }
  ASSERT_EQ(drawn.size(), 3);
  for (const auto& [form, times] : drawn) EXPECT_NEAR(times, 1000, 120) << form;
  int differ = 0;
  for (int i = 0; i < 100; ++i) differ += DrawForm(7, "q" + std::to_string(i), 1);
  EXPECT_NEAR(differ, 50, 25);
  // For all time: a form is kept by its event, but the same seed must give the same session on any machine.
  EXPECT_EQ(DrawForm(1, "q1", 7), 5);
  EXPECT_EQ(DrawForm(-5, "unmarked-records", 7), 7);
}

TEST(Plan, APromptIsAskedInItsForm) {
  content::v1::Question question;
  question.set_prompt("prompt");
  question.add_variants("first");
  question.add_variants("second");
  EXPECT_EQ(PromptOf(question, 0), "prompt");
  EXPECT_EQ(PromptOf(question, 1), "first");
  EXPECT_EQ(PromptOf(question, 2), "second");
  EXPECT_EQ(PromptOf(question, 3), "prompt");
  EXPECT_EQ(PromptOf(question, -1), "prompt");
}

TEST(StateHash, ChangesWithWhatCountsAndNotWithSequences) {
  FoldBuilder log;
  log.Answer("q1", 50);
  const std::string before = StateHash(log.events());
  std::vector<Event> moved = log.events();
  for (Event& event : moved) event.seq += 100;
  EXPECT_EQ(StateHash(moved), before);
  std::vector<Event> other_text = log.events();
  other_text[1].payload.mutable_submitted()->set_text("another answer");
  EXPECT_NE(StateHash(other_text), before);
  std::vector<Event> other_grade = log.events();
  other_grade[2].payload.mutable_graded()->mutable_report()->set_grader("another");
  EXPECT_NE(StateHash(other_grade), before);
  EXPECT_NE(StateHash({}), before);
}

}  // namespace
}  // namespace greenroom::session
