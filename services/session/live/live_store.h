// LiveStore: the port to the live state of sessions. A cache with a fence: everything in it but drafts can be rebuilt
// from the log, so losing it costs a read of the log and nothing else.
#ifndef GREENROOM_SERVICES_SESSION_LIVE_LIVE_STORE_H_
#define GREENROOM_SERVICES_SESSION_LIVE_LIVE_STORE_H_

#include <cstdint>
#include <map>
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

// What this program writes. Older is rebuilt from the log; newer is left alone (an upgrade is under way) and the log
// is read instead.
inline constexpr int32_t kLiveStateFormat = 3;

// A question's drafts are kept at most this often.
inline constexpr absl::Duration kDraftInterval = absl::Seconds(3);
// A draft that is younger than now by more was saved by a clock that has been set back since, and counts as old.
inline constexpr absl::Duration kClocksDisagree = absl::Minutes(1);

// Live state and drafts vanish this long after the last write to their session.
inline constexpr absl::Duration kLiveStateTtl = absl::Hours(24);

struct LiveDraft {
  std::string text;      // never empty
  absl::Time save_time;  // whole milliseconds

  friend bool operator==(const LiveDraft&, const LiveDraft&) = default;
};

struct StoredState {
  std::string bytes;   // as Put gave them
  int64_t seq = 0;     // every event of the learner's log up to this is reflected
  int32_t format = 0;  // that it was written with
  bool same_run =
      false;  // written under the store process that answered now; a restart or failover makes it false
};

// What Begin saw, in one atomic look.
struct LiveView {
  std::optional<StoredState> state;  // absent: never written, expired or flushed
  std::optional<LogHead>
      head;  // the highest that any Put for this learner named; a hint, never ahead of the log
  std::map<std::string, LiveDraft> drafts;  // by question; only where asked for
  // The longest time since a write to this session was opened that is not closed yet, the caller's own excepted;
  // absent where there is none. Never negative.
  std::optional<absl::Duration> oldest_open_write;
};

struct BeginOptions {
  std::string open_write;    // event id of a write to open; empty for a read
  bool with_drafts = false;  // drafts can be large
};

struct LiveWrite {
  std::string bytes;
  int64_t seq = 0;
  LogHead head;  // the learner's log as known now; head.seq >= seq
  // Written also over the same seq: a state made from the log, where what is stored may be damaged.
  bool rebuilt = false;
  std::string close_write;                                // event id of an open write; empty: none
  absl::Time close_opened_before = absl::InfinitePast();  // and all that were opened before this
  std::string clear_draft;                                // a question whose draft was submitted; empty: none
};

enum class PutOutcome {
  kWritten,
  kNotNewer,     // the stored state has this seq or a higher one; it was left alone
  kNewerFormat,  // a newer program wrote the stored state; it was left alone
};

// Thread-safe; each call is atomic with respect to all others on the same session. Tasks may resume on the store's loop
// thread: do not block there. Each call answers within min(deadline, the store's command timeout).
// Errors: DEADLINE_EXCEEDED (may have taken effect), UNAVAILABLE (may have), RESOURCE_EXHAUSTED (has not),
// INTERNAL (the store answered what it should not). None is a reason to fail a request: the log has everything.
class LiveStore {
 public:
  virtual ~LiveStore() = default;

  // Looks, and opens a write where one is named, as of `now`. Opening the same id again keeps the first time.
  virtual Task<absl::StatusOr<LiveView>> Begin(SessionKey session, BeginOptions options, absl::Time now,
                                               absl::Time deadline) = 0;

  // Writes the state where none is stored, or the stored one has an older format, or was written under another run, or
  // has a lower seq (with `rebuilt`: the same seq too). Never over a newer format. Whatever the outcome: closes the
  // open writes named, clears the draft, raises the learner's head, and renews the time to live.
  // kWritten publishes a wake-up with `seq` to those who watch the session.
  virtual Task<absl::StatusOr<PutOutcome>> Put(SessionKey session, LiveWrite write, absl::Time deadline) = 0;

  // Closes open writes that had no effect: the one named (empty: none) and all that were opened before
  // `opened_before`.
  virtual Task<absl::Status> Close(SessionKey session, std::string open_write, absl::Time opened_before,
                                   absl::Time deadline) = 0;

  // Removes all that is kept of these sessions, drafts included, and the learner's head.
  virtual Task<absl::Status> Erase(LearnerKey learner, std::vector<std::string> sessions,
                                   absl::Time deadline) = 0;

  // Has the store write the files in which it keeps its data anew, without what was removed; OK where it has begun to, and
  // where it is not ours to ask. UNAVAILABLE also while it is at it already: what was removed since may stay in.
  virtual Task<absl::Status> RewriteFiles(absl::Time deadline) = 0;

  // Keeps `text` as the question's draft and yields zero; or, where the question has a draft that is younger than
  // kDraftInterval at `now`, changes nothing and yields the time that is left (positive, at most kDraftInterval, also
  // when clocks disagree, by at most kClocksDisagree). Of two callers at once one is kept. Empty text removes the draft, at any time. Needs no
  // state.
  virtual Task<absl::StatusOr<absl::Duration>> SaveDraft(SessionKey session, std::string question,
                                                         std::string text, absl::Time now,
                                                         absl::Time deadline) = 0;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_LIVE_LIVE_STORE_H_
