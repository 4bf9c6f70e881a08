#include "services/scoring/rubric_cache.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "services/base/check.h"
#include "services/scoring/testing/fake_content.h"

namespace greenroom::scoring {
namespace {

TEST(RubricCacheTest, KeepsTheMostRecentlyUsedWithinItsBounds) {
  MetricsRegistry metrics;
  RubricCache cache({.max_questions = 2}, metrics);
  const auto compiled = [](absl::string_view name) {
    absl::StatusOr<CompiledQuestion> question = Compile(Overfitting(name));
    CHECK_THAT(question.ok(), question.status().ToString());
    return std::make_shared<const CompiledQuestion>(*std::move(question));
  };
  cache.Put("a", compiled("a"));
  cache.Put("b", compiled("b"));
  ASSERT_NE(cache.Find("a"), nullptr);
  cache.Put("c", compiled("c"));
  EXPECT_EQ(cache.Find("b"), nullptr);
  EXPECT_NE(cache.Find("a"), nullptr);
  EXPECT_NE(cache.Find("c"), nullptr);
  cache.Put("c", compiled("c2"));
  EXPECT_EQ(cache.Find("c")->name(), "c2");
  EXPECT_NE(cache.Find("a"), nullptr);

  const size_t bytes = compiled("a")->MemoryBytes();
  RubricCache small({.max_questions = 10, .max_bytes = 2 * bytes + bytes / 2}, metrics);
  for (const char* name : {"a", "b", "c"}) small.Put(name, compiled(name));
  EXPECT_EQ(small.Find("a"), nullptr);
  EXPECT_NE(small.Find("b"), nullptr);
  EXPECT_NE(small.Find("c"), nullptr);
  RubricCache tiny({.max_questions = 10, .max_bytes = bytes / 2}, metrics);
  tiny.Put("a", compiled("a"));
  EXPECT_EQ(tiny.Find("a"), nullptr);
  EXPECT_FALSE(RubricCacheOptions{.max_questions = 0}.Validate().ok());
}

}  // namespace
}  // namespace greenroom::scoring
