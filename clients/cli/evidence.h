// An answer with the words that count underlined.
#ifndef GREENROOM_CLIENTS_CLI_EVIDENCE_H_
#define GREENROOM_CLIENTS_CLI_EVIDENCE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "clients/cli/ink.h"

namespace greenroom::cli {

// A range of bytes of an answer. Ranges outside of it are cut; empty ones are not shown.
struct Mark {
  size_t begin = 0;
  size_t end = 0;
  char label = '^';  // one cell, at the beginning of the range on each line
  char line = '^';   // what it is underlined with
  Ink ink = Ink::kGood;
};

// The answer, wrapped and indented by two cells, each line followed by as many lines of marks as do not overlap.
std::vector<std::string> RenderEvidence(absl::string_view answer, const std::vector<Mark>& marks,
                                        const Page& page);

}  // namespace greenroom::cli

#endif  // GREENROOM_CLIENTS_CLI_EVIDENCE_H_
