#include "tests/e2e/faults/drafter.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/base/status.h"
#include "services/base/task.h"

namespace greenroom::e2e {

absl::StatusOr<Drafter> Drafter::Begin(FaultSite& site, const std::string& target) {
  Learner::Options options;
  options.target = target.empty() ? site.system.target(Service::kSession) : target;
  options.name = absl::StrCat("drafter-", site.Draw(0, int64_t{1} << 40));
  ASSIGN_OR_RETURN(options.token, LearnerToken(site.system.key(), options.name));
  options.policy.try_timeout = absl::Milliseconds(500 * kSlowBuild);
  options.policy.business_timeout = kResume;
  auto learner = std::make_unique<Learner>(std::move(options), site.load.witness());
  RETURN_IF_ERROR(learner->Create());
  return Drafter(std::move(learner));
}

absl::Status Drafter::WaitUntilKept() {
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

absl::StatusOr<int> Drafter::Slot(RedisCluster& cluster, size_t asked) const {
  // The hash tag of a learner's keys.
  ASSIGN_OR_RETURN(const std::string told,
                   cluster.server(asked).Command(
                       {"CLUSTER", "KEYSLOT", absl::StrCat("{default/", learner_->name(), "}")}));
  int slot = -1;
  if (!absl::SimpleAtoi(told, &slot)) return absl::InternalError(told);
  return slot;
}

}  // namespace greenroom::e2e
