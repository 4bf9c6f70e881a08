// FakeEventLog: the log in memory, for tests.
#ifndef GREENROOM_SERVICES_SESSION_LOG_FAKE_EVENT_LOG_H_
#define GREENROOM_SERVICES_SESSION_LOG_FAKE_EVENT_LOG_H_

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/session/fakes/fault_gate.h"
#include "services/session/log/event_log.h"

namespace greenroom::session {

// Keeps the contract of EventLog; answers on the caller's thread unless the gate stalls it.
class FakeEventLog : public EventLog {
 public:
  // Operations are named like the methods. An Append that the gate fails writes nothing.
  FaultGate& gate() { return gate_; }

  // Called before each Append looks, outside all locks: a test can write something first, as a faster device would.
  void set_before_append(std::function<void(const std::vector<Event>&)> hook);
  // The next Append writes its unit and then answers with `status`, as when a connection breaks in mid-commit.
  void LoseNextAcknowledgement(absl::Status status);

  // All events of a learner in seq order.
  std::vector<Event> Events(const LearnerKey& learner) const;
  // All events of all learners in the order of their commits: a commit_seq counts from 1 here.
  std::vector<Event> Committed() const;
  // Who has a log, in key order.
  std::vector<LearnerKey> Learners() const;
  size_t pending_count() const;
  // How often the learner's log has been emptied, by Clear or an erasure: what is kept beside it goes with it.
  int Emptied(const LearnerKey& learner) const;
  // Whether the learner is erased, and may not begin anew.
  bool IsErased(const LearnerKey& learner) const;

  // Forgets all: as a store that is new.
  void Clear();
  // Gives every log another epoch.
  void BeginEpoch();
  // Lets a learner who was erased begin anew.
  void LiftErasure(const LearnerKey& learner);

  Task<absl::StatusOr<AppendOutcome>> Append(const std::vector<Event>& unit, absl::Time deadline) override;
  Task<absl::StatusOr<std::optional<Event>>> FindEvent(LearnerKey learner, std::string event_id,
                                                       absl::Time deadline) override;
  Task<absl::StatusOr<std::vector<Event>>> FindEvents(LearnerKey learner, EventNames names,
                                                      absl::Time deadline) override;
  Task<absl::StatusOr<std::vector<Event>>> ReadSession(SessionKey session, int64_t after_seq,
                                                       absl::Time deadline) override;
  Task<absl::StatusOr<std::vector<Event>>> ReadAfter(LearnerKey learner, int64_t after_seq, int32_t limit,
                                                     absl::Time deadline) override;
  Task<absl::StatusOr<LogHead>> Head(LearnerKey learner, absl::Time deadline) override;
  Task<absl::StatusOr<std::string>> Epoch(LearnerKey learner, absl::Time deadline) override;
  Task<absl::StatusOr<absl::Time>> Erase(LearnerKey learner, absl::Time now, absl::Time deadline) override;
  Task<absl::StatusOr<std::vector<Event>>> ListSessions(LearnerKey learner, int64_t before_seq, int32_t limit,
                                                        absl::Time deadline) override;
  Task<absl::StatusOr<std::vector<Event>>> ListDecisions(std::string tenant, std::string question_name,
                                                         int32_t limit, absl::Time deadline) override;
  Task<absl::StatusOr<std::vector<LearnerKey>>> ListLearners(LearnerKey after, int32_t limit,
                                                             absl::Time deadline) override;
  Task<absl::StatusOr<std::vector<PendingGrade>>> TakePending(std::string owner, absl::Time now,
                                                              absl::Duration lease, int32_t limit,
                                                              absl::Time deadline) override;
  Task<absl::Status> Postpone(std::string owner, PendingGrade pending, absl::Time next_try,
                              absl::Time deadline) override;
  Task<absl::StatusOr<std::vector<SessionKey>>> TakeAlarms(std::string owner, absl::Time now,
                                                           absl::Duration lease, int32_t limit,
                                                           absl::Time deadline) override;
  Task<absl::Status> SetAlarm(std::string owner, SessionKey session, absl::Time next,
                              absl::Time deadline) override;

 private:
  struct Log {
    std::map<int64_t, Event> by_seq;
    std::map<std::string, int64_t> by_id;
    std::map<std::pair<std::string, int64_t>, int64_t> by_device;
  };
  struct Erasure {
    absl::Time time;
    int count = 0;
    bool lifted = true;
  };
  struct Pending {
    PendingGrade grade;
    absl::Time next_try;
    std::string owner;
    absl::Time leased_until = absl::InfinitePast();
    int64_t order = 0;
  };
  struct Alarm {
    absl::Time due;
    std::string owner;
    absl::Time leased_until = absl::InfinitePast();
  };
  using PendingKey = std::pair<LearnerKey, std::string>;

  // Whether the unit can be written: nothing in it is taken, by the log or by the unit itself.
  static bool Fits(const Log& log, const std::vector<Event>& unit);

  FaultGate gate_;
  mutable absl::Mutex mutex_;
  std::function<void(const std::vector<Event>&)> before_append_ ABSL_GUARDED_BY(mutex_);
  absl::Status lost_acknowledgement_ ABSL_GUARDED_BY(mutex_);
  std::map<LearnerKey, Log> logs_ ABSL_GUARDED_BY(mutex_);
  std::vector<Event> committed_ ABSL_GUARDED_BY(mutex_);
  std::map<PendingKey, Pending> pending_ ABSL_GUARDED_BY(mutex_);
  std::map<LearnerKey, Erasure> erasures_ ABSL_GUARDED_BY(mutex_);
  int cleared_ ABSL_GUARDED_BY(mutex_) = 0;
  int epoch_ ABSL_GUARDED_BY(mutex_) = 1;
  std::map<SessionKey, Alarm> alarms_ ABSL_GUARDED_BY(mutex_);
  int64_t order_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_LOG_FAKE_EVENT_LOG_H_
