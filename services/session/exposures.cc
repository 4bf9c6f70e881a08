#include "services/session/exposures.h"

#include <algorithm>
#include <set>
#include <utility>

namespace greenroom::session {

Exposures::Exposures(GradebookStore& store, const Clock& clock, ExposureOptions options)
    : store_(store), clock_(clock), options_(options) {}

Task<absl::StatusOr<Exposures::Shares>> Exposures::GetShares(std::string tenant, std::string pack,
                                                             absl::Time deadline) {
  absl::Status failure;
  if (IsToAsk(tenant)) {
    const absl::StatusOr<std::vector<SessionPlan>> plans =
        co_await store_.NewestPlans(tenant, options_.sessions, deadline);
    if (plans.ok()) {
      Remember(tenant, *plans);
    } else {
      NoteFailure(tenant);
      failure = plans.status();
    }
  }
  Shares shares;
  if (!Recall(tenant, pack, shares) && !failure.ok()) co_return failure;
  co_return shares;
}

bool Exposures::IsToAsk(const std::string& tenant) {
  const absl::Duration now = clock_.Monotonic();
  absl::MutexLock lock(&mutex_);
  const auto [remembered, is_new] = tenants_.try_emplace(tenant);
  if (!is_new && now < remembered->second.ask_again) return false;
  remembered->second.ask_again = now + options_.ttl;
  return true;
}

void Exposures::Remember(const std::string& tenant, const std::vector<SessionPlan>& plans) {
  Remembered fresh;
  fresh.known = true;
  fresh.ask_again = clock_.Monotonic() + options_.ttl;
  for (const SessionPlan& plan : plans) {
    Pack& pack = fresh.packs[plan.pack];
    ++pack.sessions;
    for (const std::string& question : std::set<std::string>(plan.questions.begin(), plan.questions.end())) {
      ++pack.asked[question];
    }
  }
  for (const auto& [name, pack] : fresh.packs) fresh.questions += pack.asked.size();
  absl::MutexLock lock(&mutex_);
  Remembered& remembered = tenants_[tenant];
  questions_ -= remembered.questions;
  remembered = Remembered();
  if (questions_ + fresh.questions > options_.max_questions) {
    tenants_.clear();
    questions_ = 0;
  }
  questions_ += fresh.questions;
  tenants_[tenant] = std::move(fresh);
}

void Exposures::NoteFailure(const std::string& tenant) {
  const absl::Duration now = clock_.Monotonic();
  absl::MutexLock lock(&mutex_);
  tenants_[tenant].ask_again = now + options_.retry_after;
}

bool Exposures::Recall(const std::string& tenant, const std::string& pack, Shares& shares) {
  absl::MutexLock lock(&mutex_);
  const auto found = tenants_.find(tenant);
  if (found == tenants_.end() || !found->second.known) return false;
  const auto of_pack = found->second.packs.find(pack);
  if (of_pack == found->second.packs.end()) return true;
  const double sessions = std::max(of_pack->second.sessions, options_.least_sessions);
  for (const auto& [question, asked] : of_pack->second.asked) shares[question] = asked / sessions;
  return true;
}

}  // namespace greenroom::session
