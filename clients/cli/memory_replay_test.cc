#include "clients/cli/memory_replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_format.h"
#include "services/session/fsrs/fsrs.h"

namespace greenroom::cli {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(MemoryReplayTest, ARowForEachReview) {
  const ReplayReply reply = ReplayReviews(R"({"reviews": [[0, 3], [2, 4], [0, 1]]})", 1);
  EXPECT_TRUE(reply.replayed);
  const fsrs::Model model;
  const fsrs::Memory first = model.First(fsrs::Rating::kGood);
  const fsrs::Memory second = model.Next(first, 2, fsrs::Rating::kEasy);
  const fsrs::Memory third = model.Next(second, 0, fsrs::Rating::kAgain);
  EXPECT_EQ(reply.json,
            absl::StrFormat("[[%.17g,%.17g],[%.17g,%.17g],[%.17g,%.17g]]", first.stability, first.difficulty,
                            second.stability, second.difficulty, third.stability, third.difficulty));
  EXPECT_EQ(ReplayReviews(R"({"reviews": []})", 1).json, "[]");
}

TEST(MemoryReplayTest, WeightsOfItsOwn) {
  const ReplayReply reply = ReplayReviews(
      R"({"weights": [0.5, 1.2931, 2.3065, 8.2956, 6.4133, 0.8334, 3.0194, 0.001, 1.8722, 0.1666, 0.796, 1.4835,
          0.0614, 0.2629, 1.6483, 0.6014, 1.8729, 0.5425, 0.0912, 0.0658, 0.1542], "reviews": [[0, 1]]})",
      1);
  EXPECT_THAT(reply.json, StartsWith("[[0.5,"));
}

TEST(MemoryReplayTest, SaysWhatIsWrongWithALine) {
  const struct {
    const char* line;
    const char* error;
  } cases[] = {
      {"nonsense", "not a JSON object"},
      {"{}", "\\\"reviews\\\" is not a list"},
      {R"({"reviews": 3})", "is not a list"},
      {R"({"reviews": [[0]]})", "not [days, rating]"},
      {R"({"reviews": [[0, "3"]]})", "not [days, rating]"},
      {R"({"reviews": [[0, 5]]})", "not 1, 2, 3 or 4"},
      {R"({"reviews": [[0, 2.5]]})", "not 1, 2, 3 or 4"},
      {R"({"reviews": [[-1, 3]]})", "days are not in"},
      {R"({"reviews": [], "weights": [1, 2]})", "not a list of 21 numbers"},
      {R"({"reviews": [], "weights": [0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]})", "weight 0 is not in"},
  };
  for (const auto& c : cases) {
    const ReplayReply reply = ReplayReviews(c.line, 7);
    EXPECT_FALSE(reply.replayed) << c.line;
    EXPECT_THAT(reply.json, StartsWith("{\"line\":7,\"error\":")) << c.line;
    EXPECT_THAT(reply.json, HasSubstr(c.error)) << c.line;
  }
}

}  // namespace
}  // namespace greenroom::cli
