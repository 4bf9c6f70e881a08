#include "services/session/pacer.h"

namespace greenroom::session {
namespace {

constexpr absl::Duration kShortestRest = absl::Milliseconds(1);

}  // namespace

Pacer::Pacer(double share, const Clock& clock)
    : rest_per_work_(1 / share - 1),
      clock_(clock),
      began_(clock.Monotonic()),
      stopped_(stop_.get_future().share()) {}

void Pacer::Begin() { began_ = clock_.Monotonic(); }

bool Pacer::Rest() {
  debt_ += rest_per_work_ * (clock_.Monotonic() - began_);
  bool on = !stopped();
  if (debt_ >= kShortestRest) {
    on = Wait(debt_);
    debt_ = absl::ZeroDuration();
  }
  Begin();
  return on;
}

bool Pacer::Wait(absl::Duration pause) {
  // By the monotonic clock: abseil waits by the one on the wall.
  return stopped_.wait_for(absl::ToChronoNanoseconds(pause)) != std::future_status::ready;
}

bool Pacer::stopped() const {
  return stopped_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

}  // namespace greenroom::session
