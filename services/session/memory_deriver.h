// MemoryDeriver: takes what logs say into the memory index.
#ifndef GREENROOM_SERVICES_SESSION_MEMORY_DERIVER_H_
#define GREENROOM_SERVICES_SESSION_MEMORY_DERIVER_H_

#include <cstdint>
#include <map>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/base/metrics.h"
#include "services/base/task.h"
#include "services/session/index/memory_index.h"
#include "services/session/log/event_log.h"

namespace greenroom::session {

// What is remembered of a learner, as far as the index reflects the log.
struct CurrentMemory {
  int64_t reflected = 0;  // every event up to this one is in it, and maybe some behind it
  KeptMemory kept;
};

// Thread-safe. Everything it borrows must outlive it and every Task it gave.
class MemoryDeriver {
 public:
  // Events that one step takes in; the sessions that they are of are folded whole.
  static constexpr int32_t kStepEvents = 1000;

  MemoryDeriver(EventLog& log, MemoryIndex& index, MetricsRegistry& metrics);

  // Takes in what the learner's log has and the index does not, step by step; begins no step after half of the time to the
  // deadline. Yields the place that the index reflects now: the log's head of this moment, but where the time was short.
  // Errors as error::OfLog.
  Task<absl::StatusOr<int64_t>> CatchUp(LearnerKey learner, absl::Time deadline);

  // Catches up, and reads what is kept then.
  Task<absl::StatusOr<CurrentMemory>> ReadMemory(LearnerKey learner, absl::Time deadline);

  // The events that are about the learner as a whole: settings and imports, from the log itself.
  Task<absl::StatusOr<std::vector<Event>>> LearnerEvents(LearnerKey learner, absl::Time deadline);

 private:
  // What the index has already of what a step may change.
  struct Kept {
    std::vector<Review> reviews;
    std::map<ItemKey, MemoryItem> items;  // where the step may change all of them
  };

  Task<absl::StatusOr<MemoryStep>> Derive(LearnerKey learner, MemoryBacklog backlog, absl::Time deadline);
  Task<absl::StatusOr<std::vector<Review>>> SessionReviews(SessionKey session, absl::Time deadline);
  Task<absl::Status> ReadKept(const MemoryStep& step, bool whole, Kept& kept, absl::Time deadline);

  EventLog& log_;
  MemoryIndex& index_;
  Counter taken_;  // steps
  Counter late_;   // steps that another had taken first
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_MEMORY_DERIVER_H_
