// R1, R2 and R13. Redis is more than one server, and one of them goes.
#include <cstddef>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/base/status.h"
#include "services/base/task.h"
#include "tests/e2e/faults/fault.h"
#include "tests/e2e/faults/holding.h"

namespace greenroom::e2e {
namespace {

const absl::Duration kResume = absl::Seconds(5) * kSlowBuild;
constexpr int kSlots = 16384;

// Drafts are in Redis alone: when one can be kept, the services write there again.
class Drafter {
 public:
  static absl::StatusOr<Drafter> Begin(FaultSite& site) {
    Learner::Options options;
    options.target = site.system.target(Service::kSession);
    options.name = absl::StrCat("drafter-", site.Draw(0, int64_t{1} << 40));
    ASSIGN_OR_RETURN(options.token, LearnerToken(site.system.key(), options.name));
    options.policy.try_timeout = absl::Milliseconds(500);
    options.policy.business_timeout = kResume;
    auto learner = std::make_unique<Learner>(std::move(options), site.load.witness());
    RETURN_IF_ERROR(learner->Create());
    return Drafter(std::move(learner));
  }

  // Tries until a draft is kept, for kResume at most.
  absl::Status WaitUntilKept() {
    session::v1::SaveDraftRequest request;
    request.set_session(learner_->sessions().back());
    ASSIGN_OR_RETURN(const session::v1::PresentedQuestion question, learner_->Next());
    request.set_question(question.question());
    request.set_text("not yet");
    session::v1::SaveDraftResponse response;
    const absl::Status kept = learner_->Call(learner_->stub(), "SaveDraft", &Learner::Stub::SaveDraft, "",
                                             request, &response, {"DRAFT_TOO_SOON"});
    // Behind a draft of just now, as after a try whose reply was lost.
    return ReasonOf(kept) == "DRAFT_TOO_SOON" ? absl::OkStatus() : kept;
  }

 private:
  explicit Drafter(std::unique_ptr<Learner> learner) : learner_(std::move(learner)) {}

  std::unique_ptr<Learner> learner_;
};

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
