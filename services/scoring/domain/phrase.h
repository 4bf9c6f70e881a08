// The phrase language of packs:
//
//   phrase       = element { element }
//   element      = WORD | "..." | "(" phrase { "|" phrase } ")" | "=" literal text "="
//
// Words match by stem and in order, next to each other (articles and words like "is", "that" or "always" may stand
// between); "..." is a gap of at most five words; everything lies in one sentence, in whose beginning an I or we may be
// left out. A literal matches its characters, spaces and case ignored. An article, filler or list number is a word only
// where an alternative says nothing else. A bracket has at most 256 expansions, that is ways to choose among its
// alternatives and what is nested in them.
#ifndef GREENROOM_SERVICES_SCORING_DOMAIN_PHRASE_H_
#define GREENROOM_SERVICES_SCORING_DOMAIN_PHRASE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/scoring/domain/vocabulary.h"

namespace greenroom::scoring {

inline constexpr int kMaxExpansions = 256;
inline constexpr int kMaxGapWords = 5;

// A parsed phrase.
struct PhraseNode {
  enum class Kind { kWord, kGap, kLiteral, kSequence, kAlternatives };
  Kind kind = Kind::kSequence;
  std::string text;                  // of a word (folded) or literal (squeezed)
  std::vector<PhraseNode> children;  // of a sequence or alternatives

  // The ways to choose among alternatives, at most kMaxExpansions + 1.
  int Expansions() const;
};

// INVALID_ARGUMENT with what is wrong and at which byte. Linear in the text.
absl::StatusOr<PhraseNode> ParsePhrase(absl::string_view text);

// Case folded, without spaces: how literals are compared.
std::string SqueezeLiteral(absl::string_view text);

// Where a phrase was found.
struct PhraseMatch {
  int32_t phrase = 0;
  int32_t begin = 0;  // bytes of the answer
  int32_t end = 0;
  absl::InlinedVector<int32_t, 6> tokens;  // matched words in order; those in gaps are not among them
};

class Reading;

// All phrases of a question as one automaton whose edges are found by word. Immutable once built.
class PhraseSet {
 public:
  // Adds a phrase and its words to `vocabulary`; returns its number, counted from 0.
  int32_t Add(const PhraseNode& phrase, Vocabulary& vocabulary);

  // To be called once, after the last Add.
  void Finish(const Vocabulary& vocabulary);

  // The matches of every phrase, at most kMaxMatches of each, in order of their ends. Time is linear in the words of
  // the answer for given phrases.
  std::vector<PhraseMatch> Match(const Reading& reading) const;

  int32_t size() const { return static_cast<int32_t>(phrases_.size()); }
  size_t MemoryBytes() const;

  static constexpr int kMaxMatches = 24;

 private:
  // Between two junctions of a phrase. The start junction of a phrase is always active.
  struct Edge {
    TermId term;
    int32_t from;
    int32_t to;
    int32_t phrase;
    bool gap_before;
    bool gap_after;
    bool subject;  // "I" or "we"
  };
  struct Literal {
    std::string squeezed;
    TermId term;
  };

  void AddNode(const PhraseNode& node, int32_t from, int32_t to, bool gap_before, bool gap_after,
               Vocabulary& vocabulary);
  void AddSequence(const PhraseNode& node, int32_t from, int32_t to, bool gap_before, bool gap_after,
                   Vocabulary& vocabulary);
  void AddEdge(TermId term, int32_t from, int32_t to, bool gap_before, bool gap_after);

  struct Span;
  struct Record;
  struct Junction;
  class Run;

  struct Bounds {
    int32_t start;
    int32_t accept;
  };
  std::vector<Bounds> phrases_;
  std::vector<Edge> edges_;             // sorted by term after Finish
  std::vector<int32_t> edges_of_term_;  // first edge of each term
  std::vector<Literal> literals_;
  std::vector<bool> after_subject_;  // by junction: reached from a phrase's start by "I" or "we"
  int32_t junctions_ = 0;
};

}  // namespace greenroom::scoring

#endif  // GREENROOM_SERVICES_SCORING_DOMAIN_PHRASE_H_
