#include "services/session/gradebook/fake_gradebook_store.h"

#include <algorithm>
#include <functional>
#include <set>
#include <tuple>

#include "services/session/domain/wire_time.h"

namespace greenroom::session {
namespace {

bool IsAtWork(const v1::Regrade& regrade) {
  return regrade.state() == v1::REGRADE_STATE_COMPUTING || regrade.state() == v1::REGRADE_STATE_APPLYING;
}

int64_t CreatedMs(const StoredRegrade& regrade) {
  return absl::ToUnixMillis(FromTimestamp(regrade.regrade.create_time()));
}

// The order of the queue, for rows and places alike.
using Place = std::tuple<int32_t, std::string, std::string, std::string, int64_t, std::string, std::string>;

Place PlaceOf(const ReviewRow& row) {
  const bool claimed = row.need.reason == v1::REVIEW_REASON_CLAIMED;
  return {-row.claimants,
          claimed ? row.pack : "",
          claimed ? row.need.question : "",
          row.need.point,
          absl::ToUnixMillis(row.need.received_time),
          row.session.learner.learner,
          row.need.answer};
}

Place PlaceOf(const ReviewPlace& place) {
  if (place.reason != v1::REVIEW_REASON_CLAIMED) {
    return {0, "", "", "", place.received_ms, place.learner, place.answer};
  }
  return {-place.claimants,  place.pack,    place.question, place.point,
          place.received_ms, place.learner, place.answer};
}

}  // namespace

bool FakeGradebookStore::Lease::IsFree(absl::Time now) const {
  return until <= now || until > now + kFarthestTry;
}

Task<absl::StatusOr<bool>> FakeGradebookStore::CreateRegrade(StoredRegrade regrade, absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("CreateRegrade", deadline));
  const auto until = static_cast<int64_t>(log_.Committed().size());
  absl::MutexLock lock(&mutex_);
  const auto [entry, made] = regrades_.try_emplace({regrade.tenant, regrade.id});
  if (!made) co_return false;
  entry->second.stored = std::move(regrade);
  entry->second.stored.until = until;
  co_return true;
}

Task<absl::StatusOr<std::optional<StoredRegrade>>> FakeGradebookStore::GetRegrade(std::string tenant,
                                                                                  std::string id,
                                                                                  absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("GetRegrade", deadline));
  absl::MutexLock lock(&mutex_);
  std::optional<StoredRegrade> result;
  const auto found = regrades_.find({tenant, id});
  if (found != regrades_.end()) result = found->second.stored;
  co_return result;
}

Task<absl::StatusOr<std::vector<StoredRegrade>>> FakeGradebookStore::ListRegrades(
    std::string tenant, std::string pack, RegradePlace after, int32_t limit, absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("ListRegrades", deadline));
  absl::MutexLock lock(&mutex_);
  std::map<std::pair<int64_t, std::string>, const StoredRegrade*, std::greater<>> newest_first;
  for (const auto& [key, entry] : regrades_) {
    if (key.first != tenant || (!pack.empty() && entry.stored.regrade.pack() != pack)) continue;
    newest_first[{CreatedMs(entry.stored), key.second}] = &entry.stored;
  }
  std::vector<StoredRegrade> result;
  for (auto next = newest_first.upper_bound({after.created_ms, after.id});
       next != newest_first.end() && result.size() < static_cast<size_t>(limit); ++next) {
    result.push_back(*next->second);
  }
  co_return result;
}

Task<absl::StatusOr<std::optional<StoredRegrade>>> FakeGradebookStore::MoveRegrade(
    std::string tenant, std::string id, v1::RegradeState from, v1::RegradeState to, absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("MoveRegrade", deadline));
  absl::MutexLock lock(&mutex_);
  std::optional<StoredRegrade> result;
  const auto found = regrades_.find({tenant, id});
  if (found == regrades_.end()) co_return result;
  v1::Regrade& regrade = found->second.stored.regrade;
  if (regrade.state() == from) {
    regrade.set_state(to);
    found->second.lease = Lease();
    if (to == v1::REGRADE_STATE_APPLYING) {
      int32_t last = 0;
      for (const auto& [key, entry] : regrades_) {
        if (key.first == tenant) last = std::max(last, entry.stored.regrade.number());
      }
      regrade.set_number(last + 1);
    }
  }
  result = found->second.stored;
  co_return result;
}

Task<absl::StatusOr<std::optional<StoredRegrade>>> FakeGradebookStore::TakeRegrade(std::string owner,
                                                                                   absl::Time now,
                                                                                   absl::Duration lease,
                                                                                   absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("TakeRegrade", deadline));
  absl::MutexLock lock(&mutex_);
  Entry* oldest = nullptr;
  for (auto& [key, entry] : regrades_) {
    if (!IsAtWork(entry.stored.regrade) || !entry.lease.IsFree(now)) continue;
    if (oldest == nullptr || CreatedMs(entry.stored) < CreatedMs(oldest->stored)) oldest = &entry;
  }
  std::optional<StoredRegrade> result;
  if (oldest == nullptr) co_return result;
  oldest->lease = {owner, now + lease};
  result = oldest->stored;
  co_return result;
}

Task<absl::StatusOr<bool>> FakeGradebookStore::SavePiece(std::string owner, StoredRegrade regrade,
                                                         std::vector<StoredChange> changes,
                                                         absl::Time lease_until, absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("SavePiece", deadline));
  absl::MutexLock lock(&mutex_);
  const auto found = regrades_.find({regrade.tenant, regrade.id});
  if (found == regrades_.end() || found->second.lease.owner != owner) co_return false;
  Entry& entry = found->second;
  entry.lease = IsAtWork(regrade.regrade) ? Lease{owner, lease_until} : Lease();
  const int64_t until = entry.stored.until;
  entry.stored = std::move(regrade);
  entry.stored.until = until;
  for (StoredChange& change : changes) entry.changes.try_emplace(change.key(), std::move(change));
  co_return true;
}

Task<absl::StatusOr<bool>> FakeGradebookStore::RestartRegrade(std::string owner, StoredRegrade regrade,
                                                              absl::Time lease_until, absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("RestartRegrade", deadline));
  absl::MutexLock lock(&mutex_);
  const auto found = regrades_.find({regrade.tenant, regrade.id});
  if (found == regrades_.end() || found->second.lease.owner != owner) co_return false;
  Entry& entry = found->second;
  entry.lease = {owner, lease_until};
  const int64_t until = entry.stored.until;
  entry.stored = std::move(regrade);
  entry.stored.until = until;
  entry.changes.clear();
  co_return true;
}

Task<absl::StatusOr<std::vector<StoredChange>>> FakeGradebookStore::ListChanges(
    std::string tenant, std::string id, ChangeKey after, int32_t limit, absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("ListChanges", deadline));
  absl::MutexLock lock(&mutex_);
  std::vector<StoredChange> result;
  const auto found = regrades_.find({tenant, id});
  if (found == regrades_.end()) co_return result;
  const auto& changes = found->second.changes;
  for (auto next = changes.upper_bound(after);
       next != changes.end() && result.size() < static_cast<size_t>(limit); ++next) {
    result.push_back(next->second);
  }
  co_return result;
}

Task<absl::StatusOr<std::vector<CreatedSession>>> FakeGradebookStore::SessionsAfter(
    std::string tenant, int64_t after, int64_t until, int32_t limit, absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("SessionsAfter", deadline));
  const std::vector<Event> events = log_.Committed();
  std::vector<CreatedSession> result;
  for (int64_t seq = after + 1; seq <= until && seq <= static_cast<int64_t>(events.size()); ++seq) {
    const Event& event = events[static_cast<size_t>(seq) - 1];
    if (event.learner.tenant != tenant || !event.payload.has_created()) continue;
    result.push_back({seq, {event.learner, event.session}});
    if (result.size() == static_cast<size_t>(limit)) break;
  }
  co_return result;
}

Task<absl::StatusOr<std::vector<SessionPlan>>> FakeGradebookStore::NewestPlans(std::string tenant,
                                                                               int32_t limit,
                                                                               absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("NewestPlans", deadline));
  const std::vector<Event> events = log_.Committed();
  std::vector<SessionPlan> plans;
  for (auto event = events.rbegin(); event != events.rend(); ++event) {
    if (plans.size() == static_cast<size_t>(limit)) break;
    if (event->learner.tenant != tenant || !event->payload.has_created()) continue;
    plans.push_back(PlanOf(event->payload.created()));
  }
  co_return plans;
}

Task<absl::StatusOr<std::vector<Decision>>> FakeGradebookStore::DecisionsBefore(std::string tenant,
                                                                                int64_t before, int32_t limit,
                                                                                absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("DecisionsBefore", deadline));
  const std::vector<Event> events = log_.Committed();
  const std::vector<LearnerKey> learners = log_.Learners();  // without those who were erased
  std::vector<Decision> result;
  for (int64_t seq = std::min(before - 1, static_cast<int64_t>(events.size())); seq >= 1; --seq) {
    const Event& event = events[static_cast<size_t>(seq) - 1];
    if (event.learner.tenant != tenant || !event.payload.has_graded() || event.content_sha256.empty())
      continue;
    if (std::find(learners.begin(), learners.end(), event.learner) == learners.end()) continue;
    result.push_back({seq, {event.learner, event.session}, event.payload.graded().answer(), event.event_id});
    if (result.size() == static_cast<size_t>(limit)) break;
  }
  co_return result;
}

Task<absl::StatusOr<std::vector<UnseenEvent>>> FakeGradebookStore::TakeUnseen(
    std::string owner, absl::Time now, absl::Time settled, absl::Duration lease, int32_t limit,
    absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("TakeUnseen", deadline));
  const std::vector<Event> events = log_.Committed();
  absl::MutexLock lock(&mutex_);
  std::vector<UnseenEvent> unseen;
  if (index_lease_.owner != owner && !index_lease_.IsFree(now)) co_return unseen;
  for (auto at = static_cast<size_t>(indexed_);
       at < events.size() && unseen.size() < static_cast<size_t>(limit); ++at) {
    const Event& event = events[at];
    if (event.received_time > settled && event.received_time <= now + kFarthestTry) break;
    unseen.push_back({static_cast<int64_t>(at) + 1, {event.learner, event.session}, event.seq});
  }
  if (!unseen.empty()) index_lease_ = {owner, now + lease};
  co_return unseen;
}

Task<absl::StatusOr<bool>> FakeGradebookStore::SaveIndex(std::string owner,
                                                         std::vector<SessionIndex> sessions, int64_t cursor,
                                                         absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("SaveIndex", deadline));
  absl::MutexLock lock(&mutex_);
  if (index_lease_.owner != owner) co_return false;
  for (SessionIndex& session : sessions) {
    SessionKey key = session.session;
    index_[std::move(key)] = std::move(session);
  }
  indexed_ = cursor;
  co_return true;
}

Task<absl::StatusOr<std::vector<ReviewRow>>> FakeGradebookStore::ListReview(std::string tenant,
                                                                            std::string pack,
                                                                            ReviewPlace after, int32_t limit,
                                                                            absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("ListReview", deadline));
  absl::MutexLock lock(&mutex_);
  using Claim = std::tuple<std::string, std::string, std::string>;  // pack, question, point
  std::map<Claim, std::set<std::string>> claimants;
  std::vector<ReviewRow> rows;
  for (const auto& [session, index] : index_) {
    if (session.learner.tenant != tenant || (!pack.empty() && index.pack != pack)) continue;
    for (const ReviewNeed& need : index.needs) {
      if (need.reason != after.reason) continue;
      rows.push_back({session, index.pack, need, 0});
      claimants[{index.pack, need.question, need.point}].insert(session.learner.learner);
    }
  }
  if (after.reason == v1::REVIEW_REASON_CLAIMED) {
    for (ReviewRow& row : rows) {
      row.claimants = static_cast<int32_t>(claimants[{row.pack, row.need.question, row.need.point}].size());
    }
  }
  std::erase_if(rows, [&](const ReviewRow& row) { return PlaceOf(row) <= PlaceOf(after); });
  std::sort(rows.begin(), rows.end(),
            [](const ReviewRow& a, const ReviewRow& b) { return PlaceOf(a) < PlaceOf(b); });
  if (rows.size() > static_cast<size_t>(limit)) rows.resize(static_cast<size_t>(limit));
  co_return rows;
}

Task<absl::StatusOr<std::vector<std::pair<std::string, ScoredAnswer>>>> FakeGradebookStore::ListScored(
    std::string tenant, std::string pack, std::string question, absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("ListScored", deadline));
  absl::MutexLock lock(&mutex_);
  std::vector<std::pair<std::string, ScoredAnswer>> result;
  for (const auto& [session, index] : index_) {
    if (session.learner.tenant != tenant || index.pack != pack) continue;
    for (const ScoredAnswer& answer : index.scored) {
      if (answer.question == question) result.emplace_back(session.learner.learner, answer);
    }
  }
  std::sort(result.begin(), result.end(),
            [](const auto& a, const auto& b) { return a.second.received_time > b.second.received_time; });
  if (result.size() > static_cast<size_t>(kStatsAnswers)) result.resize(static_cast<size_t>(kStatsAnswers));
  co_return result;
}

}  // namespace greenroom::session
