#include "services/content/domain/pack_edit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace greenroom::content {
namespace {

using ::testing::IsEmpty;

v1::PackContent Content() {
  v1::PackContent content;
  content.set_pack("ml");
  content.set_role("Engineer");
  content.set_language("en");
  content.set_tagline("Old");
  content.set_license("MIT");
  content.add_questions()->set_id("one");
  return content;
}

TEST(PackEdit, ChangesWhatThePathsNameAndNothingElse) {
  v1::Pack values;
  values.set_role("Data engineer");
  values.set_tagline("New");
  values.set_license("Apache-2.0");
  values.set_homepage("https://example.org");
  values.set_visibility(v1::VISIBILITY_EXAM);
  values.set_offline(v1::OFFLINE_POLICY_FULL);
  v1::PackContent content = Content();
  EXPECT_THAT(EditPack(values, {"tagline", "visibility"}, content), IsEmpty());
  v1::PackContent wanted = Content();
  wanted.set_tagline("New");
  wanted.set_visibility(v1::VISIBILITY_EXAM);
  EXPECT_EQ(content.SerializeAsString(), wanted.SerializeAsString());
  const std::vector<std::string> rest = {"offline", "homepage", "license", "role", "role"};
  EXPECT_THAT(EditPack(values, rest, content), IsEmpty());
  wanted.set_role("Data engineer");
  wanted.set_license("Apache-2.0");
  wanted.set_homepage("https://example.org");
  wanted.set_offline(v1::OFFLINE_POLICY_FULL);
  EXPECT_EQ(content.SerializeAsString(), wanted.SerializeAsString());
  EXPECT_THAT(EditPack(values, {}, content), IsEmpty());
}

TEST(PackEdit, AnEmptyOptionalLineIsRemoved) {
  v1::PackContent content = Content();
  EXPECT_THAT(EditPack(v1::Pack(), {"tagline", "license", "homepage"}, content), IsEmpty());
  EXPECT_EQ(content.tagline(), "");
  EXPECT_EQ(content.license(), "");
}

TEST(PackEdit, ValuesAreJudgedAsThoseOfASource) {
  v1::Pack bad;
  bad.set_role("two\nlines");
  bad.set_language("English!");
  bad.set_tagline("a\x01");
  bad.set_license(std::string(1001, 'x'));
  bad.set_homepage("ftp://example.org");
  bad.set_visibility(static_cast<v1::Visibility>(7));
  for (const absl::string_view path : EditablePaths()) {
    v1::PackContent content = Content();
    const std::vector<EditProblem> problems = EditPack(bad, {std::string(path)}, content);
    ASSERT_EQ(problems.size(), 1u) << path;
    EXPECT_EQ(problems[0].path, path);
    EXPECT_NE(problems[0].message, "");
  }
  v1::PackContent content = Content();
  EXPECT_EQ(EditPack(v1::Pack(), {"role", "language", "visibility", "offline"}, content).size(), 4u)
      << "these must be given";
}

TEST(PackEdit, WordsThatYamlReadsOtherwiseAreText) {
  v1::Pack values;
  values.set_role("null");
  values.set_tagline("42");
  v1::PackContent content = Content();
  EXPECT_THAT(EditPack(values, {"role", "tagline"}, content), IsEmpty());
  EXPECT_EQ(content.role(), "null");
}

}  // namespace
}  // namespace greenroom::content
