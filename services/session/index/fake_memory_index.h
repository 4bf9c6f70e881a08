// FakeMemoryIndex: the index in memory, for tests.
#ifndef GREENROOM_SERVICES_SESSION_INDEX_FAKE_MEMORY_INDEX_H_
#define GREENROOM_SERVICES_SESSION_INDEX_FAKE_MEMORY_INDEX_H_

#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/session/fakes/fault_gate.h"
#include "services/session/index/memory_index.h"
#include "services/session/log/fake_event_log.h"

namespace greenroom::session {

// Keeps the contract of MemoryIndex beside a FakeEventLog; answers on the caller's thread unless the gate stalls it.
class FakeMemoryIndex final : public MemoryIndex {
 public:
  // `log` must outlive it.
  explicit FakeMemoryIndex(FakeEventLog& log) : log_(log) {}

  // Operations are named like the methods.
  FaultGate& gate() { return gate_; }
  // How many steps were taken.
  int steps() const;

  Task<absl::StatusOr<MemoryBacklog>> Backlog(LearnerKey learner, int32_t limit,
                                              absl::Time deadline) override;
  Task<absl::StatusOr<std::vector<Review>>> ReviewsAround(LearnerKey learner,
                                                          std::vector<std::string> sessions,
                                                          std::vector<ItemKey> items,
                                                          absl::Time deadline) override;
  Task<absl::StatusOr<std::vector<Review>>> ListReviews(LearnerKey learner, std::string pack,
                                                        absl::Time deadline) override;
  Task<absl::StatusOr<std::vector<Review>>> NewestReviews(LearnerKey learner, std::string pack, int32_t limit,
                                                          absl::Time deadline) override;
  Task<absl::StatusOr<KeptMemory>> ReadMemory(LearnerKey learner, absl::Time deadline) override;
  Task<absl::StatusOr<bool>> Take(const MemoryStep& step, absl::Time deadline) override;
  Task<absl::StatusOr<MemoryWalk>> BeginWalk(absl::Time now, absl::Duration quiet, absl::Duration lease,
                                             int32_t limit, absl::Time deadline) override;
  Task<absl::Status> EndWalk(MemoryWalk walk, absl::Time deadline) override;

 private:
  struct Learner {
    int emptied = 0;  // the log's Emptied, when this was written
    int64_t reflected = 0;
    v1::LearnerSettings settings;
    std::vector<Review> reviews;
    std::map<ItemKey, MemoryItem> items;
  };

  // nullptr where nothing is kept of the learner: it goes when the log is emptied.
  const Learner* Find(const LearnerKey& learner) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  FakeEventLog& log_;
  FaultGate gate_;
  mutable absl::Mutex mutex_;
  std::map<LearnerKey, Learner> learners_ ABSL_GUARDED_BY(mutex_);
  int64_t walked_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Time leased_until_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  int steps_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_INDEX_FAKE_MEMORY_INDEX_H_
