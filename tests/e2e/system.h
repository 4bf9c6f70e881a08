// System: Greenroom as deploy/run starts it, for one test: a redis-server, the three services as processes on free
// ports of 127.0.0.1, one or more replicas of each, keys and stores in a temporary directory or on a PostgreSQL server.
// The pack `ml-engineer` is published.
#ifndef GREENROOM_TESTS_E2E_SYSTEM_H_
#define GREENROOM_TESTS_E2E_SYSTEM_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "services/base/auth/keys.h"
#include "tests/e2e/load/load.h"
#include "tests/servers/fault_proxy.h"
#include "tests/servers/name_server.h"
#include "tests/servers/network.h"
#include "tests/servers/postgres_server.h"
#include "tests/servers/preloaded.h"
#include "tests/servers/process.h"
#include "tests/servers/redis_cluster.h"
#include "tests/servers/redis_replicas.h"
#include "tests/servers/redis_server.h"
#include "tests/servers/small_disk.h"

namespace greenroom::e2e {

enum class Service { kContent, kScoring, kSession };
constexpr Service kServices[] = {Service::kContent, Service::kScoring, Service::kSession};
// "content"
absl::string_view NameOf(Service service);

// How many times longer than in a plain build things may take. Bounds of time are multiplied by it, no others.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GREENROOM_SANITIZED 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define GREENROOM_SANITIZED 1
#endif
#ifdef GREENROOM_SANITIZED
constexpr int kSlowBuild = 5;
#else
constexpr int kSlowBuild = 1;
#endif

enum class Redis {
  kServer,
  kSentinel,  // a primary, two replicas, three sentinels
  kCluster,   // three primaries with a replica each
};

// How many of each service there are, where they keep what must last, and what of it all can be hurt.
struct SystemOptions {
  Redis redis = Redis::kServer;
  bool postgres = false;  // catalogue and log in one database of a server of the test's own
  int replicas = 1;       // of each service; more than one needs PostgreSQL
  bool standby = false;   // of the database, synchronous, to be promoted
  // Every server of a Redis of several, the database's server and every session replica on a host of its own, in
  // networks that can be cut; all else stays with the test. Start then calls EnterOwnNetwork.
  bool networks = false;
  // Those of Redis only for the one server.
  bool proxies = false;      // FaultProxies between session and Redis and between session and each scoring
  bool small_disks = false;  // the log's database and Redis's append-only file on SmallDisks; needs root
  bool preloaded = false;    // the clocks of Redis and all services, and the syncs of an SQLite log
  // Replicas are found by name, as in a cluster, each at an address of its own; more can come and go. Needs PostgreSQL.
  bool named = false;
  std::string log_level = "info";
  std::string drain_delay = "100ms";
  std::string max_connection_age = "2m";
};

// Ports stay the same over restarts. Not thread-safe; other threads may call the services.
class System {
 public:
  // Fails with what the process that did not come up has written.
  static absl::StatusOr<std::unique_ptr<System>> Start(const SystemOptions& options = {});

  const SystemOptions& options() const { return options_; }
  // Of the kind that the options ask for.
  RedisServer& redis() { return *redis_; }
  RedisReplicas& redis_replicas() { return *redis_replicas_; }
  RedisCluster& redis_cluster() { return *redis_cluster_; }
  // Where the options ask for them.
  PostgresServer& postgres() { return *postgres_; }
  PostgresServer& standby() { return *standby_; }
  // That the services speak to Redis in, and its servers to one another; and to the database. There is another one,
  // never cut, for all else.
  Network& redis_network() { return *networks_.redis; }
  Network& database_network() { return *networks_.database; }
  // Of a server, as redis_replicas() and redis_cluster() count them; the sentinels come behind.
  const Host& redis_host(size_t i) const { return *networks_.redis_hosts[i]; }
  const Host& postgres_host() const { return *networks_.postgres_host; }
  const Host& session_host(int replica) const {
    return *networks_.session_hosts[static_cast<size_t>(replica)];
  }
  FaultProxy& redis_proxy() { return *redis_proxy_; }
  const std::vector<std::unique_ptr<FaultProxy>>& scoring_proxies() { return scoring_proxies_; }
  SmallDisk& log_disk() { return *log_disk_; }
  SmallDisk& redis_disk() { return *redis_disk_; }
  Preloaded& preloaded() { return *preloaded_; }

  // A gRPC target of all replicas, and the address of one; replicas count from 0, those that are gone included.
  std::string target(Service service) const;
  std::string address(Service service, int replica = 0) const;
  ChildProcess& process(Service service, int replica = 0) { return *slot(service, replica).child; }

  // Returns once the replica accepts connections.
  absl::Status StartService(Service service, int replica = 0);
  void Kill9(Service service, int replica = 0);
  // SIGTERM; yields the exit code.
  absl::StatusOr<int> Terminate(Service service, int replica = 0);
  // Where replicas are named: one more of them, which its name leads to once it serves; yields its number.
  absl::StatusOr<int> AddReplica(Service service);
  // The name leads to it no more, and it gets SIGTERM; yields the exit code.
  absl::StatusOr<int> Retire(Service service, int replica);

  // A second session process on the same log with an empty Redis of its own: what it says of a session is the replay.
  // It completes pending grades as any replica does.
  absl::Status StartWitness();
  void StopWitness();
  std::string witness_target() const;

  // A credential of one hour.
  absl::StatusOr<std::string> Token(absl::string_view role, absl::string_view learner);
  // The key that signs the tokens.
  const auth::SigningKey& key() const { return *key_; }
  // A load on this system; its ledger in the temporary directory.
  LoadOptions LoadDefaults(absl::string_view name = "learner");

  // Runs the program `greenroom` and yields what it printed; fails with that unless it exits with 0.
  absl::StatusOr<std::string> Greenroom(std::vector<std::string> args);

  // The database that the session service keeps the learners' logs in.
  std::string log_url() const;
  // Answers whose grade is pending, as the log has them.
  absl::StatusOr<int64_t> PendingGrades() const;

 private:
  struct Slot {
    std::unique_ptr<ChildProcess> child;
    Place place;
    int port = 0;
    bool retired = false;
    std::string address() const { return absl::StrCat(place.address, ":", port); }
  };
  struct Networks {
    std::vector<std::unique_ptr<Host>> redis_hosts;
    std::unique_ptr<Host> postgres_host;
    std::vector<std::unique_ptr<Host>> session_hosts;
    std::unique_ptr<Network> services, redis, database;  // end before the hosts do
  };
  explicit System(SystemOptions options) : options_(std::move(options)) {}
  // The next replica's, of a service that has these.
  Slot NewSlot(const std::vector<Slot>& before) const;
  static absl::StatusOr<std::unique_ptr<System>> StartOnce(const SystemOptions& options);
  absl::Status StartNetworks();
  absl::Status MoveSessions();
  // Connects the host to the network and, for the test, to the services'.
  absl::StatusOr<Place> PlaceOn(const Host& host, Network& network);
  absl::StatusOr<std::vector<Place>> RedisPlaces(size_t count);
  Place Here() const;  // of what stays with the test
  absl::Status StartStores();
  absl::Status StartRedis();
  std::string redis_url() const;
  absl::Status Launch(Service service, Slot& slot, absl::string_view redis_url);
  // Tells the name server which replicas there are.
  absl::Status Announce(Service service);
  Slot& slot(Service service, int replica) {
    return slots_[static_cast<size_t>(service)][static_cast<size_t>(replica)];
  }
  std::string store_path(absl::string_view file) const;
  std::string log_path() const;      // of an SQLite log
  std::string database_url() const;  // of the server and, where there is one, its standby
  std::string scoring_target() const;

  const SystemOptions options_;
  TemporaryDirectory directory_;
  Networks networks_;
  std::unique_ptr<SmallDisk> log_disk_;
  std::unique_ptr<SmallDisk> redis_disk_;
  std::unique_ptr<Preloaded> preloaded_;
  std::unique_ptr<auth::SigningKey> key_;
  std::unique_ptr<RedisServer> redis_;
  std::unique_ptr<RedisReplicas> redis_replicas_;
  std::unique_ptr<RedisCluster> redis_cluster_;
  std::unique_ptr<PostgresServer> postgres_;
  std::unique_ptr<PostgresServer> standby_;
  std::unique_ptr<NameServer> names_;
  std::unique_ptr<FaultProxy> redis_proxy_;
  std::vector<std::unique_ptr<FaultProxy>> scoring_proxies_;
  std::vector<Slot> slots_[3];
  std::unique_ptr<RedisServer> witness_redis_;
  Slot witness_;
};

}  // namespace greenroom::e2e

#endif  // GREENROOM_TESTS_E2E_SYSTEM_H_
