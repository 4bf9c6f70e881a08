#include "clients/cli/terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <thread>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"

namespace greenroom::cli {
namespace {

// What Linux keeps of a line (termios(3), "Canonical mode").
constexpr size_t kMaxTerminalLine = 4095;

volatile sig_atomic_t interrupted = 0;

// While it lives, Ctrl-C ends a read instead of the process, and what stands on the line stays readable (NOFLSH).
class InterruptibleRead {
 public:
  InterruptibleRead() {
    interrupted = 0;
    struct sigaction action = {};
    action.sa_handler = [](int) { interrupted = 1; };
    sigaction(SIGINT, &action, &before_);
    is_terminal_ = tcgetattr(STDIN_FILENO, &modes_) == 0;
    if (is_terminal_) {
      termios modes = modes_;
      modes.c_lflag |= NOFLSH;
      tcsetattr(STDIN_FILENO, TCSANOW, &modes);
    }
  }
  ~InterruptibleRead() {
    if (is_terminal_) tcsetattr(STDIN_FILENO, TCSANOW, &modes_);
    sigaction(SIGINT, &before_, nullptr);
  }

  bool is_terminal() const { return is_terminal_; }

  // What was typed on the line that Ctrl-C broke off.
  std::string UnfinishedLine() {
    if (!is_terminal_) return "";
    termios modes = modes_;
    modes.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    modes.c_cc[VMIN] = 0;
    modes.c_cc[VTIME] = 0;
    tcsetattr(STDIN_FILENO, TCSANOW, &modes);
    char buffer[4096];
    const ssize_t got = read(STDIN_FILENO, buffer, sizeof(buffer));
    return got > 0 ? std::string(buffer, static_cast<size_t>(got)) : "";
  }

 private:
  struct sigaction before_ = {};
  termios modes_ = {};
  bool is_terminal_ = false;
};

// The write end of the one CaughtInterrupts' pipe; a signal handler can reach nothing else.
volatile sig_atomic_t interrupt_pipe = -1;

class CaughtInterrupts final : public Terminal::Interrupts {
 public:
  explicit CaughtInterrupts(std::function<void()> on_interrupt) : on_interrupt_(std::move(on_interrupt)) {
    if (pipe2(pipe_, O_CLOEXEC) != 0) return;  // Ctrl-C then ends the process, as it would
    interrupt_pipe = pipe_[1];
    thread_ = std::thread([this] {
      char byte = 0;
      while (read(pipe_[0], &byte, 1) == 1) on_interrupt_();
    });
    struct sigaction action = {};
    action.sa_handler = [](int) {
      const int saved = errno;
      const char byte = 0;
      (void)!write(interrupt_pipe, &byte, 1);
      errno = saved;
    };
    action.sa_flags = SA_RESTART;
    sigaction(SIGINT, &action, &before_);
  }
  ~CaughtInterrupts() override {
    if (!thread_.joinable()) return;
    sigaction(SIGINT, &before_, nullptr);
    interrupt_pipe = -1;
    close(pipe_[1]);
    thread_.join();
    close(pipe_[0]);
  }

 private:
  const std::function<void()> on_interrupt_;
  int pipe_[2] = {-1, -1};
  std::thread thread_;
  struct sigaction before_ = {};
};

void WriteAll(int fd, absl::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0)
      return;  // nobody reads any more; SIGPIPE has ended the process, or there is nothing to tell it to
    text.remove_prefix(static_cast<size_t>(written));
  }
}

}  // namespace

InputLine ProcessTerminal::ReadLine() {
  InterruptibleRead reading;
  while (true) {
    if (const size_t newline = pending_.find('\n'); newline != std::string::npos) {
      InputLine line{InputEnd::kLine, pending_.substr(0, newline),
                     reading.is_terminal() && newline >= kMaxTerminalLine};
      pending_.erase(0, newline + 1);
      return line;
    }
    char buffer[4096];
    const ssize_t got = read(STDIN_FILENO, buffer, sizeof(buffer));
    if (got > 0) {
      pending_.append(buffer, static_cast<size_t>(got));
      continue;
    }
    if (got < 0 && errno == EINTR && interrupted == 0) continue;
    if (got < 0 && errno == EINTR) {
      pending_ += reading.UnfinishedLine();
      return {.end = InputEnd::kInterrupted, .text = std::exchange(pending_, "")};
    }
    return {.end = InputEnd::kEof, .text = std::exchange(pending_, "")};
  }
}

bool ProcessTerminal::InputWaits() {
  pollfd input = {.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  return pending_.find('\n') != std::string::npos ||
         (poll(&input, 1, 0) == 1 && (input.revents & POLLIN) != 0);
}

std::string ProcessTerminal::ReadAll() {
  std::string text = std::exchange(pending_, "");
  char buffer[16384];
  while (true) {
    const ssize_t got = read(STDIN_FILENO, buffer, sizeof(buffer));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    text.append(buffer, static_cast<size_t>(got));
  }
}

void ProcessTerminal::Out(absl::string_view text) { WriteAll(STDOUT_FILENO, text); }
void ProcessTerminal::Err(absl::string_view text) { WriteAll(STDERR_FILENO, text); }

bool ProcessTerminal::interactive() const { return isatty(STDIN_FILENO) == 1 && output_is_terminal(); }
bool ProcessTerminal::output_is_terminal() const { return isatty(STDOUT_FILENO) == 1; }

int ProcessTerminal::width() const {
  winsize size = {};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

std::unique_ptr<Terminal::Interrupts> ProcessTerminal::CatchInterrupts(std::function<void()> on_interrupt) {
  return std::make_unique<CaughtInterrupts>(std::move(on_interrupt));
}

absl::StatusOr<std::string> ProcessTerminal::Edit(const std::string& command, absl::string_view text) {
  const char* const directory = getenv("TMPDIR");
  std::string path = absl::StrCat(directory != nullptr && *directory != '\0' ? directory : "/tmp",
                                  "/greenroom-answer-XXXXXX.txt");
  const int fd = mkostemps(path.data(), 4, O_CLOEXEC);
  if (fd < 0) return absl::FailedPreconditionError(absl::StrCat("cannot write ", path));
  const absl::Cleanup remove_it = [&] {
    close(fd);
    unlink(path.c_str());
  };
  WriteAll(fd, text);
  if (!text.empty()) WriteAll(fd, "\n");

  // Ctrl-C and Ctrl-\ are the editor's while it runs.
  struct sigaction ignore = {}, interrupt_before = {}, quit_before = {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGINT, &ignore, &interrupt_before);
  sigaction(SIGQUIT, &ignore, &quit_before);
  const absl::Cleanup restore_signals = [&] {
    sigaction(SIGINT, &interrupt_before, nullptr);
    sigaction(SIGQUIT, &quit_before, nullptr);
  };
  const pid_t child = fork();
  if (child == 0) {
    sigaction(SIGINT, &interrupt_before, nullptr);
    sigaction(SIGQUIT, &quit_before, nullptr);
    // The command may hold arguments ("code --wait"): the shell takes them apart, and the path is one word of its own.
    execl("/bin/sh", "sh", "-c", absl::StrCat(command, " \"$1\"").c_str(), "sh", path.c_str(), nullptr);
    _exit(127);
  }
  int status = 0;
  while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (child < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("the editor \"", command, "\" failed; set EDITOR to another one"));
  }

  // Editors replace the file or write into it: read it by its name.
  const int edited = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (edited < 0) return absl::FailedPreconditionError(absl::StrCat("cannot read ", path));
  const absl::Cleanup close_it = [edited] { close(edited); };
  std::string result;
  char buffer[16384];
  ssize_t got;
  while ((got = read(edited, buffer, sizeof(buffer))) > 0) result.append(buffer, static_cast<size_t>(got));
  return result;
}

}  // namespace greenroom::cli
