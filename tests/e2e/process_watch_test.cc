#include "tests/e2e/process_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace greenroom::e2e {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

ProcessUse Use(int age_seconds, int64_t kib, int descriptors) {
  ProcessUse use;
  use.age = absl::Seconds(age_seconds);
  use.resident_kib = kib;
  use.descriptors = descriptors;
  return use;
}

TEST(ProcessWatchTest, AllowsWhatComesBeforeAProcessIsWarm) {
  ProcessWatch watch;
  watch.Note("session", 7, Use(5, 20000, 20));
  watch.Note("session", 7, Use(65, 40000, 40));
  watch.Note("session", 7, Use(140, 45900, 50));
  EXPECT_THAT(watch.Growth(), IsEmpty());
  EXPECT_EQ(watch.compared(), 1);
}

TEST(ProcessWatchTest, FindsGrowthOfMemoryAndOfDescriptors) {
  ProcessWatch watch;
  watch.Note("session", 7, Use(65, 40000, 40));
  watch.Note("scoring", 8, Use(65, 40000, 40));
  watch.Note("session", 7, Use(140, 46100, 40));
  watch.Note("scoring", 8, Use(140, 40000, 51));
  EXPECT_THAT(watch.Growth(),
              ElementsAre(HasSubstr("session from 40000 KiB"), HasSubstr("scoring from 40 desc")));
}

TEST(ProcessWatchTest, ComparesNoProcessWithAnother) {
  ProcessWatch watch;
  watch.Note("session", 7, Use(65, 20000, 20));
  watch.Note("session", 9, Use(200, 90000, 90));
  watch.Note("session", 7, Use(3, 20000, 20));  // the id was given again
  watch.Note("session", 7, Use(70, 90000, 90));
  watch.Note("session", 7, Use(95, 190000, 190));
  EXPECT_THAT(watch.Growth(), IsEmpty());
  EXPECT_EQ(watch.compared(), 0);
  EXPECT_THAT(watch.Table(), HasSubstr("session          3"));
}

}  // namespace
}  // namespace greenroom::e2e
