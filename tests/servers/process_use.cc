#include <unistd.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/servers/process.h"

namespace greenroom {
namespace {

// Fields of /proc/PID/stat (proc(5)), counted from 0 after the name in parentheses.
constexpr size_t kUserTicks = 11, kSystemTicks = 12, kStartTicks = 19, kResidentPages = 21;

}  // namespace

absl::StatusOr<ProcessUse> UseOf(pid_t pid) {
  const std::string folder = absl::StrCat("/proc/", pid);
  std::ifstream file(folder + "/stat");
  const std::string stat((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const size_t name_end = stat.rfind(')');
  std::error_code error;
  const std::filesystem::directory_iterator descriptors(folder + "/fd", error);
  if (name_end == std::string::npos || error) return absl::NotFoundError(absl::StrCat("no process ", pid));
  const std::vector<std::string> fields = absl::StrSplit(stat.substr(name_end + 2), ' ');
  int64_t user = 0, system = 0, start = 0, pages = 0;
  double uptime = 0;
  std::ifstream("/proc/uptime") >> uptime;
  if (fields.size() <= kResidentPages || !absl::SimpleAtoi(fields[kUserTicks], &user) ||
      !absl::SimpleAtoi(fields[kSystemTicks], &system) || !absl::SimpleAtoi(fields[kStartTicks], &start) ||
      !absl::SimpleAtoi(fields[kResidentPages], &pages)) {
    return absl::DataLossError(absl::StrCat("unexpected content of ", folder, "/stat"));
  }
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  ProcessUse use;
  use.resident_kib = pages * sysconf(_SC_PAGESIZE) / 1024;
  use.descriptors = static_cast<int>(std::distance(begin(descriptors), end(descriptors)));
  use.processor_time = absl::Seconds(static_cast<double>(user + system) / ticks);
  use.age = absl::Seconds(uptime - static_cast<double>(start) / ticks);
  return use;
}

}  // namespace greenroom
