#include "services/content/domain/issue.h"

#include <gtest/gtest.h>

namespace greenroom::content {
namespace {

TEST(DidYouMean, FindsTheNearestWord) {
  const absl::string_view keys[] = {"weight", "accept", "cap_without", "of"};
  EXPECT_EQ(DidYouMean("wieght", keys), "weight");
  EXPECT_EQ(DidYouMean("Accepts", keys), "accept");
  EXPECT_EQ(DidYouMean("cap-without", keys), "cap_without");
  EXPECT_EQ(DidYouMean("zebra", keys), "");
  EXPECT_EQ(DidYouMean("x", keys), "") << "one letter is near to everything";
  EXPECT_EQ(DidYouMean("", keys), "");
}

TEST(PlaceMap, AnswersWithTheNearestPartAround) {
  PlaceMap places;
  EXPECT_EQ(places.Find("questions[0]").line, 0);
  places.Set("questions[0]", Place{0, 7, 3});
  places.Set("", Place{0, 1, 1});
  EXPECT_EQ(places.Find("questions[0].hints[1]").line, 7);
  EXPECT_EQ(places.Find("tips[2].text").line, 1);
}

TEST(IssueList, OrdersByPlaceAndNamesTheSource) {
  const std::vector<std::string> names = {"a.yaml", "b.yaml"};
  IssueList list(names);
  list.Warning("late", Place{1, 1, 1}, "p", "in b");
  list.Warning("none", Place{}, "", "nowhere");
  list.Warning("early", Place{0, 9, 9}, "q", "in a");
  EXPECT_FALSE(list.has_errors());
  const std::vector<v1::Issue> issues = list.TakeSorted();
  ASSERT_EQ(issues.size(), 3u);
  EXPECT_EQ(issues[0].message(), "a.yaml: in a");
  EXPECT_EQ(issues[1].message(), "b.yaml: in b");
  EXPECT_EQ(IssueText(issues[1]), "line 1, column 1: p: b.yaml: in b");
  EXPECT_EQ(issues[2].message(), "nowhere");
}

}  // namespace
}  // namespace greenroom::content
