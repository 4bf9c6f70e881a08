// FakeLiveStore: live state in memory, for tests.
#ifndef GREENROOM_SERVICES_SESSION_LIVE_FAKE_LIVE_STORE_H_
#define GREENROOM_SERVICES_SESSION_LIVE_FAKE_LIVE_STORE_H_

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/session/fakes/fault_gate.h"
#include "services/session/live/live_store.h"

namespace greenroom::session {

// Keeps the contract of LiveStore, times to live excepted; answers on the caller's thread unless the gate stalls it.
class FakeLiveStore : public LiveStore {
 public:
  // Operations are named like the methods. What the gate fails has no effect.
  FaultGate& gate() { return gate_; }

  // As FLUSHALL.
  void Flush();
  // As a restart that kept the data: what is stored was written under another run.
  void Restart();
  // Puts a state in place as some other program or crash left it.
  void Plant(const SessionKey& session, StoredState state);
  // What is stored; nullopt where nothing is.
  std::optional<StoredState> Stored(const SessionKey& session) const;
  // Event ids of writes that are open.
  std::vector<std::string> OpenWrites(const SessionKey& session) const;
  // The seqs that were published for a session, in order.
  std::vector<int64_t> WakeUps(const SessionKey& session) const;
  // Called with each session that is published for, after the write, on the writer's thread. Before any write.
  void OnWakeUp(std::function<void(const SessionKey&)> observer) { on_wake_up_ = std::move(observer); }

  Task<absl::StatusOr<LiveView>> Begin(SessionKey session, BeginOptions options, absl::Time now,
                                       absl::Time deadline) override;
  Task<absl::StatusOr<PutOutcome>> Put(SessionKey session, LiveWrite write, absl::Time deadline) override;
  Task<absl::Status> Close(SessionKey session, std::string open_write, absl::Time opened_before,
                           absl::Time deadline) override;
  Task<absl::Status> Erase(LearnerKey learner, std::vector<std::string> sessions,
                           absl::Time deadline) override;
  Task<absl::Status> RewriteFiles(absl::Time deadline) override;
  Task<absl::StatusOr<absl::Duration>> SaveDraft(SessionKey session, std::string question, std::string text,
                                                 absl::Time now, absl::Time deadline) override;

 private:
  struct Entry {
    std::optional<StoredState> state;
    int run = 0;
    std::map<std::string, LiveDraft> drafts;
    std::map<std::string, absl::Time> open_writes;
    std::vector<int64_t> wake_ups;
  };
  PutOutcome Store(const SessionKey& session, LiveWrite write);
  void CloseWrites(Entry& entry, const std::string& id, absl::Time opened_before)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  FaultGate gate_;
  std::function<void(const SessionKey&)> on_wake_up_;
  mutable absl::Mutex mutex_;
  int run_ ABSL_GUARDED_BY(mutex_) = 1;
  std::map<SessionKey, Entry> sessions_ ABSL_GUARDED_BY(mutex_);
  std::map<LearnerKey, LogHead> heads_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_LIVE_FAKE_LIVE_STORE_H_
