// The parts of a story told by STAR: situation or task, action, result, lesson. Something the learner did or saw happen
// counts; advice ("pick a real failure") and what somebody would do do not.
#ifndef GREENROOM_SERVICES_SCORING_DOMAIN_STAR_H_
#define GREENROOM_SERVICES_SCORING_DOMAIN_STAR_H_

#include <cstdint>
#include <vector>

#include "greenroom/scoring/v1/report.pb.h"
#include "services/scoring/domain/reading.h"

namespace greenroom::scoring {

struct StarFinding {
  v1::StarPart part = v1::STAR_PART_UNSPECIFIED;
  std::vector<int32_t> tokens;  // in one sentence; never empty
};

// The parts found, each once, in the order of the enum. The reading's polarity must have been marked.
std::vector<StarFinding> FindStar(const Reading& reading);

}  // namespace greenroom::scoring

#endif  // GREENROOM_SERVICES_SCORING_DOMAIN_STAR_H_
