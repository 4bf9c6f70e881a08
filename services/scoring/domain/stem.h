// From a word to what it is compared by.
#ifndef GREENROOM_SERVICES_SCORING_DOMAIN_STEM_H_
#define GREENROOM_SERVICES_SCORING_DOMAIN_STEM_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

struct sb_stemmer;

namespace greenroom::scoring {

// American spelling of an English word: regularise -> regularize, behaviour -> behavior, modelling -> modeling,
// centre -> center, catalogue -> catalog. Applied to both sides, so that a word it bends needlessly still matches
// itself.
std::string FoldSpelling(absl::string_view word);

// Stems words of one language by libstemmer; English is Porter2 over FoldSpelling, with the verbs in -ize kept apart
// from the adjectives they come from (regularise is not regular). One thread at a time; cheap to make.
class Stemmer {
 public:
  // `language` is BCP 47. Where libstemmer has none for it, words stand for themselves.
  explicit Stemmer(absl::string_view language);
  ~Stemmer();
  Stemmer(const Stemmer&) = delete;
  Stemmer& operator=(const Stemmer&) = delete;

  // Of a folded word. The view is good until the next call.
  absl::string_view Stem(absl::string_view word);

  // Whether libstemmer has the language.
  static bool Supports(absl::string_view language);
  static bool IsEnglish(absl::string_view language);
  // Every language it has, by alphabet.
  static std::vector<absl::string_view> Languages();

 private:
  absl::string_view Run(absl::string_view word);

  const bool english_;
  sb_stemmer* stemmer_;
  std::string buffer_;
};

}  // namespace greenroom::scoring

#endif  // GREENROOM_SERVICES_SCORING_DOMAIN_STEM_H_
