#include "services/session/settler.h"

#include <limits>

#include "absl/time/clock.h"
#include "services/base/task.h"

namespace greenroom::session {

void Settler::Start() {
  thread_ = std::thread([this] {
    const std::future<void> stopped = stop_.get_future();
    do {
      SettleAll();
      SyncWait(ledger_.SweepErased(false, absl::Now() + kDeadline));
    } while (stopped.wait_for(absl::ToChronoNanoseconds(kPause)) != std::future_status::ready);
    SettleAll();
    SyncWait(ledger_.SweepErased(true, absl::Now() + kDeadline));
  });
}

void Settler::Stop() {
  if (!thread_.joinable()) return;
  stop_.set_value();
  thread_.join();
}

void Settler::SettleAll() {
  const absl::Time deadline = absl::Now() + kDeadline;
  size_t before = std::numeric_limits<size_t>::max();
  for (size_t left = SyncWait(ledger_.Settle(kBatch, deadline));
       left != 0 && left < before && absl::Now() < deadline;
       left = SyncWait(ledger_.Settle(kBatch, deadline))) {
    before = left;
  }
}

}  // namespace greenroom::session
