// Settler: writes the states that the live store missed while it could not be reached, and removes what calls under way have
// put back of those who were erased, without a client's doing.
#ifndef GREENROOM_SERVICES_SESSION_SETTLER_H_
#define GREENROOM_SERVICES_SESSION_SETTLER_H_

#include <future>
#include <thread>

#include "absl/time/time.h"
#include "services/session/ledger.h"

namespace greenroom::session {

// One thread. Other replicas read the store as this one leaves it: after an outage they lag by a pause and the time that
// the writing takes.
class Settler {
 public:
  // `ledger` must outlive it. Does nothing before Start.
  explicit Settler(Ledger& ledger) : ledger_(ledger) {}
  // Stops.
  ~Settler() { Stop(); }
  Settler(const Settler&) = delete;
  Settler& operator=(const Settler&) = delete;

  void Start();
  // Settles a last time, what a second or two allow, and joins.
  void Stop();

 private:
  static constexpr absl::Duration kPause = absl::Milliseconds(500);
  static constexpr size_t kBatch = 64;
  static constexpr absl::Duration kDeadline = absl::Seconds(2);

  // Until nothing is left, or the store is away.
  void SettleAll();

  Ledger& ledger_;
  std::promise<void> stop_;
  std::thread thread_;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_SETTLER_H_
