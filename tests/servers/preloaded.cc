#include "tests/servers/preloaded.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"

namespace greenroom {

Preloaded::Preloaded(std::string broken_disk) : broken_disk_(std::move(broken_disk)) {
  const std::string path = directory_.path() + "/control";
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  void* mapped = MAP_FAILED;
  if (file >= 0 && ftruncate(file, sizeof(PreloadControl)) == 0) {
    mapped = mmap(nullptr, sizeof(PreloadControl), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  }
  if (mapped == MAP_FAILED) {
    std::perror(path.c_str());
    std::abort();
  }
  close(file);
  control_ = static_cast<PreloadControl*>(mapped);
}

Preloaded::~Preloaded() { munmap(control_, sizeof(PreloadControl)); }

std::map<std::string, std::string> Preloaded::Environment() const {
  return {{"LD_PRELOAD", absl::StrCat(GREENROOM_MOVED_CLOCK, " ", GREENROOM_BROKEN_DISK)},
          {kPreloadControl, directory_.path() + "/control"},
          {kBrokenDiskPath, broken_disk_},
          // Where the sanitizer's runtime is a shared library it would insist on being the first of all.
          {"ASAN_OPTIONS", absl::StrCat(getenv("ASAN_OPTIONS") == nullptr ? "" : getenv("ASAN_OPTIONS"),
                                        ":verify_asan_link_order=0")}};
}

void Preloaded::MoveClock(absl::Duration offset) {
  control_->clock_offset_ns = absl::ToInt64Nanoseconds(offset);
}

void Preloaded::FailSyncs(int times) {
  control_->sync_failures = times;
  control_->sync_errno = EIO;
}

void Preloaded::MendSyncs() { control_->sync_errno = 0; }

}  // namespace greenroom
