// A rubric from a good answer, for questions that have none of their own.
#ifndef GREENROOM_SERVICES_SCORING_DOMAIN_DERIVE_H_
#define GREENROOM_SERVICES_SCORING_DOMAIN_DERIVE_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "greenroom/content/v1/pack.pb.h"

namespace greenroom::scoring {

// A group of which 60 % (rounded up) are wanted from a numbered enumeration; otherwise a point per clause, that is per
// sentence, parted at semicolons. At most 40 items of 24 members; empty where the answer has no words. Ids are "p1",
// "p2" ... and "p2-1" for members.
std::vector<content::v1::RubricItem> DeriveRubric(absl::string_view model_answer);

}  // namespace greenroom::scoring

#endif  // GREENROOM_SERVICES_SCORING_DOMAIN_DERIVE_H_
