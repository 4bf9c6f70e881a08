#include "services/base/auth/errors.h"

#include "absl/strings/str_cat.h"
#include "services/base/status.h"

namespace greenroom::auth::error {
namespace {

absl::Status Unauthenticated(absl::string_view reason, absl::string_view message) {
  return ErrorBuilder(absl::StatusCode::kUnauthenticated, reason, message).Build();
}

}  // namespace

absl::Status CredentialMissing() {
  return Unauthenticated("CREDENTIAL_MISSING", "send a token as metadata `authorization: Bearer TOKEN`");
}

absl::Status CredentialInvalid(absl::string_view why) {
  return Unauthenticated("CREDENTIAL_INVALID", absl::StrCat("the credential is refused: ", why));
}

absl::Status CredentialExpired(absl::string_view why) {
  return Unauthenticated("CREDENTIAL_EXPIRED", absl::StrCat("the credential is refused: ", why));
}

}  // namespace greenroom::auth::error
