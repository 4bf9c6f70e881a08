// OpenExams: which learners have an exam open, in memory, so that the others' answers cost no look at a store.
#ifndef GREENROOM_SERVICES_SESSION_ASSIGNMENTS_OPEN_EXAMS_H_
#define GREENROOM_SERVICES_SESSION_ASSIGNMENTS_OPEN_EXAMS_H_

#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "services/session/domain/keys.h"

namespace greenroom::session {

// Thread-safe. Until Replace is called first, everybody may have one. It may lag behind: whoever is said to have one is
// looked up. Whoever opens one here is known at once, elsewhere as soon as Replace is called, which the exam worker does
// each second.
class OpenExams {
 public:
  // Beyond so many everybody may have one.
  static constexpr size_t kMost = 100000;

  bool MayHave(const LearnerKey& learner) const {
    absl::ReaderMutexLock lock(&mutex_);
    return !looked_ || learners_.size() > kMost || learners_.contains(learner);
  }
  void Add(const LearnerKey& learner) {
    absl::MutexLock lock(&mutex_);
    learners_.insert(learner);
    added_.insert(learner);
  }
  // Before the store is asked for what Replace is given: what is added from here on stays.
  void BeginLook() {
    absl::MutexLock lock(&mutex_);
    added_.clear();
  }
  void Replace(std::vector<LearnerKey> learners) {
    absl::MutexLock lock(&mutex_);
    looked_ = true;
    learners_ = {learners.begin(), learners.end()};
    learners_.insert(added_.begin(), added_.end());
  }

 private:
  mutable absl::Mutex mutex_;
  bool looked_ ABSL_GUARDED_BY(mutex_) = false;
  absl::flat_hash_set<LearnerKey> learners_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_set<LearnerKey> added_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_ASSIGNMENTS_OPEN_EXAMS_H_
