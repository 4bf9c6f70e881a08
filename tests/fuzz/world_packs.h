// The packs of request_fuzz's world, and the words by which it is seen who learns of what.
#ifndef GREENROOM_TESTS_FUZZ_WORLD_PACKS_H_
#define GREENROOM_TESTS_FUZZ_WORLD_PACKS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "greenroom/content/v1/pack.pb.h"
#include "services/scoring/domain/compile.h"

namespace greenroom::fuzz {

// Words that no answer has by chance. Each stands only where its name says.
inline constexpr absl::string_view kAcmeWord =
    "zqacme";  // anything of tenant acme's packs, learners see it too
inline constexpr absl::string_view kRivalWord = "zqrival";  // anything of tenant rival: packs, answers
inline constexpr absl::string_view kExamWord = "zqexam";    // acme's exam pack
inline constexpr absl::string_view kDraftWord = "zqdraft";  // acme's pack that is a draft only
inline constexpr absl::string_view kBobWord = "zqbob";      // what learner bob of acme has answered
inline constexpr absl::string_view kHiddenWord =
    "zqhid";  // what a learner sees after a reveal only; of a question
              // it goes on with the question's id: "zqhidone"

struct WorldPack {
  std::string tenant;
  content::v1::PackContent content;
  std::string revision;  // its id
  bool published = true;

  std::string pack_name() const;
  std::string revision_name() const;
};

// Acme's "ml" (questions one, two, three), "exam" and "draft", and rival's "ml". Built once.
const std::vector<WorldPack>& WorldPacks();

// The FULL question of that full name, whose revision may be `current`; nullptr where there is none.
const content::v1::Question* FindWorldQuestion(absl::string_view name);
// The same, compiled.
const scoring::CompiledQuestion* FindCompiled(absl::string_view name);
// The FULL questions of a pack, with their names.
std::vector<content::v1::Question> FullQuestions(const WorldPack& pack);

}  // namespace greenroom::fuzz

#endif  // GREENROOM_TESTS_FUZZ_WORLD_PACKS_H_
