// English words that carry structure rather than content: their class, and what they signal about polarity, attribution
// and narration. One hash look-up a word.
#ifndef GREENROOM_SERVICES_SCORING_DOMAIN_CLOSED_WORDS_H_
#define GREENROOM_SERVICES_SCORING_DOMAIN_CLOSED_WORDS_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace greenroom::scoring {

enum class WordClass : uint8_t {
  kContent,
  kArticle,      // a an the
  kDeterminer,   // this its every
  kPreposition,  // of in as to
  kConjunction,  // and because which
  kPronoun,      // I it they
  kAuxiliary,    // is have would
  kNegation,     // not no never
  kAdverb,       // also very then
};

// Bits of what a word signals.
enum Cue : uint32_t {
  kNegates = 1u << 0,      // turns what follows it in the clause into its opposite
  kNegatesNoun = 1u << 1,  // the same for a few words: no, without
  kFails = 1u << 2,        // negates where "to" follows
  kAvoids = 1u << 3,       // keeps a flag from being raised: avoid, refuse
  kDenies = 1u << 4,       // says of a whole statement that it is not so: myth, wrong, lie
  kSays = 1u << 5,         // reports a statement: say, claim, believe
  kOthers = 1u << 6,       // subjects whose statements are not the learner's: some, people, they
  kConditional = 1u << 7,  // would, could, if
  kScopeEnds = 1u << 8,    // begins a part that an earlier negation does not reach: but, because
  kFirstPerson = 1u << 9,  // I, we, my
  kPastVerb = 1u << 10,    // irregular past forms: built, found
  kAdvice = 1u << 11,      // you, should: tells someone else what to do
  kContrasts = 1u << 12,   // begins a part of its own: but, whereas
  kLinks =
      1u << 13,  // changes nothing of what is said by standing between two words of it: is, that, it, always
};

struct WordInfo {
  WordClass word_class = WordClass::kContent;
  uint32_t cues = 0;

  bool Has(uint32_t any) const { return (cues & any) != 0; }
  bool IsFunction() const { return word_class != WordClass::kContent; }
};

// Of a folded word; content without cues where the word is not listed. Any thread.
WordInfo LookUpWord(absl::string_view folded);

}  // namespace greenroom::scoring

#endif  // GREENROOM_SERVICES_SCORING_DOMAIN_CLOSED_WORDS_H_
