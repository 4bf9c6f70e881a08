// RedisCluster: a real Redis Cluster of three primaries with a replica each, for a test to hurt and to reshard.
#ifndef GREENROOM_TESTS_SERVERS_REDIS_CLUSTER_H_
#define GREENROOM_TESTS_SERVERS_REDIS_CLUSTER_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tests/servers/certificate.h"
#include "tests/servers/process.h"
#include "tests/servers/redis_server.h"

namespace greenroom {

// All on free ports of 127.0.0.1 or of their places, with directories of their own; they die with the test. Its methods wait until
// what they say is so. Not thread-safe.
class RedisCluster {
 public:
  static constexpr size_t kPrimaries = 3;
  static constexpr size_t kServers = 2 * kPrimaries;

  struct Options {
    std::string password;
    absl::Duration node_timeout = absl::Milliseconds(1000);  // until the others hold a node for down
    std::vector<Place> places;                               // of the servers, or none
    const Certificate* certificate = nullptr;                // not null: all speak TLS, as RedisServer has it
  };

  // Returns once every slot is served and every replica is in step.
  static absl::StatusOr<std::unique_ptr<RedisCluster>> Start() { return Start(Options()); }
  static absl::StatusOr<std::unique_ptr<RedisCluster>> Start(Options options);

  // redis+cluster:// with all servers, or rediss+cluster://...?ca=FILE; `credentials` stands before an @.
  std::string url(const std::string& credentials = "") const;

  // 0 to 2 are the primaries at first, in the order of their slots; i + 3 is the replica of i.
  RedisServer& server(size_t i) { return *servers_[i]; }
  // The server that serves a slot, as server `asked` has it. UNAVAILABLE where it does not answer.
  absl::StatusOr<size_t> OwnerOf(int slot, size_t asked) const;

  // Resharding in its three steps, as redis-cli does it. Between them the keys of the slot are on both.
  absl::Status BeginMigration(int slot, size_t from, size_t to);
  absl::Status MigrateKey(const std::string& key, size_t from, size_t to);
  absl::Status MigrateKeys(int slot, size_t from, size_t to);  // all that are there
  absl::Status EndMigration(int slot, size_t to);

 private:
  explicit RedisCluster(Options options) : options_(std::move(options)) {}
  absl::Status Launch();
  std::string NodesFile(size_t i, const std::vector<int>& ports, const std::vector<int>& bus_ports) const;
  absl::StatusOr<std::string> Ask(size_t i, const std::vector<std::string>& command) const;
  Place PlaceOf(size_t i) const { return options_.places.empty() ? Place() : options_.places[i]; }
  bool InStep(size_t i) const;

  const Options options_;
  std::vector<std::unique_ptr<TemporaryDirectory>> directories_;
  std::vector<std::unique_ptr<RedisServer>> servers_;
};

}  // namespace greenroom

#endif  // GREENROOM_TESTS_SERVERS_REDIS_CLUSTER_H_
