// The metadata by which a call says who makes it.
#ifndef GREENROOM_SERVICES_BASE_AUTH_METADATA_H_
#define GREENROOM_SERVICES_BASE_AUTH_METADATA_H_

#include "absl/strings/string_view.h"

namespace greenroom::auth {

// "Bearer " and a token (RFC 6750, section 2.1).
inline constexpr absl::string_view kAuthorizationKey = "authorization";
// For whom a service calls. Believed from role service only, ignored from everyone else.
inline constexpr absl::string_view kTenantKey = "x-greenroom-tenant";
inline constexpr absl::string_view kLearnerKey = "x-greenroom-learner";

}  // namespace greenroom::auth

#endif  // GREENROOM_SERVICES_BASE_AUTH_METADATA_H_
