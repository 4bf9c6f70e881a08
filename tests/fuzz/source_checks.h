// What holds of everything that a reader of packs answers.
#ifndef GREENROOM_TESTS_FUZZ_SOURCE_CHECKS_H_
#define GREENROOM_TESTS_FUZZ_SOURCE_CHECKS_H_

#include "absl/strings/string_view.h"
#include "services/content/domain/pack_reader.h"

namespace greenroom::fuzz {

// Ends the process where an issue has no code or no message, is not UTF-8, or has a place that `source` does not have;
// or where there is neither a pack nor a reason.
void CheckIssues(const content::ReadResult& read, absl::string_view source);

// Ends the process where `pack`, which a reader has found valid, is not the same after it was written and read: in
// meaning, in the bytes that the writer makes of it, and in its revision's id.
void CheckRoundTrip(const content::v1::PackContent& pack);

}  // namespace greenroom::fuzz

#endif  // GREENROOM_TESTS_FUZZ_SOURCE_CHECKS_H_
