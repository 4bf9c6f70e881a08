// Whose log a credential opens.
#ifndef GREENROOM_SERVICES_BASE_AUTH_LEARNER_ID_H_
#define GREENROOM_SERVICES_BASE_AUTH_LEARNER_ID_H_

#include <string>

#include "absl/strings/string_view.h"

namespace greenroom::auth {

// The learner a token's subject stands for. A subject that is an id and does not begin with `u-` is the learner's id;
// any other (`auth0|5f7c`, case-sensitive ids, LTI subjects, what looks like a derived id) becomes `u-` and 32
// characters: the first 160 bits of SHA-256(issuer, NUL, subject) in base32 (RFC 4648, lower case). The result is
// always an id. A pure function for all time: logs are kept under it. Neither argument may hold a NUL.
std::string LearnerId(absl::string_view issuer, absl::string_view subject);

}  // namespace greenroom::auth

#endif  // GREENROOM_SERVICES_BASE_AUTH_LEARNER_ID_H_
