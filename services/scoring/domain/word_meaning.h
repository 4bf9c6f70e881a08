// How near two words are in meaning, by WordNet's tree of broader synsets.
#ifndef GREENROOM_SERVICES_SCORING_DOMAIN_WORD_MEANING_H_
#define GREENROOM_SERVICES_SCORING_DOMAIN_WORD_MEANING_H_

#include <cstdint>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"

namespace greenroom::scoring {

// The synsets near a word in any of its forms; empty for words that WordNet has not.
class WordMeaning {
 public:
  WordMeaning() = default;
  explicit WordMeaning(absl::string_view folded_word);

  // 1 / (1 + steps), the steps being those over the nearest synset that both are near to; 0 where they are more than
  // kFarthestMeaning apart. Linear in both.
  double Likeness(const WordMeaning& other) const;

 private:
  absl::InlinedVector<uint32_t, 12> near_;  // as wordnet_format.h packs them, by synset
};

// A word without the endings that derive one word from another: "reus" of reuse, reused and reusability. Coarser than a stem;
// the word itself where less than four letters would be left.
absl::string_view RootOf(absl::string_view folded_word);

}  // namespace greenroom::scoring

#endif  // GREENROOM_SERVICES_SCORING_DOMAIN_WORD_MEANING_H_
