// Preloaded: libraries of our own that make the clock and the disk of a child process misbehave.
#ifndef GREENROOM_TESTS_SERVERS_PRELOADED_H_
#define GREENROOM_TESTS_SERVERS_PRELOADED_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/time/time.h"
#include "tests/servers/preload/control.h"
#include "tests/servers/process.h"

namespace greenroom {

// Thread-safe. All children started with its environment obey it, from the moment of each call on.
class Preloaded {
 public:
  // fsync is broken for files whose path begins with `broken_disk`.
  explicit Preloaded(std::string broken_disk);
  ~Preloaded();
  Preloaded(const Preloaded&) = delete;
  Preloaded& operator=(const Preloaded&) = delete;

  // For ChildProcess::Options::env.
  std::map<std::string, std::string> Environment() const;

  // The children's CLOCK_REALTIME is this much later than the machine's.
  void MoveClock(absl::Duration offset);

  // The next `times` calls of fsync or fdatasync on that disk fail with EIO, then they work again.
  void FailSyncs(int times);
  void MendSyncs();
  // Calls on that disk so far; those that failed; and those made by a process after one of its own had failed.
  int syncs() const { return control_->syncs; }
  int failed() const { return control_->failed; }
  int repeated() const { return control_->repeated; }

 private:
  const std::string broken_disk_;
  TemporaryDirectory directory_;
  PreloadControl* control_;
};

}  // namespace greenroom

#endif  // GREENROOM_TESTS_SERVERS_PRELOADED_H_
