// MemoryIndex: the port to what is kept of learners' memory beside their logs: reviews and items, derived from events and
// thrown away at will. It lies in the logs' own store and carries the place in each log that it reflects. A log's head is
// written in the transaction of its events, so what the index does not know is always known: the events between the two.
// Nothing else is written for it on the way of an answer.
#ifndef GREENROOM_SERVICES_SESSION_INDEX_MEMORY_INDEX_H_
#define GREENROOM_SERVICES_SESSION_INDEX_MEMORY_INDEX_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "greenroom/session/v1/learner.pb.h"
#include "services/base/task.h"
#include "services/session/domain/keys.h"
#include "services/session/memory/memory_item.h"
#include "services/session/memory/reviews.h"

namespace greenroom::session {

// What a log has and the index does not.
struct MemoryBacklog {
  int64_t reflected = 0;  // every event up to this one is in the index; 0: none is
  int64_t head = 0;       // where the log ends
  int64_t upto =
      0;  // `sessions` are those of the events after `reflected` up to this one; the head where all are
  std::vector<std::string>
      sessions;  // each once, in order; "" stands for what is about the learner as a whole

  friend bool operator==(const MemoryBacklog&, const MemoryBacklog&) = default;
};

// A step of the index: from the log as far as `from` to the log as far as `to`.
struct MemoryStep {
  LearnerKey learner;
  int64_t from = 0;
  int64_t to = 0;                     // above `from`
  std::vector<std::string> sessions;  // whose reviews are replaced
  std::vector<Review> reviews;        // all of these sessions
  std::vector<MemoryItem> items;      // as they are now; others stay as they are
  std::vector<ItemKey> gone;          // of which nothing counts any more
  v1::LearnerSettings settings;       // as they stand
};

// What is remembered of a learner, in one state of the store.
struct KeptMemory {
  v1::LearnerSettings settings;   // as they stood at the last step; nothing set before the first
  std::vector<MemoryItem> items;  // all, in no order
};

// Learners whose logs have grown.
struct MemoryWalk {
  int64_t from = 0;                  // the place in the store that the walk began at
  int64_t to = 0;                    // where it ended; `from` where there was nothing, or another walks
  std::vector<LearnerKey> learners;  // each once
};

// The end of a walk's lease that lies further ahead is of a clock that has been set back since, and counts as past.
inline constexpr absl::Duration kFarthestWalk = absl::Minutes(10);

// Thread-safe. Tasks resume on a thread of the index's own or on the caller's; nothing blocks the caller's thread.
// Errors of every call as EventLog's: DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, UNAVAILABLE, DATA_LOSS where a stored row
// cannot be read. Messages hold no names of learners.
//
// A reader sees every step that was acknowledged before its call began, and never part of one. What is kept of a learner
// goes with their log: after EventLog::Erase there is nothing, and no first step is taken (Take) until they begin anew.
class MemoryIndex {
 public:
  virtual ~MemoryIndex() = default;

  // What is to be taken in, of at most `limit` (>= 1) events; all in one state of the store.
  virtual Task<absl::StatusOr<MemoryBacklog>> Backlog(LearnerKey learner, int32_t limit,
                                                      absl::Time deadline) = 0;

  // All reviews of the items that any review of these sessions is of, or that `items` names.
  virtual Task<absl::StatusOr<std::vector<Review>>> ReviewsAround(LearnerKey learner,
                                                                  std::vector<std::string> sessions,
                                                                  std::vector<ItemKey> items,
                                                                  absl::Time deadline) = 0;

  // All reviews of the learner, of the pack (full name) or, where it is empty, of all. In no order.
  virtual Task<absl::StatusOr<std::vector<Review>>> ListReviews(LearnerKey learner, std::string pack,
                                                                absl::Time deadline) = 0;

  // At most `limit` (>= 1) of the learner's reviews of the pack (full name), those that ReviewedBefore has last, in that
  // order's reverse. What it costs grows with all of them, but little: the others are only passed over.
  virtual Task<absl::StatusOr<std::vector<Review>>> NewestReviews(LearnerKey learner, std::string pack,
                                                                  int32_t limit, absl::Time deadline) = 0;

  // The learner's settings and items.
  virtual Task<absl::StatusOr<KeptMemory>> ReadMemory(LearnerKey learner, absl::Time deadline) = 0;

  // Takes the step whole, or not at all: false where the index is not at `step.from` any more, since another took one. So
  // what a step was computed from, read after its Backlog, was still so when it was taken. INVALID_ARGUMENT where it leads
  // nowhere. `step` must live until the Task has ended.
  virtual Task<absl::StatusOr<bool>> Take(const MemoryStep& step, absl::Time deadline) = 0;

  // Walks on through the events of all logs, in the order of their commits, over at most `limit` (>= 1) of those received
  // before `now` - `quiet`, and yields the learners whose last event was among them: whoever goes on working is met later.
  // Nobody else walks before `now` + `lease` (at most kFarthestWalk), or until EndWalk.
  virtual Task<absl::StatusOr<MemoryWalk>> BeginWalk(absl::Time now, absl::Duration quiet,
                                                     absl::Duration lease, int32_t limit,
                                                     absl::Time deadline) = 0;
  // The walk's learners are taken care of: the next one begins at its end. Does nothing where it has been taken on since.
  virtual Task<absl::Status> EndWalk(MemoryWalk walk, absl::Time deadline) = 0;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_INDEX_MEMORY_INDEX_H_
