// R1, R2 and R13. Redis is more than one server, and one of them goes.
#include <cstddef>

#include "absl/time/clock.h"
#include "services/base/task.h"
#include "tests/e2e/faults/drafter.h"
#include "tests/e2e/faults/fault.h"
#include "tests/e2e/faults/holding.h"

namespace greenroom::e2e {
namespace {

constexpr int kSlots = 16384;

// What every one of them must leave: drafts are kept again in time, and learners go on.
absl::Status Resumes(FaultSite& site, Drafter& drafter) {
  RETURN_IF_ERROR(drafter.WaitUntilKept());
  return HoldWhileAllGoOn(site);
}

}  // namespace

absl::Status RedisPrimaryKilled(FaultSite& site) {
  RedisReplicas& redis = site.system.redis_replicas();
  ASSIGN_OR_RETURN(Drafter drafter, Drafter::Begin(site));
  ASSIGN_OR_RETURN(const size_t primary, redis.Primary());
  redis.server(primary).Kill9();
  absl::Status resumed = Resumes(site, drafter);
  return Both(resumed, redis.server(primary).Restart(RedisServer::Data::kEmpty));
}

absl::Status RedisPrimaryStoppedAndBack(FaultSite& site) {
  RedisReplicas& redis = site.system.redis_replicas();
  ASSIGN_OR_RETURN(Drafter drafter, Drafter::Begin(site));
  ASSIGN_OR_RETURN(const size_t primary, redis.Primary());
  const absl::Time back = absl::Now() + absl::Seconds(6);
  RETURN_IF_ERROR(redis.server(primary).Stop());
  absl::Status resumed = Resumes(site, drafter);
  absl::SleepFor(back - absl::Now());
  resumed = Both(resumed, redis.server(primary).Cont());
  return Both(resumed, Resumes(site, drafter));
}

absl::Status ClusterPrimaryKilled(FaultSite& site) {
  RedisCluster& redis = site.system.redis_cluster();
  ASSIGN_OR_RETURN(Drafter drafter, Drafter::Begin(site));
  ASSIGN_OR_RETURN(const size_t owner, redis.OwnerOf(static_cast<int>(site.Draw(0, kSlots - 1)), 0));
  redis.server(owner).Kill9();
  absl::Status resumed = Resumes(site, drafter);
  return Both(resumed, redis.server(owner).Restart(RedisServer::Data::kKeep));
}

absl::Status ClusterResharded(FaultSite& site) {
  constexpr int kMoved = 200;
  RedisCluster& redis = site.system.redis_cluster();
  ASSIGN_OR_RETURN(Drafter drafter, Drafter::Begin(site));
  const int first = static_cast<int>(site.Draw(0, kSlots - kMoved));
  for (int slot = first; slot < first + kMoved; ++slot) {
    ASSIGN_OR_RETURN(const size_t from, redis.OwnerOf(slot, 0));
    const size_t to = from % RedisCluster::kPrimaries == 0 ? 1 : 0;
    ASSIGN_OR_RETURN(const size_t owner, redis.OwnerOf(to == 0 ? 0 : kSlots / 2, 0));
    if (owner == from) continue;
    RETURN_IF_ERROR(redis.BeginMigration(slot, from, owner));
    RETURN_IF_ERROR(redis.MigrateKeys(slot, from, owner));
    RETURN_IF_ERROR(redis.EndMigration(slot, owner));
  }
  return Resumes(site, drafter);
}

}  // namespace greenroom::e2e
