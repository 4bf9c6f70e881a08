#include "services/session/domain/selection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>

#include "absl/strings/str_cat.h"

namespace greenroom::session {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Askable Of(const std::string& question, const std::string& topic = "t", double information = 0) {
  Askable askable;
  askable.question = question;
  askable.topic = topic;
  askable.information = information;
  return askable;
}

Askable Due(const std::string& question, double forgetting) {
  Askable askable = Of(question);
  askable.due = true;
  askable.forgetting = forgetting;
  return askable;
}

SelectionRules Rules(int32_t count, int64_t seed = 1) {
  SelectionRules rules;
  rules.count = count;
  rules.seed = seed;
  return rules;
}

TEST(Selection, WhatIsDueComesFirstHeaviestForgettingFirst) {
  const std::vector<Askable> askables = {Of("new", "t", 9), Due("a", 0.1), Due("b", 0.4)};
  EXPECT_THAT(SelectQuestions(askables, Rules(3)), ElementsAre("b", "a", "new"));
  EXPECT_THAT(SelectQuestions(askables, Rules(1)), ElementsAre("b"));
}

TEST(Selection, ThenWhatTellsMost) {
  EXPECT_THAT(SelectQuestions({Of("a", "t", 0.1), Of("b", "t", 0.25), Of("c", "t", 0.2)}, Rules(3)),
              ElementsAre("b", "c", "a"));
}

TEST(Selection, TopicsTakeTurns) {
  const std::vector<Askable> askables = {Of("a1", "a", 0.9), Of("a2", "a", 0.8), Of("a3", "a", 0.7),
                                         Of("b1", "b", 0.2), Of("b2", "b", 0.1), Of("c1", "c", 0.05)};
  EXPECT_THAT(SelectQuestions(askables, Rules(5)), ElementsAre("a1", "b1", "c1", "a2", "b2"));
}

TEST(Selection, RulesAreBentOnlyWhereTooFewAreLeft) {
  Askable exposed = Of("exposed", "t", 9);
  exposed.exposure = 0.5;
  Askable latest = Of("latest", "t", 9);
  latest.last_session = 1;
  Askable before = Of("before", "t", 1);
  before.last_session = 2;
  Askable long_ago = Of("long-ago", "t", 0);
  long_ago.last_session = 3;
  EXPECT_THAT(SelectQuestions({latest, exposed, before, long_ago}, Rules(9)),
              ElementsAre("long-ago", "exposed", "before", "latest"));
}

TEST(Selection, NothingIsNothing) {
  EXPECT_THAT(SelectQuestions({}, Rules(3)), IsEmpty());
  EXPECT_THAT(SelectQuestions({Of("a")}, Rules(0)), IsEmpty());
}

TEST(Selection, AnotherSeedGivesAnotherOrderOfEquals) {
  std::vector<Askable> askables;
  askables.reserve(20);
  for (int i = 0; i < 20; ++i) askables.push_back(Of(absl::StrCat("q", i)));
  EXPECT_NE(SelectQuestions(askables, Rules(20, 1)), SelectQuestions(askables, Rules(20, 2)));
}

RC_GTEST_PROP(SelectionProperty, ItIsAFunctionOfTheSetThatKeepsItsRules, ()) {
  std::vector<Askable> askables;
  const int total = *rc::gen::inRange(0, 30);
  for (int i = 0; i < total; ++i) {
    Askable askable = Of(absl::StrCat("q", i), *rc::gen::element<std::string>("a", "b", "c"),
                         *rc::gen::inRange(0, 4) / 4.0);
    askable.due = *rc::gen::inRange(0, 4) == 0;
    askable.exposure = *rc::gen::inRange(0, 10) / 10.0;
    askable.last_session = *rc::gen::inRange(0, 5);
    askables.push_back(askable);
  }
  const SelectionRules rules = Rules(*rc::gen::inRange(0, 35), *rc::gen::inRange<int64_t>(0, 1000));
  const std::vector<std::string> plan = SelectQuestions(askables, rules);
  std::vector<Askable> again = askables;
  for (size_t left = again.size(); left > 1; --left) {
    std::swap(again[left - 1], again[*rc::gen::inRange<size_t>(0, left)]);
  }
  RC_ASSERT(SelectQuestions(again, rules) == plan);
  RC_ASSERT(plan.size() == std::min(askables.size(), static_cast<size_t>(rules.count)));
  RC_ASSERT(std::set<std::string>(plan.begin(), plan.end()).size() == plan.size());
  // Nothing is repeated from the latest sessions while something else is left out.
  const auto repeats = [&](const Askable& one) {
    return !one.due && one.last_session > 0 && one.last_session <= 2;
  };
  bool left_out = false, repeated = false;
  for (const Askable& one : askables) {
    const bool taken = std::find(plan.begin(), plan.end(), one.question) != plan.end();
    left_out = left_out || (!taken && !repeats(one));
    repeated = repeated || (taken && repeats(one));
  }
  RC_ASSERT(!(left_out && repeated));
}

}  // namespace
}  // namespace greenroom::session
