// System: Greenroom as deploy/run starts it, for one test: a redis-server, the three services as processes on free
// ports of 127.0.0.1, keys and stores in a temporary directory. The pack `ml-engineer` is published.
#ifndef GREENROOM_TESTS_E2E_SYSTEM_H_
#define GREENROOM_TESTS_E2E_SYSTEM_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "greenroom/session/v1/session_service.grpc.pb.h"
#include "tests/servers/process.h"
#include "tests/servers/redis_server.h"

namespace greenroom::e2e {

enum class Service { kContent, kScoring, kSession };

// One process of a service. Its port stays the same over restarts. Not thread-safe; other threads may call the service.
class System {
 public:
  // Fails with what the process that did not come up has written.
  static absl::StatusOr<std::unique_ptr<System>> Start();

  RedisServer& redis() { return *redis_; }
  std::string target(Service service) const;

  // Returns once the service accepts connections.
  absl::Status StartService(Service service);
  void Kill9(Service service);
  // SIGTERM; yields the exit code.
  absl::StatusOr<int> Terminate(Service service);

  // A second session process on the same log with an empty Redis of its own: what it says of a session is the replay.
  absl::Status StartWitness();
  void StopWitness();
  std::string witness_target() const;

  // A credential of one hour.
  absl::StatusOr<std::string> Token(absl::string_view role, absl::string_view learner);

  // Runs the program `greenroom` and yields what it printed; fails with that unless it exits with 0.
  absl::StatusOr<std::string> Greenroom(std::vector<std::string> args);

  // Rows of the log by event id: how many rows each of `event_ids` has, in order.
  absl::StatusOr<std::vector<int>> LogRows(const std::vector<std::string>& event_ids);
  // Whether every learner's sequences are 1, 2, 3 ... without a hole.
  absl::Status SequencesContiguous();
  // Whether no two events of the log have one (tenant, learner, event id), and no answer has two initial grades.
  absl::StatusOr<int> CountRows(absl::string_view kind);

 private:
  struct Process {
    std::unique_ptr<ChildProcess> child;
    int port = 0;
  };
  System() = default;
  absl::StatusOr<std::unique_ptr<ChildProcess>> Launch(Service service, int port,
                                                       absl::string_view redis_url);
  Process& process(Service service) { return processes_[static_cast<size_t>(service)]; }
  std::string store_path(absl::string_view file) const;

  TemporaryDirectory directory_;
  std::unique_ptr<RedisServer> redis_;
  Process processes_[3];
  std::unique_ptr<RedisServer> witness_redis_;
  Process witness_;
};

}  // namespace greenroom::e2e

#endif  // GREENROOM_TESTS_E2E_SYSTEM_H_
