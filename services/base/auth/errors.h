// Why a credential was refused. All are UNAUTHENTICATED; `why` is a fixed text of this folder and never holds anything
// of the credential.
#ifndef GREENROOM_SERVICES_BASE_AUTH_ERRORS_H_
#define GREENROOM_SERVICES_BASE_AUTH_ERRORS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace greenroom::auth::error {

// CREDENTIAL_MISSING: the call has no authorization metadata.
absl::Status CredentialMissing();
// CREDENTIAL_INVALID: malformed, signed by an unknown key, not meant for us, or ambiguous.
absl::Status CredentialInvalid(absl::string_view why);
// CREDENTIAL_EXPIRED: its time is over or has not begun.
absl::Status CredentialExpired(absl::string_view why);

}  // namespace greenroom::auth::error

#endif  // GREENROOM_SERVICES_BASE_AUTH_ERRORS_H_
