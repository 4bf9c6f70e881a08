// What a reader may see of a grade, and of the model answer.
#ifndef GREENROOM_SERVICES_SESSION_DOMAIN_LEARNER_VIEW_H_
#define GREENROOM_SERVICES_SESSION_DOMAIN_LEARNER_VIEW_H_

#include "greenroom/content/v1/pack.pb.h"
#include "greenroom/scoring/v1/report.pb.h"
#include "greenroom/session/v1/session.pb.h"
#include "services/session/domain/state_table.h"

namespace greenroom::session {

enum class Sight {
  kNothing,       // an exam that is not finished, or whose grades are not released
  kBeforeReveal,  // score, points made, flags raised; of missed items weight, credit and cue
  kEverything,
  kStaff,  // everything, and what staff tell one another
};

// What the learner may see of answers to a question in this situation.
Sight SightOfLearner(const Situation& situation);

// The report as seen. kNothing gives an empty one. Before the reveal no text, id or span of an item that was not made
// (credit under 0.5) is left, nor what a flag is about beyond what the learner is told.
scoring::v1::Report ViewOf(const scoring::v1::Report& report, Sight sight);

// What RevealAnswer shows of a FULL question. Caps, accept phrases, examples and notes stay out.
v1::Reveal RevealOf(const content::v1::Question& question);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_DOMAIN_LEARNER_VIEW_H_
