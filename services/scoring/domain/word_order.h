// How likely one kind of word is to stand behind another in English. Counted at build time over the definitions and
// examples of the distribution's wordnet-base (1.5 million neighbours), so that no graded answer has a part in it.
#ifndef GREENROOM_SERVICES_SCORING_DOMAIN_WORD_ORDER_H_
#define GREENROOM_SERVICES_SCORING_DOMAIN_WORD_ORDER_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "services/scoring/domain/closed_words.h"

namespace greenroom::scoring {

// Frequent words of structure are kinds of their own, others go by their class; words of content by the parts of speech
// that WordNet knows them as, and by their endings.
using WordKind = uint8_t;
inline constexpr size_t kWordKinds = 96;
inline constexpr WordKind kSentenceEdge = 0;  // stands before the first and behind the last word

// Whether it is a kind of words of content, or of numbers.
bool IsContent(WordKind kind);

// "isn't" is two, as "is not" is.
struct WordKinds {
  std::array<WordKind, 2> kinds{};
  size_t count = 1;
};

// Of a folded word; `info` is what LookUpWord says of it. Two look-ups at most in WordNet.
WordKinds KindsOf(absl::string_view folded_word, WordInfo info, bool number);

// Pointwise mutual information of two neighbours in nats, in [-3, 3]: above 0 where `second` follows `first` more often
// than chance has it. Words put in a random order have about -0.7 in the mean, what people write +0.3 (Church and Hanks
// 1990 for the measure).
double Follows(WordKind first, WordKind second);

// How the table is packed: int8 [kWordKinds][kWordKinds], in these parts of a nat.
inline constexpr double kOrderUnit = 1.0 / 32;
inline constexpr double kOrderMost = 3;

}  // namespace greenroom::scoring

#endif  // GREENROOM_SERVICES_SCORING_DOMAIN_WORD_ORDER_H_
