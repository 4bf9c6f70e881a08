// text.h, resource_name.h, page_token.h: what requests are made of.
#include "services/base/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "services/base/page_token.h"
#include "services/base/resource_name.h"
#include "services/base/status.h"

namespace greenroom {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(TextTest, Utf8) {
  for (const char* good : {"", "abc", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x99\x82", "\xed\x9f\xbf",
                           "\xee\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(IsValidUtf8(good)) << good;
  }
  for (const char* bad : {"\x80", "\xc3", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xe0\x9f\xbf",
                          "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80",
                          "\xf5\x80\x80\x80", "\xff", "\xe2\x82", "a\xe2\x28\xa1"}) {
    EXPECT_FALSE(IsValidUtf8(bad));
  }
}

TEST(TextTest, TruncatesBetweenCodePoints) {
  EXPECT_EQ(TruncateUtf8("a\xe2\x82\xac", 4), "a\xe2\x82\xac");
  EXPECT_EQ(TruncateUtf8("a\xe2\x82\xac", 3), "a");
  EXPECT_EQ(TruncateUtf8("a\xe2\x82\xac", 2), "a");
  EXPECT_EQ(TruncateUtf8("a\xe2\x82\xac", 1), "a");
  EXPECT_EQ(TruncateUtf8("\xe2\x82\xac", 0), "");
}

TEST(TextTest, Ids) {
  for (const std::string& good : {std::string("a"), std::string("0"), std::string("ml-engineer"),
                                  std::string("a--b"), std::string(63, 'x')}) {
    EXPECT_THAT(IdProblem(good), IsEmpty()) << good;
  }
  for (const std::string& bad :
       {std::string(""), std::string("-a"), std::string("a-"), std::string("A"), std::string("a_b"),
        std::string("a b"), std::string("a/b"), std::string("a{b}"), std::string("a\n"),
        std::string("a\0b", 3), std::string("\xc3\xa9"), std::string(64, 'x')}) {
    EXPECT_FALSE(IsId(bad)) << bad;
    EXPECT_THAT(IdProblem(bad), HasSubstr("must be"));
  }
}

TEST(TextTest, Bounds) {
  EXPECT_THAT(TextProblem("", 0), IsEmpty());
  EXPECT_THAT(TextProblem("abc", 3), IsEmpty());
  EXPECT_THAT(TextProblem("abcd", 3), HasSubstr("at most 3 bytes"));
  EXPECT_THAT(TextProblem(absl::string_view("a\0b", 3), 10), HasSubstr("NUL"));
  EXPECT_THAT(TextProblem("\xff", 10), HasSubstr("UTF-8"));
  EXPECT_THAT(RequiredTextProblem("", 10), HasSubstr("must be set"));
  EXPECT_THAT(UuidProblem("x"), HasSubstr("UUID"));
  EXPECT_THAT(UuidProblem("2ED6657D-E927-568B-95E1-2665A8AEA6A2"), IsEmpty());
}

constexpr absl::string_view kSession = "tenants/*/learners/*/sessions/{uuid}";
constexpr char kUuid[] = "2ed6657d-e927-568b-95e1-2665a8aea6a2";

TEST(ResourceNameTest, ParsesWhatItFormats) {
  const std::string name = FormatName(kSession, {"acme", "ada", kUuid});
  EXPECT_EQ(name, "tenants/acme/learners/ada/sessions/2ed6657d-e927-568b-95e1-2665a8aea6a2");
  EXPECT_THAT(*ParseName(kSession, name), ElementsAre("acme", "ada", kUuid));
}

TEST(ResourceNameTest, RefusesOtherForms) {
  for (const char* bad :
       {"", "tenants", "tenants/", "tenants/a/packs", "tenants/a/packs/", "tenants/a/packs/b/",
        "/tenants/a/packs/b", "tenants/-/packs/b", "tenants/A/packs/b", "tenants/a/packs/b/c/d",
        "tenants//packs/b", "tenants/a/pack/b", "tenants/a/packs/b\n", "tenants/{a}/packs/b",
        "//greenroom.dev/tenants/a/packs/b"}) {
    EXPECT_EQ(ParseName("tenants/*/packs/*", bad), std::nullopt) << bad;
  }
  EXPECT_EQ(ParseName(kSession, "tenants/a/learners/b/sessions/c"), std::nullopt);
  EXPECT_EQ(ParseName("tenants/*", std::string("tenants/a\0b", 11)), std::nullopt);
}

Caller Ada() { return {"acme", "ada", "ada", {Role::kLearner}}; }

TEST(ResourceNameTest, ResolvesTheCallersOwn) {
  const auto name = ResolveName(
      kSession, "tenants/-/learners/me/sessions/2ED6657D-E927-568B-95E1-2665A8AEA6A2", "name", Ada());
  ASSERT_TRUE(name.ok()) << name.status();
  EXPECT_THAT(name->ids, ElementsAre("acme", "ada", kUuid));
  EXPECT_EQ((*name)[2], kUuid);
  EXPECT_EQ(name->name, "tenants/acme/learners/ada/sessions/2ed6657d-e927-568b-95e1-2665a8aea6a2");
  EXPECT_TRUE(name->own_tenant);
  EXPECT_TRUE(name->own_learner);
}

TEST(ResourceNameTest, TellsWhatIsAnothers) {
  const auto tenant = ResolveName("tenants/*/packs/*", "tenants/evil/packs/p", "name", Ada());
  ASSERT_TRUE(tenant.ok());
  EXPECT_FALSE(tenant->own_tenant);
  const auto learner = ResolveName("tenants/*/learners/*", "tenants/acme/learners/bob", "name", Ada());
  ASSERT_TRUE(learner.ok());
  EXPECT_TRUE(learner->own_tenant);
  EXPECT_FALSE(learner->own_learner);
}

TEST(ResourceNameTest, NamesTheFieldThatIsWrong) {
  const absl::Status status = ResolveName("tenants/*/packs/*", "packs/p", "parent", Ada()).status();
  EXPECT_EQ(ReasonOf(status), "INVALID_REQUEST");
  EXPECT_THAT(FieldViolationsOf(status),
              ElementsAre(FieldViolation{"parent", "must have the form tenants/*/packs/*"}));
  Caller service{"acme", "session", "", {Role::kService}};
  EXPECT_EQ(ReasonOf(ResolveName("tenants/*/learners/*", "tenants/-/learners/me", "name", service).status()),
            "LEARNER_REQUIRED");
}

TEST(PageTokenTest, CarriesItsCursorToTheSameList) {
  const std::vector<std::string> binding = {"acme", "tenants/acme", "kind=mock"};
  for (const std::string& cursor : {std::string("x"), std::string("\0\xff/", 3), std::string(1024, 'c')}) {
    const std::string token = EncodePageToken(binding, cursor);
    EXPECT_EQ(*DecodePageToken(binding, token), cursor);
  }
  EXPECT_EQ(*DecodePageToken(binding, ""), "");
}

TEST(PageTokenTest, IsRefusedElsewhere) {
  const std::string token = EncodePageToken({"acme", "a", "b"}, "cursor");
  const std::vector<std::vector<std::string>> others = {
      {"evil", "a", "b"}, {"acme", "ab", ""}, {"acme", "a"}, {"acme", "a", "c"}, {}};
  for (const auto& other : others) {
    const absl::Status status = DecodePageToken(other, token).status();
    EXPECT_EQ(ReasonOf(status), "PAGE_TOKEN_INVALID");
    EXPECT_THAT(FieldViolationsOf(status), testing::SizeIs(1));
  }
  for (const std::string& bad : {std::string("x"), std::string("!!!!"), std::string("AAAA"),
                                 std::string(5000, 'A'), token.substr(0, 10), std::string("\xff\x00", 2)}) {
    EXPECT_EQ(ReasonOf(DecodePageToken({"acme", "a", "b"}, bad).status()), "PAGE_TOKEN_INVALID") << bad;
  }
}

RC_GTEST_PROP(PageTokenProperty, AnyCursorAnyBinding,
              (const std::vector<std::string>& binding, const std::string& cursor)) {
  RC_PRE(cursor.size() <= 1024u);
  RC_ASSERT(*DecodePageToken(binding, EncodePageToken(binding, cursor)) == cursor);
}

TEST(PageSizeTest, FollowsAip158) {
  EXPECT_EQ(*PageSize(0, 50, 200), 50);
  EXPECT_EQ(*PageSize(1, 50, 200), 1);
  EXPECT_EQ(*PageSize(200, 50, 200), 200);
  EXPECT_EQ(*PageSize(2'000'000'000, 50, 200), 200);
  EXPECT_EQ(ReasonOf(PageSize(-1, 50, 200).status()), "INVALID_REQUEST");
}

}  // namespace
}  // namespace greenroom
