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

Candidate Of(const std::string& question, const std::string& topic = "t", double information = 0) {
  Candidate candidate;
  candidate.question = question;
  candidate.topic = topic;
  candidate.information = information;
  return candidate;
}

Candidate Due(const std::string& question, double forgetting) {
  Candidate candidate = Of(question);
  candidate.due = true;
  candidate.forgetting = forgetting;
  return candidate;
}

SelectionRules Rules(int32_t count, int64_t seed = 1) {
  SelectionRules rules;
  rules.count = count;
  rules.seed = seed;
  return rules;
}

TEST(Selection, WhatIsDueComesFirstHeaviestForgettingFirst) {
  const std::vector<Candidate> candidates = {Of("new", "t", 9), Due("a", 0.1), Due("b", 0.4)};
  EXPECT_THAT(SelectQuestions(candidates, Rules(3)), ElementsAre("b", "a", "new"));
  EXPECT_THAT(SelectQuestions(candidates, Rules(1)), ElementsAre("b"));
}

TEST(Selection, ThenWhatTellsMost) {
  EXPECT_THAT(SelectQuestions({Of("a", "t", 0.1), Of("b", "t", 0.25), Of("c", "t", 0.2)}, Rules(3)),
              ElementsAre("b", "c", "a"));
}

TEST(Selection, TopicsTakeTurns) {
  const std::vector<Candidate> candidates = {Of("a1", "a", 0.9), Of("a2", "a", 0.8), Of("a3", "a", 0.7),
                                             Of("b1", "b", 0.2), Of("b2", "b", 0.1), Of("c1", "c", 0.05)};
  EXPECT_THAT(SelectQuestions(candidates, Rules(5)), ElementsAre("a1", "b1", "c1", "a2", "b2"));
}

TEST(Selection, RulesAreBentOnlyWhereTooFewAreLeft) {
  Candidate exposed = Of("exposed", "t", 9);
  exposed.exposure = 0.5;
  Candidate latest = Of("latest", "t", 9);
  latest.last_session = 1;
  Candidate before = Of("before", "t", 1);
  before.last_session = 2;
  Candidate long_ago = Of("long-ago", "t", 0);
  long_ago.last_session = 3;
  EXPECT_THAT(SelectQuestions({latest, exposed, before, long_ago}, Rules(9)),
              ElementsAre("long-ago", "exposed", "before", "latest"));
}

TEST(Selection, NothingIsNothing) {
  EXPECT_THAT(SelectQuestions({}, Rules(3)), IsEmpty());
  EXPECT_THAT(SelectQuestions({Of("a")}, Rules(0)), IsEmpty());
}

TEST(Selection, AnotherSeedGivesAnotherOrderOfEquals) {
  std::vector<Candidate> candidates;
  for (int i = 0; i < 20; ++i) candidates.push_back(Of(absl::StrCat("q", i)));
  EXPECT_NE(SelectQuestions(candidates, Rules(20, 1)), SelectQuestions(candidates, Rules(20, 2)));
}

RC_GTEST_PROP(SelectionProperty, ItIsAFunctionOfTheSetThatKeepsItsRules, ()) {
  std::vector<Candidate> candidates;
  const int total = *rc::gen::inRange(0, 30);
  for (int i = 0; i < total; ++i) {
    Candidate candidate = Of(absl::StrCat("q", i), *rc::gen::element<std::string>("a", "b", "c"),
                             *rc::gen::inRange(0, 4) / 4.0);
    candidate.due = *rc::gen::inRange(0, 4) == 0;
    candidate.exposure = *rc::gen::inRange(0, 10) / 10.0;
    candidate.last_session = *rc::gen::inRange(0, 5);
    candidates.push_back(candidate);
  }
  const SelectionRules rules = Rules(*rc::gen::inRange(0, 35), *rc::gen::inRange<int64_t>(0, 1000));
  const std::vector<std::string> plan = SelectQuestions(candidates, rules);
  std::vector<Candidate> again = candidates;
  for (size_t left = again.size(); left > 1; --left) {
    std::swap(again[left - 1], again[*rc::gen::inRange<size_t>(0, left)]);
  }
  RC_ASSERT(SelectQuestions(again, rules) == plan);
  RC_ASSERT(plan.size() == std::min(candidates.size(), static_cast<size_t>(rules.count)));
  RC_ASSERT(std::set<std::string>(plan.begin(), plan.end()).size() == plan.size());
  // Nothing is repeated from the latest sessions while something else is left out.
  const auto repeats = [&](const Candidate& one) {
    return !one.due && one.last_session > 0 && one.last_session <= 2;
  };
  bool left_out = false, repeated = false;
  for (const Candidate& one : candidates) {
    const bool taken = std::find(plan.begin(), plan.end(), one.question) != plan.end();
    left_out = left_out || (!taken && !repeats(one));
    repeated = repeated || (taken && repeats(one));
  }
  RC_ASSERT(!(left_out && repeated));
}

}  // namespace
}  // namespace greenroom::session
