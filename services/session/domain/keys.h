// Whose data it is: the keys that every row, every Redis key and every port call begins with.
#ifndef GREENROOM_SERVICES_SESSION_DOMAIN_KEYS_H_
#define GREENROOM_SERVICES_SESSION_DOMAIN_KEYS_H_

#include <compare>
#include <string>
#include <utility>

namespace greenroom::session {

// One learner's log. Both are ids ([a-z0-9-], no braces or slashes): callers have validated them.
struct LearnerKey {
  std::string tenant;
  std::string learner;

  friend auto operator<=>(const LearnerKey&, const LearnerKey&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const LearnerKey& key) {
    return H::combine(std::move(h), key.tenant, key.learner);
  }
};

// One session of a learner. `session` is a UUID in lower case.
struct SessionKey {
  LearnerKey learner;
  std::string session;

  friend auto operator<=>(const SessionKey&, const SessionKey&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const SessionKey& key) {
    return H::combine(std::move(h), key.learner, key.session);
  }
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_DOMAIN_KEYS_H_
