// The preloaded libraries, and the small disk, do to real programs what they say.
#include "tests/servers/preloaded.h"

#include <sys/stat.h>

#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "tests/servers/small_disk.h"

namespace greenroom {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(20);

std::unique_ptr<ChildProcess> Program(std::vector<std::string> args, const Preloaded& preloaded) {
  ChildProcess::Options options;
  options.args = std::move(args);
  options.env = preloaded.Environment();
  return ChildProcess::Start(std::move(options)).value();
}

absl::Duration ClockOf(const Preloaded& preloaded) {
  auto date = Program({"date", "+%s"}, preloaded);
  EXPECT_EQ(*date->Wait(kPatience), 0);
  int64_t seconds = 0;
  EXPECT_TRUE(absl::SimpleAtoi(date->Output(), &seconds)) << date->Output();
  return absl::FromUnixSeconds(seconds) - absl::Now();
}

TEST(PreloadedTest, MovesTheClockOfItsChildren) {
  Preloaded preloaded("/nowhere");
  EXPECT_LT(absl::AbsDuration(ClockOf(preloaded)), absl::Seconds(10));
  preloaded.MoveClock(absl::Hours(1));
  EXPECT_LT(absl::AbsDuration(ClockOf(preloaded) - absl::Hours(1)), absl::Seconds(10));
  preloaded.MoveClock(-absl::Hours(1));
  EXPECT_LT(absl::AbsDuration(ClockOf(preloaded) + absl::Hours(1)), absl::Seconds(10));
}

TEST(PreloadedTest, LeavesTheMonotonicClockAlone) {
  Preloaded preloaded("/nowhere");
  auto python = Program({"python3", "-c",
                         "import threading, time\n"
                         "begun = time.monotonic()\n"
                         "input()\n"
                         "threading.Lock().acquire() and threading.Event().wait(0.2)\n"
                         "print(time.monotonic() - begun < 100)\n"},
                        preloaded);
  preloaded.MoveClock(absl::Hours(1));
  ASSERT_TRUE(python->WriteInput("\n").ok());
  EXPECT_EQ(*python->Wait(kPatience), 0);
  EXPECT_EQ(python->Output(), "True\n");
}

TEST(PreloadedTest, FailsSyncsOfOneDiskAsOftenAsItIsTold) {
  TemporaryDirectory broken, sound;
  Preloaded preloaded(broken.path());
  const auto sync = [&](const TemporaryDirectory& directory) {
    auto dd = Program(
        {"dd", "if=/dev/zero", absl::StrCat("of=", directory.path(), "/file"), "count=1", "conv=fsync"},
        preloaded);
    return *dd->Wait(kPatience);
  };
  EXPECT_EQ(sync(broken), 0);
  preloaded.FailSyncs(1);
  EXPECT_EQ(sync(sound), 0);
  EXPECT_NE(sync(broken), 0);
  EXPECT_EQ(preloaded.failed(), 1);
  EXPECT_EQ(sync(broken), 0);
  preloaded.FailSyncs(1);
  preloaded.MendSyncs();
  EXPECT_EQ(sync(broken), 0);
  EXPECT_EQ(preloaded.syncs(), 4);
  EXPECT_EQ(preloaded.repeated(), 0);
}

TEST(PreloadedTest, SeesAProcessThatSyncsAgain) {
  TemporaryDirectory broken;
  Preloaded preloaded(broken.path());
  preloaded.FailSyncs(1);
  auto python = Program({"python3", "-c",
                         absl::StrCat("import os\n"
                                      "file = os.open('",
                                      broken.path(),
                                      "/file', os.O_CREAT | os.O_WRONLY)\n"
                                      "try: os.fsync(file)\n"
                                      "except OSError as error: print(error.errno)\n"
                                      "os.fdatasync(file)\n")},
                        preloaded);
  EXPECT_EQ(*python->Wait(kPatience), 0);
  EXPECT_EQ(python->Output(), "5\n");
  EXPECT_EQ(preloaded.repeated(), 1);
}

TEST(SmallDiskTest, FillsAndIsGoneAfterwards) {
  std::string path;
  {
    auto disk = SmallDisk::Mount(1 << 20);
    ASSERT_TRUE(disk.ok()) << disk.status();
    path = (*disk)->path();
    ASSERT_TRUE((*disk)->Fill().ok());
    const auto write = [&] {
      return *Program({"sh", "-c", absl::StrCat("dd if=/dev/zero bs=4096 count=8 of=", path, "/file")},
                      Preloaded("/nowhere"))
                  ->Wait(kPatience);
    };
    EXPECT_NE(write(), 0);
    ASSERT_TRUE((*disk)->Free().ok());
    EXPECT_EQ(write(), 0);
  }
  struct stat found = {};
  EXPECT_NE(stat(path.c_str(), &found), 0);
}

}  // namespace
}  // namespace greenroom
