// Ledger: sessions as the log and the live store have them together. The promise lives here: acknowledged means in the
// log (architecture.md).
#ifndef GREENROOM_SERVICES_SESSION_LEDGER_H_
#define GREENROOM_SERVICES_SESSION_LEDGER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/base/clock.h"
#include "services/base/task.h"
#include "services/session/domain/fold.h"
#include "services/session/live/live_store.h"
#include "services/session/log/event_log.h"
#include "services/session/session_metrics.h"

namespace greenroom::session {

// An open write that is older makes a reader look at the log's head.
inline constexpr absl::Duration kOpenWriteGrace = absl::Seconds(2);
// An open write that is older can have no effect any more: longer than any deadline and any commit.
inline constexpr absl::Duration kOpenWriteForgotten = absl::Seconds(60);
// What the clock demands waits this long behind its time for the drafts, while the live store cannot be reached.
inline constexpr absl::Duration kDraftPatience = absl::Minutes(10);
// Of one call to the live store. Reading waits no longer, because the log has everything; writing has this time whatever
// is left of the request's.
inline constexpr absl::Duration kLiveBound = absl::Milliseconds(100);
// How often a write is decided again because an act of the learner's, from another device or session, took its place in
// the log. Grades that come in the background do not count: there is an end to them, and no learner sees an error for
// their sake.
inline constexpr int kRedecisions = 5;

struct LoadedSession {
  v1::LiveState state;
  LogHead head;  // head.seq: the state reflects every event of the learner's log up to it
  std::map<std::string, LiveDraft> drafts;
};

// What is to be done, as far as the session as it stands decides it.
struct Verdict {
  absl::Status refusal;  // not OK: refused
  bool repeats = false;  // accepted without an event
  v1::EventPayload payload;

  static Verdict Refuse(absl::Status status) { return {std::move(status), false, {}}; }
  static Verdict Repeat() { return {absl::OkStatus(), true, {}}; }
  static Verdict Write(v1::EventPayload payload) { return {absl::OkStatus(), false, std::move(payload)}; }
};

struct WriteCommand {
  SessionKey session;
  std::string event_id;        // a UUID in lower case
  std::string content_sha256;  // empty for the server's own
  std::string device;
  int64_t seen_sequence = 0;
  std::string question;     // what SESSION_MOVED is about; empty: nothing
  std::string clear_draft;  // a question; empty: none
  bool creates = false;     // the session's first event; `decide` then gets nullptr where there is no session
  // When the server got it, where `decide` goes by that; else it is stamped when it is written.
  std::optional<absl::Time> received_time;
  // Of what the clock does: its place, whatever the log holds behind it.
  std::optional<absl::Time> occurred_time;

  // Called once with the session as it was found, before the first decision. May be absent.
  std::function<Task<absl::Status>(const v1::LiveState&)> prepare;
  // A pure function of the session, called again whenever it has moved.
  std::function<Verdict(const v1::LiveState*)> decide;
  // What must hold of the learner's log as a whole, asked before each try to write: OK, or the refusal. What it finds is
  // still so when the event is written, as nothing else can be written in between. May be absent.
  std::function<Task<absl::Status>()> confirm;
  // Called once, after the first decision to write: the grade that goes into the same unit, nullopt where it is pending.
  std::function<Task<std::optional<v1::EventPayload>>()> grade;
  // What else the unit's grade (the one `grade` gave, or `decide` where it writes one) puts into the unit, behind it: a
  // pure function of the session as decided on. Called with each decision to write. May be absent.
  std::function<std::vector<v1::EventPayload>(const v1::LiveState&, const v1::Graded&)> follow;
};

struct WriteOutcome {
  bool replayed =
      false;  // the id is in the log already: `event` is what it did; `state` and `before` say nothing
  bool repeated = false;  // no event: `state` says all
  Event event;
  std::optional<Event> grade;     // written with it
  std::vector<Event> follow_ups;  // written with it
  v1::LiveState before;           // as decided on; empty for a creation
  v1::LiveState state;            // after it
};

// What a device did while it was away.
struct MergeCommand {
  LearnerKey learner;
  std::string device;
  std::vector<Event>
      items;  // of the learner, from the device, each with its number; seq and received_time are given here

  // Whether a session that is new may begin as it does: OK, or why not. Called once for each, before anything is written.
  // NOT_FOUND and FAILED_PRECONDITION refuse the item, all else ends the merge. May be absent.
  std::function<Task<absl::Status>(const Event&)> admit;
};

// What became of an item.
struct MergedItem {
  absl::Status refusal;  // not OK: it is not in the log, and the rest says nothing
  bool replayed = false;
  int64_t seq = 0;
  absl::Time received_time;
};

// Thread-safe. Everything it borrows must outlive it and every Task it gave.
class Ledger {
 public:
  Ledger(EventLog& log, LiveStore& live, const Clock& clock, SessionMetrics& metrics);

  // The session as it stands. SESSION_NOT_FOUND. What the clock demands of it is done first (deadlines.h). Works from the
  // log alone while the live store cannot be reached. Reflects every event up to `seen_sequence` that exists.
  Task<absl::StatusOr<LoadedSession>> Load(SessionKey session, int64_t seen_sequence, bool with_drafts,
                                           absl::Time deadline);

  // As Load, for a caller that refuses what `judge` does not say OK to; the refusal is then the answer. `judge` is a pure
  // function of the state, and called again where the first state was behind the log: nothing is refused for that.
  Task<absl::StatusOr<LoadedSession>> LoadFor(SessionKey session, int64_t seen_sequence, bool with_drafts,
                                              std::function<absl::Status(const v1::LiveState&)> judge,
                                              absl::Time deadline);

  // All events of the session, folded; what the clock demands is done first.
  Task<absl::StatusOr<SessionFold>> ReadFold(SessionKey session, absl::Time deadline);

  // Carries out a write. When it answers OK the event is in the log. Refusals: those of `decide`, SESSION_NOT_FOUND,
  // SESSION_MOVED, ID_REUSED; but a command whose id is in the log with the same content is replayed, whatever the
  // session's state says by now. After UNAVAILABLE and DEADLINE_EXCEEDED it may be in the log.
  Task<absl::StatusOr<WriteOutcome>> Write(WriteCommand command, absl::Time deadline);

  // Takes the items into the log in one transaction, those that are refused (ID_REUSED, OCCURRED_IN_FUTURE, MODE_FORBIDS,
  // `admit`) and those that are there left out; yields what became of each, in their order. The state table is not asked:
  // what counts is the fold's to say. After UNAVAILABLE and DEADLINE_EXCEEDED they may be in the log.
  Task<absl::StatusOr<std::vector<MergedItem>>> Merge(MergeCommand command, absl::Time deadline);

  // Removes all that is kept of the learner, and has everything refused that would be kept of them (LEARNER_ERASED). Yields
  // when they were erased, the first time. After UNAVAILABLE and DEADLINE_EXCEEDED it may be half done: call again.
  Task<absl::StatusOr<absl::Time>> Erase(LearnerKey learner, absl::Time deadline);
  // Calls that were under way while a learner was erased may have put live state back. Removes it again once none can be
  // under way any more; with `all` at once. Yields how many learners are left.
  Task<size_t> SweepErased(bool all, absl::Time deadline);

  // What the command's id did before: a replay; nullopt where it is new; ID_REUSED where it did something else.
  Task<absl::StatusOr<std::optional<WriteOutcome>>> FindReplay(const WriteCommand& command,
                                                               absl::Time deadline);

  // Sessions that this process wrote while the live store could not be reached are behind there, and other processes
  // cannot know it: writes some of them, and ends with the first that cannot be. Yields how many are left.
  Task<size_t> Settle(size_t most, absl::Time deadline);

  // The id of the grade that a cause gives an answer: whoever writes it, it is one event.
  static std::string GradeEventId(absl::string_view answer, v1::GradeCause cause, int32_t number);
  // The same of the question that joins a session's plan.
  static std::string FollowUpEventId(absl::string_view session, absl::string_view question);
  // And of a question that is put to the learner in a mode that the server times.
  static std::string StartEventId(absl::string_view session, absl::string_view question);

 private:
  // A session in hand: what was found of it, and where from.
  struct Working {
    std::optional<v1::LiveState> state;  // nullopt: no such session
    LogHead head;
    std::map<std::string, LiveDraft> drafts;
  };

  // What there is of the session. With `creates` a session that is not stored is not looked for in the log.
  Task<absl::StatusOr<Working>> Open(SessionKey session, BeginOptions options, int64_t seen_sequence,
                                     bool creates, absl::Time deadline);
  Task<absl::StatusOr<Working>> OpenFrom(const SessionKey& session, LiveView view, bool for_write,
                                         int64_t seen_sequence, bool creates, absl::Time deadline);
  // Reads what the log has beyond `working`, or all of it where it has no state.
  Task<absl::Status> Refresh(const SessionKey& session, Working& working, absl::Time deadline);
  // Refreshes and writes the state back, closing the write named (empty: none).
  Task<absl::Status> Rebuild(const SessionKey& session, Working& working, const char* reason,
                             std::string close_write, absl::Time deadline);
  // False: it failed, which is counted and remembered, and no reason to fail a request.
  Task<bool> PutState(const SessionKey& session, const Working& working, LiveWrite write);
  // Does what the clock demands of the session: finishes it where nothing has happened for long or its time is up, and
  // leaves the questions whose time is up. Each is an event that whoever meets it writes once.
  Task<absl::Status> ObeyClock(const SessionKey& session, Working& working, absl::Time deadline);
  Task<absl::Status> Expire(const SessionKey& session, Working& working, absl::Time deadline);
  Task<absl::Status> RunOut(const SessionKey& session, Working& working, absl::Time deadline);
  // Carries out an event of the clock's.
  Task<absl::Status> CarryOnce(const WriteCommand& command, Working& working, absl::Time deadline);

  // From a session in hand to what came of the command; `working` is what the session is then.
  Task<absl::StatusOr<WriteOutcome>> Carry(const WriteCommand& command, Working& working,
                                           absl::Time deadline);
  // Whether the learner's log has more than `working` reflects.
  Task<absl::StatusOr<bool>> IsBehind(const SessionKey& session, const Working& working, absl::Time deadline);
  // Whether there is something behind `seq` in the learner's log, and only what grading writes.
  Task<absl::StatusOr<bool>> HasOnlyGradesAfter(const LearnerKey& learner, int64_t seq, absl::Time deadline);
  Verdict Judge(const WriteCommand& command, const Working& working) const;
  std::vector<Event> MakeUnit(const WriteCommand& command, const Working& working, v1::EventPayload payload,
                              std::optional<v1::EventPayload> grade) const;
  // After its unit is in the log.
  Task<WriteOutcome> Conclude(const WriteCommand& command, Working& working, std::vector<Event> unit,
                              absl::Time deadline);
  // Says what came of a command that wrote nothing: a replay, its refusal, or that it repeats.
  Task<absl::StatusOr<WriteOutcome>> Answer(const WriteCommand& command, Working& working,
                                            const Verdict& verdict, std::optional<WriteOutcome> replay,
                                            absl::Time deadline);
  // Of a command that wrote nothing.
  Task<bool> CloseWrite(const WriteCommand& command);

  // What a merge is decided on.
  struct MergeBase {
    absl::Time now;
    LogHead head;
    std::vector<Event> found;           // what the log has under a name of the items'
    std::vector<absl::Status> bars;     // of each item: why it may not come in, where it is new
    std::map<std::string, bool> begun;  // sessions that the log has
  };
  using OpenWrites = std::map<std::string, std::string>;  // event ids by session

  Task<absl::StatusOr<MergeBase>> ReadMergeBase(const MergeCommand& command,
                                                std::map<std::string, absl::Status>& admitted,
                                                absl::Time deadline);
  // MODE_FORBIDS where the session's time is up.
  Task<absl::Status> CheckTime(const SessionKey& session, const Event& item, absl::Time now,
                               absl::Time deadline);
  // So that readers look for what is about to be written.
  Task<bool> OpenSessions(const std::vector<Event>& unit, const MergeBase& base, OpenWrites& opened);
  Task<bool> CloseSessions(const LearnerKey& learner, const OpenWrites& opened);
  Task<bool> SettleSessions(const LearnerKey& learner, const OpenWrites& opened, absl::Time deadline);

  struct Erasure {
    LearnerKey learner;
    std::vector<std::string> sessions;
    absl::Duration since;  // by the monotonic clock
  };
  Task<absl::Status> EraseLive(LearnerKey learner, std::vector<std::string> sessions, absl::Time deadline);

  bool IsUnsettled(const SessionKey& session) const;
  void MarkUnsettled(const SessionKey& session);
  void MarkSettled(const SessionKey& session);

  EventLog& log_;
  LiveStore& live_;
  const Clock& clock_;
  SessionMetrics& metrics_;
  mutable absl::Mutex mutex_;
  // Sessions that this process wrote without the live store: what it has of them is behind the log.
  absl::flat_hash_set<SessionKey> unsettled_ ABSL_GUARDED_BY(mutex_);
  std::vector<Erasure> erasures_ ABSL_GUARDED_BY(mutex_);  // not swept yet
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_LEDGER_H_
