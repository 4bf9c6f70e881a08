// The `?` of a statement's parameters, for drivers that name them.
#ifndef GREENROOM_SERVICES_BASE_SQL_PARAMETER_MARKS_H_
#define GREENROOM_SERVICES_BASE_SQL_PARAMETER_MARKS_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace greenroom::sql {

// Pure functions of a statement's text. Marks within '...', "...", -- and /* */ (not nested) are none.

// `sql` with :p1, :p2 ... in place of its marks, as SOCI takes them, and without a closing semicolon. INVALID_ARGUMENT
// where it holds no statement, or something after a semicolon.
absl::StatusOr<std::string> NameParameters(absl::string_view sql);

size_t CountParameters(absl::string_view sql);

}  // namespace greenroom::sql

#endif  // GREENROOM_SERVICES_BASE_SQL_PARAMETER_MARKS_H_
