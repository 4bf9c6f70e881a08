#include "tests/servers/redis_replicas.h"

#include <fstream>
#include <functional>
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

absl::Status WaitUntil(const std::string& what, const std::function<bool()>& holds) {
  const absl::Time end = absl::Now() + kPatience;
  while (!holds()) {
    if (absl::Now() > end) return absl::DeadlineExceededError(absl::StrCat("not in time: ", what));
    absl::SleepFor(absl::Milliseconds(10));
  }
  return absl::OkStatus();
}

// 40 hex digits.
std::string SentinelId(size_t i) { return std::string(39, 'a') + absl::StrCat(i); }

}  // namespace

absl::StatusOr<std::unique_ptr<RedisReplicas>> RedisReplicas::Start(Options options) {
  std::unique_ptr<RedisReplicas> replicas(new RedisReplicas(std::move(options)));
  RETURN_IF_ERROR(replicas->StartServers());
  absl::Status status;
  for (int tries = 0; tries < kTries; ++tries) {
    status = replicas->StartSentinels();
    if (!absl::IsFailedPrecondition(status)) break;  // a sentinel has ended
  }
  RETURN_IF_ERROR(status);
  for (size_t i = 0; i < kSentinels; ++i) {
    RETURN_IF_ERROR(
        WaitUntil("a sentinel that can fail over", [&replicas, i] { return replicas->CanFailOver(i); }));
  }
  return replicas;
}

absl::Status RedisReplicas::StartServers() {
  for (size_t i = 0; i < kServers; ++i) {
    RedisServer::Options options;
    options.place = PlaceOf(i);
    options.certificate = options_.certificate;
    options.args = {"--repl-diskless-sync-delay", "0"};
    if (i > 0) {
      options.args.insert(options.args.end(),
                          {"--replicaof", servers_[0]->address(), absl::StrCat(servers_[0]->port())});
    }
    if (!options_.password.empty()) {
      options.args.insert(options.args.end(),
                          {"--requirepass", options_.password, "--masterauth", options_.password});
    }
    ASSIGN_OR_RETURN(std::unique_ptr<RedisServer> server, RedisServer::Start(std::move(options)));
    servers_.push_back(std::move(server));
  }
  // A replica counts as online before it has been sent anything but its first copy.
  RETURN_IF_ERROR(WaitUntil("two replicas", [this] {
    const auto info = AskServer(0, {"INFO", "replication"});
    return info.ok() && absl::StrContains(*info, "connected_slaves:2");
  }));
  RETURN_IF_ERROR(AskServer(0, {"PUBLISH", "replicated", ""}).status());
  return WaitUntil("replicas in step", [this] {
    const auto info = AskServer(0, {"INFO", "replication"});
    if (!info.ok()) return false;
    const std::vector<std::string> parts = absl::StrSplit(*info, "master_repl_offset:");
    if (parts.size() != 2) return false;
    const std::string offset = parts[1].substr(0, parts[1].find('\r'));
    const std::vector<std::string> in_step = absl::StrSplit(parts[0], absl::StrCat("offset=", offset, ","));
    return in_step.size() == kServers;
  });
}

// The sentinels know one another from the start: finding out by themselves takes them seconds.
std::string RedisReplicas::Configuration(size_t sentinel) const {
  const Place place = PlaceOf(kServers + sentinel);
  std::string text = absl::StrCat(
      "port ", plain_ports_[sentinel], "\nprotected-mode no\nbind ", absl::StrJoin(place.Listening(), " "),
      "\ndir ", directories_[sentinel]->path(), "\nsentinel myid ", SentinelId(sentinel),
      "\nsentinel monitor ", kName, " ", servers_[0]->address(), " ", servers_[0]->port(),
      " 2\nsentinel down-after-milliseconds ", kName, " ", absl::ToInt64Milliseconds(options_.down_after),
      "\nsentinel failover-timeout ", kName, " ", absl::ToInt64Milliseconds(options_.failover_timeout), "\n");
  if (options_.certificate != nullptr) {
    absl::StrAppend(&text, "tls-port ", ports_[sentinel], "\ntls-cert-file ", options_.certificate->file(),
                    "\ntls-key-file ", options_.certificate->key(), "\ntls-ca-cert-file ",
                    options_.certificate->file(), "\ntls-auth-clients no\ntls-replication yes\n");
  }
  if (!options_.password.empty()) {
    absl::StrAppend(&text, "sentinel auth-pass ", kName, " ", options_.password, "\n");
  }
  for (size_t i = 1; i < kServers; ++i) {
    absl::StrAppend(&text, "sentinel known-replica ", kName, " ", servers_[i]->address(), " ",
                    servers_[i]->port(), "\n");
  }
  for (size_t i = 0; i < kSentinels; ++i) {
    if (i == sentinel) continue;
    absl::StrAppend(&text, "sentinel known-sentinel ", kName, " ", PlaceOf(kServers + i).address, " ",
                    ports_[i], " ", SentinelId(i), "\n");
  }
  return text;
}

absl::Status RedisReplicas::StartSentinels() {
  sentinels_.clear();
  directories_.clear();
  ports_.clear();
  plain_ports_.clear();
  for (size_t i = 0; i < kSentinels; ++i) {
    ports_.push_back(FreePort());
    plain_ports_.push_back(options_.certificate == nullptr ? ports_.back() : FreePort());
    directories_.push_back(std::make_unique<TemporaryDirectory>());
  }
  for (size_t i = 0; i < kSentinels; ++i) {
    const std::string path = absl::StrCat(directories_[i]->path(), "/sentinel.conf");
    std::ofstream(path) << Configuration(i);
    ChildProcess::Options options;
    options.args = PlaceOf(kServers + i).Within({"redis-server", path, "--sentinel"});
    ASSIGN_OR_RETURN(std::unique_ptr<ChildProcess> sentinel, ChildProcess::Start(std::move(options)));
    RETURN_IF_ERROR(sentinel->WaitForLine("+monitor master", kPatience).status());
    sentinels_.push_back(std::move(sentinel));
    if (options_.prompt) {
      RETURN_IF_ERROR(
          AskSentinel(i, {"SENTINEL", "DEBUG", "info-period", "500", "publish-period", "500"}).status());
    }
  }
  return absl::OkStatus();
}

// Whether it is connected to all the others and has heard from them. Its count of usable sentinels alone holds
// those for usable to which it has not connected yet.
bool RedisReplicas::CanFailOver(size_t sentinel) const {
  const auto quorum = AskSentinel(sentinel, {"SENTINEL", "CKQUORUM", kName});
  if (!quorum.ok() || !absl::StartsWith(*quorum, "OK 3 ")) return false;
  for (const char* whom : {"MASTER", "REPLICAS", "SENTINELS"}) {
    const auto seen = AskSentinel(sentinel, {"SENTINEL", whom, kName});
    if (!seen.ok() || absl::StrContains(*seen, "disconnected") || absl::StrContains(*seen, "s_down") ||
        absl::StrContains(*seen, "master-link-status\nerr")) {
      return false;
    }
  }
  return true;
}

std::string RedisReplicas::url(const std::string& credentials) const {
  std::vector<std::string> sentinels;
  sentinels.reserve(kSentinels);
  for (size_t i = 0; i < kSentinels; ++i) {
    sentinels.push_back(absl::StrCat(PlaceOf(kServers + i).address, ":", ports_[i]));
  }
  const bool tls = options_.certificate != nullptr;
  return absl::StrCat(tls ? "rediss" : "redis", "+sentinel://", credentials, credentials.empty() ? "" : "@",
                      absl::StrJoin(sentinels, ","), "/", kName,
                      tls ? absl::StrCat("?ca=", options_.certificate->file()) : "");
}

absl::StatusOr<size_t> RedisReplicas::Primary() const {
  for (size_t i = 0; i < kSentinels; ++i) {
    if (!sentinels_[i]->Running()) continue;
    const auto address = AskSentinel(i, {"SENTINEL", "GET-MASTER-ADDR-BY-NAME", kName});
    if (!address.ok()) continue;
    for (size_t s = 0; s < kServers; ++s) {
      if (*address == absl::StrCat(servers_[s]->address(), "\n", servers_[s]->port(), "\n")) return s;
    }
  }
  return absl::NotFoundError("no sentinel names a server");
}

absl::Status RedisReplicas::WaitForAnotherPrimary(size_t old) const {
  return WaitUntil("another primary", [this, old] {
    const auto primary = Primary();
    return primary.ok() && *primary != old;
  });
}

absl::Status RedisReplicas::FailOver() {
  ASSIGN_OR_RETURN(const size_t old, Primary());
  RETURN_IF_ERROR(AskSentinel(0, {"SENTINEL", "FAILOVER", kName}).status());
  return WaitForAnotherPrimary(old);
}

absl::StatusOr<std::string> RedisReplicas::AskSentinel(size_t i, std::vector<std::string> command) const {
  ChildProcess::Options options;
  options.args = {
      "redis-cli", "-e", "-h", PlaceOf(kServers + i).console, "-p", absl::StrCat(plain_ports_[i])};
  options.args.insert(options.args.end(), command.begin(), command.end());
  ASSIGN_OR_RETURN(const std::unique_ptr<ChildProcess> client, ChildProcess::Start(std::move(options)));
  ASSIGN_OR_RETURN(const int code,
                   client->Wait(absl::Seconds(2)));  // a sentinel that is stopped says nothing
  if (code != 0) return absl::UnavailableError(client->Output());
  return client->Output();
}

absl::StatusOr<std::string> RedisReplicas::AskServer(size_t i,
                                                     const std::vector<std::string>& command) const {
  if (options_.password.empty()) return servers_[i]->Command(command);
  return servers_[i]->Command(command, {"AUTH", options_.password});
}

}  // namespace greenroom
