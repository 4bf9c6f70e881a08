// Whether words stand in an order that somebody could have said. Telegraphic notes, bullets and dictation are fine;
// shuffled words and heaps of keywords are not.
#ifndef GREENROOM_SERVICES_SCORING_DOMAIN_FLUENCY_H_
#define GREENROOM_SERVICES_SCORING_DOMAIN_FLUENCY_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "services/scoring/domain/reading.h"

namespace greenroom::scoring {

// Of one reading in English; everything is fluent in other languages.
class Fluency {
 public:
  explicit Fluency(const Reading& reading);

  // Whether what was found at these words may count as a statement.
  bool IsStatement(absl::Span<const int32_t> tokens) const;

  // The share of neighbouring words of structure that no English sentence puts side by side, over the whole answer.
  double disorder() const { return disorder_; }

  // Whether the words of the answer seem to stand in no order at all; nothing in it is a statement then.
  bool shuffled() const { return shuffled_; }

 private:
  const Reading& reading_;
  std::vector<int32_t> run_length_;  // of the run of words without structure that each word stands in
  double disorder_ = 0;
  bool shuffled_ = false;
};

}  // namespace greenroom::scoring

#endif  // GREENROOM_SERVICES_SCORING_DOMAIN_FLUENCY_H_
