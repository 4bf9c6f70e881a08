// Rig: everything that is measured, as processes on free ports of 127.0.0.1: a redis-server (append-only, synced every
// second), the three services with SQLite under full sync or with a PostgreSQL server as it comes, and the two processes
// of the floors, which use the same. The pack of data/bench.pack.yaml is published.
#ifndef GREENROOM_TESTS_BENCH_RIG_H_
#define GREENROOM_TESTS_BENCH_RIG_H_

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/base/auth/keys.h"
#include "services/base/caller.h"
#include "tests/servers/postgres_server.h"
#include "tests/servers/process.h"
#include "tests/servers/redis_server.h"

namespace greenroom::bench {

enum class Program { kContent, kScoring, kSession, kFloorBack, kFloorFront };
inline constexpr Program kServices[] = {Program::kScoring, Program::kContent, Program::kSession};

const char* ProgramName(Program program);

// Ends all its processes when destroyed. Thread-safe once it has started.
class Rig {
 public:
  struct Options {
    std::string programs;  // folder of the services and of `greenroom`
    std::string floor;     // path of bench_floor
    std::string pack;      // path of the pack
    bool postgres = false;
  };

  // The stores are in a new folder under TMPDIR: put that on the disk to be measured. Fails with the end of the log of
  // the process that did not come up.
  static absl::StatusOr<std::unique_ptr<Rig>> Start(Options options);

  std::string target(Program program) const;
  const RedisServer& redis() const { return *redis_; }
  // The revision that is published.
  const std::string& revision() const { return revision_; }
  // From the start of the process until it accepted connections.
  absl::Duration time_to_ready(Program program) const;
  // What of the process is in memory now, as the kernel says (VmRSS).
  absl::StatusOr<int64_t> ResidentBytes(Program program) const;

  // Of the processes, of redis-server and of the PostgreSQL server with its backends that still run, from their start
  // until now, in user and kernel mode. Counts in steps of 10 ms.
  absl::StatusOr<absl::Duration> CpuTime() const;

  // "Bearer ..." of a day, for a call's `authorization`.
  absl::StatusOr<std::string> Bearer(Role role, absl::string_view subject) const;

 private:
  struct Process {
    std::unique_ptr<ChildProcess> child;
    int port = 0;
    absl::Duration time_to_ready;
  };
  explicit Rig(Options options) : options_(std::move(options)) {}

  absl::Status Launch(Program program);
  std::vector<std::string> Arguments(Program program) const;
  absl::Status Publish();
  // Runs the program `greenroom`; fails with what it wrote unless it exits with 0.
  absl::Status Greenroom(std::vector<std::string> args) const;
  std::string Path(absl::string_view file) const;
  // The URL of a store: a file, or a database of the server.
  std::string Store(absl::string_view name) const;
  Process& process(Program program) { return processes_[static_cast<size_t>(program)]; }
  const Process& process(Program program) const { return processes_[static_cast<size_t>(program)]; }

  const Options options_;
  TemporaryDirectory directory_;
  std::unique_ptr<RedisServer> redis_;
  std::unique_ptr<PostgresServer> postgres_;
  std::optional<auth::SigningKey> key_;
  std::string revision_;
  Process processes_[5];
};

}  // namespace greenroom::bench

#endif  // GREENROOM_TESTS_BENCH_RIG_H_
