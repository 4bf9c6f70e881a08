// Bearer tokens: JSON Web Tokens (RFC 7519) in compact form, signed with ES256 (RFC 7518, section 3.4).
#ifndef GREENROOM_SERVICES_BASE_AUTH_TOKEN_H_
#define GREENROOM_SERVICES_BASE_AUTH_TOKEN_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/base/auth/keys.h"

namespace greenroom::auth {

// Whom every token of ours is for (claim `aud`).
inline constexpr absl::string_view kAudience = "greenroom";
// Longer tokens are refused unread.
inline constexpr size_t kMaxTokenBytes = size_t{8} * 1024;

// What a token says. Times have whole seconds on the wire.
struct Claims {
  std::string issuer;                            // iss, 1 to 255 bytes
  std::string subject;                           // sub, 1 to 255 bytes, case-sensitive
  std::string tenant;                            // tenant, an id
  std::vector<std::string> roles;                // roles, 1 to 8 words as the token has them
  absl::Time expires;                            // exp
  absl::Time not_before = absl::InfinitePast();  // nbf; infinite past: absent
  absl::Time issued_at = absl::InfinitePast();   // iat; infinite past: absent
};

// A token for audience `kAudience`. Writes what it is given: INVALID_ARGUMENT only where `claims` is no UTF-8 or has
// no `expires`. About 50 us.
absl::StatusOr<std::string> SignToken(const SigningKey& key, const Claims& claims);

// The claims of `token`, if a key of `keys` signed it, it is for `kAudience`, and every claim has the type and bounds
// above (claims it does not know are ignored). Of the header, `alg` must be ES256, decided before a key is looked up,
// `kid` must be in `keys`, `crit` must be absent; `jku`, `jwk`, `x5u` and `x5c` are never looked at. Does NOT look at
// the times: see CheckTimes. INVALID_ARGUMENT with one of a few fixed texts, which hold nothing of the token. About
// 100 us; pure; safe from any thread.
absl::StatusOr<Claims> VerifyToken(const Jwks& keys, absl::string_view token);

// FAILED_PRECONDITION where `now` is before `not_before` or at or after `expires`, each widened by `leeway`.
absl::Status CheckTimes(const Claims& claims, absl::Time now, absl::Duration leeway);

}  // namespace greenroom::auth

#endif  // GREENROOM_SERVICES_BASE_AUTH_TOKEN_H_
