// The words a question's phrases and points are made of, and every other word that stands for one of them.
#ifndef GREENROOM_SERVICES_SCORING_DOMAIN_VOCABULARY_H_
#define GREENROOM_SERVICES_SCORING_DOMAIN_VOCABULARY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "services/scoring/domain/stem.h"

namespace greenroom::scoring {

using TermId = int32_t;

// That a word stands for a word of a point.
struct Posting {
  int32_t point = 0;
  int16_t word = 0;       // index into the point's words
  uint8_t weight = 0;     // percent: 100 the same stem, less for a synonym
  bool opposite = false;  // its antonym
};

// What a stem stands for.
struct VocabularyEntry {
  absl::InlinedVector<TermId, 2> terms;
  absl::InlinedVector<Posting, 2> postings;
};

// Built once with a question, then read by any thread.
class Vocabulary {
 public:
  explicit Vocabulary(absl::string_view language);

  // A word that phrases match: by its stem, its irregular forms, and digits for a small number's name.
  TermId AddTerm(absl::string_view folded_word);
  // A term without words, for a literal.
  TermId AddBareTerm() { return terms_++; }
  // A word of a point with its synonyms, derivations and antonyms. `weight` scales them all, in percent.
  void AddConcept(absl::string_view folded_word, int32_t point, int16_t word, int weight = 100);
  // A word that answers may misspell although no rubric has it: words of the question.
  void AddSurface(absl::string_view folded_word);
  // Adds usual abbreviations of the words and sorts what look-ups need. To be called once, last.
  void Finish();

  // Null where the stem stands for nothing.
  const VocabularyEntry* Find(absl::string_view stem) const {
    const auto found = entries_.find(stem);
    return found == entries_.end() ? nullptr : &found->second;
  }
  // Whether a longer word of the vocabulary begins with this one: "data" where "dataset" is a word.
  bool BeginsLonger(absl::string_view folded_word) const;
  // What a misspelt word stands for; null where no word of the vocabulary is near, or the word is an English word of its
  // own. Edit distance 1 from five letters, 2 from eight, of the words or of their stems; of several the nearest, then
  // the first by alphabet.
  const VocabularyEntry* Correct(absl::string_view folded_word, absl::string_view stem) const;

  const std::string& language() const { return language_; }
  bool english() const { return english_; }
  int32_t terms() const { return terms_; }
  size_t MemoryBytes() const;

 private:
  // A word or stem of the rubric that misspelt ones are compared with.
  struct Spelling {
    std::string text;
    std::string stem;
    bool operator<(const Spelling& other) const { return text < other.text; }
    bool operator==(const Spelling& other) const { return text == other.text; }
  };
  using Spellings = std::vector<std::vector<Spelling>>;  // by length, sorted

  static void AddSpelling(Spellings& spellings, absl::string_view text, absl::string_view stem);
  static void Sort(Spellings& spellings);
  static const std::string* Nearest(const Spellings& spellings, absl::string_view word, int edits);

  void AddAlias(absl::string_view folded_word, TermId term);
  void AddPosting(absl::string_view folded_word, const Posting& posting);

  const std::string language_;
  const bool english_;
  Stemmer stemmer_;  // while building only
  absl::flat_hash_map<std::string, VocabularyEntry> entries_;
  absl::flat_hash_map<std::string, TermId> term_of_stem_;
  std::vector<std::string> surfaces_;  // sorted after Finish
  Spellings words_by_size_;
  Spellings stems_by_size_;
  TermId terms_ = 0;
};

// Whether words are at most `limit` insertions, deletions, substitutions and swaps of neighbours apart; limit 1 or 2.
bool WithinEdits(absl::string_view a, absl::string_view b, int limit);

}  // namespace greenroom::scoring

#endif  // GREENROOM_SERVICES_SCORING_DOMAIN_VOCABULARY_H_
