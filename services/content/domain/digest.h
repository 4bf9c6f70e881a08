// SHA-256 over several texts.
#ifndef GREENROOM_SERVICES_CONTENT_DOMAIN_DIGEST_H_
#define GREENROOM_SERVICES_CONTENT_DOMAIN_DIGEST_H_

#include <initializer_list>
#include <string>

#include "absl/strings/string_view.h"

namespace greenroom::content {

// SHA-256 (FIPS 180-4) of `text` as 64 hex digits in lower case.
std::string Sha256Hex(absl::string_view text);

// A digest of `parts` that differs wherever a part differs: each goes in with its length.
std::string DigestOf(std::initializer_list<absl::string_view> parts);

}  // namespace greenroom::content

#endif  // GREENROOM_SERVICES_CONTENT_DOMAIN_DIGEST_H_
