// The layout of the compact WordNet table: what the generator writes at build time and WordNet reads at run time.
// Integers are little endian, arrays follow the header without padding in the order of its comment.
#ifndef GREENROOM_SERVICES_SCORING_DOMAIN_WORDNET_FORMAT_H_
#define GREENROOM_SERVICES_SCORING_DOMAIN_WORDNET_FORMAT_H_

#include <cstdint>

namespace greenroom::scoring {

inline constexpr uint32_t kWordNetMagic = 0x324e5747;  // "GWN2"

// Followed by: uint32 text_offset[words + 1], uint32 relation_offset[words + 1], uint32 relation[relations],
// uint32 meaning_offset[words + 1], uint32 meaning[meanings], uint8 frequency[words], uint8 parts_of_speech[words], char text[text_bytes]. Words are sorted by their bytes.
struct WordNetHeader {
  uint32_t magic;
  uint32_t words;
  uint32_t relations;
  uint32_t meanings;
  uint32_t text_bytes;
};

// A meaning that a word is near to: the synset's number in the upper 24 bits, and how far it is in hundredths of a step to
// a broader synset. Of each word sorted, so by synset; those further than kFarthestMeaning are left out.
inline constexpr uint32_t kFarthestMeaning = 212;

// How a word relates to another; the upper four bits of a relation. Bits 24 to 27 hold the rank of the sense among the
// first word's senses (0 is the most frequent one), the lower 24 bits the other word's index.
enum class WordRelation : uint32_t {
  kSynonym = 1,   // same synset
  kDerived = 2,   // derivationally related form
  kSimilar = 3,   // satellite of the same adjective cluster
  kBroader = 4,   // a direct hypernym of a first sense
  kAntonym = 5,   // lexical antonym
  kBaseForm = 6,  // the other word is the base of this irregular form
  kIrregular = 7  // the other word is an irregular form of this one
};

// Bits of parts_of_speech.
inline constexpr uint8_t kPosNoun = 1;
inline constexpr uint8_t kPosVerb = 2;
inline constexpr uint8_t kPosAdjective = 4;
inline constexpr uint8_t kPosAdverb = 8;
inline constexpr uint8_t kPosIrregular = 16;

}  // namespace greenroom::scoring

#endif  // GREENROOM_SERVICES_SCORING_DOMAIN_WORDNET_FORMAT_H_
