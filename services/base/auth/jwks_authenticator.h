// The Authenticator of every service: bearer tokens, verified with the keys of one JWKS file.
#ifndef GREENROOM_SERVICES_BASE_AUTH_JWKS_AUTHENTICATOR_H_
#define GREENROOM_SERVICES_BASE_AUTH_JWKS_AUTHENTICATOR_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/base/auth/jwks_file.h"
#include "services/base/auth/token_cache.h"
#include "services/base/caller.h"
#include "services/base/clock.h"

namespace greenroom::auth {

// Reads `authorization: Bearer TOKEN`. What is accepted of a token is told at VerifyToken; further its tenant must be
// an id, every role one of ours, and the time within `exp` and `nbf`, give or take 30 s. The caller's learner is
// LearnerId(iss, sub). For a token with role service, `x-greenroom-tenant` replaces the tenant, and the learner is
// `x-greenroom-learner` or none; both must be ids, at most once. From others these two are ignored.
//
// Thread-safe. About 100 us for a token not seen before, 2 us for one that is remembered; its time is looked at every
// time, and it is forgotten when the key set changes. File access: see JwksFile.
class JwksAuthenticator final : public Authenticator {
 public:
  struct Options {
    std::string jwks_path;
    // Remembered tokens, at most; about 1 KiB each.
    size_t max_remembered = 8192;
    JwksFile::Listener on_reload;
  };

  // Fails as JwksFile::Open does. `clock` must outlive the result.
  static absl::StatusOr<std::unique_ptr<JwksAuthenticator>> Create(Options options, const Clock& clock);

  absl::StatusOr<Caller> Authenticate(const RequestMetadata& metadata) const override;

 private:
  JwksAuthenticator(std::unique_ptr<JwksFile> file, size_t max_remembered, const Clock& clock);

  absl::StatusOr<std::shared_ptr<const VerifiedToken>> Verify(absl::string_view token) const;

  const std::unique_ptr<JwksFile> file_;
  const std::unique_ptr<TokenCache> cache_;
  const Clock& clock_;
};

}  // namespace greenroom::auth

#endif  // GREENROOM_SERVICES_BASE_AUTH_JWKS_AUTHENTICATOR_H_
