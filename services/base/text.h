// What text from outside must be. Each function returns what is wrong, for a BadRequest, or "" when nothing is.
#ifndef GREENROOM_SERVICES_BASE_TEXT_H_
#define GREENROOM_SERVICES_BASE_TEXT_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace greenroom {

// Well-formed UTF-8 (Unicode 15, table 3-7): no overlong forms, no surrogates, nothing above U+10FFFF.
bool IsValidUtf8(absl::string_view text);

// `text` cut to at most `max_bytes`, never inside a code point of valid UTF-8.
absl::string_view TruncateUtf8(absl::string_view text, size_t max_bytes);

// An id is [a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?
bool IsId(absl::string_view text);
std::string IdProblem(absl::string_view text);

// A UUID in either case (uuid.h).
std::string UuidProblem(absl::string_view text);

// Valid UTF-8 without NUL, of at most `max_bytes`. May be empty.
std::string TextProblem(absl::string_view text, size_t max_bytes);
// The same, and not empty.
std::string RequiredTextProblem(absl::string_view text, size_t max_bytes);

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_TEXT_H_
