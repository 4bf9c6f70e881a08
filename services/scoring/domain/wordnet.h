// WordNet 3.0 as the grader uses it: words of letters only, their frequency in SemCor, and which words mean the same,
// derive from one another or are opposites. The table is compiled into the program at build time from the
// distribution's wordnet-base, so nothing is read or allocated at run time; about 4 MB of shared, read-only pages.
#ifndef GREENROOM_SERVICES_SCORING_DOMAIN_WORDNET_H_
#define GREENROOM_SERVICES_SCORING_DOMAIN_WORDNET_H_

#include <cstdint>
#include <optional>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "services/scoring/domain/wordnet_format.h"

namespace greenroom::scoring {

// Immutable; any thread. All words are lower case.
class WordNet {
 public:
  using WordId = uint32_t;

  // The table of this program. Dies if the build embedded something else.
  static const WordNet& Get();

  // Absent where WordNet has no such word, neither as a lemma nor as an irregular form. About 17 comparisons.
  std::optional<WordId> Find(absl::string_view word) const;

  // Whether this is an English word: a lemma, an irregular form, or a regular inflection of a lemma.
  bool IsWord(absl::string_view word) const;

  absl::string_view Text(WordId id) const;

  // How common a word is: 16 x log2(1 + its tagged occurrences in SemCor), 0 to 255. 0 where it is not listed.
  int Frequency(absl::string_view word) const;

  // Bits kPos... of wordnet_format.h.
  uint8_t PartsOfSpeech(WordId id) const { return parts_[id]; }

  // Calls `visit(kind, sense rank of this word, other word)` for each relation of `id`.
  void ForEachRelation(WordId id, absl::FunctionRef<void(WordRelation, uint32_t, WordId)> visit) const;

  // Calls `visit` with the lemmas that `word` may be a form of: itself, its irregular bases, and what regular English
  // inflection (wndb's morphy rules) gives.
  void ForEachLemma(absl::string_view word, absl::FunctionRef<void(WordId)> visit) const;

  // The synsets that `id` is near to and how far, as wordnet_format.h packs them; sorted by synset.
  absl::Span<const uint32_t> Meanings(WordId id) const;

 private:
  explicit WordNet(const unsigned char* table, size_t size);

  uint32_t words_;
  const uint32_t* text_offset_;
  const uint32_t* relation_offset_;
  const uint32_t* relations_;
  const uint32_t* meaning_offset_;
  const uint32_t* meanings_;
  const uint8_t* frequency_;
  const uint8_t* parts_;
  const char* text_;
};

}  // namespace greenroom::scoring

#endif  // GREENROOM_SERVICES_SCORING_DOMAIN_WORDNET_H_
