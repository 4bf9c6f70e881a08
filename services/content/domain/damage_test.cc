#include "services/content/domain/damage.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace greenroom::content {
namespace {

std::string Found(absl::string_view text) {
  std::string found;
  for (const Damage& damage : FindDamage(text)) {
    absl::StrAppend(&found, damage.column, ":", text.substr(damage.offset, damage.length), ">",
                    damage.suggestion, " ");
  }
  return found;
}

TEST(Damage, Table) {
  EXPECT_EQ(Found("plain text, 100 % – “fine” — it’s naïve: café, σ² and Γειά"), "");
  EXPECT_EQ(Found("biasΒ² + variance"), "5:Β²>² ");
  EXPECT_EQ(Found("biasÂ² + variance"), "5:Â²>² ");
  EXPECT_EQ(Found("itâ€™s a cafÃ©"), "3:â€™>’ 13:Ã©>é ");
  EXPECT_EQ(Found("one β two â three"), "5:β>– 11:â>– ");
  EXPECT_EQ(Found("donβt"), "4:β>’ ");
  EXPECT_EQ(Found("château"), "");
  EXPECT_EQ(Found("β at the end β"), "");
  EXPECT_EQ(Found("a\xEF\xBF\xBD"
                  "b\x1b[0m"),
            "2:\xEF\xBF\xBD> 4:\x1b> ");
  EXPECT_EQ(Found("tab\tand\r\nbreak"), "");
}

TEST(Damage, RepairsWhatItCan) {
  EXPECT_EQ(Repaired("sweet spot β usually biasΒ²"), "sweet spot – usually bias²");
  EXPECT_EQ(Repaired("a\xEF\xBF\xBD"
                     "b"),
            "a b");
  EXPECT_EQ(Repaired(""), "");
}

}  // namespace
}  // namespace greenroom::content
