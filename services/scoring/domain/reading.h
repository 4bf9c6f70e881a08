// An answer with each word looked up: its class, what it stands for in a question's vocabulary, and how it is meant.
#ifndef GREENROOM_SERVICES_SCORING_DOMAIN_READING_H_
#define GREENROOM_SERVICES_SCORING_DOMAIN_READING_H_

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "services/scoring/domain/closed_words.h"
#include "services/scoring/domain/text.h"
#include "services/scoring/domain/vocabulary.h"

namespace greenroom::scoring {

struct Word {
  WordInfo info;
  const VocabularyEntry* entry = nullptr;  // null: stands for nothing
  uint64_t hash = 0;                       // of its stem
  int32_t part = 0;                        // clauses, also parted by "but", "while" and the like
  bool negated = false;                    // said not to be so
  bool negative = false;                   // "doesn't": stands for "not" too
  bool attributed = false;                 // somebody else's statement
  bool conditional = false;                // in a clause with "would", "if"
  bool parroted = false;                   // copied from the question
  bool filler = false;                     // "you know", "basically": says nothing, stands anywhere
  int32_t denial = -1;                     // number of the negated verb in whose clause it stands
  bool denied_verb = false;                // with `denial`: what is denied there, not the subject
};

// Several words read as one: "data set" for "dataset", or a literal.
struct Join {
  int32_t begin = 0;  // token
  int32_t end = 0;    // one past
  const VocabularyEntry* entry = nullptr;
  TermId literal = -1;  // set where `entry` is null
};

// Hashes of every run of `size` words of a text, by stems.
using Shingles = absl::flat_hash_set<uint64_t>;

// Of one answer against one vocabulary; refers to both.
class Reading {
 public:
  Reading(const Text& text, const Vocabulary& vocabulary);

  const Text& text() const { return text_; }
  const Vocabulary& vocabulary() const { return vocabulary_; }
  const std::vector<Word>& words() const { return words_; }
  const std::vector<Join>& joins() const { return joins_; }  // sorted by begin
  const VocabularyEntry* not_entry() const { return not_entry_; }
  size_t size() const { return words_.size(); }

  bool SameSentence(int32_t a, int32_t b) const {
    return text_.tokens()[static_cast<size_t>(a)].sentence == text_.tokens()[static_cast<size_t>(b)].sentence;
  }

  // Marks runs of at least four words that `prompt` (shingles of four) has too.
  void MarkParroted(const Shingles& prompt);

  // For Polarity.
  std::vector<Word>& mutable_words() { return words_; }
  void AddJoin(const Join& join) { joins_.push_back(join); }
  void SortJoins();

  // Without those that hold a word which `left_out` marks; null: none is left out.
  Shingles MakeShingles(size_t size, const std::vector<bool>* left_out = nullptr) const;
  uint64_t ShingleAt(size_t first, size_t size) const;

 private:
  void MarkFillers();

  const Text& text_;
  const Vocabulary& vocabulary_;
  const VocabularyEntry* not_entry_ = nullptr;
  std::vector<Word> words_;
  std::vector<Join> joins_;
};

inline constexpr size_t kPromptShingle = 4;
inline constexpr size_t kRecitedShingle = 8;

}  // namespace greenroom::scoring

#endif  // GREENROOM_SERVICES_SCORING_DOMAIN_READING_H_
