#include "tests/servers/redis_cluster.h"

#include <fstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "services/base/task.h"
#include "tests/servers/free_port.h"

namespace greenroom {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(20);  // a loaded machine under a sanitizer
constexpr int kTries = 5;                                // another process can take a port first
constexpr int kSlots = 16384;

// 40 hex digits.
std::string NodeId(size_t i) { return std::string(39, 'b') + absl::StrCat(i); }

int FirstSlot(size_t primary) {
  return static_cast<int>(primary) * kSlots / static_cast<int>(RedisCluster::kPrimaries);
}

}  // namespace

absl::StatusOr<std::unique_ptr<RedisCluster>> RedisCluster::Start(Options options) {
  std::unique_ptr<RedisCluster> cluster(new RedisCluster(std::move(options)));
  absl::Status status;
  for (int tries = 0; tries < kTries; ++tries) {
    status = cluster->Launch();
    if (!absl::IsFailedPrecondition(status)) break;  // a server has ended
  }
  RETURN_IF_ERROR(status);
  const absl::Time end = absl::Now() + kPatience;
  for (size_t i = 0; i < kServers; ++i) {
    while (!cluster->InStep(i)) {
      if (absl::Now() > end) return absl::DeadlineExceededError(cluster->server(i).Log());
      absl::SleepFor(absl::Milliseconds(10));
    }
  }
  return cluster;
}

absl::Status RedisCluster::Launch() {
  servers_.clear();
  directories_.clear();
  std::vector<int> ports;
  std::vector<int> bus_ports;
  for (size_t i = 0; i < kServers; ++i) {
    ports.push_back(FreePort());
    bus_ports.push_back(FreePort());
  }
  for (size_t i = 0; i < kServers; ++i) {
    directories_.push_back(std::make_unique<TemporaryDirectory>());
    const std::string& directory = directories_.back()->path();
    std::ofstream(directory + "/nodes.conf") << NodesFile(i, ports, bus_ports);
    RedisServer::Options options;
    options.port = ports[i];
    options.directory = directory;
    options.place = PlaceOf(i);
    options.certificate = options_.certificate;
    options.args = {"--cluster-enabled",
                    "yes",
                    "--cluster-port",
                    absl::StrCat(bus_ports[i]),
                    "--cluster-node-timeout",
                    absl::StrCat(absl::ToInt64Milliseconds(options_.node_timeout)),
                    "--cluster-replica-validity-factor",
                    "0",
                    "--repl-diskless-sync-delay",
                    "0"};
    if (!options_.password.empty()) {
      options.args.insert(options.args.end(),
                          {"--requirepass", options_.password, "--masterauth", options_.password});
    }
    ASSIGN_OR_RETURN(std::unique_ptr<RedisServer> server, RedisServer::Start(std::move(options)));
    servers_.push_back(std::move(server));
  }
  return absl::OkStatus();
}

// They know one another and their slots from the start, which saves the rounds of gossip.
std::string RedisCluster::NodesFile(size_t i, const std::vector<int>& ports,
                                    const std::vector<int>& bus_ports) const {
  std::string text;
  for (size_t n = 0; n < kServers; ++n) {
    const bool primary = n < kPrimaries;
    absl::StrAppend(&text, NodeId(n), " ", PlaceOf(n).address, ":", ports[n], "@", bus_ports[n], " ",
                    n == i ? "myself," : "",
                    primary ? "master -" : absl::StrCat("slave ", NodeId(n - kPrimaries)), " 0 0 ",
                    n % kPrimaries + 1, " connected");
    if (primary) absl::StrAppend(&text, " ", FirstSlot(n), "-", FirstSlot(n + 1) - 1);
    absl::StrAppend(&text, "\n");
  }
  return absl::StrCat(text, "vars currentEpoch ", kPrimaries, " lastVoteEpoch 0\n");
}

bool RedisCluster::InStep(size_t i) const {
  const auto state = Ask(i, {"CLUSTER", "INFO"});
  const auto replication = Ask(i, {"INFO", "replication"});
  return state.ok() && absl::StrContains(*state, "cluster_state:ok") && replication.ok() &&
         absl::StrContains(*replication, i < kPrimaries ? "state=online" : "master_link_status:up");
}

std::string RedisCluster::url(const std::string& credentials) const {
  std::vector<std::string> seeds;
  seeds.reserve(kServers);
  for (const auto& server : servers_) seeds.push_back(absl::StrCat(server->address(), ":", server->port()));
  const bool tls = options_.certificate != nullptr;
  return absl::StrCat(tls ? "rediss" : "redis", "+cluster://", credentials, credentials.empty() ? "" : "@",
                      absl::StrJoin(seeds, ","),
                      tls ? absl::StrCat("?ca=", options_.certificate->file()) : "");
}

absl::StatusOr<size_t> RedisCluster::OwnerOf(int slot, size_t asked) const {
  ASSIGN_OR_RETURN(const std::string nodes, Ask(asked, {"CLUSTER", "NODES"}));
  for (const absl::string_view line : absl::StrSplit(nodes, '\n')) {
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
    for (size_t w = 8; w < words.size(); ++w) {
      const std::pair<absl::string_view, absl::string_view> range =
          absl::StrSplit(words[w], absl::MaxSplits('-', 1));
      int first = 0, last = 0;
      if (!absl::SimpleAtoi(range.first, &first)) continue;  // [slot->-node]: being migrated
      if (!absl::SimpleAtoi(range.second, &last)) last = first;
      if (slot < first || slot > last) continue;
      for (size_t i = 0; i < kServers; ++i) {
        if (absl::StartsWith(line, NodeId(i))) return i;
      }
    }
  }
  return absl::NotFoundError("nobody serves the slot");
}

absl::Status RedisCluster::BeginMigration(int slot, size_t from, size_t to) {
  RETURN_IF_ERROR(Ask(to, {"CLUSTER", "SETSLOT", absl::StrCat(slot), "IMPORTING", NodeId(from)}).status());
  return Ask(from, {"CLUSTER", "SETSLOT", absl::StrCat(slot), "MIGRATING", NodeId(to)}).status();
}

absl::Status RedisCluster::MigrateKey(const std::string& key, size_t from, size_t to) {
  return Ask(from, {"MIGRATE", servers_[to]->address(), absl::StrCat(servers_[to]->port()), key, "0", "5000"})
      .status();
}

absl::Status RedisCluster::MigrateKeys(int slot, size_t from, size_t to) {
  for (;;) {
    ASSIGN_OR_RETURN(const std::string keys,
                     Ask(from, {"CLUSTER", "GETKEYSINSLOT", absl::StrCat(slot), "100"}));
    if (keys.empty()) return absl::OkStatus();
    for (const absl::string_view key : absl::StrSplit(keys, '\n', absl::SkipEmpty())) {
      RETURN_IF_ERROR(MigrateKey(std::string(key), from, to));
    }
  }
}

absl::Status RedisCluster::EndMigration(int slot, size_t to) {
  const std::vector<std::string> command = {"CLUSTER", "SETSLOT", absl::StrCat(slot), "NODE", NodeId(to)};
  RETURN_IF_ERROR(Ask(to, command).status());
  // Any of them may be a primary by now; replicas refuse, and those that are down hear of it when they are back.
  for (size_t i = 0; i < kServers; ++i) {
    if (i == to || !servers_[i]->Running()) continue;
    absl::Status told = Ask(i, command).status();
    if (!told.ok() && !absl::StrContains(told.message(), "only with masters")) return told;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> RedisCluster::Ask(size_t i, const std::vector<std::string>& command) const {
  if (options_.password.empty()) return servers_[i]->Command(command);
  return servers_[i]->Command(command, {"AUTH", options_.password});
}

}  // namespace greenroom
