// Which languages the grader can grade, and whether an answer is in another language than its question.
#ifndef GREENROOM_SERVICES_SCORING_DOMAIN_LANGUAGE_H_
#define GREENROOM_SERVICES_SCORING_DOMAIN_LANGUAGE_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "services/scoring/domain/text.h"

namespace greenroom::scoring {

enum class LanguageSupport {
  kFull,     // English
  kLimited,  // a stemmer, so phrases, stems and literals
  kNone,
};

LanguageSupport SupportOf(absl::string_view language);

// The languages with LanguageSupport::kLimited, BCP 47, by alphabet.
std::vector<absl::string_view> LimitedLanguages();

// Whether an answer is clearly in another language than `language`: in another script, or with far more of another
// language's commonest words than of its own. Without evidence, as in short answers and lists of names, it is not.
bool IsInAnotherLanguage(const Text& answer, absl::string_view language);

}  // namespace greenroom::scoring

#endif  // GREENROOM_SERVICES_SCORING_DOMAIN_LANGUAGE_H_
