#include "services/base/auth/jwks_authenticator.h"

#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "services/base/auth/errors.h"
#include "services/base/auth/jose.h"
#include "services/base/auth/learner_id.h"
#include "services/base/auth/metadata.h"
#include "services/base/task.h"
#include "services/base/text.h"

namespace greenroom::auth {
namespace {

constexpr absl::Duration kLeeway = absl::Seconds(30);
constexpr absl::string_view kScheme = "Bearer ";  // in any case (RFC 9110, section 11.1)

absl::StatusOr<absl::string_view> BearerToken(const RequestMetadata& metadata) {
  if (metadata.Count(kAuthorizationKey) == 0) return error::CredentialMissing();
  const std::optional<absl::string_view> value = metadata.Find(kAuthorizationKey);
  if (!value.has_value()) return error::CredentialInvalid("there is more than one");
  if (!absl::StartsWithIgnoreCase(*value, kScheme))
    return error::CredentialInvalid("it is not a bearer token");
  return value->substr(kScheme.size());
}

absl::StatusOr<Caller> CallerOf(const Claims& claims) {
  if (!IsId(claims.tenant)) return error::CredentialInvalid("its tenant is not an id");
  Caller caller{.tenant = claims.tenant, .subject = claims.subject, .learner = "", .roles = {}};
  for (const std::string& word : claims.roles) {
    const std::optional<Role> role = ParseRole(word);
    if (!role.has_value()) return error::CredentialInvalid("it has an unknown role");
    caller.roles.Add(*role);
  }
  if (!caller.roles.Has(Role::kService)) caller.learner = LearnerId(claims.issuer, claims.subject);
  return caller;
}

absl::Status TakeId(const RequestMetadata& metadata, absl::string_view key, std::string& id) {
  const int count = metadata.Count(key);
  if (count == 0) return absl::OkStatus();
  const std::optional<absl::string_view> value = metadata.Find(key);
  if (count > 1 || !value.has_value() || !IsId(*value)) {
    return error::CredentialInvalid("the service names a tenant or learner that is not one id");
  }
  id = std::string(*value);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<JwksAuthenticator>> JwksAuthenticator::Create(Options options,
                                                                             const Clock& clock) {
  ASSIGN_OR_RETURN(std::unique_ptr<JwksFile> file,
                   JwksFile::Open(std::move(options.jwks_path), clock, std::move(options.on_reload)));
  return std::unique_ptr<JwksAuthenticator>(
      new JwksAuthenticator(std::move(file), options.max_remembered, clock));
}

JwksAuthenticator::JwksAuthenticator(std::unique_ptr<JwksFile> file, size_t max_remembered,
                                     const Clock& clock)
    : file_(std::move(file)), cache_(std::make_unique<TokenCache>(max_remembered)), clock_(clock) {}

absl::StatusOr<Caller> JwksAuthenticator::Authenticate(const RequestMetadata& metadata) const {
  ASSIGN_OR_RETURN(const absl::string_view token, BearerToken(metadata));
  ASSIGN_OR_RETURN(const std::shared_ptr<const VerifiedToken> verified, Verify(token));
  const absl::Status in_time = CheckTimes(verified->claims, clock_.Now(), kLeeway);
  if (!in_time.ok()) return error::CredentialExpired(in_time.message());

  Caller caller = verified->caller;
  if (caller.roles.Has(Role::kService)) {
    RETURN_IF_ERROR(TakeId(metadata, kTenantKey, caller.tenant));
    RETURN_IF_ERROR(TakeId(metadata, kLearnerKey, caller.learner));
  }
  return caller;
}

absl::StatusOr<std::shared_ptr<const VerifiedToken>> JwksAuthenticator::Verify(
    absl::string_view token) const {
  std::shared_ptr<const Jwks> keys = file_->Current();
  if (token.size() > kMaxTokenBytes) return error::CredentialInvalid("it is longer than 8 KiB");
  const std::string digest = Sha256(token);
  if (std::shared_ptr<const VerifiedToken> known = cache_->Find(digest);
      known != nullptr && known->keys == keys) {
    return known;
  }
  absl::StatusOr<Claims> claims = VerifyToken(*keys, token);
  if (!claims.ok()) return error::CredentialInvalid(claims.status().message());
  ASSIGN_OR_RETURN(Caller caller, CallerOf(*claims));
  auto verified = std::make_shared<const VerifiedToken>(
      VerifiedToken{.keys = std::move(keys), .claims = *std::move(claims), .caller = std::move(caller)});
  cache_->Insert(digest, verified);
  return verified;
}

}  // namespace greenroom::auth
