// What holds of every report, whatever was graded.
#ifndef GREENROOM_TESTS_FUZZ_REPORT_CHECKS_H_
#define GREENROOM_TESTS_FUZZ_REPORT_CHECKS_H_

#include "absl/strings/string_view.h"
#include "greenroom/content/v1/pack.pb.h"
#include "greenroom/scoring/v1/report.pb.h"

namespace greenroom::fuzz {

// Ends the process where a number of `report` lies outside its bounds, or a span is not one of `answer` (valid UTF-8):
// inside it, on bounds of code points, quoting what stands there, the same in UTF-16 units.
void CheckReport(const scoring::v1::Report& report, absl::string_view answer);

// Compiles the pack's first questions and grades their model answers, and `further`, by them. Ends the process where a
// question of a valid pack does not compile, or a report is not as CheckReport demands.
void CheckGrading(const content::v1::PackContent& pack, absl::string_view further);

}  // namespace greenroom::fuzz

#endif  // GREENROOM_TESTS_FUZZ_REPORT_CHECKS_H_
