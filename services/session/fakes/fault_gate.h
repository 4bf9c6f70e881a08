// FaultGate: what fakes pass through before they answer, so that tests can make a dependency fail or stall.
#ifndef GREENROOM_SERVICES_SESSION_FAKES_FAULT_GATE_H_
#define GREENROOM_SERVICES_SESSION_FAKES_FAULT_GATE_H_

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/base/task.h"

namespace greenroom::session {

// Thread-safe. `operation` is a method's name; "" stands for all of them.
class FaultGate {
 public:
  FaultGate();
  // Answers all that wait with UNAVAILABLE.
  ~FaultGate();

  // The next `times` passes of `operation` yield `status` (-1: until Heal).
  void Fail(absl::string_view operation, absl::Status status, int times = -1);
  // Passes of `operation` wait for Heal or for their deadline, whichever comes first.
  void Stall(absl::string_view operation);
  // Called once, with the next pass of `operation` and outside all locks: something else comes first.
  void First(absl::string_view operation, std::function<void()> hook);
  // Ends all faults and lets those that wait go on.
  void Heal();
  // How many passes of `operation` have begun.
  int calls(absl::string_view operation) const;
  // How many wait now.
  int waiting() const;

  // Yields OK at once in the ordinary case. DEADLINE_EXCEEDED where the deadline has passed, or passes while stalled.
  Task<absl::Status> Pass(std::string operation, absl::Time deadline);

 private:
  struct Fault {
    absl::Status status;
    int times = -1;
    bool stall = false;
  };
  struct Waiter {
    absl::Time deadline;
    std::function<void(absl::Status)> done;
  };
  Fault* Find(absl::string_view operation);
  void RunTimers();

  // std types: an absl::Condition cannot wait for a deadline that moves.
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Fault, std::less<>> faults_;
  std::map<std::string, std::function<void()>, std::less<>> first_;
  std::map<std::string, int, std::less<>> calls_;
  std::vector<Waiter> waiters_;
  bool stopping_ = false;
  std::thread timers_;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_FAKES_FAULT_GATE_H_
