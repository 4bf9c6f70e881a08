#include "services/session/index/fake_memory_index.h"

#include <algorithm>
#include <set>
#include <utility>

namespace greenroom::session {

int FakeMemoryIndex::steps() const {
  absl::MutexLock lock(&mutex_);
  return steps_;
}

const FakeMemoryIndex::Learner* FakeMemoryIndex::Find(const LearnerKey& learner) const {
  const auto found = learners_.find(learner);
  const bool kept = found != learners_.end() && found->second.emptied == log_.Emptied(learner);
  return kept ? &found->second : nullptr;
}

Task<absl::StatusOr<MemoryBacklog>> FakeMemoryIndex::Backlog(LearnerKey learner, int32_t limit,
                                                             absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("Backlog", deadline));
  const std::vector<Event> events = log_.Events(learner);
  absl::MutexLock lock(&mutex_);
  MemoryBacklog backlog;
  if (const Learner* kept = Find(learner); kept != nullptr) backlog.reflected = kept->reflected;
  if (!events.empty()) backlog.head = events.back().seq;
  backlog.upto = backlog.head;
  std::set<std::string> sessions;
  int32_t taken = 0;
  for (const Event& event : events) {
    if (event.seq <= backlog.reflected) continue;
    if (taken++ == limit) break;
    backlog.upto = event.seq;
    sessions.insert(event.session);
  }
  backlog.sessions.assign(sessions.begin(), sessions.end());
  co_return backlog;
}

Task<absl::StatusOr<std::vector<Review>>> FakeMemoryIndex::ReviewsAround(LearnerKey learner,
                                                                         std::vector<std::string> sessions,
                                                                         std::vector<ItemKey> items,
                                                                         absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("ReviewsAround", deadline));
  absl::MutexLock lock(&mutex_);
  std::vector<Review> result;
  const Learner* kept = Find(learner);
  if (kept == nullptr) co_return result;
  std::set<ItemKey> around(items.begin(), items.end());
  for (const Review& review : kept->reviews) {
    if (std::find(sessions.begin(), sessions.end(), review.session) != sessions.end()) {
      around.insert({review.pack, review.question});
    }
  }
  for (const Review& review : kept->reviews) {
    if (around.contains({review.pack, review.question})) result.push_back(review);
  }
  co_return result;
}

Task<absl::StatusOr<std::vector<Review>>> FakeMemoryIndex::ListReviews(LearnerKey learner, std::string pack,
                                                                       absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("ListReviews", deadline));
  absl::MutexLock lock(&mutex_);
  std::vector<Review> result;
  const Learner* kept = Find(learner);
  if (kept == nullptr) co_return result;
  for (const Review& review : kept->reviews) {
    if (pack.empty() || review.pack == pack) result.push_back(review);
  }
  co_return result;
}

Task<absl::StatusOr<std::vector<Review>>> FakeMemoryIndex::NewestReviews(LearnerKey learner, std::string pack,
                                                                         int32_t limit, absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("NewestReviews", deadline));
  absl::MutexLock lock(&mutex_);
  std::vector<Review> result;
  const Learner* kept = Find(learner);
  if (kept == nullptr) co_return result;
  for (const Review& review : kept->reviews) {
    if (review.pack == pack) result.push_back(review);
  }
  std::sort(result.begin(), result.end(),
            [](const Review& a, const Review& b) { return ReviewedBefore(b, a); });
  if (result.size() > static_cast<size_t>(limit)) result.resize(static_cast<size_t>(limit));
  co_return result;
}

Task<absl::StatusOr<KeptMemory>> FakeMemoryIndex::ReadMemory(LearnerKey learner, absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("ReadMemory", deadline));
  absl::MutexLock lock(&mutex_);
  KeptMemory result;
  const Learner* kept = Find(learner);
  if (kept == nullptr) co_return result;
  result.settings = kept->settings;
  for (const auto& [key, item] : kept->items) result.items.push_back(item);
  co_return result;
}

Task<absl::StatusOr<bool>> FakeMemoryIndex::Take(const MemoryStep& step, absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("Take", deadline));
  if (step.to <= step.from) co_return absl::InvalidArgumentError("a step leads onward");
  absl::MutexLock lock(&mutex_);
  Learner& learner = learners_[step.learner];
  if (Find(step.learner) == nullptr) learner = Learner{.emptied = log_.Emptied(step.learner)};
  if (learner.reflected != step.from || log_.IsErased(step.learner)) co_return false;
  learner.reflected = step.to;
  learner.settings = step.settings;
  std::erase_if(learner.reviews, [&](const Review& review) {
    return std::find(step.sessions.begin(), step.sessions.end(), review.session) != step.sessions.end();
  });
  learner.reviews.insert(learner.reviews.end(), step.reviews.begin(), step.reviews.end());
  for (const MemoryItem& item : step.items) learner.items[{item.pack, item.question}] = item;
  for (const ItemKey& key : step.gone) learner.items.erase(key);
  ++steps_;
  co_return true;
}

Task<absl::StatusOr<MemoryWalk>> FakeMemoryIndex::BeginWalk(absl::Time now, absl::Duration quiet,
                                                            absl::Duration lease, int32_t limit,
                                                            absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("BeginWalk", deadline));
  const std::vector<Event> committed = log_.Committed();
  absl::MutexLock lock(&mutex_);
  MemoryWalk walk;
  walk.from = walk.to = walked_;
  if (leased_until_ > now && leased_until_ <= now + kFarthestWalk) co_return walk;
  std::map<LearnerKey, int64_t> heads, last;
  for (const Event& event : committed) heads[event.learner] = std::max(heads[event.learner], event.seq);
  for (auto place = static_cast<size_t>(walked_); place < committed.size(); ++place) {
    const Event& event = committed[place];
    if (walk.to == walk.from + limit) break;
    if (event.received_time > now - quiet && event.received_time <= now) break;
    walk.to = static_cast<int64_t>(place) + 1;
    last[event.learner] = std::max(last[event.learner], event.seq);
  }
  for (const auto& [learner, seq] : last) {
    if (heads[learner] == seq) walk.learners.push_back(learner);
  }
  if (walk.to > walk.from) leased_until_ = now + lease;
  co_return walk;
}

Task<absl::Status> FakeMemoryIndex::EndWalk(MemoryWalk walk, absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("EndWalk", deadline));
  absl::MutexLock lock(&mutex_);
  if (walked_ != walk.from) co_return absl::OkStatus();
  walked_ = walk.to;
  leased_until_ = absl::InfinitePast();
  co_return absl::OkStatus();
}

}  // namespace greenroom::session
