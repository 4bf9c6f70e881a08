// SmallDisk: a file system in memory that a test can fill.
#ifndef GREENROOM_TESTS_SERVERS_SMALL_DISK_H_
#define GREENROOM_TESTS_SERVERS_SMALL_DISK_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/servers/process.h"

namespace greenroom {

// A tmpfs mounted in a temporary directory, unmounted at the end whoever still has files open there. Mounting needs
// root: PERMISSION_DENIED without, and a test must fail then.
class SmallDisk {
 public:
  static absl::StatusOr<std::unique_ptr<SmallDisk>> Mount(int64_t bytes);
  ~SmallDisk();
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  const std::string& path() const { return directory_.path(); }

  // The disk becomes as small as what it holds: whatever needs another page of 4 KiB fails with ENOSPC.
  absl::Status Fill();
  // It has its size again.
  absl::Status Free();

 private:
  explicit SmallDisk(int64_t bytes) : bytes_(bytes) {}
  absl::Status Resize(int64_t bytes);

  const int64_t bytes_;
  TemporaryDirectory directory_;
  bool mounted_ = false;
};

}  // namespace greenroom

#endif  // GREENROOM_TESTS_SERVERS_SMALL_DISK_H_
