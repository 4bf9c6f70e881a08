// What an answer says and what it says is not so: negations with their scopes, denials of whole sentences, statements of
// other people. English; for other languages nothing is marked.
#ifndef GREENROOM_SERVICES_SCORING_DOMAIN_POLARITY_H_
#define GREENROOM_SERVICES_SCORING_DOMAIN_POLARITY_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "services/scoring/domain/reading.h"

namespace greenroom::scoring {

// A verb with what surrounds it: "would not have". `negated`: by "not", "never" or a contraction with it.
struct VerbGroup {
  int32_t first = 0;  // token
  int32_t last = 0;   // one past
  bool negated = false;
};

// Of one reading, whose words it marks (negations, denials, attributed, conditional, part). A negation that belongs to a match is not counted against
// it: "no labels" said of the phrase "no labels" affirms it, "no longer fails" denies the phrase "fails".
class Polarity {
 public:
  // `recited`: the answer recites the model answer, so that a denial at its beginning is meant for all of it.
  Polarity(Reading& reading, bool recited);

  // Whether the words of a match are said not to be so: one that a verb's negation denies or reaches across a gap of the match
  // is among them, or more than three in ten are under a negation that is not itself part of the match. Two negations next
  // to each other affirm, but "can not be not" only says it twice.
  bool Negates(absl::Span<const int32_t> tokens) const;

  // Whether a match is the subject of a negated verb: "a retraining pipeline never runs".
  bool NegatesSubject(absl::Span<const int32_t> tokens) const;

  // Whether every content word of a match is under such a negation.
  bool NegatesAll(absl::Span<const int32_t> tokens) const;

  // Whether a flag must not be raised for these words: negated, avoided, denied, quoted, asked, or somebody else's.
  bool Disowns(absl::Span<const int32_t> tokens) const;

  // The auxiliaries of the answer and the negations of verbs without one, in order.
  std::vector<VerbGroup> FindVerbGroups() const;

 private:
  struct Negation {
    int32_t first;  // its own words
    int32_t last;   // one past
    int32_t from;   // what it reaches
    int32_t to;     // one past
    bool weak;      // counts for flags only
    bool verb;      // "not", "never" and contractions
    bool wide;      // reaches to its sentence's end or further
  };

  void MarkParts();
  void FindNegations(bool recited);
  void MarkDenials();
  bool IsBroken(absl::Span<const int32_t> tokens) const;
  bool NegatesVerb(int32_t token) const;
  bool FindDenial(int32_t at, bool recited);
  void FindReports();
  void FindDenials();
  void Add(int32_t first, int32_t last, int32_t longest, bool weak);
  void EndAtVerb(Negation& negation) const;
  void AddUntilSentenceEnd(int32_t first, int32_t last, bool whole_answer);
  void Attribute(int32_t verb);
  bool IsPreposition(int32_t token) const;
  bool IsFrame(absl::Span<const int32_t> tokens) const;
  bool IsReported(int32_t token, absl::Span<const int32_t> own) const;
  absl::string_view Folded(int32_t token) const;  // empty outside of the answer
  bool Is(int32_t token, absl::string_view word) const;
  bool Has(int32_t token, uint32_t cues) const;
  int32_t SentenceEnd(int32_t token) const;
  int32_t SentenceBegin(int32_t token) const;
  // Whether `token` is under a negation that is none of `own`; two next to each other cancel out.
  bool Reaches(int32_t token, absl::Span<const int32_t> own, bool weak) const;
  bool Owns(const Negation& negation, absl::Span<const int32_t> own) const;

  Reading& reading_;
  std::vector<Word>& words_;
  std::vector<Negation> negations_;
  std::vector<int32_t> wide_;          // numbers of the wide ones
  std::vector<int32_t> reports_;       // verbs by which what follows is somebody else's, in order
  std::vector<int32_t> denials_;       // tokens that deny their sentence, sorted
  std::vector<bool> denied_sentence_;  // by the sentence behind it
};

}  // namespace greenroom::scoring

#endif  // GREENROOM_SERVICES_SCORING_DOMAIN_POLARITY_H_
