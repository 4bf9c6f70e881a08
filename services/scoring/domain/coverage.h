// How much of a point's own words an answer has, in one place.
#ifndef GREENROOM_SERVICES_SCORING_DOMAIN_COVERAGE_H_
#define GREENROOM_SERVICES_SCORING_DOMAIN_COVERAGE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "services/scoring/domain/reading.h"
#include "services/scoring/domain/word_meaning.h"

namespace greenroom::scoring {

// A word of a point that counts.
struct ConceptWord {
  std::string folded;
  double weight = 1;     // its rarity, lowered where the question has it too
  double rarity = 1;     // see Rarity
  bool number = false;   // digits
  WordMeaning meaning;   // of derived points only
  bool negated = false;  // "data it has NOT seen"
  bool asked = false;    // the question has it
};

// What is to be covered: a point's text, or one of its alternatives ("a simpler model or fewer features").
struct Concept {
  int32_t point = 0;
  std::vector<ConceptWord> words;
  double total = 0;  // sum of weights
  // Stems of all its words and of pairs of neighbours, hashed; of derived points only.
  std::vector<uint64_t> stems;
  std::vector<uint64_t> stem_pairs;
};

// Where a concept is covered best.
struct Coverage {
  double share = 0;  // of the total weight, 0 to 1
  bool synonyms = false;
  int matched = 0;                         // distinct words of the concept
  absl::InlinedVector<int32_t, 8> tokens;  // in order
};

// The best places for each concept, at most kMostPlaces, best first; places with a contradicted word are left out.
// Linear in the words of the answer for given concepts.
// `anywhere`: the words need not stand together.
std::vector<std::vector<Coverage>> Cover(const std::vector<Concept>& concepts, const Reading& reading,
                                         bool anywhere);

inline constexpr size_t kMostPlaces = 4;

// How much a word says, 0.15 to 1: its rarity in SemCor.
double Rarity(absl::string_view folded_word);

}  // namespace greenroom::scoring

#endif  // GREENROOM_SERVICES_SCORING_DOMAIN_COVERAGE_H_
