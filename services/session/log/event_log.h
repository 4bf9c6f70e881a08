// EventLog: the port to the learners' logs, the only truth of the session service.
#ifndef GREENROOM_SERVICES_SESSION_LOG_EVENT_LOG_H_
#define GREENROOM_SERVICES_SESSION_LOG_EVENT_LOG_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/base/task.h"
#include "services/session/domain/event.h"
#include "services/session/domain/keys.h"

namespace greenroom::session {

enum class AppendOutcome {
  kWritten,  // all rows are durable: no crash loses them
  kErased,   // no row was written: the learner was erased, and nothing is kept of them any more
  kConflict,  // no row was written: a seq, an event id or a (device, device_seq) of the unit is taken. FindEvent of
  // the unit's first event id tells whether it is a replay; otherwise ReadAfter tells who was faster
};

// Names that events of one learner may have taken.
struct EventNames {
  std::vector<std::string> event_ids;
  std::string device;  // whose numbers `device_seqs` are
  std::vector<int64_t> device_seqs;
};

// An answer whose grade is to come.
struct PendingGrade {
  SessionKey session;
  std::string answer;  // the event id of its Submitted
  int32_t tries = 0;   // how often it was postponed

  friend bool operator==(const PendingGrade&, const PendingGrade&) = default;
};

// A next try or the end of a lease that lies further ahead is of a clock that has been set back since, and counts as
// past: else an answer would wait for its grade as long as the clock went back.
inline constexpr absl::Duration kFarthestTry = absl::Minutes(10);

// Thread-safe. Tasks resume on a thread of the log's own or on the caller's; nothing blocks the caller's thread.
//
// Errors of every call:
//   DEADLINE_EXCEEDED   the deadline passed first. Of Append: nothing was written, nor will be.
//   RESOURCE_EXHAUSTED  the queue is full. Of Append: nothing was written, nor will be.
//   UNAVAILABLE         the store cannot be reached or is busy. Of Append: not known; the unit is there whole or not
//                       at all, and FindEvent tells once the store is back.
//   DATA_LOSS           a stored row cannot be read. Never of a kind or field that is only unknown.
// Messages hold no payload and no names of learners.
//
// A reader sees every unit that was acknowledged before its call began. It never sees part of a unit.
class EventLog {
 public:
  virtual ~EventLog() = default;

  // Writes `unit` whole or not at all: one or more events of one learner with consecutive seqs given by the caller, the
  // first of them one above the head the caller knows of. The seqs, event ids and (device, device_seq) are unique
  // within (tenant, learner). INVALID_ARGUMENT where the unit is empty, of two learners or not consecutive.
  // In the same transaction the index of alarms is told of the `alarm` of each event that has one, and nobody holds the
  // session's alarm any more; and the index of pending grades gets each Submitted whose Graded is not in the unit, to be taken
  // at once, as is what a session has there whose Created a device has numbered; and loses what a Graded names.
  // `unit` must live until the Task has ended.
  virtual Task<absl::StatusOr<AppendOutcome>> Append(const std::vector<Event>& unit, absl::Time deadline) = 0;

  // The event with this id in the learner's log; nullopt where there is none. One indexed read.
  virtual Task<absl::StatusOr<std::optional<Event>>> FindEvent(LearnerKey learner, std::string event_id,
                                                               absl::Time deadline) = 0;

  // The events of the learner's log that have one of these ids, or one of these numbers of this device; each once, in seq
  // order. At most 1000 of either kind.
  virtual Task<absl::StatusOr<std::vector<Event>>> FindEvents(LearnerKey learner, EventNames names,
                                                              absl::Time deadline) = 0;

  // All events of one session with seq > after_seq, grades included, in seq order. Empty where there are none: a
  // session that nobody created is no error.
  virtual Task<absl::StatusOr<std::vector<Event>>> ReadSession(SessionKey session, int64_t after_seq,
                                                               absl::Time deadline) = 0;

  // The next `limit` events of the learner with seq > after_seq, of all sessions, in seq order. limit >= 1; fewer
  // than `limit` means that there were no more.
  virtual Task<absl::StatusOr<std::vector<Event>>> ReadAfter(LearnerKey learner, int64_t after_seq,
                                                             int32_t limit, absl::Time deadline) = 0;

  // Where the learner's log ends; seq 0 where it has not begun. Indexed.
  virtual Task<absl::StatusOr<LogHead>> Head(LearnerKey learner, absl::Time deadline) = 0;

  // What tells one life of the learner's log from another: 1 to 64 letters, digits, dots and dashes. The seqs of two epochs
  // have nothing to do with one another. Random, made when the store is created or a backup of it restored.
  virtual Task<absl::StatusOr<std::string>> Epoch(LearnerKey learner, absl::Time deadline) = 0;

  // Removes all that the store holds of the learner, in one transaction, and leaves a tombstone that says no name: from then
  // on every Append of theirs is kErased. After it nothing of them is left in the store's files beside its tables either.
  // Yields when they were erased: `now`, or the time of a tombstone that stood. The epoch is then another one. UNAVAILABLE
  // and DEADLINE_EXCEEDED: it may be half done; call again.
  virtual Task<absl::StatusOr<absl::Time>> Erase(LearnerKey learner, absl::Time now, absl::Time deadline) = 0;

  // At most `limit` (>= 1) Created events of the learner with seq < before_seq (0: from the newest), highest seq
  // first.
  virtual Task<absl::StatusOr<std::vector<Event>>> ListSessions(LearnerKey learner, int64_t before_seq,
                                                                int32_t limit, absl::Time deadline) = 0;

  // At most `limit` (>= 1) grades that people decided (OverrideGrade) against the question (full name), of all learners of
  // the tenant, the latest commit first. Indexed.
  virtual Task<absl::StatusOr<std::vector<Event>>> ListDecisions(std::string tenant,
                                                                 std::string question_name, int32_t limit,
                                                                 absl::Time deadline) = 0;

  // At most `limit` (>= 1) learners that have a log, of all tenants, in key order, after `after` ({}: from the first).
  // For operators' tools: it may scan.
  virtual Task<absl::StatusOr<std::vector<LearnerKey>>> ListLearners(LearnerKey after, int32_t limit,
                                                                     absl::Time deadline) = 0;

  // Takes at most `limit` pending grades, of all learners, whose next try is at or before `now` and that nobody
  // holds, those that wait longest first. Nobody else is given them before now + lease: of two callers at once, on any
  // replicas, one gets each. A lease only saves work: what is done under an expired one is written once all the
  // same. `owner` is not empty, `lease` at most kFarthestTry.
  virtual Task<absl::StatusOr<std::vector<PendingGrade>>> TakePending(std::string owner, absl::Time now,
                                                                      absl::Duration lease, int32_t limit,
                                                                      absl::Time deadline) = 0;

  // Gives the answer back, not to be taken before `next_try` (at most kFarthestTry from now), and adds one to its tries. Does nothing where `owner` does
  // not hold it any more, or where it has been graded.
  virtual Task<absl::Status> Postpone(std::string owner, PendingGrade pending, absl::Time next_try,
                                      absl::Time deadline) = 0;

  // Takes at most `limit` (>= 1) sessions, of all learners, whose alarm lies before `now` and that nobody holds, those that
  // wait longest first. Leases as TakePending's.
  virtual Task<absl::StatusOr<std::vector<SessionKey>>> TakeAlarms(std::string owner, absl::Time now,
                                                                   absl::Duration lease, int32_t limit,
                                                                   absl::Time deadline) = 0;

  // Gives the session back, with `next` as its alarm; InfinitePast: it has none. Does nothing where `owner` does not hold
  // it any more: an event has set another alarm since.
  virtual Task<absl::Status> SetAlarm(std::string owner, SessionKey session, absl::Time next,
                                      absl::Time deadline) = 0;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_LOG_EVENT_LOG_H_
