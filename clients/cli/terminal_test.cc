// ProcessTerminal in a child process on a real pseudo-terminal.
#include "clients/cli/terminal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"

namespace greenroom::cli {
namespace {

std::string Show(const InputLine& line) {
  const char* const ends[] = {"line", "eof", "interrupted"};
  return absl::StrCat(ends[static_cast<int>(line.end)], "[", line.text.size() > 100 ? "long" : line.text, "]",
                      line.cut ? "cut" : "");
}

// Runs `body` on a terminal of `columns` and yields what it returns. It is typed `keys` once it has written "ready";
// whatever it prints there is thrown away.
std::string OnATerminal(const std::string& keys, const std::function<std::string(ProcessTerminal&)>& body,
                        unsigned short columns = 80) {
  int result[2];
  EXPECT_EQ(pipe(result), 0);
  winsize size = {.ws_row = 24, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
  int master = -1;
  const pid_t child = forkpty(&master, nullptr, nullptr, &size);
  if (child == 0) {
    alarm(20);
    ProcessTerminal terminal;
    terminal.Out("ready");
    const std::string text = body(terminal);
    _exit(write(result[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()) ? 0 : 1);
  }
  close(result[1]);
  std::string seen;
  char buffer[4096];
  bool typed = false;
  while (true) {  // until the child closes its end
    const ssize_t got = read(master, buffer, sizeof(buffer));
    if (got <= 0) break;
    seen.append(buffer, static_cast<size_t>(got));
    if (!typed && seen.find("ready") != std::string::npos) {
      typed = true;
      // What is typed as one piece is read as one piece; keys that make signals come after a moment of their own.
      for (const char key : keys) {
        if (key == '\x03') usleep(200 * 1000);
        EXPECT_EQ(write(master, &key, 1), 1);
        if (key == '\x03') usleep(200 * 1000);
      }
    }
  }
  std::string text;
  ssize_t got;
  while ((got = read(result[0], buffer, sizeof(buffer))) > 0) text.append(buffer, static_cast<size_t>(got));
  close(result[0]);
  close(master);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0) << "the child did not end by itself; it printed: " << seen;
  return text;
}

std::string TwoLines(ProcessTerminal& terminal) {
  const InputLine first = terminal.ReadLine();
  return Show(first) + " " + Show(terminal.ReadLine());
}

TEST(ProcessTerminalTest, ReadsLines) { EXPECT_EQ(OnATerminal("one\n\n", TwoLines), "line[one] line[]"); }

TEST(ProcessTerminalTest, CtrlDEndsTheInputAndTheTerminalIsReadOn) {
  EXPECT_EQ(OnATerminal("\x04two\n", TwoLines), "eof[] line[two]");
  EXPECT_EQ(OnATerminal("part\x04\x04two\n", TwoLines), "eof[part] line[two]");
}

TEST(ProcessTerminalTest, CtrlCLosesNothingOfTheLine) {
  EXPECT_EQ(OnATerminal("whole\nhalf a li\x03", TwoLines), "line[whole] interrupted[half a li]");
  EXPECT_EQ(OnATerminal("\x03more\n", TwoLines), "interrupted[] line[more]");
}

TEST(ProcessTerminalTest, SaysThatALongLineWasCut) {
  EXPECT_EQ(OnATerminal(std::string(5000, 'a') + "\nb\n", TwoLines), "line[long]cut line[b]");
  EXPECT_EQ(OnATerminal(std::string(4000, 'a') + "\nb\n", TwoLines), "line[long] line[b]");
}

TEST(ProcessTerminalTest, KnowsItsWidthAndThatAPersonIsThere) {
  EXPECT_EQ(OnATerminal(
                "",
                [](ProcessTerminal& terminal) {
                  return absl::StrCat(terminal.width(), terminal.interactive() ? " person" : " nobody");
                },
                40),
            "40 person");
}

TEST(ProcessTerminalTest, LeavesTheTerminalAsItWas) {
  EXPECT_EQ(OnATerminal("x\n",
                        [](ProcessTerminal& terminal) {
                          terminal.ReadLine();
                          // -noflsh and icanon are the usual state.
                          return std::string(
                              system("stty -a | grep -q -- '-noflsh' && stty -a | grep -q ' icanon'") == 0
                                  ? "as before"
                                  : "changed");
                        }),
            "as before");
}

TEST(ProcessTerminalTest, EditsWithAShellCommand) {
  ProcessTerminal terminal;
  absl::StatusOr<std::string> edited = terminal.Edit("printf '%s' more >>", "text");
  ASSERT_TRUE(edited.ok()) << edited.status();
  EXPECT_EQ(*edited, "text\nmore");
  edited = terminal.Edit("sed -i s/text/replaced/", "text");  // writes a new file of the same name
  ASSERT_TRUE(edited.ok()) << edited.status();
  EXPECT_EQ(*edited, "replaced\n");
  EXPECT_EQ(terminal.Edit("false", "text").status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(terminal.Edit("/no/such/editor", "text").status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(ProcessTerminal, CatchesCtrlCWhileItIsAskedTo) {
  ProcessTerminal terminal;
  absl::Notification caught;
  auto catching = terminal.CatchInterrupts([&] { caught.Notify(); });
  raise(SIGINT);
  EXPECT_TRUE(caught.WaitForNotificationWithTimeout(absl::Seconds(10)));
  catching.reset();
  struct sigaction now = {};
  sigaction(SIGINT, nullptr, &now);
  EXPECT_EQ(now.sa_handler, SIG_DFL);
}

}  // namespace
}  // namespace greenroom::cli
