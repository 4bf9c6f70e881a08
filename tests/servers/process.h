// ChildProcess: a program that a test starts, watches and ends by its process id.
#ifndef GREENROOM_TESTS_SERVERS_PROCESS_H_
#define GREENROOM_TESTS_SERVERS_PROCESS_H_

#include <sys/types.h>

#include <cstdint>
#include <map>
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

namespace greenroom {

// Thread-safe. The child gets SIGKILL when this object or the test process ends, however that ends (but not
// when the thread that started it does). It inherits no descriptors but its three, and the environment as
// changed by the options.
class ChildProcess {
 public:
  struct Options {
    std::vector<std::string> args;           // args[0] is the program: a path, or a name looked up in PATH
    std::map<std::string, std::string> env;  // set on top of this process's environment
    std::vector<std::string> unset_env;
    std::string working_directory;  // empty: this process's
    bool keep_stderr = false;  // true: the child's stderr is the test's; false: it is captured with stdout
  };

  // Fails when the program cannot be started (NOT_FOUND: there is no such program).
  static absl::StatusOr<std::unique_ptr<ChildProcess>> Start(Options options);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }
  bool Running() const;

  // FAILED_PRECONDITION if it has ended: a recycled process id is never signalled.
  absl::Status Signal(int signal);

  // Waits for its end and yields its exit code, or minus the signal that ended it; Output() then holds all that it
  // wrote. DEADLINE_EXCEEDED if it runs on.
  absl::StatusOr<int> Wait(absl::Duration timeout);

  // SIGTERM and Wait; SIGKILL after the timeout (then DEADLINE_EXCEEDED).
  absl::StatusOr<int> Terminate(absl::Duration timeout);

  // SIGKILL and wait for its end. Nothing if it has ended.
  void Kill9();

  // All it has written so far.
  std::string Output() const;

  // Waits for a whole line that holds `text`, among what it wrote at or after `from` bytes of output, and
  // yields the line without its end. FAILED_PRECONDITION with the output if it ends without one,
  // DEADLINE_EXCEEDED likewise.
  absl::StatusOr<std::string> WaitForLine(absl::string_view text, absl::Duration timeout, size_t from = 0);

  // Writes to its stdin, a pipe. Blocks while the pipe is full.
  absl::Status WriteInput(absl::string_view text);
  void CloseInput();

 private:
  ChildProcess() = default;
  void Keep(int output, pid_t pid);
  bool FindLine(absl::string_view text, size_t from, std::string* line) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  pid_t pid_ = -1;
  std::thread keeper_;  // starts the child, reads its output, and lives as long as it does
  mutable absl::Mutex mutex_;
  std::string output_ ABSL_GUARDED_BY(mutex_);
  bool abandoned_ ABSL_GUARDED_BY(mutex_) = false;
  bool output_ended_ ABSL_GUARDED_BY(mutex_) = false;
  bool exited_ ABSL_GUARDED_BY(mutex_) = false;   // not yet reaped
  bool drained_ ABSL_GUARDED_BY(mutex_) = false;  // what it wrote until its end is in output_
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  int exit_code_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Mutex input_mutex_;
  int input_ ABSL_GUARDED_BY(input_mutex_) = -1;
};

// Runs a program to its end. INTERNAL with its output where it exits with another code than 0.
absl::Status RunToEnd(ChildProcess::Options options);

// Waits until the file exists and is not empty; yields its content. DEADLINE_EXCEEDED otherwise.
absl::StatusOr<std::string> WaitForFile(const std::string& path, absl::Duration timeout);

// Removes what the directory holds.
void EmptyDirectory(const std::string& path);

// What a process uses, from /proc. NOT_FOUND when it is gone.
struct ProcessUse {
  int64_t resident_kib = 0;
  int descriptors = 0;
  absl::Duration processor_time;
  absl::Duration age;
};
absl::StatusOr<ProcessUse> UseOf(pid_t pid);

// A new empty directory under TMPDIR (default /tmp), removed with all it holds at the end.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::string& path() const { return path_; }
  void Clear() { EmptyDirectory(path_); }

 private:
  std::string path_;
};

}  // namespace greenroom

#endif  // GREENROOM_TESTS_SERVERS_PROCESS_H_
