#include "services/base/auth/service_credentials.h"

#include "absl/strings/str_cat.h"
#include "services/base/auth/metadata.h"
#include "services/base/auth/token.h"
#include "services/base/caller.h"
#include "services/base/task.h"

namespace greenroom::auth {
namespace {

constexpr absl::Duration kLifetime = absl::Minutes(5);

}  // namespace

ServiceCredentials::ServiceCredentials(SigningKey key, absl::string_view service, const Clock& clock)
    : key_(std::move(key)), service_(service), clock_(clock) {}

absl::StatusOr<ServiceCredentials::Metadata> ServiceCredentials::MetadataFor(absl::string_view tenant,
                                                                             absl::string_view learner) {
  ASSIGN_OR_RETURN(std::string bearer, Bearer());
  Metadata metadata;
  metadata.emplace_back(std::string(kAuthorizationKey), std::move(bearer));
  if (!tenant.empty()) metadata.emplace_back(std::string(kTenantKey), std::string(tenant));
  if (!learner.empty()) metadata.emplace_back(std::string(kLearnerKey), std::string(learner));
  return metadata;
}

absl::StatusOr<std::string> ServiceCredentials::Bearer() {
  const absl::Time now = clock_.Now();
  absl::MutexLock lock(&mutex_);
  // A wall clock that was set back would leave a token whose time has not begun.
  if (bearer_.empty() || now >= renew_at_ || now < signed_at_) {
    const Claims claims{.issuer = "greenroom",
                        .subject = service_,
                        .tenant = std::string(kServiceTenant),
                        .roles = {std::string(RoleName(Role::kService))},
                        .expires = now + kLifetime,
                        .not_before = now,
                        .issued_at = now};
    ASSIGN_OR_RETURN(const std::string token, SignToken(key_, claims));
    bearer_ = absl::StrCat("Bearer ", token);
    signed_at_ = now;
    renew_at_ = now + kLifetime / 2;
  }
  return bearer_;
}

}  // namespace greenroom::auth
