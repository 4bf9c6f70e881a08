#include "tests/servers/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/base/task.h"

extern char** environ;

namespace greenroom {
namespace {

constexpr int kCannotExec = 127;

std::vector<std::string> Environment(const ChildProcess::Options& options) {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const size_t equals = text.find('=');
    if (equals != std::string::npos) variables[text.substr(0, equals)] = text.substr(equals + 1);
  }
  for (const std::string& name : options.unset_env) variables.erase(name);
  for (const auto& [name, value] : options.env) variables[name] = value;
  std::vector<std::string> entries;
  entries.reserve(variables.size());
  for (const auto& [name, value] : variables) entries.push_back(absl::StrCat(name, "=", value));
  return entries;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (std::string& text : strings) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

struct Pipe {
  int read = -1;
  int write = -1;
};

absl::StatusOr<Pipe> MakePipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return absl::ErrnoToStatus(errno, "pipe2");
  return Pipe{ends[0], ends[1]};
}

// Runs in the child, after fork in a process with threads: nothing here may allocate or lock.
[[noreturn]] void Exec(const char* directory, char** args, char** env, int input, int output, int errors,
                       int failure, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(kCannotExec);  // it died before the line above
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  dup2(input, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  if (errors >= 0) dup2(errors, STDERR_FILENO);
  dup2(failure, 3);
  fcntl(3, F_SETFD, FD_CLOEXEC);
  close_range(4, ~0U, 0);
  int error = 0;
  if (*directory != '\0' && chdir(directory) != 0) error = errno;
  if (error == 0) {
    execvpe(args[0], args, env);
    error = errno;
  }
  const ssize_t written = write(3, &error, sizeof error);
  _exit(written > 0 ? kCannotExec : kCannotExec - 1);
}

}  // namespace

absl::StatusOr<std::unique_ptr<ChildProcess>> ChildProcess::Start(Options options) {
  if (options.args.empty()) return absl::InvalidArgumentError("no program to start");
  absl::StatusOr<Pipe> input = MakePipe();
  absl::StatusOr<Pipe> output = MakePipe();
  absl::StatusOr<Pipe> failure = MakePipe();  // closed by a successful exec, or holds its errno
  if (!input.ok() || !output.ok() || !failure.ok())
    return absl::ResourceExhaustedError("no pipes for a child process");
  // The child's dup2 calls would overwrite a pipe that took the place of a standard descriptor.
  if (std::min({input->read, output->write, failure->write}) <= STDERR_FILENO) {
    return absl::InternalError("standard descriptors are closed");
  }

  std::vector<std::string> entries = Environment(options);
  const std::vector<char*> env = Pointers(entries);
  const std::vector<char*> args = Pointers(options.args);
  const pid_t parent = getpid();

  std::unique_ptr<ChildProcess> child(new ChildProcess());
  std::promise<pid_t> started;
  // The child's death signal follows the thread that forked it, so that thread stays until the child has
  // ended.
  child->keeper_ = std::thread([&, self = child.get(), output_end = output->read,
                                child_output = output->write] {
    const pid_t pid = fork();
    if (pid == 0) {
      Exec(options.working_directory.c_str(), const_cast<char**>(args.data()), const_cast<char**>(env.data()),
           input->read, child_output, options.keep_stderr ? -1 : child_output, failure->write, parent);
    }
    close(child_output);
    started.set_value(pid);  // what is captured by reference is gone after this
    if (pid > 0) {
      self->Keep(output_end, pid);
    } else {
      close(output_end);
    }
  });
  child->pid_ = started.get_future().get();
  close(input->read);
  close(failure->write);
  {
    absl::MutexLock lock(&child->input_mutex_);
    child->input_ = input->write;
  }
  if (child->pid_ < 0) {
    close(failure->read);
    absl::MutexLock lock(&child->mutex_);
    child->ended_ = true;
    return absl::ResourceExhaustedError("fork failed");
  }
  int error = 0;
  const ssize_t got = read(failure->read, &error, sizeof error);
  close(failure->read);
  if (got > 0) return absl::ErrnoToStatus(error, absl::StrCat("cannot start ", options.args[0]));
  return child;
}

ChildProcess::~ChildProcess() {
  CloseInput();
  if (pid_ > 0) Kill9();
  {
    absl::MutexLock lock(&mutex_);
    abandoned_ = true;
  }
  keeper_.join();
}

void ChildProcess::Keep(int output, pid_t pid) {
  // The child is left unreaped until ended_ is set under the mutex, so that Signal never meets a recycled id.
  // Its output may go on after it, from children of its own: it is read until the last of them ends or this
  // object does.
  std::thread reader([this, output] {
    char buffer[4096];
    pollfd readable = {output, POLLIN, 0};
    for (;;) {
      const int ready = poll(&readable, 1, 50);
      const ssize_t got = ready > 0 ? read(output, buffer, sizeof buffer) : 0;
      absl::MutexLock lock(&mutex_);
      if (got > 0) output_.append(buffer, static_cast<size_t>(got));
      if (ready == 0 && exited_) drained_ = true;
      if (ready > 0 ? got <= 0 : abandoned_) break;
    }
    absl::MutexLock lock(&mutex_);
    output_ended_ = drained_ = true;
  });
  siginfo_t info = {};
  while (waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
  {
    absl::MutexLock lock(&mutex_);
    exited_ = true;
    mutex_.Await(absl::Condition(&drained_));  // who has waited for its end finds all that it wrote
    int status = 0;
    waitpid(pid, &status, 0);
    exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    ended_ = true;
  }
  reader.join();
  close(output);
}

bool ChildProcess::Running() const {
  absl::MutexLock lock(&mutex_);
  return !ended_;
}

absl::Status ChildProcess::Signal(int signal) {
  absl::MutexLock lock(&mutex_);
  if (ended_) return absl::FailedPreconditionError("the process has ended");
  if (kill(pid_, signal) != 0) return absl::ErrnoToStatus(errno, "kill");
  return absl::OkStatus();
}

absl::StatusOr<int> ChildProcess::Wait(absl::Duration timeout) {
  absl::MutexLock lock(&mutex_);
  if (!mutex_.AwaitWithTimeout(absl::Condition(&ended_), timeout)) {
    return absl::DeadlineExceededError(absl::StrCat("process ", pid_, " runs on"));
  }
  return exit_code_;
}

absl::StatusOr<int> ChildProcess::Terminate(absl::Duration timeout) {
  Signal(SIGTERM).IgnoreError();
  absl::StatusOr<int> code = Wait(timeout);
  if (!code.ok()) Kill9();
  return code;
}

void ChildProcess::Kill9() {
  Signal(SIGKILL).IgnoreError();
  Wait(absl::InfiniteDuration()).IgnoreError();
}

std::string ChildProcess::Output() const {
  absl::MutexLock lock(&mutex_);
  return output_;
}

bool ChildProcess::FindLine(absl::string_view text, size_t from, std::string* line) const {
  size_t begin = std::min(from, output_.size());
  for (size_t end; (end = output_.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const absl::string_view candidate(output_.data() + begin, end - begin);
    if (!absl::StrContains(candidate, text)) continue;
    *line = std::string(candidate);
    return true;
  }
  return false;
}

absl::StatusOr<std::string> ChildProcess::WaitForLine(absl::string_view text, absl::Duration timeout,
                                                      size_t from) {
  std::string line;
  auto decided = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return FindLine(text, from, &line) || output_ended_;
  };
  absl::MutexLock lock(&mutex_);
  const bool in_time = mutex_.AwaitWithTimeout(absl::Condition(&decided), timeout);
  if (FindLine(text, from, &line)) return line;
  const std::string message = absl::StrCat("no line with \"", text, "\" in:\n", output_);
  return in_time ? absl::FailedPreconditionError(message) : absl::DeadlineExceededError(message);
}

absl::Status ChildProcess::WriteInput(absl::string_view text) {
  absl::MutexLock lock(&input_mutex_);
  if (input_ < 0) return absl::FailedPreconditionError("input is closed");
  // A child that has gone would end the test by SIGPIPE.
  sigset_t pipe_signal, previous;
  sigemptyset(&pipe_signal);
  sigaddset(&pipe_signal, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe_signal, &previous);
  absl::Status status;
  while (!text.empty() && status.ok()) {
    const ssize_t written = write(input_, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<size_t>(written));
    } else if (errno != EINTR) {
      status = absl::ErrnoToStatus(errno, "write");
    }
  }
  const timespec at_once = {};
  while (sigtimedwait(&pipe_signal, nullptr, &at_once) > 0) {
  }
  pthread_sigmask(SIG_SETMASK, &previous, nullptr);
  return status;
}

void ChildProcess::CloseInput() {
  absl::MutexLock lock(&input_mutex_);
  if (input_ >= 0) close(input_);
  input_ = -1;
}

absl::Status RunToEnd(ChildProcess::Options options) {
  ASSIGN_OR_RETURN(const std::unique_ptr<ChildProcess> process, ChildProcess::Start(std::move(options)));
  ASSIGN_OR_RETURN(const int code, process->Wait(absl::Minutes(1)));  // a loaded machine
  return code == 0 ? absl::OkStatus() : absl::InternalError(process->Output());
}

absl::StatusOr<std::string> WaitForFile(const std::string& path, absl::Duration timeout) {
  const absl::Time end = absl::Now() + timeout;
  for (;;) {
    std::ifstream file(path, std::ios::binary);
    const std::string content((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (!content.empty()) return content;
    if (absl::Now() > end) return absl::DeadlineExceededError(absl::StrCat(path, " is missing or empty"));
    absl::SleepFor(absl::Milliseconds(5));
  }
}

TemporaryDirectory::TemporaryDirectory() {
  const char* parent = getenv("TMPDIR");
  path_ = absl::StrCat(parent != nullptr ? parent : "/tmp", "/greenroom-test-XXXXXX");
  if (mkdtemp(path_.data()) == nullptr) {
    std::perror(path_.c_str());
    std::abort();
  }
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void EmptyDirectory(const std::string& path) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(path, ignored)) {
    std::filesystem::remove_all(entry.path(), ignored);
  }
}

}  // namespace greenroom
