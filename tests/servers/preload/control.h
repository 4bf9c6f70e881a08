// What a test writes and the preloaded libraries of its children read: a file that both have mapped, all zeros at first.
#ifndef GREENROOM_TESTS_SERVERS_PRELOAD_CONTROL_H_
#define GREENROOM_TESTS_SERVERS_PRELOAD_CONTROL_H_

#include <atomic>
#include <cstdint>

namespace greenroom {

// The environment variable with the file's path.
inline constexpr char kPreloadControl[] = "PRELOAD_CONTROL";
// And with the beginning of the paths of files on the disk that breaks.
inline constexpr char kBrokenDiskPath[] = "PRELOAD_BROKEN_DISK";

struct PreloadControl {
  // How much later CLOCK_REALTIME is than it would be.
  std::atomic<int64_t> clock_offset_ns;
  // What fsync and fdatasync fail with, 0: they work. Each failure takes one of sync_failures.
  std::atomic<int32_t> sync_errno;
  std::atomic<int32_t> sync_failures;
  // How often they were called for files of that disk, how often they failed, and how often they were called again by a
  // process in which they had failed.
  std::atomic<int32_t> syncs;
  std::atomic<int32_t> failed;
  std::atomic<int32_t> repeated;
};

static_assert(std::atomic<int64_t>::is_always_lock_free && std::atomic<int32_t>::is_always_lock_free,
              "processes share them");

}  // namespace greenroom

#endif  // GREENROOM_TESTS_SERVERS_PRELOAD_CONTROL_H_
