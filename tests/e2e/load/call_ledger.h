// CallLedger: what a load generator asked for and what it was told, in a file of its own that is on the disk before the
// question leaves.
#ifndef GREENROOM_TESTS_E2E_LOAD_CALL_LEDGER_H_
#define GREENROOM_TESTS_E2E_LOAD_CALL_LEDGER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace greenroom::e2e {

// One try of a call. Tries of one business call have one id.
struct CallRecord {
  bool answered = false;  // false: an attempt; true: what came of one
  absl::Time time;        // in microseconds
  std::string learner;
  std::string method;  // "SubmitAnswer"
  std::string id;      // the answer's, session's or request's; of reads one that no service sees
  // Where answered.
  absl::StatusCode code = absl::StatusCode::kOk;
  std::string reason;  // of the error; may be empty
  int64_t sequence = 0;
  bool replayed = false;
};

// One line a record, fields parted by tabs: A or R, time, learner, method, id; of an R also code, reason, sequence and
// 0 or 1. Thread-safe.
class CallLedger {
 public:
  // Creates the file. ALREADY_EXISTS: a ledger is never continued, it would vouch for what it did not see.
  static absl::StatusOr<std::unique_ptr<CallLedger>> Create(const std::string& path);
  // Writes out what there is.
  ~CallLedger();
  CallLedger(const CallLedger&) = delete;
  CallLedger& operator=(const CallLedger&) = delete;

  const std::string& path() const { return path_; }

  // Returns once the record is on the disk, with one fsync for all who wait.
  void Attempt(const CallRecord& record);
  // Returns at once; the record is on the disk soon, and before any later attempt.
  void Answered(const CallRecord& record);
  // Returns once all records so far are on the disk.
  void Sync();

 private:
  CallLedger(std::string path, int file);
  void Run();
  void WaitUntilSynced(int64_t end) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string path_;
  const int file_;
  absl::Mutex mutex_;
  std::string buffer_ ABSL_GUARDED_BY(mutex_);
  int64_t written_ ABSL_GUARDED_BY(mutex_) = 0;  // bytes given so far
  int64_t synced_ ABSL_GUARDED_BY(mutex_) = 0;   // bytes on the disk
  bool wanted_ ABSL_GUARDED_BY(mutex_) = false;  // somebody waits
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

// All records in their order. A last line without its end, as a kill leaves it, is left out; DATA_LOSS for any other
// line that is none.
absl::StatusOr<std::vector<CallRecord>> ReadCallLedger(const std::string& path);

}  // namespace greenroom::e2e

#endif  // GREENROOM_TESTS_E2E_LOAD_CALL_LEDGER_H_
