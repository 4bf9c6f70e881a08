#include "services/content/domain/revision.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "services/content/domain/pack_generator.h"
#include "services/content/domain/pack_reader.h"
#include "services/content/domain/pack_writer.h"

namespace greenroom::content {
namespace {

constexpr char kPack[] = R"(format: greenroom-pack/1
pack: ml
language: en
role: Engineer
questions:
  - id: one
    kind: concept
    difficulty: 2
    prompt: Was ist "Überanpassung"?
    model_answer: It is this.
    rubric:
      - {id: this, point: It is this, weight: 1.5}
    red_flags:
      - {id: wrong, point: Says that, match: [that]}
)";

// The same pack in other words of YAML.
constexpr char kSamePack[] = R"(# a comment
role: 'Engineer'
language: en
visibility: practice
offline: none
pack: ml
tips: []
format: greenroom-pack/1
questions:
- rubric:
  - point: >-
      It is
      this
    need: statement
    weight: 1.50
    id: this
  red_flags:
  - {match: ["that"], kind: red_flag, penalty: 1.0, critical: false, point: Says that, id: wrong}
  model_answer: "It is this."
  prompt: "Was ist \"U\u0308beranpassung\"?"
  difficulty: 2
  follow_up_only: false
  derived: false
  kind: concept
  id: one
)";

std::string IdOf(const char* yaml) {
  const ReadResult read = ReadPack(yaml);
  for (const v1::Issue& issue : read.issues) ADD_FAILURE() << IssueText(issue);
  return RevisionId(read.pack);
}

TEST(Revision, CanonicalJsonIsWhatItWas) {
  // Stored revisions are named by this: a change here renames every pack.
  EXPECT_EQ(
      CanonicalJson(ReadPack(kPack).pack),
      R"({"language":"en","pack":"ml","questions":[{"difficulty":2,"id":"one","kind":"QUESTION_KIND_CONCEPT",)"
      R"("model_answer":"It is this.","prompt":"Was ist \"Überanpassung\"?","red_flags":[{"id":"wrong",)"
      R"("match":["that"],"point":"Says that"}],"rubric":[{"id":"this","point":"It is this","weight":1.5}]}],)"
      R"("role":"Engineer"})");
  EXPECT_EQ(RevisionId(ReadPack(kPack).pack), "r502cad7a93b1344d2682f31127291061");
}

TEST(Revision, CommentsOrderStyleAndDefaultsDoNotChangeIt) { EXPECT_EQ(IdOf(kPack), IdOf(kSamePack)); }

TEST(Revision, OutputOnlyFieldsDoNotChangeIt) {
  v1::PackContent pack = ReadPack(kPack).pack;
  const std::string id = RevisionId(pack);
  v1::Question& question = *pack.mutable_questions(0);
  question.set_name("tenants/t/packs/ml/revisions/r/questions/one");
  question.set_language("en");
  question.set_hint_count(3);
  question.add_tips()->set_id("tip");
  question.mutable_rubric(0)->set_need(v1::NEED_STATEMENT);
  question.mutable_rubric(0)->set_weight(1.5000000001);
  EXPECT_EQ(RevisionId(pack), id);
}

TEST(Revision, MeaningChangesIt) {
  v1::PackContent pack = ReadPack(kPack).pack;
  const std::string id = RevisionId(pack);
  pack.mutable_questions(0)->mutable_rubric(0)->set_weight(1.51);
  EXPECT_NE(RevisionId(pack), id);
  pack.mutable_questions(0)->mutable_rubric(0)->set_weight(1.5);
  EXPECT_EQ(RevisionId(pack), id);
  v1::Example& example = *pack.mutable_questions(0)->add_examples();
  const std::string unchecked = RevisionId(pack);
  example.set_check_flags(true);
  EXPECT_NE(RevisionId(pack), unchecked) << "flags: [] demands something";
}

RC_GTEST_PROP(Revision, IsTheSameAfterExportAndImport, ()) {
  const v1::PackContent pack = PackGenerator().Pack();
  RC_ASSERT(RevisionId(ReadPack(WritePack(pack)).pack) == RevisionId(pack));
}

}  // namespace
}  // namespace greenroom::content
