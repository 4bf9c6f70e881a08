#include "services/base/sql/reconnects.h"

namespace greenroom::sql {

absl::Status Reconnects::Try(const std::function<absl::Status()>& connect) {
  {
    absl::MutexLock lock(&mutex_);
    if (trying_ > 0 && !last_.ok()) return last_;
    ++trying_;
  }
  absl::Status connected = connect();
  absl::MutexLock lock(&mutex_);
  --trying_;
  last_ = connected;
  return connected;
}

}  // namespace greenroom::sql
