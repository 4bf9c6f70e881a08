#include "tests/fuzz/world_packs.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "services/base/check.h"
#include "services/content/domain/pack_reader.h"
#include "services/content/domain/question_view.h"
#include "services/content/domain/revision.h"

namespace greenroom::fuzz {
namespace {

// HIDDEN words are points that only those words make: no learner has them in a report before the reveal.
constexpr char kMl[] = R"(format: greenroom-pack/1
pack: ml
language: en
role: Engineer zqacme
tips:
  - {id: watch, text: Watch it., check: {kinds: [concept], rubric: {id: seen, point: zqhidtip, cue: Watch it}}}
  - {id: rest, text: Rest.}
topics: [{id: basics, title: Basics}]
questions:
  - id: one
    kind: concept
    topic: basics
    difficulty: 2
    minutes: 4
    prompt: "What is overfitting?"
    guidance: zqhidone guidance
    model_answer: The model learns the noise of its training data. zqhidone
    notes: zqhidone notes
    tags: [open]
    rubric:
      - {id: noise, point: It learns the noise of its training data, accept: ["(learn|fit) ... noise"], cue: Say what it learns}
      - {id: zqhidone-a, point: zqhidone, cue: Think of new data., accept: [zqhidone], cap_without: 80}
      - {id: zqhidone-g, any: 1, of: [{id: zqhidone-b, point: zqhidone}, {id: zqhidone-c, point: zqhidone again}]}
    red_flags:
      - {id: zqhidone-f, point: zqhidone flag, match: [zqhidone match], unless: [zqhidone unless], say: Look again.}
      - {id: never, point: It never happens, match: [it never happens], say: It does., penalty: 0.5, critical: true}
    hints: [Think of new data., Think of noise.]
    follow_ups: [zqhidone line, {question: two, when_missed: [noise, zqhidone-a]}]
    examples:
      - {id: good, answer: zqhidone 80, score: [0, 100]}
  - id: two
    kind: production
    follow_up_only: true
    difficulty: 1
    prompt: "And then?"
    model_answer: zqhidtwo
    rubric: [{id: zqhidtwo-a, point: zqhidtwo}]
  - id: three
    kind: behavioural
    difficulty: 1
    prompt: Tell me of a failure.
    variants: [What went wrong]
    model_answer: I broke it, I mended it, it was 20 % faster. zqhidthree
    star: {weight: 2, cap_without_result: 60}
    rubric:
      - {id: told, point: zqhidthree, weight: 0.5}
      - {id: figure, point: Says how much, detect: figure, cue: Say how much}
)";

constexpr char kExam[] = R"(format: greenroom-pack/1
pack: exam
language: en
role: Examiner zqexam
visibility: exam
questions:
  - id: one
    kind: concept
    difficulty: 3
    prompt: "What is it? zqexam"
    hints: [zqexam hint]
    model_answer: It is that. zqexam
    rubric: [{id: that, point: It is that zqexam}]
)";

content::v1::PackContent Read(const std::string& yaml) {
  content::ReadResult read = content::ReadPack(yaml);
  CHECK_THAT(read.ok(), content::IssueText(read.issues.front()));
  return std::move(read.pack);
}

WorldPack MakePack(const char* tenant, const std::string& yaml, bool published = true) {
  WorldPack pack{tenant, Read(yaml), "", published};
  pack.revision = content::RevisionId(pack.content);
  return pack;
}

std::vector<WorldPack> MakePacks() {
  std::vector<WorldPack> packs;
  packs.push_back(MakePack("acme", kMl));
  packs.push_back(MakePack("acme", kExam));
  packs.push_back(
      MakePack("acme",
               absl::StrReplaceAll(
                   kExam, {{"pack: exam", "pack: draft"}, {"visibility: exam\n", ""}, {"zqexam", "zqdraft"}}),
               false));
  packs.push_back(MakePack(
      "rival", absl::StrReplaceAll(
                   kExam, {{"pack: exam", "pack: ml"}, {"visibility: exam\n", ""}, {"zqexam", "zqrival"}})));
  return packs;
}

struct Questions {
  std::map<std::string, content::v1::Question, std::less<>> full;
  std::map<std::string, scoring::CompiledQuestion, std::less<>> compiled;
};

const Questions& AllQuestions() {
  static const auto& questions = *[] {
    auto* all = new Questions();
    for (const WorldPack& pack : WorldPacks()) {
      for (const content::v1::Question& question : FullQuestions(pack)) {
        const std::string current =
            absl::StrCat(pack.pack_name(), "/revisions/current/questions/", question.id());
        for (const std::string& name : {question.name(), current}) {
          all->full[name] = question;
          absl::StatusOr<scoring::CompiledQuestion> compiled = scoring::Compile(question);
          CHECK_THAT(compiled.ok(), compiled.status().ToString());
          all->compiled.emplace(name, *std::move(compiled));
        }
      }
    }
    return all;
  }();
  return questions;
}

}  // namespace

std::string WorldPack::pack_name() const {
  return absl::StrCat("tenants/", tenant, "/packs/", content.pack());
}
std::string WorldPack::revision_name() const { return absl::StrCat(pack_name(), "/revisions/", revision); }

const std::vector<WorldPack>& WorldPacks() {
  static const auto& packs = *new std::vector<WorldPack>(MakePacks());
  return packs;
}

std::vector<content::v1::Question> FullQuestions(const WorldPack& pack) {
  std::vector<content::v1::Question> questions;
  for (const content::v1::Question& question : pack.content.questions()) {
    questions.push_back(content::FullQuestion(pack.content, question));
    questions.back().set_name(absl::StrCat(pack.revision_name(), "/questions/", question.id()));
  }
  return questions;
}

const content::v1::Question* FindWorldQuestion(absl::string_view name) {
  const auto found = AllQuestions().full.find(name);
  return found == AllQuestions().full.end() ? nullptr : &found->second;
}

const scoring::CompiledQuestion* FindCompiled(absl::string_view name) {
  const auto found = AllQuestions().compiled.find(name);
  return found == AllQuestions().compiled.end() ? nullptr : &found->second;
}

}  // namespace greenroom::fuzz
