// A report as a person reads it. Pure.
#ifndef GREENROOM_CLIENTS_CLI_REPORT_TEXT_H_
#define GREENROOM_CLIENTS_CLI_REPORT_TEXT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "clients/cli/ink.h"
#include "greenroom/scoring/v1/report.pb.h"

namespace greenroom::cli {

// The band first, then the answer with its evidence underlined, the rows that make the score with the sum they make,
// cues for what is missing, flags with what to say, and one next step. `answer` is the text that was graded.
std::vector<std::string> RenderReport(const scoring::v1::Report& report, absl::string_view answer,
                                      const Page& page);

// "STRONG", "GOOD", "PARTIAL", "WEAK"; "" where there is no score.
absl::string_view BandWord(scoring::v1::Band band);

}  // namespace greenroom::cli

#endif  // GREENROOM_CLIENTS_CLI_REPORT_TEXT_H_
