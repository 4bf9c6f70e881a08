// An Authenticator that believes what it is told. For tests.
#ifndef GREENROOM_SERVICES_BASE_FAKE_AUTHENTICATOR_H_
#define GREENROOM_SERVICES_BASE_FAKE_AUTHENTICATOR_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "services/base/caller.h"
#include "services/base/status.h"

namespace greenroom {

// The credential "Bearer tenant:learner:role,role" is a caller of that tenant with that learner (which may be empty)
// as its subject; anything else is refused as the port demands.
class FakeAuthenticator final : public Authenticator {
 public:
  // The value of `authorization` for a caller.
  static std::string Credential(absl::string_view tenant, absl::string_view learner, RoleSet roles) {
    return absl::StrCat("Bearer ", tenant, ":", learner, ":", roles.ToString());
  }

  absl::StatusOr<Caller> Authenticate(const RequestMetadata& metadata) const override {
    const auto header = metadata.Find("authorization");
    if (!header.has_value()) return Refused("CREDENTIAL_MISSING", "no credential");
    absl::string_view credential = *header;
    const std::vector<std::string> parts = absl::ConsumePrefix(&credential, "Bearer ")
                                               ? absl::StrSplit(credential, ':')
                                               : std::vector<std::string>();
    if (parts.size() != 3) return Refused("CREDENTIAL_INVALID", "not a credential");
    Caller caller{parts[0], parts[1], parts[1], {}};
    for (const absl::string_view word : absl::StrSplit(parts[2], ',', absl::SkipEmpty())) {
      const std::optional<Role> role = ParseRole(word);
      if (!role.has_value()) return Refused("CREDENTIAL_INVALID", "no such role");
      caller.roles.Add(*role);
    }
    return caller;
  }

 private:
  static absl::Status Refused(absl::string_view reason, absl::string_view message) {
    return ErrorBuilder(absl::StatusCode::kUnauthenticated, reason, message).Build();
  }
};

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_FAKE_AUTHENTICATOR_H_
