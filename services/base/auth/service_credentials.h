// How a service says who it is when it calls another.
#ifndef GREENROOM_SERVICES_BASE_AUTH_SERVICE_CREDENTIALS_H_
#define GREENROOM_SERVICES_BASE_AUTH_SERVICE_CREDENTIALS_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/base/auth/keys.h"
#include "services/base/clock.h"

namespace greenroom::auth {

// The tenant in a service's own token: what it acts in where it names none.
inline constexpr absl::string_view kServiceTenant = "system";

// Thread-safe. Makes tokens of role service that live five minutes and renews them at half of that, on the thread that
// asks (50 us every 150 s).
class ServiceCredentials {
 public:
  // `service` is the subject of its tokens, e.g. "session". `clock` must outlive this.
  ServiceCredentials(SigningKey key, absl::string_view service, const Clock& clock);

  using Metadata = std::vector<std::pair<std::string, std::string>>;

  // The metadata of one outgoing call made for `tenant` and `learner` (ids; empty: it is made for none): `authorization`,
  // and one entry each for what is not empty. Not to be logged. Fails only where libcrypto does.
  absl::StatusOr<Metadata> MetadataFor(absl::string_view tenant, absl::string_view learner);

 private:
  absl::StatusOr<std::string> Bearer();

  const SigningKey key_;
  const std::string service_;
  const Clock& clock_;
  absl::Mutex mutex_;
  std::string bearer_ ABSL_GUARDED_BY(mutex_);
  absl::Time renew_at_ ABSL_GUARDED_BY(mutex_);
  absl::Time signed_at_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace greenroom::auth

#endif  // GREENROOM_SERVICES_BASE_AUTH_SERVICE_CREDENTIALS_H_
