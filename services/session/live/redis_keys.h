// The names that live state has in Redis.
#ifndef GREENROOM_SERVICES_SESSION_LIVE_REDIS_KEYS_H_
#define GREENROOM_SERVICES_SESSION_LIVE_REDIS_KEYS_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "services/session/domain/keys.h"

namespace greenroom::session {

// Of the session's hash, and of the channel on which its writes are told.
inline std::string SessionKeyName(const SessionKey& session) {
  return absl::StrCat("gr:{", session.learner.tenant, "/", session.learner.learner, "}:s:", session.session);
}

// Of the learner's hash.
inline std::string HeadKeyName(const LearnerKey& learner) {
  return absl::StrCat("gr:{", learner.tenant, "/", learner.learner, "}:head");
}

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_LIVE_REDIS_KEYS_H_
