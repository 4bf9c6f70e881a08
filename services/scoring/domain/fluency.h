// Whether words stand in an order that somebody could have said. Telegraphic notes, bullets and dictation are fine;
// shuffled words and heaps of keywords are not.
#ifndef GREENROOM_SERVICES_SCORING_DOMAIN_FLUENCY_H_
#define GREENROOM_SERVICES_SCORING_DOMAIN_FLUENCY_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "services/scoring/domain/reading.h"

namespace greenroom::scoring {

// Of one reading in English; everything is fluent in other languages. Each sentence is judged by itself, so that no other
// sentence makes it better or worse: by how likely its neighbours are (word_order.h) of which one at least is a word of
// structure, in one clause, and by the words of structure that its clauses end with. Notes put words of content and clauses
// next to each other as they like; of a few words alone nobody can tell.
class Fluency {
 public:
  // `recited`: the answer recites the model answer, whose sentences are what they are.
  Fluency(const Reading& reading, bool recited);

  // Whether what was found at these words may count as a statement.
  bool IsStatement(absl::Span<const int32_t> tokens) const;

  // Whether the words of a sentence seem to stand in no order at all.
  bool Disordered(int32_t sentence) const { return disordered_[static_cast<size_t>(sentence)]; }

  // The same of a few words too: says little by itself.
  bool Unlikely(int32_t sentence) const { return unlikely_[static_cast<size_t>(sentence)]; }

  // Whether a word stands between two commas alone, as in a list of names; not the label before a colon.
  bool Listed(int32_t token) const;

  // Whether it does so with two others of its sentence, or is a sentence of its own.
  bool InList(int32_t token) const;

 private:
  void JudgeOrder();
  void MeasureRuns();

  const Reading& reading_;
  std::vector<int32_t> run_length_;  // of the run of words without structure that each word stands in
  std::vector<bool> disordered_;     // by sentence
  std::vector<bool> unlikely_;       // by sentence
  std::vector<int32_t> listed_;      // words between two commas, by sentence
};

}  // namespace greenroom::scoring

#endif  // GREENROOM_SERVICES_SCORING_DOMAIN_FLUENCY_H_
