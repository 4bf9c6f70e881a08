// A question's rubric as compiled: its items with their phrases and concepts. Internal to the domain.
#ifndef GREENROOM_SERVICES_SCORING_DOMAIN_RUBRIC_H_
#define GREENROOM_SERVICES_SCORING_DOMAIN_RUBRIC_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "greenroom/content/v1/pack.pb.h"
#include "services/scoring/domain/coverage.h"
#include "services/scoring/domain/phrase.h"
#include "services/scoring/domain/reading.h"
#include "services/scoring/domain/vocabulary.h"

namespace greenroom::scoring {

// A leaf of the rubric.
struct CompiledPoint {
  bool mention = false;
  content::v1::Detect shape = content::v1::DETECT_UNSPECIFIED;
  int32_t topic = -1;  // what it must be said of; -1: anything
  std::vector<int32_t> phrases;
  std::vector<int32_t> concepts;  // alternatives
};

// An item, a member, or a tip's check.
struct CompiledItem {
  std::string id;
  std::string text;
  std::string cue;
  std::string tip;
  int64_t weight = 0;  // hundredths; 0 for members
  int32_t cap_without = -1;
  int32_t point = -1;  // of a leaf
  int32_t wanted = 0;  // of a group
  std::vector<CompiledItem> members;
};

struct CompiledFlag {
  std::string id;
  std::string text;
  std::string say;
  bool misconception = false;
  bool critical = false;
  int64_t penalty = 0;  // hundredths
  int32_t cap = -1;
  std::vector<std::string> cancels;
  std::vector<int32_t> match;   // phrases
  std::vector<int32_t> unless;  // phrases
};

class CreditModel;

struct Rubric {
  explicit Rubric(absl::string_view language) : vocabulary(language) {}

  std::string name;
  bool derived = false;
  bool behavioural = false;
  Vocabulary vocabulary;
  PhraseSet phrases;
  std::vector<Concept> concepts;
  std::vector<CompiledPoint> points;
  std::vector<CompiledItem> items;
  std::vector<CompiledItem> tips;
  std::vector<CompiledFlag> flags;
  std::vector<std::vector<int32_t>> topics;  // phrases of each
  std::vector<int32_t> prompt_topics;        // topics in the order the prompt brings them up
  int64_t star_weight = 0;                   // hundredths; 0: STAR does not count
  int32_t star_cap = -1;
  const CreditModel* model = nullptr;          // of derived points; null: the curve by share alone
  int32_t references = 1;                      // good answers that were given
  absl::flat_hash_set<uint64_t> prompt_words;  // stems of the prompt's content words, hashed as Word::hash
  Shingles prompt_shingles;                    // of kPromptShingle words
  Shingles model_shingles;                     // of `model_shingle_size` words
  size_t model_shingle_size = 0;

  size_t MemoryBytes() const;
};

}  // namespace greenroom::scoring

#endif  // GREENROOM_SERVICES_SCORING_DOMAIN_RUBRIC_H_
