// Owning handles for the C libraries of JOSE (cjose, jansson), and their strict forms of reading. Included by .cc files
// of this folder only, so that nobody else sees the libraries' headers.
#ifndef GREENROOM_SERVICES_BASE_AUTH_JOSE_H_
#define GREENROOM_SERVICES_BASE_AUTH_JOSE_H_

#include <cjose/cjose.h>
#include <jansson.h>

#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace greenroom::auth {

struct JoseDeleter {
  void operator()(cjose_jwk_t* jwk) const { cjose_jwk_release(jwk); }
  void operator()(cjose_jws_t* jws) const { cjose_jws_release(jws); }
  void operator()(json_t* json) const { json_decref(json); }  // also a cjose_header_t, which is a json_t
};
using JwkHandle = std::unique_ptr<cjose_jwk_t, JoseDeleter>;
using JwsHandle = std::unique_ptr<cjose_jws_t, JoseDeleter>;
using JsonHandle = std::unique_ptr<json_t, JoseDeleter>;

// A JSON object, or null for anything else: other types, duplicate keys, invalid UTF-8, NUL in a string or key,
// anything after the object.
JsonHandle ParseObject(absl::string_view text);

// Compact JSON with sorted keys.
std::string DumpJson(const json_t* json);

// The string at `key`; nothing where it is absent or of another type.
std::optional<std::string> StringAt(const json_t* object, const char* key);

// Base64url without padding (RFC 7515, section 2).
std::string Base64UrlEncode(absl::string_view bytes);

// The one reading of an unpadded base64url text; nothing for other characters, padding, white space, and for unused
// bits that are not zero (else several texts would be the same token).
std::optional<std::string> Base64UrlDecode(absl::string_view text);

// 32 bytes.
std::string Sha256(absl::string_view bytes);

}  // namespace greenroom::auth

#endif  // GREENROOM_SERVICES_BASE_AUTH_JOSE_H_
