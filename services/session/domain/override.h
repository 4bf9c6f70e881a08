// What a person decides about a grade: from the grader's report and the decisions to the report that counts.
#ifndef GREENROOM_SERVICES_SESSION_DOMAIN_OVERRIDE_H_
#define GREENROOM_SERVICES_SESSION_DOMAIN_OVERRIDE_H_

#include <cstdint>
#include <string>

#include "greenroom/content/v1/pack.pb.h"
#include "greenroom/scoring/v1/report.pb.h"
#include "greenroom/session/v1/gradebook_service.pb.h"

namespace greenroom::session {

// Report.grader of a report that a person decided.
inline constexpr char kPersonGrader[] = "person/1";

struct Overridden {
  scoring::v1::Report report;
  // What is wrong with the decisions, and the field's path in the request; both empty where nothing is.
  std::string field;
  std::string problem;
};

// `base` is the grader's report of the answer; one without rows (of an answer that could not be graded) begins with
// `question`'s rows, all missed. `question` is FULL, of the revision that `base` was graded against. Caps follow from what
// is made and raised; the score is the one decided, else the rows' by the formula of report.proto. What was said to the
// learner and does not hold any more is left out. The decisions are valid by themselves (ids unique, numbers in bounds).
Overridden Override(const scoring::v1::Report& base, const content::v1::Question& question,
                    const v1::OverrideGradeRequest& decisions);

// The score that the rows of `report` give, by the formula of report.proto; 0 where there are no weights.
int32_t ScoreOfRows(const scoring::v1::Report& report);

// By the score, as report.proto says.
scoring::v1::Band BandOf(int32_t score);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_DOMAIN_OVERRIDE_H_
