// The servers of the tests are themselves tested: a test that trusts a fixture that does nothing proves
// nothing.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/servers/free_port.h"
#include "tests/servers/process.h"
#include "tests/servers/redis_server.h"

namespace greenroom {
namespace {

using ::testing::HasSubstr;

constexpr absl::Duration kPatience = absl::Seconds(20);

std::unique_ptr<ChildProcess> Shell(const std::string& script) {
  ChildProcess::Options options;
  options.args = {"sh", "-c", script};
  options.env = {{"GREETING", "good morning"}};
  return ChildProcess::Start(options).value();
}

TEST(ChildProcessTest, CapturesOutputAndExitCode) {
  auto child = Shell("echo \"$GREETING\"; echo problem >&2; exit 3");
  EXPECT_EQ(*child->Wait(kPatience), 3);
  EXPECT_EQ(*child->WaitForLine("problem", kPatience), "problem");
  EXPECT_EQ(child->Output(), "good morning\nproblem\n");
  EXPECT_FALSE(child->Running());
  EXPECT_EQ(child->Signal(SIGTERM).code(), absl::StatusCode::kFailedPrecondition);
}

TEST(ChildProcessTest, NamesAProgramThatIsMissing) {
  ChildProcess::Options options;
  options.args = {"no-such-program-here"};
  EXPECT_EQ(ChildProcess::Start(options).status().code(), absl::StatusCode::kNotFound);
}

TEST(ChildProcessTest, WaitForLineFailsWithTheOutputWhenTheProcessEnds) {
  auto child = Shell("echo only this");
  const absl::Status status = child->WaitForLine("that", kPatience).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("only this"));
}

TEST(ChildProcessTest, RunToEndFailsWithTheOutputOfAnotherCodeThanZero) {
  EXPECT_TRUE(RunToEnd({.args = {"true"}}).ok());
  const absl::Status failed = RunToEnd({.args = {"sh", "-c", "echo why; exit 1"}});
  EXPECT_EQ(failed.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(failed.message(), "why\n");
}

TEST(ChildProcessTest, ReadsItsInput) {
  auto child = Shell("read word; echo \"<$word>\"; cat");
  ASSERT_TRUE(child->WriteInput("hello\n").ok());
  EXPECT_TRUE(child->WaitForLine("<hello>", kPatience).ok());
  child->CloseInput();
  EXPECT_EQ(*child->Wait(kPatience), 0);
}

TEST(ChildProcessTest, ReportsTheSignalThatEndedIt) {
  auto child = Shell("echo up; sleep 100");
  ASSERT_TRUE(child->WaitForLine("up", kPatience).ok());
  EXPECT_EQ(child->Wait(absl::ZeroDuration()).status().code(), absl::StatusCode::kDeadlineExceeded);
  child->Kill9();
  EXPECT_EQ(*child->Wait(kPatience), -SIGKILL);
}

TEST(ChildProcessTest, OutlivesTheThreadThatStartedIt) {
  std::unique_ptr<ChildProcess> child;
  std::thread([&] { child = Shell("read line; echo still here"); }).join();
  ASSERT_TRUE(child->WriteInput("\n").ok());
  EXPECT_TRUE(child->WaitForLine("still here", kPatience).ok());
}

TEST(ChildProcessTest, DiesWithTheProcessThatStartedIt) {
  int pipe_ends[2];
  ASSERT_EQ(pipe2(pipe_ends, O_CLOEXEC), 0);
  const pid_t middle = fork();
  if (middle == 0) {
    auto child = Shell("sleep 100");
    const pid_t pid = child->pid();
    if (write(pipe_ends[1], &pid, sizeof pid) < 0) _exit(1);
    pause();
  }
  pid_t pid = 0;
  ASSERT_EQ(read(pipe_ends[0], &pid, sizeof pid), static_cast<ssize_t>(sizeof pid));
  ASSERT_EQ(kill(pid, 0), 0);
  kill(middle, SIGKILL);
  // Gone, or a zombie that nobody here can reap.
  auto alive = [pid] {
    auto stat = WaitForFile(absl::StrCat("/proc/", pid, "/stat"), absl::ZeroDuration());
    return stat.ok() && stat->find(") Z") == std::string::npos;
  };
  const absl::Time end = absl::Now() + kPatience;
  while (alive() && absl::Now() < end) absl::SleepFor(absl::Milliseconds(5));
  EXPECT_FALSE(alive());
  close(pipe_ends[0]);
  close(pipe_ends[1]);
}

TEST(ProcessUseTest, TellsMemoryDescriptorsAndTime) {
  auto busy =
      Shell("exec 7</dev/null; n=0; while [ $n -lt 300000 ]; do n=$((n+1)); done; echo counted; read line");
  ASSERT_TRUE(busy->WaitForLine("counted", kPatience).ok());
  const auto use = UseOf(busy->pid());
  ASSERT_TRUE(use.ok()) << use.status();
  EXPECT_EQ(use->descriptors, 4);
  EXPECT_GT(use->resident_kib, 100);
  EXPECT_GT(use->processor_time, absl::ZeroDuration());
  EXPECT_LE(use->processor_time, use->age + absl::Milliseconds(50));
  busy->Kill9();
  EXPECT_EQ(UseOf(busy->pid()).status().code(), absl::StatusCode::kNotFound);
}

TEST(FreePortTest, IsFreeAndBelowTheEphemeralRange) {
  const int port = FreePort();
  EXPECT_GE(port, 20000);
  EXPECT_LT(port, 32000);
  EXPECT_TRUE(WaitForPortClosed(port, absl::ZeroDuration()).ok());
  EXPECT_EQ(WaitForPort(port, absl::ZeroDuration()).code(), absl::StatusCode::kDeadlineExceeded);
}

TEST(RedisServerTest, RestartKeepsTheAppendOnlyFileOrEmptiesIt) {
  RedisServer::Options options;
  options.args = {"--appendonly", "yes", "--appendfsync", "always"};
  auto server = RedisServer::Start(options);
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_EQ(*(*server)->Command({"SET", "k", "v"}), "OK");
  const pid_t first = (*server)->pid();
  (*server)->Kill9();
  EXPECT_FALSE((*server)->Running());
  ASSERT_TRUE((*server)->Restart(RedisServer::Data::kKeep).ok());
  EXPECT_NE((*server)->pid(), first);
  EXPECT_EQ(*(*server)->Command({"GET", "k"}), "v");
  ASSERT_TRUE((*server)->Restart(RedisServer::Data::kEmpty).ok());
  EXPECT_EQ(*(*server)->Command({"DBSIZE"}), "0");
}

TEST(RedisServerTest, StopAnswersNobodyUntilCont) {
  auto server = RedisServer::Start();
  ASSERT_TRUE(server.ok()) << server.status();
  ASSERT_TRUE((*server)->Stop().ok());
  std::thread resume([&] { ASSERT_TRUE((*server)->Cont().ok()); });
  EXPECT_EQ(*(*server)->Command({"PING"}), "PONG");
  resume.join();
  ASSERT_TRUE((*server)->Shutdown().ok());
  EXPECT_FALSE((*server)->Running());
  EXPECT_FALSE((*server)->Command({"PING"}).ok());
}

TEST(RedisServerTest, RemovesItsDirectory) {
  auto server = RedisServer::Start();
  ASSERT_TRUE(server.ok()) << server.status();
  const std::string directory = (*server)->directory();
  EXPECT_TRUE(std::filesystem::exists(directory));
  server->reset();
  EXPECT_FALSE(std::filesystem::exists(directory));
}

}  // namespace
}  // namespace greenroom
