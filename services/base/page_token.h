// Pages of a list (https://google.aip.dev/158).
//
// A token holds where the next page begins (the cursor, bytes that only the method understands) and a digest of what
// was listed (the binding: tenant, parent, filter, order). With another binding it is refused. It is not signed: a
// cursor is validated like any input and reaches nothing that the caller could not ask for directly.
#ifndef GREENROOM_SERVICES_BASE_PAGE_TOKEN_H_
#define GREENROOM_SERVICES_BASE_PAGE_TOKEN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace greenroom {

// URL-safe text. `cursor` has at most 1 KiB (CHECKed).
std::string EncodePageToken(const std::vector<std::string>& binding, absl::string_view cursor);

// The cursor; "" for the empty token (the first page). INVALID_ARGUMENT, PAGE_TOKEN_INVALID when the token is
// malformed or was given for another binding.
absl::StatusOr<std::string> DecodePageToken(const std::vector<std::string>& binding, absl::string_view token);

// 0 is `default_size`, above `max_size` is `max_size`, negative is INVALID_ARGUMENT.
absl::StatusOr<int> PageSize(int32_t requested, int default_size, int max_size);

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_PAGE_TOKEN_H_
