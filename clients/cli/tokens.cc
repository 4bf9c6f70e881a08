#include "clients/cli/tokens.h"

#include "absl/strings/str_cat.h"
#include "services/base/auth/keys.h"
#include "services/base/auth/token.h"
#include "services/base/task.h"
#include "services/base/text.h"

namespace greenroom::cli {
namespace {

constexpr size_t kMaxSubjectBytes = 255;
constexpr absl::Duration kLongestLifetime = absl::Hours(24 * 3653);

}  // namespace

std::string DefaultLearner(Role role) { return role == Role::kLearner ? "me" : std::string(RoleName(role)); }

absl::StatusOr<std::string> MakeToken(const std::string& key_path, const TokenOptions& options,
                                      const Clock& clock) {
  if (!IsId(options.tenant))
    return absl::InvalidArgumentError(absl::StrCat("tenant: ", IdProblem(options.tenant)));
  if (const std::string problem = RequiredTextProblem(options.learner, kMaxSubjectBytes); !problem.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("learner: ", problem));
  }
  if (options.lifetime <= absl::ZeroDuration() || options.lifetime > kLongestLifetime) {
    return absl::InvalidArgumentError("a token lives for more than nothing and at most ten years");
  }
  ASSIGN_OR_RETURN(const auth::SigningKey key, auth::SigningKey::Load(key_path));
  const absl::Time now = clock.Now();
  return auth::SignToken(key, {.issuer = "greenroom",
                               .subject = options.learner,
                               .tenant = options.tenant,
                               .roles = {std::string(RoleName(options.role))},
                               .expires = now + options.lifetime,
                               .not_before = now,
                               .issued_at = now});
}

}  // namespace greenroom::cli
