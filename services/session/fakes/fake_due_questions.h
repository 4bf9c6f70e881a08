// FakeDueQuestions: what a test says is due.
#ifndef GREENROOM_SERVICES_SESSION_FAKES_FAKE_DUE_QUESTIONS_H_
#define GREENROOM_SERVICES_SESSION_FAKES_FAKE_DUE_QUESTIONS_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/session/due_questions.h"
#include "services/session/fakes/fault_gate.h"

namespace greenroom::session {

// Thread-safe. Operation of the gate: "ListDue".
class FakeDueQuestions final : public DueQuestions {
 public:
  FaultGate& gate() { return gate_; }

  // Of the learner's questions of `pack` (full name), those that are due from `time` on, in order.
  void Set(const LearnerKey& learner, const std::string& pack, absl::Time time,
           std::vector<std::string> questions) {
    absl::MutexLock lock(&mutex_);
    due_[{learner, pack}] = {time, std::move(questions)};
  }

  Task<absl::StatusOr<std::vector<std::string>>> ListDue(LearnerKey learner, PackOutline pack, absl::Time now,
                                                         int32_t count, absl::Time deadline) override {
    CO_RETURN_IF_ERROR(gate_.Pass("ListDue", deadline));
    absl::MutexLock lock(&mutex_);
    const auto found = due_.find({learner, pack.pack});
    if (found == due_.end() || found->second.first > now) co_return std::vector<std::string>();
    std::vector<std::string> questions = found->second.second;
    if (questions.size() > static_cast<size_t>(count)) questions.resize(static_cast<size_t>(count));
    co_return questions;
  }

 private:
  FaultGate gate_;
  absl::Mutex mutex_;
  std::map<std::pair<LearnerKey, std::string>, std::pair<absl::Time, std::vector<std::string>>> due_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_FAKES_FAKE_DUE_QUESTIONS_H_
