// R1, R2, R5 and R13 where the network is cut: nobody ends, nobody is told, connections stay open.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "services/base/task.h"
#include "tests/e2e/faults/drafter.h"
#include "tests/e2e/faults/fault.h"
#include "tests/e2e/faults/holding.h"

namespace greenroom::e2e {
namespace {

// Until servers that can reach one another again have their roles.
constexpr absl::Duration kRoles = absl::Seconds(20 * kSlowBuild);
// Until everybody goes on after the database is reached again. A new connection may have been asked for just before,
// and the kernel asks again after 1, 3 and 7 seconds; a learner may be in the pause between two tries.
constexpr absl::Duration kReconnect = absl::Seconds(10 * kSlowBuild);

absl::Status WaitUntil(absl::string_view what, absl::Duration timeout, const std::function<bool()>& holds) {
  const absl::Time end = absl::Now() + timeout;
  while (!holds()) {
    if (absl::Now() > end) return absl::DeadlineExceededError(absl::StrCat("not in time: ", what));
    absl::SleepFor(absl::Milliseconds(20));
  }
  return absl::OkStatus();
}

// What the server says of `name` in its INFO replication; empty where it says nothing.
std::string Replication(const RedisServer& server, absl::string_view name) {
  const auto info = server.Command({"INFO", "replication"});
  if (!info.ok()) return "";
  for (absl::string_view line : absl::StrSplit(*info, "\r\n")) {
    if (absl::ConsumePrefix(&line, name) && absl::ConsumePrefix(&line, ":")) return std::string(line);
  }
  return "";
}

int64_t Written(const RedisServer& server) {
  int64_t offset = 0;
  return absl::SimpleAtoi(Replication(server, "master_repl_offset"), &offset) ? offset : 0;
}

void Measure(FaultSite& site, absl::string_view what, absl::Duration took) {
  absl::StrAppend(&site.measured, site.measured.empty() ? "" : ", ", what, " ",
                  absl::FormatDuration(absl::Trunc(took, absl::Milliseconds(1))));
}

// Waits until a draft is kept, and says how long that was after `since`.
absl::Status Kept(FaultSite& site, Drafter& drafter, absl::string_view when, absl::Time since) {
  RETURN_IF_ERROR(drafter.WaitUntilKept());
  Measure(site, absl::StrCat("drafts kept after ", when), absl::Now() - since);
  return absl::OkStatus();
}

// The zombie, still a primary, is reached again: it must become a replica, and the services write where they should.
absl::Status Healed(FaultSite& site, Network& network, const RedisServer& zombie, Drafter& drafter) {
  const bool is_zombie = Replication(zombie, "role") == "master";
  const absl::Time healed = absl::Now();
  RETURN_IF_ERROR(network.Heal());
  if (!is_zombie) return absl::InternalError("the primary that was cut off knew of it");
  RETURN_IF_ERROR(WaitUntil("the old primary is a replica", kRoles,
                            [&] { return Replication(zombie, "role") == "slave"; }));
  Measure(site, "a replica after the healing", absl::Now() - healed);
  RETURN_IF_ERROR(Kept(site, drafter, "that", absl::Now()));
  return HoldWhileAllGoOn(site);
}

// Everybody goes on once the network is whole again.
absl::Status Reconnected(FaultSite& site, Network& network) {
  const absl::Time healed = absl::Now();
  RETURN_IF_ERROR(network.Heal());
  RETURN_IF_ERROR(site.load.WaitForEach(kReconnect));
  Measure(site, "all went on after the healing in", absl::Now() - healed);
  return absl::OkStatus();
}

}  // namespace

absl::Status PrimaryCutOff(FaultSite& site) {
  RedisReplicas& redis = site.system.redis_replicas();
  Network& network = site.system.redis_network();
  ASSIGN_OR_RETURN(Drafter drafter, Drafter::Begin(site));
  ASSIGN_OR_RETURN(const size_t primary, redis.Primary());
  const absl::Time cut = absl::Now();
  RETURN_IF_ERROR(network.Cut({&site.system.redis_host(primary)}));
  absl::Status held = Kept(site, drafter, "the cut", cut);
  if (held.ok()) held = redis.WaitForAnotherPrimary(primary);
  if (held.ok()) held = HoldWhileAllGoOn(site);
  return Both(held, Healed(site, network, redis.server(primary), drafter));
}

absl::Status PrimaryCutOffWithASession(FaultSite& site) {
  RedisReplicas& redis = site.system.redis_replicas();
  Network& network = site.system.redis_network();
  const int replicas = site.system.options().replicas;
  // At the one replica there is, or at one of the other side.
  ASSIGN_OR_RETURN(Drafter drafter,
                   Drafter::Begin(site, site.system.address(Service::kSession, replicas - 1)));
  ASSIGN_OR_RETURN(const size_t primary, redis.Primary());
  const RedisServer& zombie = redis.server(primary);
  const absl::Time cut = absl::Now();
  RETURN_IF_ERROR(network.Cut({&site.system.redis_host(primary), &site.system.session_host(0)}));
  absl::Status held = Kept(site, drafter, "the cut", cut);
  if (held.ok()) held = redis.WaitForAnotherPrimary(primary);
  Measure(site, "two primaries after the cut", absl::Now() - cut);
  const int64_t before = Written(zombie);
  if (held.ok()) held = HoldWhileAllGoOn(site);
  // Far more than Redis's own pings.
  constexpr int64_t kAtWork = 1000;
  if (held.ok() && Written(zombie) < before + kAtWork)
    held = absl::InternalError("nobody writes to the old primary");
  return Both(held, Healed(site, network, zombie, drafter));
}

absl::Status ClusterPrimaryCutOff(FaultSite& site) {
  RedisCluster& redis = site.system.redis_cluster();
  Network& network = site.system.redis_network();
  ASSIGN_OR_RETURN(Drafter drafter, Drafter::Begin(site));
  ASSIGN_OR_RETURN(const int slot, drafter.Slot(redis, 0));
  ASSIGN_OR_RETURN(const size_t owner, redis.OwnerOf(slot, 0));
  const size_t other = (owner + 1) % RedisCluster::kServers;
  const absl::Time cut = absl::Now();
  RETURN_IF_ERROR(network.Cut({&site.system.redis_host(owner)}));
  absl::Status held = Kept(site, drafter, "the cut", cut);
  if (held.ok()) {
    held = WaitUntil("another serves the slot", kRoles, [&] {
      const auto serves = redis.OwnerOf(slot, other);
      return serves.ok() && *serves != owner;
    });
  }
  if (held.ok()) held = HoldWhileAllGoOn(site);
  return Both(held, Healed(site, network, redis.server(owner), drafter));
}

absl::Status DatabaseCutOff(FaultSite& site) {
  Network& network = site.system.database_network();
  const int64_t refusals = site.load.statistics().counts().refusals;
  RETURN_IF_ERROR(network.Cut({&site.system.postgres_host()}));
  const absl::Time cut = absl::Now();
  // A client hears of it when its try is over, at the latest.
  const absl::Status refused = WaitUntil("anybody is refused", absl::Seconds(10) * kSlowBuild,
                                         [&] { return site.load.statistics().counts().refusals > refusals; });
  absl::SleepFor(cut + site.hold - absl::Now());
  return Both(refused, Reconnected(site, network));
}

absl::Status DatabaseCutOffFromASession(FaultSite& site) {
  Network& network = site.system.database_network();
  RETURN_IF_ERROR(network.Cut({&site.system.session_host(0)}));
  const absl::Time cut = absl::Now();
  absl::Status held = HoldWhileAllGoOn(site);
  Measure(site, "all went on in", absl::Now() - cut);
  return Both(held, Reconnected(site, network));
}

}  // namespace greenroom::e2e
