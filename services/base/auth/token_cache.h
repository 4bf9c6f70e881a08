// Tokens that have been verified, so that a token costs its signature once.
#ifndef GREENROOM_SERVICES_BASE_AUTH_TOKEN_CACHE_H_
#define GREENROOM_SERVICES_BASE_AUTH_TOKEN_CACHE_H_

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "services/base/auth/keys.h"
#include "services/base/auth/token.h"
#include "services/base/caller.h"

namespace greenroom::auth {

// What a token proves while the key set it was verified with is in force.
struct VerifiedToken {
  std::shared_ptr<const Jwks> keys;
  Claims claims;
  Caller caller;  // before metadata
};

// Thread-safe. Holds at most `max_entries`: two halves, and when the younger is full the older is dropped, so what is in
// use stays and what is not goes, at constant cost. Keys are digests: no token is kept.
class TokenCache {
 public:
  explicit TokenCache(size_t max_entries) : half_(max_entries / 2) {}

  // Null where it is not known.
  std::shared_ptr<const VerifiedToken> Find(const std::string& digest) {
    absl::MutexLock lock(&mutex_);
    if (const auto found = young_.find(digest); found != young_.end()) return found->second;
    const auto found = old_.find(digest);
    if (found == old_.end()) return nullptr;
    std::shared_ptr<const VerifiedToken> token = std::move(found->second);
    old_.erase(found);
    Keep(digest, token);
    return token;
  }

  void Insert(const std::string& digest, std::shared_ptr<const VerifiedToken> token) {
    absl::MutexLock lock(&mutex_);
    old_.erase(digest);
    Keep(digest, std::move(token));
  }

  size_t size() {
    absl::MutexLock lock(&mutex_);
    return young_.size() + old_.size();
  }

 private:
  using Map = absl::flat_hash_map<std::string, std::shared_ptr<const VerifiedToken>>;

  void Keep(const std::string& digest, std::shared_ptr<const VerifiedToken> token)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (half_ == 0) return;
    if (young_.size() >= half_ && !young_.contains(digest)) old_ = std::exchange(young_, Map());
    young_[digest] = std::move(token);
  }

  const size_t half_;
  absl::Mutex mutex_;
  Map young_ ABSL_GUARDED_BY(mutex_);
  Map old_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace greenroom::auth

#endif  // GREENROOM_SERVICES_BASE_AUTH_TOKEN_CACHE_H_
