// Preloaded into a process: fsync and fdatasync of files on one disk fail when the control file says so.
#include <cerrno>
#include <cstring>

#include "tests/servers/preload/mapped_control.h"

namespace greenroom {
namespace {

PreloadControl* const control = MapControl();
std::atomic<bool> has_failed = false;

bool IsOnTheDisk(int fd) {
  const char* prefix = getenv(kBrokenDiskPath);
  if (prefix == nullptr) return false;
  char link[32] = "/proc/self/fd/";
  char* end = link + strlen(link);
  char digits[12];
  int count = 0;
  do {
    digits[count++] = static_cast<char>('0' + fd % 10);
    fd /= 10;
  } while (fd > 0);
  while (count > 0) *end++ = digits[--count];
  *end = '\0';
  char path[4096];
  const ssize_t size = readlink(link, path, sizeof path - 1);
  return size > 0 && strncmp(path, prefix, strlen(prefix)) == 0;
}

// Whether this call is to fail; sets errno then.
bool Fails(int fd) {
  if (control == nullptr || fd < 0 || !IsOnTheDisk(fd)) return false;
  ++control->syncs;
  if (has_failed) ++control->repeated;
  const int error = control->sync_errno;
  if (error == 0) return false;
  if (control->sync_failures.fetch_sub(1) <= 0) {
    control->sync_failures = 0;
    return false;
  }
  ++control->failed;
  has_failed = true;
  errno = error;
  return true;
}

}  // namespace
}  // namespace greenroom

extern "C" int fsync(int fd) {
  static auto* const next = greenroom::Next<int(int)>("fsync");
  return greenroom::Fails(fd) ? -1 : next(fd);
}

extern "C" int fdatasync(int fd) {
  static auto* const next = greenroom::Next<int(int)>("fdatasync");
  return greenroom::Fails(fd) ? -1 : next(fd);
}
