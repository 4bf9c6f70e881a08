// Shapes of an answer that a point may ask for instead of content: an example, a weighed choice, a figure, a question.
#ifndef GREENROOM_SERVICES_SCORING_DOMAIN_SHAPES_H_
#define GREENROOM_SERVICES_SCORING_DOMAIN_SHAPES_H_

#include <cstdint>
#include <vector>

#include "greenroom/content/v1/pack.pb.h"
#include "services/scoring/domain/reading.h"

namespace greenroom::scoring {

// The words of each place with the shape, at most four places, in order. What repeats the question has no shape.
// `story`: a figure must stand in a sentence that tells what was.
std::vector<std::vector<int32_t>> FindShape(content::v1::Detect shape, const Reading& reading, bool story);

// Whether a word is an English verb in the past: "built", "was", "dropped".
bool IsPastVerb(const Reading& reading, int32_t token);

}  // namespace greenroom::scoring

#endif  // GREENROOM_SERVICES_SCORING_DOMAIN_SHAPES_H_
