// What a report says to the learner, and how sure it is.
#ifndef GREENROOM_SERVICES_SCORING_DOMAIN_FEEDBACK_H_
#define GREENROOM_SERVICES_SCORING_DOMAIN_FEEDBACK_H_

#include "greenroom/scoring/v1/report.pb.h"
#include "services/scoring/domain/credit_model.h"

namespace greenroom::scoring {

// Sets `confidence`, `score_low` and `score_high` from the rows and the score. An 80 % interval under the assumption
// that rows err independently, each by the standard deviation its kind of evidence has.
void SetConfidence(v1::Report& report);

// The same of a report whose points are derived: from what the model was measured to miss. To be called after SetConfidence.
void SetDerivedConfidence(const CreditModel& model, v1::Report& report);

// Sets `feedback` from the rows: what was made, the heaviest gap as its cue, a flag's `say`, one next step. About the
// answer, in the second person; nothing that would tell of a missed item beyond its cue.
void SetFeedback(v1::Report& report);

}  // namespace greenroom::scoring

#endif  // GREENROOM_SERVICES_SCORING_DOMAIN_FEEDBACK_H_
