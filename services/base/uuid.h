// UUIDs as text (RFC 9562, section 4): 8-4-4-4-12 hexadecimal digits. Read in either case, written in lower case.
#ifndef GREENROOM_SERVICES_BASE_UUID_H_
#define GREENROOM_SERVICES_BASE_UUID_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace greenroom {

// Any version and variant, either case; no braces, no "urn:uuid:".
bool IsUuid(absl::string_view text);

// The lower-case form; nullopt when `text` is not a UUID.
std::optional<std::string> CanonicalUuid(absl::string_view text);

// The name-based UUID of RFC 9562, section 5.5 (SHA-1): the same for the same arguments, always.
// `namespace_uuid` must be a UUID (CHECKed); `name` is any bytes.
std::string UuidV5(absl::string_view namespace_uuid, absl::string_view name);

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_UUID_H_
