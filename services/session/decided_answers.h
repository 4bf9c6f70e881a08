// DecidedAnswers: what people decided about answers to a question, at hand for grading others.
#ifndef GREENROOM_SERVICES_SESSION_DECIDED_ANSWERS_H_
#define GREENROOM_SERVICES_SESSION_DECIDED_ANSWERS_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/base/clock.h"
#include "services/base/task.h"
#include "services/session/domain/graded_examples.h"
#include "services/session/domain/keys.h"
#include "services/session/log/event_log.h"

namespace greenroom::session {

// Thread-safe. Read from the log, and from memory for kFresh after a read began: so a decision counts for answers that are
// graded kFresh later, on every replica. The words of a learner who is erased are not used beyond that either, and leave
// memory with the next call.
class DecidedAnswers {
 public:
  static constexpr absl::Duration kFresh = absl::Seconds(1);

  // Both must outlive it.
  DecidedAnswers(EventLog& log, const Clock& clock) : log_(log), clock_(clock) {}

  // Of answers of the learner's tenant to the question (full name); never null. Errors: those of EventLog but DATA_LOSS:
  // what nobody can read counts as not decided.
  Task<absl::StatusOr<std::shared_ptr<const GradedExamples>>> About(LearnerKey learner, std::string question,
                                                                    absl::Time deadline);

 private:
  using Examples = std::shared_ptr<const GradedExamples>;
  using Subject = std::pair<std::string, std::string>;  // tenant, full name of the question
  struct Known {
    Examples examples;
    absl::Duration until;  // monotonic: fresh before it
  };

  // What is fresh at `now`; nullptr: read.
  Examples Find(const Subject& subject, absl::Duration now);
  // What a read that began at `began` found, unless a later one is kept.
  void Keep(const Subject& subject, Examples examples, absl::Duration began);
  Task<absl::StatusOr<Examples>> Read(const Subject& subject, absl::Time deadline);

  EventLog& log_;
  const Clock& clock_;
  absl::Mutex mutex_;
  absl::flat_hash_map<Subject, Known> known_ ABSL_GUARDED_BY(mutex_);
  absl::Duration swept_ ABSL_GUARDED_BY(mutex_);  // monotonic
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_DECIDED_ANSWERS_H_
