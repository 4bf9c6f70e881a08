// What an answer says of each point of a rubric.
#ifndef GREENROOM_SERVICES_SCORING_DOMAIN_POINTS_H_
#define GREENROOM_SERVICES_SCORING_DOMAIN_POINTS_H_

#include <cstdint>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "greenroom/scoring/v1/report.pb.h"
#include "services/scoring/domain/fluency.h"
#include "services/scoring/domain/phrase.h"
#include "services/scoring/domain/polarity.h"
#include "services/scoring/domain/reading.h"
#include "services/scoring/domain/rubric.h"

namespace greenroom::scoring {

// A place of the answer that earns a point credit.
struct Evidence {
  int64_t credit = 0;  // hundredths, above 0
  v1::MatchKind match = v1::MATCH_KIND_UNSPECIFIED;
  absl::InlinedVector<int32_t, 8> tokens;   // the words that count, in order
  absl::InlinedVector<int32_t, 8> content;  // those of them that are content: what "the same words" compares
};

// An answer read against a rubric. Everything refers to the reading and the rubric.
struct Findings {
  const Rubric& rubric;
  const Reading& reading;
  const Polarity& polarity;
  const Fluency& fluency;
  bool
      graded;  // people graded other answers to the question: derived points get their credit before the model's curve
  // By phrase.
  std::vector<std::vector<const PhraseMatch*>> matches;
};

// By point: the places that earn it, best first, at most eight. Places that are negated, said of another topic, or
// copied from the question are not among them.
std::vector<std::vector<Evidence>> FindEvidence(const Findings& findings);

}  // namespace greenroom::scoring

#endif  // GREENROOM_SERVICES_SCORING_DOMAIN_POINTS_H_
