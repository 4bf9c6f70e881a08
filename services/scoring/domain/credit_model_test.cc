// The trained model: what its file may be, that the shipped one is monotone, and what that means for answers.
#include "services/scoring/domain/credit_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "services/scoring/domain/compile.h"
#include "services/scoring/domain/credit_trace.h"
#include "services/scoring/domain/word_meaning.h"

namespace greenroom::scoring {
namespace {

using testing::HasSubstr;

std::string Names() {
  return absl::StrJoin(kCreditFeatures, " ", [](std::string* out, const CreditFeature& feature) {
    absl::StrAppend(out, feature.name);
  });
}

std::string Model(const std::string& trees) {
  return absl::StrCat("greenroom-credit-model 2\nname test/1\nfeatures ", Names(),
                      "\nbase 0.25\ninterval 0.5 0.1 0.6\ninterval 1 0.4 0.9\n", trees, "end\n");
}

TEST(CreditModelTest, AddsUpItsTrees) {
  const absl::StatusOr<CreditModel> model =
      CreditModel::Parse(Model("tree 3\n0 0.5 1 2\nleaf 0.1\nleaf 0.5\ntree 1\nleaf 0.05\n"));
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ(model->name(), "test/1");
  CreditFeatures features{};
  features[0] = 0.5;
  EXPECT_NEAR(model->Credit(features), 0.4, 1e-6);  // at most the threshold goes left
  features[0] = 0.51F;
  EXPECT_NEAR(model->Credit(features), 0.8, 1e-6);
}

TEST(CreditModelTest, BendsTheSumAlongItsKnots) {
  const auto credit = [](const std::string& knots, double sum) {
    const auto model =
        CreditModel::Parse(absl::StrCat("greenroom-credit-model 2\nname test/1\nfeatures ", Names(),
                                        "\nbase ", sum, "\n", knots, "interval 1 0 1\nend\n"));
    return model.ok() ? model->Credit({}) : -1;
  };
  const std::string knots = "credit 0.2 0.1\ncredit 0.6 0.9\n";
  EXPECT_NEAR(credit(knots, 0), 0, 1e-6);
  EXPECT_NEAR(credit(knots, 0.1), 0.05, 1e-6);
  EXPECT_NEAR(credit(knots, 0.4), 0.5, 1e-6);
  EXPECT_NEAR(credit(knots, 0.8), 0.95, 1e-6);
  EXPECT_NEAR(credit(knots, 3), 1, 1e-6);
  EXPECT_NEAR(credit(knots, -3), 0, 1e-6);
  const CreditModel bent = *CreditModel::Parse(
      absl::StrReplaceAll(Model(""), {{"\ninterval 0.5", "\n" + knots + "interval 0.5"}}));
  EXPECT_NEAR(bent.PlainCredit({}), 0.25, 1e-6);
  EXPECT_NEAR(bent.Credit({}), 0.2, 1e-6);
  EXPECT_EQ(credit("credit 0.6 0.9\ncredit 0.2 0.1\n", 0.4), -1);
  EXPECT_EQ(credit("credit 0.2 0.9\ncredit 0.6 0.1\n", 0.4), -1);
  EXPECT_EQ(credit("credit 1 1\n", 0.4), -1);
}

TEST(CreditModelTest, TellsWherePeoplesGradesLie) {
  const CreditModel model = *CreditModel::Parse(Model(""));
  EXPECT_NEAR(model.IntervalOf(0.3).low, 0.1, 1e-6);
  EXPECT_NEAR(model.IntervalOf(0.3).high, 0.6, 1e-6);
  EXPECT_NEAR(model.IntervalOf(0.51).low, 0.4, 1e-6);
  EXPECT_EQ(model.IntervalOf(0).low, 0);  // never beside the score itself
  EXPECT_EQ(model.IntervalOf(1).high, 1);
}

TEST(CreditModelTest, StaysBetweenNothingAndAll) {
  EXPECT_EQ(CreditModel::Parse(Model("tree 1\nleaf -3\n"))->Credit({}), 0);
  EXPECT_EQ(CreditModel::Parse(Model("tree 1\nleaf 3\n"))->Credit({}), 1);
}

TEST(CreditModelTest, RefusesWhatDoesNotFit) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "line 1"},
      {"greenroom-credit-model 2\n", "line 2"},
      {"greenroom-credit-model 1\nname a\n", "line 1"},
      {"greenroom-credit-model 2\nfeatures\n", "name"},
      {"greenroom-credit-model 2\nname a\nfeatures covered\nbase 0\nend\n", "other features"},
      {absl::StrCat("greenroom-credit-model 2\nname a\nfeatures ", Names(), "\nbase nan\nend\n"), "base"},
      {absl::StrCat("greenroom-credit-model 2\nname a\nfeatures ", Names(),
                    "\nbase 0\ninterval 0.5 0 1\nend\n"),
       "end at 1"},
      {absl::StrCat("greenroom-credit-model 2\nname a\nfeatures ", Names(),
                    "\nbase 0\ninterval 1 0.9 0.1\nend\n"),
       "no interval"},
      {Model("tree 0\n"), "1 to 255"},
      {Model("tree 256\n"), "1 to 255"},
      {Model("tree 2\nleaf 1\n"), "neither a leaf nor a split"},
      {Model("tree 1\nleaf inf\n"), "without a value"},
      {Model("tree 3\n99 0.5 1 2\nleaf 0\nleaf 0\n"), "no such feature"},
      {Model("tree 3\n0 0.5 0 2\nleaf 0\nleaf 0\n"), "come after"},
      {Model("tree 3\n0 0.5 1 3\nleaf 0\nleaf 0\n"), "come after"},
      {Model("tree 1\nleaf 0.1\nleaf 0.2\n"), "end"},
  };
  for (const auto& [text, problem] : cases) {
    const absl::StatusOr<CreditModel> model = CreditModel::Parse(text);
    ASSERT_FALSE(model.ok()) << text;
    EXPECT_THAT(std::string(model.status().message()), HasSubstr(problem)) << text;
  }
  std::string many;
  for (int i = 0; i < 1001; ++i) many += "tree 1\nleaf 0\n";
  EXPECT_FALSE(CreditModel::Parse(Model(many)).ok());
}

RC_GTEST_PROP(CreditModelPropertyTest, MoreEvidenceNeverLowersACredit, ()) {
  CreditFeatures features{};
  for (float& value : features) value = static_cast<float>(*rc::gen::inRange(0, 101)) / 100;
  const size_t changed = *rc::gen::inRange<size_t>(0, features.size());
  RC_PRE(kCreditFeatures[changed].direction != Direction::kFree);
  CreditFeatures more = features;
  more[changed] += static_cast<float>(*rc::gen::inRange(1, 200)) / 100;
  const double before = CreditModel::Shipped().Credit(features);
  const double after = CreditModel::Shipped().Credit(more);
  const bool up = kCreditFeatures[changed].direction == Direction::kUp;
  RC_ASSERT((up ? after - before : before - after) >= 0.0);
}

// Words of a small world, so that answers and references meet.
rc::Gen<std::vector<std::string>> Sentence() {
  return rc::gen::resize(
      12, rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
              "stack", "queue", "element", "removes", "adds", "last", "first", "memory", "pointer", "array",
              "function", "calls", "itself", "stores", "value", "compiler", "copies", "address")));
}

// -1 where there is no such row.
double CreditOf(const v1::Report& report, const std::string& id) {
  for (const v1::ItemResult& item : report.items()) {
    if (item.id() == id) return item.credit();
  }
  return -1;
}

// Read the other way round: taking the sentence away again never raises the credit.
RC_GTEST_PROP(CreditModelPropertyTest, ASentenceOfAPointNeverLowersItsCredit, ()) {
  const std::vector<std::string> point = *Sentence();
  RC_PRE(point.size() >= 2u);
  const std::vector<std::string> references = {
      absl::StrCat(absl::StrJoin(*Sentence(), " "), ". ", absl::StrJoin(point, " "), ".")};
  const absl::StatusOr<CompiledQuestion> question = CompileReference("What is it?", references, "en");
  RC_PRE(question.ok());
  const std::string answer = absl::StrJoin(*Sentence(), " ");
  const size_t said = *rc::gen::inRange<size_t>(2, point.size() + 1);
  const std::string part =
      absl::StrJoin(point.begin(), point.begin() + static_cast<std::ptrdiff_t>(said), " ");
  const v1::Report before = Grade(*question, answer);
  const v1::Report after = Grade(*question, absl::StrCat(answer, "\n\n", part, "."));
  const std::string& id = before.items(before.items_size() - 1).id();
  RC_ASSERT(CreditOf(after, id) >= CreditOf(before, id));
}

TEST(DerivedPointTest, NothingOfAPointEarnsNothing) {
  const std::vector<std::string> references = {"The stack removes the element that was added last."};
  const absl::StatusOr<CompiledQuestion> question = CompileReference("What is a stack?", references, "en");
  ASSERT_TRUE(question.ok());
  for (const char* answer : {"", "?!", "I don't know", "What is a stack?", "Bread and butter."})
    EXPECT_EQ(Grade(*question, answer).score(), 0) << answer;
  EXPECT_EQ(Grade(*question, references[0]).score(), 100);
  EXPECT_EQ(Grade(*question, absl::StrCat("It is not true that ", references[0])).score(), 0);
}

TEST(DerivedPointTest, TracesWhatGradeReads) {
  const std::vector<std::string> references = {"It removes the last element.", "Last in, first out."};
  const absl::StatusOr<CompiledQuestion> question = CompileReference("What is a stack?", references, "en");
  ASSERT_TRUE(question.ok());
  const std::vector<PointTrace> traces = TraceCredits(*question, "the last element is removed");
  ASSERT_EQ(traces.size(), 2u);
  EXPECT_TRUE(traces[0].found);
  EXPECT_TRUE(traces[0].stated);
  EXPECT_EQ(traces[0].way, 0);
  EXPECT_EQ(traces[1].way, 1);
  EXPECT_GT(traces[0].features[0], 0.9F);
  const int64_t credit = std::llround(100 * CreditModel::Shipped().Credit(traces[0].features));
  EXPECT_EQ(std::llround(100 * CreditOf(Grade(*question, "the last element is removed"), "p1")), credit);
}

TEST(DerivedPointTest, WithoutAModelSharesDecide) {
  const std::vector<std::string> references = {"It removes the last element."};
  const absl::StatusOr<CompiledQuestion> question =
      CompileReference("What is a stack?", references, "en", nullptr);
  ASSERT_TRUE(question.ok());
  EXPECT_EQ(Grade(*question, "it removes the last element").score(), 100);
  EXPECT_EQ(Grade(*question, "bread").score(), 0);
}

TEST(WordMeaningTest, NearsByTheTreeOfMeanings) {
  const auto likeness = [](const char* a, const char* b) { return WordMeaning(a).Likeness(WordMeaning(b)); };
  EXPECT_EQ(likeness("car", "cars"), 1);
  EXPECT_GT(likeness("car", "vehicle"), 0.3);
  EXPECT_GT(likeness("bus", "train"), 0);  // both are public transport
  EXPECT_EQ(likeness("dog", "cat"), 0);    // four steps
  EXPECT_GT(likeness("quick", "quickly"), 0.5);
  EXPECT_EQ(likeness("car", "justice"), 0);
  EXPECT_EQ(likeness("car", "zzz"), 0);
  EXPECT_EQ(likeness("vehicle", "car"), likeness("car", "vehicle"));
}

TEST(WordMeaningTest, RootsJoinWhatStemsKeepApart) {
  for (const char* word : {"reused", "reuse", "reuses", "reusing", "reusable", "reusability"})
    EXPECT_EQ(RootOf(word), "reus") << word;
  EXPECT_EQ(RootOf("tree"), "tree");
  EXPECT_EQ(RootOf(""), "");
}

}  // namespace
}  // namespace greenroom::scoring
