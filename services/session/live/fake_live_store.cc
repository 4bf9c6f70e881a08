#include "services/session/live/fake_live_store.h"

#include <algorithm>

namespace greenroom::session {

void FakeLiveStore::Flush() {
  absl::MutexLock lock(&mutex_);
  sessions_.clear();
  heads_.clear();
}

void FakeLiveStore::Restart() {
  absl::MutexLock lock(&mutex_);
  ++run_;
}

void FakeLiveStore::Plant(const SessionKey& session, StoredState state) {
  absl::MutexLock lock(&mutex_);
  Entry& entry = sessions_[session];
  entry.run = state.same_run ? run_ : run_ - 1;
  entry.state = std::move(state);
}

std::optional<StoredState> FakeLiveStore::Stored(const SessionKey& session) const {
  absl::MutexLock lock(&mutex_);
  auto found = sessions_.find(session);
  if (found == sessions_.end() || !found->second.state.has_value()) return std::nullopt;
  StoredState state = *found->second.state;
  state.same_run = found->second.run == run_;
  return state;
}

std::vector<std::string> FakeLiveStore::OpenWrites(const SessionKey& session) const {
  absl::MutexLock lock(&mutex_);
  std::vector<std::string> ids;
  if (auto found = sessions_.find(session); found != sessions_.end()) {
    for (const auto& [id, opened] : found->second.open_writes) ids.push_back(id);
  }
  return ids;
}

std::vector<int64_t> FakeLiveStore::WakeUps(const SessionKey& session) const {
  absl::MutexLock lock(&mutex_);
  auto found = sessions_.find(session);
  return found == sessions_.end() ? std::vector<int64_t>{} : found->second.wake_ups;
}

void FakeLiveStore::CloseWrites(Entry& entry, const std::string& id, absl::Time opened_before) {
  entry.open_writes.erase(id);
  std::erase_if(entry.open_writes, [&](const auto& write) { return write.second < opened_before; });
}

Task<absl::StatusOr<LiveView>> FakeLiveStore::Begin(SessionKey session, BeginOptions options, absl::Time now,
                                                    absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("Begin", deadline));
  absl::MutexLock lock(&mutex_);
  Entry& entry = sessions_[session];
  LiveView view;
  if (entry.state.has_value()) {
    view.state = entry.state;
    view.state->same_run = entry.run == run_;
  }
  if (auto head = heads_.find(session.learner); head != heads_.end()) view.head = head->second;
  if (options.with_drafts) view.drafts = entry.drafts;
  for (const auto& [id, opened] : entry.open_writes) {
    if (id == options.open_write) continue;
    const absl::Duration age = std::max(now - opened, absl::ZeroDuration());
    view.oldest_open_write = std::max(view.oldest_open_write.value_or(age), age);
  }
  if (!options.open_write.empty()) entry.open_writes.try_emplace(options.open_write, now);
  co_return view;
}

Task<absl::StatusOr<PutOutcome>> FakeLiveStore::Put(SessionKey session, LiveWrite write,
                                                    absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("Put", deadline));
  const PutOutcome outcome = Store(session, std::move(write));
  if (outcome == PutOutcome::kWritten && on_wake_up_) on_wake_up_(session);
  co_return outcome;
}

PutOutcome FakeLiveStore::Store(const SessionKey& session, LiveWrite write) {
  absl::MutexLock lock(&mutex_);
  Entry& entry = sessions_[session];
  CloseWrites(entry, write.close_write, write.close_opened_before);
  entry.drafts.erase(write.clear_draft);
  LogHead& head = heads_[session.learner];
  if (write.head.seq > head.seq) head = write.head;
  if (entry.state.has_value() && entry.state->format > kLiveStateFormat) return PutOutcome::kNewerFormat;
  if (entry.state.has_value() && entry.state->format == kLiveStateFormat && entry.run == run_ &&
      (entry.state->seq > write.seq || (entry.state->seq == write.seq && !write.rebuilt))) {
    return PutOutcome::kNotNewer;
  }
  entry.state = StoredState{std::move(write.bytes), write.seq, kLiveStateFormat, true};
  entry.run = run_;
  entry.wake_ups.push_back(write.seq);
  return PutOutcome::kWritten;
}

Task<absl::Status> FakeLiveStore::Close(SessionKey session, std::string open_write, absl::Time opened_before,
                                        absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("Close", deadline));
  absl::MutexLock lock(&mutex_);
  CloseWrites(sessions_[session], open_write, opened_before);
  co_return absl::OkStatus();
}

Task<absl::Status> FakeLiveStore::Erase(LearnerKey learner, std::vector<std::string> sessions,
                                        absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("Erase", deadline));
  absl::MutexLock lock(&mutex_);
  heads_.erase(learner);
  for (std::string& session : sessions) sessions_.erase({learner, std::move(session)});
  co_return absl::OkStatus();
}

Task<absl::Status> FakeLiveStore::RewriteFiles(absl::Time deadline) {
  absl::Status passed = co_await gate_.Pass("RewriteFiles", deadline);
  co_return passed;
}

Task<absl::StatusOr<absl::Duration>> FakeLiveStore::SaveDraft(SessionKey session, std::string question,
                                                              std::string text, absl::Time now,
                                                              absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("SaveDraft", deadline));
  absl::MutexLock lock(&mutex_);
  std::map<std::string, LiveDraft>& drafts = sessions_[session].drafts;
  if (text.empty()) {
    drafts.erase(question);
    co_return absl::ZeroDuration();
  }
  if (auto last = drafts.find(question); last != drafts.end()) {
    const absl::Duration left = last->second.save_time + kDraftInterval - now;
    const bool is_recent = left > absl::ZeroDuration() && left <= kDraftInterval + kClocksDisagree;
    if (is_recent) co_return std::min(left, kDraftInterval);
  }
  drafts[question] = LiveDraft{std::move(text), now};
  co_return absl::ZeroDuration();
}

}  // namespace greenroom::session
