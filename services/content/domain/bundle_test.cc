#include "services/content/domain/bundle.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "services/content/domain/digest.h"
#include "services/content/domain/pack_generator.h"
#include "services/content/domain/pack_reader.h"

namespace greenroom::content {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kRevision[] = "tenants/acme/packs/ml/revisions/r1";

constexpr char kPack[] = R"(format: greenroom-pack/1
pack: ml
language: en
role: Engineer
tips:
  - {id: watch, text: Watch it., check: {kinds: [concept], rubric: {id: seen, point: Saw it}}}
questions:
  - id: one
    kind: concept
    difficulty: 2
    prompt: What is it?
    guidance: A line.
    model_answer: It is this.
    notes: NEVER these
    rubric: [{id: this, point: It is this}]
    red_flags: [{id: flag, point: Says that, match: [that]}]
    hints: [Think.]
    follow_ups: [{question: two, when_missed: [this]}]
    star: {weight: 1}
    read_more: [{title: More, url: "https://example.org"}]
    locales: {de: {prompt: NEVER this}}
    examples: [{id: g, answer: NEVER this answer, score: [70, 100]}]
  - {id: two, kind: concept, difficulty: 1, follow_up_only: true, prompt: "And then?", model_answer: So., rubric: [{id: so, point: So}]}
)";

v1::PackContent Read() {
  const ReadResult read = ReadPack(kPack);
  for (const v1::Issue& issue : read.issues)
    EXPECT_NE(issue.severity(), v1::SEVERITY_ERROR) << IssueText(issue);
  return read.pack;
}

TEST(Bundle, IsWhatItWas) {
  // Devices compare digests of this: a change here makes every resumed download start over.
  v1::PackContent pack;
  pack.set_language("en");
  pack.set_role("Engineer");
  v1::Question& question = *pack.add_questions();
  question.set_id("one");
  question.set_kind(v1::QUESTION_KIND_CONCEPT);
  question.set_prompt(
      "Was ist \"U\xCC\x88"
      "bung\"?");
  question.set_model_answer("This.");
  const BundleFile none = WriteBundle(MakeBundle(pack, kRevision, v1::OFFLINE_POLICY_NONE));
  EXPECT_EQ(
      none.json,
      R"({"language":"en","offline":"OFFLINE_POLICY_NONE","questions":[{"id":"one","kind":)"
      R"("QUESTION_KIND_CONCEPT","language":"en","name":"tenants/acme/packs/ml/revisions/r1/questions/one",)"
      "\"prompt\":\"Was ist \\\"\xC3\x9C"
      "bung\\\"?\"}],\"revision\":\"tenants/acme/packs/ml/revisions/r1\","
      R"("role":"Engineer"})");
  EXPECT_EQ(none.sha256, Sha256Hex(none.json));
  const BundleFile full = WriteBundle(MakeBundle(pack, kRevision, v1::OFFLINE_POLICY_FULL));
  EXPECT_THAT(full.json, HasSubstr(R"("model_answer":"This.")"));
}

TEST(Bundle, FullHoldsWhatARevealShowsAndNoMore) {
  const v1::PackBundle bundle = MakeBundle(Read(), kRevision, v1::OFFLINE_POLICY_FULL);
  EXPECT_EQ(bundle.offline(), v1::OFFLINE_POLICY_FULL);
  ASSERT_THAT(bundle.questions(), SizeIs(2));
  const v1::Question& one = bundle.questions(0);
  EXPECT_EQ(one.guidance(), "A line.");
  EXPECT_EQ(one.model_answer(), "It is this.");
  EXPECT_THAT(one.rubric(), SizeIs(1));
  EXPECT_THAT(one.red_flags(), SizeIs(1));
  EXPECT_THAT(one.hints(), SizeIs(1));
  EXPECT_THAT(one.follow_ups(), SizeIs(1));
  EXPECT_THAT(one.read_more(), SizeIs(1));
  EXPECT_TRUE(one.has_star());
  EXPECT_EQ(bundle.tips(0).check().rubric().point(), "Saw it");
  EXPECT_FALSE(one.tips(0).check().has_rubric()) << "it stands with the pack's tips";
  EXPECT_THAT(WriteBundle(bundle).json, Not(HasSubstr("NEVER")));
}

TEST(Bundle, NoneHoldsTheBasicView) {
  const v1::PackBundle bundle = MakeBundle(Read(), kRevision, v1::OFFLINE_POLICY_NONE);
  ASSERT_THAT(bundle.questions(), SizeIs(1)) << "without follow-ups";
  const v1::Question& one = bundle.questions(0);
  EXPECT_EQ(one.prompt(), "What is it?");
  EXPECT_EQ(one.hint_count(), 1);
  EXPECT_EQ(one.name(), std::string(kRevision) + "/questions/one");
  EXPECT_EQ(one.model_answer(), "");
  EXPECT_THAT(one.rubric(), IsEmpty());
  EXPECT_FALSE(bundle.tips(0).check().has_rubric());
  EXPECT_THAT(WriteBundle(bundle).json, Not(HasSubstr("It is this")));
  const v1::PackBundle unsaid = MakeBundle(Read(), kRevision, v1::OFFLINE_POLICY_UNSPECIFIED);
  EXPECT_EQ(unsaid.SerializeAsString(), bundle.SerializeAsString());
}

TEST(Bundle, OfTwoPoliciesTheStricterCounts) {
  EXPECT_EQ(StricterOf(v1::OFFLINE_POLICY_FULL, v1::OFFLINE_POLICY_FULL), v1::OFFLINE_POLICY_FULL);
  EXPECT_EQ(StricterOf(v1::OFFLINE_POLICY_FULL, v1::OFFLINE_POLICY_NONE), v1::OFFLINE_POLICY_NONE);
  EXPECT_EQ(StricterOf(v1::OFFLINE_POLICY_UNSPECIFIED, v1::OFFLINE_POLICY_FULL), v1::OFFLINE_POLICY_NONE);
}

RC_GTEST_PROP(Bundle, ReadsBackAsWhatWasWritten, ()) {
  const v1::PackContent pack = PackGenerator().Pack();
  for (v1::OfflinePolicy policy : {v1::OFFLINE_POLICY_NONE, v1::OFFLINE_POLICY_FULL}) {
    const v1::PackBundle bundle = MakeBundle(pack, kRevision, policy);
    const BundleFile file = WriteBundle(bundle);
    RC_ASSERT(WriteBundle(MakeBundle(pack, kRevision, policy)).json == file.json);
    v1::PackBundle read;
    const auto status = google::protobuf::util::JsonStringToMessage(file.json, &read);
    RC_LOG() << status.ToString() << file.json;
    RC_ASSERT(status.ok());
    RC_ASSERT(WriteBundle(read).json == file.json);
    for (const v1::Question& question : read.questions()) {
      RC_ASSERT(question.examples().empty());
      RC_ASSERT(question.notes().empty());
      RC_ASSERT(!question.has_locales());
      if (policy == v1::OFFLINE_POLICY_NONE) RC_ASSERT(question.model_answer().empty());
    }
  }
}

}  // namespace
}  // namespace greenroom::content
