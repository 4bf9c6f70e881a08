// An answer as the grader reads it: words with their places in the text as it was sent, in sentences and clauses.
#ifndef GREENROOM_SERVICES_SCORING_DOMAIN_TEXT_H_
#define GREENROOM_SERVICES_SCORING_DOMAIN_TEXT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace greenroom::scoring {

// One word. "cross-validation" is two words that are glued, "don't" and "3.5" are one, "70 %" is "70" and "percent".
struct Token {
  int32_t begin = 0;        // bytes of the text as it was sent, on code-point bounds
  int32_t end = 0;          //
  int32_t begin_utf16 = 0;  // the same in UTF-16 units
  int32_t end_utf16 = 0;    //
  uint32_t fold_begin = 0;  // its folded form, see Text::Fold
  uint32_t fold_size = 0;   //
  int32_t word = 0;         // counts words; glued tokens share one
  int32_t sentence = 0;     // index into Text::sentences
  int32_t clause = 0;       // index into Text::clauses
  bool glued = false;       // nothing but a hyphen, slash, underscore, dot or @ stands before it
  bool quoted = false;      // between quotation marks that are closed in the same paragraph
  bool number = false;      // digits, perhaps with separators
};

// Ends with . ! ? and the like, at a bullet or numbered item, and at an empty line; a line break alone ends nothing.
struct Sentence {
  int32_t first = 0;       // token
  int32_t last = 0;        // one past
  bool question = false;   // ends with a question mark
  bool item = false;       // begins with a bullet or number
  bool paragraph = false;  // begins after an empty line, or the text
};

// A stretch between commas, semicolons, colons, brackets, dashes and arrows.
struct Clause {
  int32_t first = 0;
  int32_t last = 0;
  bool label = false;  // ends with a colon
};

// Immutable once made; refers to the source, which must outlive it. Reads at most kMaxTokens words and ignores the rest,
// so that work is bounded whatever is sent. Total for any bytes: what is not UTF-8 separates words.
class Text {
 public:
  static constexpr size_t kMaxTokens = 40000;

  explicit Text(absl::string_view source);
  Text(const Text&) = delete;
  Text& operator=(const Text&) = delete;

  absl::string_view source() const { return source_; }
  const std::vector<Token>& tokens() const { return tokens_; }
  const std::vector<Sentence>& sentences() const { return sentences_; }
  const std::vector<Clause>& clauses() const { return clauses_; }

  // NFKC, case folded, without diacritics, apostrophes straight, a possessive 's removed. Never empty.
  absl::string_view Fold(const Token& token) const {
    return absl::string_view(folded_).substr(token.fold_begin, token.fold_size);
  }
  absl::string_view Fold(size_t token) const { return Fold(tokens_[token]); }

  // UTF-16 units before byte `offset`, which must be a code-point bound. Linear in the distance to the nearest word.
  int32_t Utf16(int32_t offset) const;

 private:
  friend class TextReader;
  absl::string_view source_;
  std::string folded_;
  std::vector<Token> tokens_;
  std::vector<Sentence> sentences_;
  std::vector<Clause> clauses_;
};

}  // namespace greenroom::scoring

#endif  // GREENROOM_SERVICES_SCORING_DOMAIN_TEXT_H_
