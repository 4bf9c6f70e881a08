#include "services/session/log/fake_event_log.h"

#include <algorithm>

namespace greenroom::session {
namespace {

absl::Status CheckUnit(const std::vector<Event>& unit) {
  if (unit.empty()) return absl::InvalidArgumentError("an empty unit");
  for (size_t i = 0; i < unit.size(); ++i) {
    if (unit[i].learner != unit[0].learner) return absl::InvalidArgumentError("a unit of two learners");
    if (unit[i].seq < 1 || unit[i].seq != unit[0].seq + static_cast<int64_t>(i)) {
      return absl::InvalidArgumentError("the seqs of a unit are not consecutive");
    }
  }
  return absl::OkStatus();
}

}  // namespace

void FakeEventLog::set_before_append(std::function<void(const std::vector<Event>&)> hook) {
  absl::MutexLock lock(&mutex_);
  before_append_ = std::move(hook);
}

void FakeEventLog::LoseNextAcknowledgement(absl::Status status) {
  absl::MutexLock lock(&mutex_);
  lost_acknowledgement_ = std::move(status);
}

std::vector<Event> FakeEventLog::Events(const LearnerKey& learner) const {
  absl::MutexLock lock(&mutex_);
  std::vector<Event> events;
  if (auto found = logs_.find(learner); found != logs_.end()) {
    for (const auto& [seq, event] : found->second.by_seq) events.push_back(event);
  }
  return events;
}

std::vector<Event> FakeEventLog::Committed() const {
  absl::MutexLock lock(&mutex_);
  return committed_;
}

std::vector<LearnerKey> FakeEventLog::Learners() const {
  absl::MutexLock lock(&mutex_);
  std::vector<LearnerKey> learners;
  learners.reserve(logs_.size());
  for (const auto& [learner, log] : logs_) learners.push_back(learner);
  return learners;
}

size_t FakeEventLog::pending_count() const {
  absl::MutexLock lock(&mutex_);
  return pending_.size();
}

void FakeEventLog::Clear() {
  absl::MutexLock lock(&mutex_);
  logs_.clear();
  pending_.clear();
  ++cleared_;
}

int FakeEventLog::Emptied(const LearnerKey& learner) const {
  absl::MutexLock lock(&mutex_);
  const auto erasure = erasures_.find(learner);
  return cleared_ + (erasure == erasures_.end() ? 0 : erasure->second.count);
}

bool FakeEventLog::IsErased(const LearnerKey& learner) const {
  absl::MutexLock lock(&mutex_);
  const auto erasure = erasures_.find(learner);
  return erasure != erasures_.end() && !erasure->second.lifted;
}

void FakeEventLog::LiftErasure(const LearnerKey& learner) {
  absl::MutexLock lock(&mutex_);
  erasures_[learner].lifted = true;
}

void FakeEventLog::BeginEpoch() {
  absl::MutexLock lock(&mutex_);
  ++epoch_;
}

bool FakeEventLog::Fits(const Log& log, const std::vector<Event>& unit) {
  std::set<absl::string_view> ids;
  std::set<std::pair<absl::string_view, int64_t>> numbers;
  return std::all_of(unit.begin(), unit.end(), [&](const Event& event) {
    const bool numbered = event.device_seq.has_value();
    if (log.by_seq.contains(event.seq) || log.by_id.contains(event.event_id)) return false;
    if (numbered && log.by_device.contains({event.device, *event.device_seq})) return false;
    return ids.insert(event.event_id).second &&
           (!numbered || numbers.insert({event.device, *event.device_seq}).second);
  });
}

Task<absl::StatusOr<AppendOutcome>> FakeEventLog::Append(const std::vector<Event>& unit,
                                                         absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("Append", deadline));
  CO_RETURN_IF_ERROR_NOW(CheckUnit(unit));
  std::function<void(const std::vector<Event>&)> hook;
  {
    absl::MutexLock lock(&mutex_);
    hook = before_append_;
  }
  if (hook) hook(unit);
  absl::MutexLock lock(&mutex_);
  const auto erasure = erasures_.find(unit[0].learner);
  if (erasure != erasures_.end() && !erasure->second.lifted) co_return AppendOutcome::kErased;
  if (const auto log = logs_.find(unit[0].learner); log != logs_.end() && !Fits(log->second, unit)) {
    co_return AppendOutcome::kConflict;
  }
  if (!Fits({}, unit)) co_return AppendOutcome::kConflict;
  Log& log = logs_[unit[0].learner];
  for (const Event& event : unit) {
    log.by_seq[event.seq] = event;
    log.by_id[event.event_id] = event.seq;
    if (event.device_seq.has_value()) log.by_device[{event.device, *event.device_seq}] = event.seq;
  }
  committed_.insert(committed_.end(), unit.begin(), unit.end());
  for (const Event& event : unit) {
    if (!event.payload.has_submitted()) continue;
    Pending& entry = pending_[{event.learner, event.event_id}];
    entry.grade = PendingGrade{{event.learner, event.session}, event.event_id, 0};
    entry.next_try = absl::InfinitePast();
    entry.order = ++order_;
  }
  for (const Event& event : unit) {
    if (!event.payload.has_created() || !event.device_seq.has_value()) continue;
    for (auto& [key, entry] : pending_) {
      if (entry.grade.session == SessionKey{event.learner, event.session})
        entry.next_try = absl::InfinitePast();
    }
  }
  for (const Event& event : unit) {
    if (event.payload.has_graded()) pending_.erase({event.learner, event.payload.graded().answer()});
  }
  for (const Event& event : unit) {
    if (!event.alarm.has_value()) continue;
    const SessionKey session = {event.learner, event.session};
    if (*event.alarm == absl::InfinitePast()) {
      alarms_.erase(session);
    } else {
      alarms_[session] = Alarm{*event.alarm, "", absl::InfinitePast()};
    }
  }
  absl::Status lost = std::exchange(lost_acknowledgement_, absl::OkStatus());
  if (!lost.ok()) co_return lost;
  co_return AppendOutcome::kWritten;
}

Task<absl::StatusOr<std::optional<Event>>> FakeEventLog::FindEvent(LearnerKey learner, std::string event_id,
                                                                   absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("FindEvent", deadline));
  absl::MutexLock lock(&mutex_);
  std::optional<Event> result;
  if (auto log = logs_.find(learner); log != logs_.end()) {
    auto found = log->second.by_id.find(event_id);
    if (found != log->second.by_id.end()) result = log->second.by_seq.at(found->second);
  }
  co_return result;
}

Task<absl::StatusOr<std::vector<Event>>> FakeEventLog::FindEvents(LearnerKey learner, EventNames names,
                                                                  absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("FindEvents", deadline));
  absl::MutexLock lock(&mutex_);
  std::vector<Event> result;
  const auto log = logs_.find(learner);
  if (log == logs_.end()) co_return result;
  std::set<int64_t> seqs;
  for (const std::string& id : names.event_ids) {
    const auto found = log->second.by_id.find(id);
    if (found != log->second.by_id.end()) seqs.insert(found->second);
  }
  for (const int64_t number : names.device_seqs) {
    const auto found = log->second.by_device.find({names.device, number});
    if (found != log->second.by_device.end()) seqs.insert(found->second);
  }
  for (const int64_t seq : seqs) result.push_back(log->second.by_seq.at(seq));
  co_return result;
}

Task<absl::StatusOr<std::vector<Event>>> FakeEventLog::ReadSession(SessionKey session, int64_t after_seq,
                                                                   absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("ReadSession", deadline));
  absl::MutexLock lock(&mutex_);
  std::vector<Event> result;
  if (auto log = logs_.find(session.learner); log != logs_.end()) {
    for (const auto& [seq, event] : log->second.by_seq) {
      if (seq > after_seq && event.session == session.session) result.push_back(event);
    }
  }
  co_return result;
}

Task<absl::StatusOr<std::vector<Event>>> FakeEventLog::ReadAfter(LearnerKey learner, int64_t after_seq,
                                                                 int32_t limit, absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("ReadAfter", deadline));
  absl::MutexLock lock(&mutex_);
  std::vector<Event> result;
  if (auto log = logs_.find(learner); log != logs_.end()) {
    auto next = log->second.by_seq.upper_bound(after_seq);
    for (; next != log->second.by_seq.end() && result.size() < static_cast<size_t>(limit); ++next) {
      result.push_back(next->second);
    }
  }
  co_return result;
}

Task<absl::StatusOr<LogHead>> FakeEventLog::Head(LearnerKey learner, absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("Head", deadline));
  absl::MutexLock lock(&mutex_);
  LogHead head;
  if (auto log = logs_.find(learner); log != logs_.end()) {
    for (const auto& [seq, event] : log->second.by_seq) {
      head.seq = seq;
      head.last_occurred = std::max(head.last_occurred, event.occurred_time);
    }
  }
  co_return head;
}

Task<absl::StatusOr<std::string>> FakeEventLog::Epoch(LearnerKey learner, absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("Epoch", deadline));
  absl::MutexLock lock(&mutex_);
  co_return std::to_string(epoch_) + "." + std::to_string(erasures_[learner].count);
}

Task<absl::StatusOr<absl::Time>> FakeEventLog::Erase(LearnerKey learner, absl::Time now,
                                                     absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("Erase", deadline));
  absl::MutexLock lock(&mutex_);
  logs_.erase(learner);
  std::erase_if(pending_, [&](const auto& entry) { return entry.first.first == learner; });
  Erasure& erasure = erasures_[learner];
  if (erasure.lifted) erasure = {now, erasure.count + 1, false};
  co_return erasure.time;
}

Task<absl::StatusOr<std::vector<Event>>> FakeEventLog::ListSessions(LearnerKey learner, int64_t before_seq,
                                                                    int32_t limit, absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("ListSessions", deadline));
  absl::MutexLock lock(&mutex_);
  std::vector<Event> result;
  auto log = logs_.find(learner);
  if (log == logs_.end()) co_return result;
  const auto& events = log->second.by_seq;
  for (auto event = events.rbegin(); event != events.rend() && result.size() < static_cast<size_t>(limit);
       ++event) {
    if (before_seq != 0 && event->first >= before_seq) continue;
    if (event->second.payload.has_created()) result.push_back(event->second);
  }
  co_return result;
}

Task<absl::StatusOr<std::vector<Event>>> FakeEventLog::ListDecisions(std::string tenant,
                                                                     std::string question_name, int32_t limit,
                                                                     absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("ListDecisions", deadline));
  absl::MutexLock lock(&mutex_);
  std::vector<Event> result;
  for (auto event = committed_.rbegin(); event != committed_.rend(); ++event) {
    const v1::Graded& graded = event->payload.graded();
    if (graded.cause() != v1::GRADE_CAUSE_OVERRIDE || event->learner.tenant != tenant) continue;
    const auto log = logs_.find(event->learner);
    const bool erased = log == logs_.end() || log->second.by_id.count(event->event_id) == 0;
    if (graded.question_name() != question_name || erased) continue;
    result.push_back(*event);
    if (result.size() == static_cast<size_t>(limit)) break;
  }
  co_return result;
}

Task<absl::StatusOr<std::vector<LearnerKey>>> FakeEventLog::ListLearners(LearnerKey after, int32_t limit,
                                                                         absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("ListLearners", deadline));
  absl::MutexLock lock(&mutex_);
  std::vector<LearnerKey> result;
  auto next = logs_.upper_bound(after);
  for (; next != logs_.end() && result.size() < static_cast<size_t>(limit); ++next) {
    if (!next->second.by_seq.empty()) result.push_back(next->first);
  }
  co_return result;
}

Task<absl::StatusOr<std::vector<PendingGrade>>> FakeEventLog::TakePending(std::string owner, absl::Time now,
                                                                          absl::Duration lease, int32_t limit,
                                                                          absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("TakePending", deadline));
  absl::MutexLock lock(&mutex_);
  const auto is_past = [now](absl::Time time) { return time <= now || time > now + kFarthestTry; };
  std::vector<Pending*> due;
  for (auto& [key, entry] : pending_) {
    if (is_past(entry.next_try) && is_past(entry.leased_until)) due.push_back(&entry);
  }
  std::sort(due.begin(), due.end(), [](const Pending* a, const Pending* b) {
    return std::pair(a->next_try, a->order) < std::pair(b->next_try, b->order);
  });
  if (due.size() > static_cast<size_t>(limit)) due.resize(static_cast<size_t>(limit));
  std::vector<PendingGrade> result;
  for (Pending* entry : due) {
    entry->owner = owner;
    entry->leased_until = now + lease;
    result.push_back(entry->grade);
  }
  co_return result;
}

Task<absl::Status> FakeEventLog::Postpone(std::string owner, PendingGrade pending, absl::Time next_try,
                                          absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("Postpone", deadline));
  absl::MutexLock lock(&mutex_);
  auto found = pending_.find({pending.session.learner, pending.answer});
  if (found == pending_.end() || found->second.owner != owner) co_return absl::OkStatus();
  found->second.next_try = next_try;
  found->second.owner.clear();
  found->second.leased_until = absl::InfinitePast();
  ++found->second.grade.tries;
  co_return absl::OkStatus();
}

Task<absl::StatusOr<std::vector<SessionKey>>> FakeEventLog::TakeAlarms(std::string owner, absl::Time now,
                                                                       absl::Duration lease, int32_t limit,
                                                                       absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("TakeAlarms", deadline));
  absl::MutexLock lock(&mutex_);
  std::vector<std::pair<absl::Time, SessionKey>> due;
  for (const auto& [session, alarm] : alarms_) {
    const bool free = alarm.leased_until <= now || alarm.leased_until > now + kFarthestTry;
    if (alarm.due < now && free) due.emplace_back(alarm.due, session);
  }
  std::sort(due.begin(), due.end());
  if (due.size() > static_cast<size_t>(limit)) due.resize(static_cast<size_t>(limit));
  std::vector<SessionKey> taken;
  for (auto& [time, session] : due) {
    Alarm& alarm = alarms_[session];
    alarm.owner = owner;
    alarm.leased_until = now + lease;
    taken.push_back(std::move(session));
  }
  co_return taken;
}

Task<absl::Status> FakeEventLog::SetAlarm(std::string owner, SessionKey session, absl::Time next,
                                          absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("SetAlarm", deadline));
  absl::MutexLock lock(&mutex_);
  auto found = alarms_.find(session);
  if (found == alarms_.end() || found->second.owner != owner) co_return absl::OkStatus();
  if (next == absl::InfinitePast()) {
    alarms_.erase(found);
  } else {
    found->second = Alarm{next, "", absl::InfinitePast()};
  }
  co_return absl::OkStatus();
}

}  // namespace greenroom::session
