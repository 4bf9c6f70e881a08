// Time as a constructor argument. Code that decides something by time takes a Clock&; only RPC deadlines are always
// real time, because gRPC's own timers are.
#ifndef GREENROOM_SERVICES_BASE_CLOCK_H_
#define GREENROOM_SERVICES_BASE_CLOCK_H_

#include "absl/time/time.h"

namespace greenroom {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;

  // Wall-clock time; may jump in either direction when an administrator or NTP sets it.
  virtual absl::Time Now() const = 0;

  // Time since an arbitrary start; never goes back and does not jump. For measuring and for timeouts.
  virtual absl::Duration Monotonic() const = 0;
};

class RealClock final : public Clock {
 public:
  absl::Time Now() const override;
  absl::Duration Monotonic() const override;
};

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_CLOCK_H_
