// The methods of ScoringService and who may call them.
#ifndef GREENROOM_SERVICES_SCORING_METHODS_H_
#define GREENROOM_SERVICES_SCORING_METHODS_H_

#include <vector>

#include "services/base/method.h"

namespace greenroom::scoring {

// One policy for each RPC of greenroom.scoring.v1.ScoringService. Grading is internal and for authors' previews: it is
// never a learner's.
std::vector<MethodPolicy> ScoringMethods();

}  // namespace greenroom::scoring

#endif  // GREENROOM_SERVICES_SCORING_METHODS_H_
