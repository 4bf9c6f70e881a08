// Tokens made on this machine, with a signing key that it has.
#ifndef GREENROOM_CLIENTS_CLI_TOKENS_H_
#define GREENROOM_CLIENTS_CLI_TOKENS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/base/caller.h"
#include "services/base/clock.h"

namespace greenroom::cli {

inline constexpr absl::string_view kDefaultTenant = "default";

struct TokenOptions {
  Role role = Role::kLearner;
  std::string learner;  // the subject; not empty
  std::string tenant = std::string(kDefaultTenant);
  absl::Duration lifetime = absl::Hours(1);
};

// Who a token is for where nobody said: "me" for a learner, else the role's word.
std::string DefaultLearner(Role role);

// A token that begins now. NOT_FOUND where there is no key at `key_path`; INVALID_ARGUMENT for a tenant that is no id, an
// empty or overlong subject, a lifetime outside of (0, 10 years].
absl::StatusOr<std::string> MakeToken(const std::string& key_path, const TokenOptions& options,
                                      const Clock& clock);

}  // namespace greenroom::cli

#endif  // GREENROOM_CLIENTS_CLI_TOKENS_H_
