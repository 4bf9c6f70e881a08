// A key set that follows its file.
#ifndef GREENROOM_SERVICES_BASE_AUTH_JWKS_FILE_H_
#define GREENROOM_SERVICES_BASE_AUTH_JWKS_FILE_H_

#include <sys/stat.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/base/auth/keys.h"
#include "services/base/clock.h"

namespace greenroom::auth {

// Thread-safe. The file is looked at (one stat) at most once a second, by the call that comes first after that, and
// read when it looks changed, or unseen for 30 s: a key taken out of it is refused 31 s later at most, one second as a
// rule. Nothing happens without calls. A file that is missing or no key set leaves the last good set in force.
class JwksFile {
 public:
  // Told of every change taken over (OK) and of every version of the file refused (why), once each, on the thread of
  // the call that noticed. May be null.
  using Listener = std::function<void(const absl::Status&)>;

  // Reads the file. An error where that fails, or where it holds no key for an algorithm of ours.
  static absl::StatusOr<std::unique_ptr<JwksFile>> Open(std::string path, const Clock& clock,
                                                        Listener listener);

  // The set in force. The same pointer as long as the keys are the same.
  std::shared_ptr<const Jwks> Current();

 private:
  JwksFile(std::string path, const Clock& clock, Listener listener);
  void Refresh(absl::Duration now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(refresh_mutex_);
  // Reads the file and takes its keys over if they are others.
  absl::Status Read() ABSL_EXCLUSIVE_LOCKS_REQUIRED(refresh_mutex_);

  const std::string path_;
  const Clock& clock_;
  const Listener listener_;

  absl::Mutex refresh_mutex_;  // held over file access; taken before mutex_
  struct stat seen_ ABSL_GUARDED_BY(refresh_mutex_) = {};
  std::optional<std::string> text_ ABSL_GUARDED_BY(refresh_mutex_);  // of the set in force
  absl::Status told_ ABSL_GUARDED_BY(refresh_mutex_);
  absl::Duration next_read_ ABSL_GUARDED_BY(refresh_mutex_) = absl::ZeroDuration();

  absl::Mutex mutex_;
  std::shared_ptr<const Jwks> keys_ ABSL_GUARDED_BY(mutex_);
  absl::Duration next_look_ ABSL_GUARDED_BY(mutex_) = absl::ZeroDuration();
};

}  // namespace greenroom::auth

#endif  // GREENROOM_SERVICES_BASE_AUTH_JWKS_FILE_H_
