#include "tests/servers/small_disk.h"

#include <sys/mount.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>

#include "absl/strings/str_cat.h"
#include "services/base/task.h"

namespace greenroom {
namespace {

constexpr unsigned long kFlags = MS_NODEV | MS_NOSUID;
constexpr int64_t kPage = 4096;

}  // namespace

absl::StatusOr<std::unique_ptr<SmallDisk>> SmallDisk::Mount(int64_t bytes) {
  std::unique_ptr<SmallDisk> disk(new SmallDisk(bytes));
  const std::string options = absl::StrCat("mode=0700,size=", bytes);
  if (mount("greenroom-test", disk->path().c_str(), "tmpfs", kFlags, options.c_str()) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("mount of a tmpfs at ", disk->path(), " (needs root)"));
  }
  disk->mounted_ = true;
  return disk;
}

SmallDisk::~SmallDisk() {
  if (mounted_) umount2(path().c_str(), MNT_DETACH);
}

absl::Status SmallDisk::Fill() {
  // Others may be writing: what they add between the look and the change makes it too small a size, which is refused.
  absl::Status status;
  constexpr int kTries = 100;
  for (int tries = 0; tries < kTries; ++tries) {
    struct statvfs use = {};
    if (statvfs(path().c_str(), &use) != 0) return absl::ErrnoToStatus(errno, path());
    const auto used = static_cast<int64_t>((use.f_blocks - use.f_bfree) * use.f_frsize);
    status = Resize(std::max(used, kPage));  // to tmpfs a size of 0 is no limit
    if (status.ok()) return status;
  }
  return status;
}

absl::Status SmallDisk::Free() { return Resize(bytes_); }

absl::Status SmallDisk::Resize(int64_t bytes) {
  const std::string options = absl::StrCat("size=", bytes);
  if (mount(nullptr, path().c_str(), nullptr, MS_REMOUNT | kFlags, options.c_str()) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("remount of ", path(), " with ", options));
  }
  return absl::OkStatus();
}

}  // namespace greenroom
