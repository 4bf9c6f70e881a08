// Pacer: holds work in the background to a share of one core's time.
#ifndef GREENROOM_SERVICES_SESSION_PACER_H_
#define GREENROOM_SERVICES_SESSION_PACER_H_

#include <future>

#include "absl/time/time.h"
#include "services/base/clock.h"

namespace greenroom::session {

// For one thread that works and rests; another may stop it. What the thread waits for while it works counts as work, so
// where it calls one peer at a time, they and it together take no more than the share. It knows nothing of threads elsewhere:
// that replicas do not take the share several times for one piece of work is what the lease on the work is for.
class Pacer {
 public:
  // `share` in (0, 1]. `clock` must outlive it.
  Pacer(double share, const Clock& clock);

  // Work begins now.
  void Begin();
  // Rests for the work since Begin or the last Rest. False: stopped.
  bool Rest();
  // Waits. False: stopped.
  bool Wait(absl::Duration pause);
  bool stopped() const;
  // From any thread, once.
  void Stop() { stop_.set_value(); }

 private:
  const double rest_per_work_;
  const Clock& clock_;
  absl::Duration began_;  // monotonic
  absl::Duration debt_;   // rest that is due; short ones are taken together
  std::promise<void> stop_;
  const std::shared_future<void> stopped_;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_PACER_H_
