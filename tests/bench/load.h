// Load: calls kept in flight for a while, and how long they took.
#ifndef GREENROOM_TESTS_BENCH_LOAD_H_
#define GREENROOM_TESTS_BENCH_LOAD_H_

#include <grpcpp/support/status.h>

#include <cstddef>
#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace greenroom::bench {

// Starts one call and returns; `done` is called once, on any thread. `slot` is below the number in flight, and one slot
// has one call at a time.
using StartCall = std::function<void(size_t slot, std::function<void(const grpc::Status&)> done)>;

struct LoadFigures {
  double rps = 0;     // calls that ended within the measured time, a second
  double p50_us = 0;  // of those
  double p99_us = 0;
  double cpu_us = 0;   // of the processes that serve, per call; set by who knows them
  int64_t calls = 0;   // all that ended, warm-up included
  double refused = 0;  // tries refused as OVERLOADED, per call
};

// Keeps `in_flight` calls going (closed loop: a slot's next call begins when its last has ended), at first for
// `warm_up` unmeasured, then for `length`. A call that is refused as OVERLOADED is tried again when the refusal says, as
// our clients do, and takes from its first try to its last. Returns when every call has ended. A call that fails
// otherwise fails the whole run with its status: figures of errors are none.
absl::StatusOr<LoadFigures> RunLoad(const StartCall& start, size_t in_flight, absl::Duration warm_up,
                                    absl::Duration length);

// Starts call number `number` and returns; `done` is called once, on any thread.
using StartNumbered = std::function<void(int64_t number, std::function<void(const grpc::Status&)> done)>;

// Makes `count` calls, `in_flight` at a time, unmeasured. The first failure ends it.
absl::Status RunCalls(const StartNumbered& start, int64_t count, size_t in_flight);

}  // namespace greenroom::bench

#endif  // GREENROOM_TESTS_BENCH_LOAD_H_
