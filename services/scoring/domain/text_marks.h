// Marks around words that say how they are meant: quotation marks, list markers, labels.
#ifndef GREENROOM_SERVICES_SCORING_DOMAIN_TEXT_MARKS_H_
#define GREENROOM_SERVICES_SCORING_DOMAIN_TEXT_MARKS_H_

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"

namespace greenroom::scoring {

// The byte offsets of quotation marks that belong together, opening and closing in turn, ascending. A quotation ends in
// its paragraph and within 2000 bytes; marks without a partner are left out.
std::vector<int32_t> PairQuotationMarks(absl::string_view text);

// The offset behind a bullet or number ("-", "*", "1.", "1)", "(1)", "a)") at `offset`, or -1 where there is none.
int32_t AfterListMarker(absl::string_view text, int32_t offset);
// The same for numbers and letters only.
int32_t AfterListNumber(absl::string_view text, int32_t offset);

// Whether a line that begins at `offset` begins with a label: at most four words and a colon.
bool BeginsWithLabel(absl::string_view text, int32_t offset);

}  // namespace greenroom::scoring

#endif  // GREENROOM_SERVICES_SCORING_DOMAIN_TEXT_MARKS_H_
