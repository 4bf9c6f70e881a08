// Whether a phrase of a rubric is well formed. Grading has a parser of its own; this one only says what is wrong.
#ifndef GREENROOM_SERVICES_CONTENT_DOMAIN_PHRASE_SYNTAX_H_
#define GREENROOM_SERVICES_CONTENT_DOMAIN_PHRASE_SYNTAX_H_

#include <string>

#include "absl/strings/string_view.h"

namespace greenroom::content {

// Wordings that one pair of parentheses may stand for: the sum over its alternatives of the products over what stands
// in a row in them. Alternatives that stand side by side in the phrase are not multiplied with each other.
inline constexpr int kMaxPhraseExpansions = 256;

struct PhraseProblem {
  std::string code;     // "phrase-syntax" or "phrase-expansions"; empty: the phrase is well formed
  std::string message;  // what is wrong
  int column = 0;       // from 1, in code points of the phrase
};

// Checks one phrase of valid UTF-8: words; `...` (or the ellipsis character) for a gap; `(a|b c)` for alternatives, which
// nest; `=literal=`. Refused: parentheses without a partner or nested deeper than 16, alternatives outside of
// parentheses, literals that are not closed, a phrase, alternative or literal without a letter or digit, parentheses
// that stand for more than kMaxPhraseExpansions wordings.
PhraseProblem CheckPhrase(absl::string_view phrase);

}  // namespace greenroom::content

#endif  // GREENROOM_SERVICES_CONTENT_DOMAIN_PHRASE_SYNTAX_H_
