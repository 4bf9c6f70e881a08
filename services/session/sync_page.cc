#include "services/session/sync_page.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <utility>

#include "absl/time/time.h"
#include "services/session/domain/sync_changes.h"
#include "services/session/errors.h"
#include "services/session/progress_views.h"

namespace greenroom::session {
namespace {

constexpr size_t kMaxPageBytes = 3 << 20;
// Events that are looked at together. Each session that they touch is read and folded once.
constexpr int32_t kWindow = 100;
// For one page: where little can be seen of much, pages are short, not slow.
constexpr int kMaxWindows = 5;

// When the first change of settings among them happened; nullopt where there is none.
std::optional<absl::Time> FirstChangeOfSettings(const std::vector<Event>& events) {
  std::optional<absl::Time> first;
  for (const Event& event : events) {
    if (!event.payload.has_settings_changed()) continue;
    first = std::min(first.value_or(event.occurred_time), event.occurred_time);
  }
  return first;
}

}  // namespace

SyncPage::SyncPage(SyncSources sources, Call& call, LearnerKey learner, int size, SyncCursor cursor,
                   v1::SyncLearnerResponse& response)
    : sources_(sources),
      call_(call),
      learner_(std::move(learner)),
      size_(size),
      cursor_(std::move(cursor)),
      response_(response) {}

bool SyncPage::Add(v1::LearnerChange change) {
  bytes_ += change.ByteSizeLong();
  const bool room =
      response_.changes_size() < size_ && (bytes_ <= kMaxPageBytes || response_.changes_size() == 0);
  if (room) *response_.add_changes() = std::move(change);
  return room;
}

Task<absl::Status> SyncPage::Fill() {
  for (int window = 0; window < kMaxWindows; ++window) {
    // One more than a window holds tells whether there is another. A window that was begun keeps its bounds.
    const bool begun = cursor_.to > cursor_.from;
    const int32_t wanted =
        begun ? static_cast<int32_t>(std::min<int64_t>(cursor_.to - cursor_.from, kWindow)) : kWindow;
    absl::StatusOr<std::vector<Event>> events =
        co_await sources_.log.ReadAfter(learner_, cursor_.from, wanted + 1, call_.deadline());
    if (!events.ok()) co_return error::OfLog(events.status());
    const bool more = events->size() > static_cast<size_t>(wanted);
    if (more) events->pop_back();
    response_.set_more(false);
    if (events->empty()) co_return absl::OkStatus();
    cursor_.to = events->back().seq;

    response_.set_more(true);
    MovedItems moved;
    ASSIGN_OR_CO_RETURN(const bool sessions_told, AddSessions(*events, moved));
    if (!sessions_told) co_return absl::OkStatus();
    const int before = response_.changes_size();
    ASSIGN_OR_CO_RETURN(const bool due_told, AddDueTimes(*events, std::move(moved)));
    if (!due_told) co_return absl::OkStatus();
    cursor_ = {cursor_.epoch, cursor_.to, cursor_.to, 0, {}};
    response_.set_more(more);
    if (!more || response_.changes_size() > before) co_return absl::OkStatus();
  }
  co_return absl::OkStatus();
}

Task<absl::StatusOr<bool>> SyncPage::AddSessions(const std::vector<Event>& window, MovedItems& moved) {
  std::set<std::string> ids;
  for (const Event& event : window) {
    if (!event.session.empty()) ids.insert(event.session);
  }
  int64_t number = 0;
  for (const std::string& id : ids) {
    const SessionKey session = {learner_, id};
    absl::StatusOr<std::vector<Event>> own = co_await sources_.log.ReadSession(session, 0, call_.deadline());
    if (!own.ok()) co_return error::OfLog(own.status());
    for (v1::LearnerChange& change : ChangesOf(session, *own, cursor_.from, cursor_.to)) {
      if (number++ < cursor_.given) continue;
      if (!Add(std::move(change))) co_return false;
      ++cursor_.given;
    }
    const TouchedQuestions touched = QuestionsTouched(*own, cursor_.from, cursor_.to);
    for (const std::string& question : touched.questions) {
      bool& examined = moved[{touched.pack, question}];
      examined = examined || touched.examined;
    }
  }
  co_return true;
}

Task<absl::StatusOr<bool>> SyncPage::AddDueTimes(const std::vector<Event>& window, MovedItems moved) {
  for (const ItemImport& import : ImportsOf(window)) {
    moved.emplace(ItemKey(import.memory.pack(), import.memory.question()), false);
  }
  if (moved.empty() && !FirstChangeOfSettings(window).has_value()) co_return true;
  ASSIGN_OR_CO_RETURN(const CurrentMemory memory, sources_.deriver.ReadMemory(learner_, call_.deadline()));
  // Where time was short the index does not reflect the window yet: the next call goes on from here.
  if (memory.reflected < cursor_.to) co_return false;
  CO_RETURN_IF_ERROR(AddMovedBySettings(window, memory.kept.items, moved));
  std::map<ItemKey, const MemoryItem*> items;
  for (const MemoryItem& item : memory.kept.items) items[{item.pack, item.question}] = &item;
  for (auto next = moved.upper_bound(cursor_.after); next != moved.end(); ++next) {
    const auto& [key, examined] = *next;
    ASSIGN_OR_CO_RETURN(const bool practised, IsPractised(key.first, examined));
    const auto item = items.find(key);
    v1::LearnerChange change;
    *change.mutable_due() = DueChangeView(key, item == items.end() ? nullptr : item->second);
    if (practised && !Add(std::move(change))) co_return false;
    cursor_.after = key;
  }
  co_return true;
}

Task<absl::Status> SyncPage::AddMovedBySettings(const std::vector<Event>& window,
                                                const std::vector<MemoryItem>& items, MovedItems& moved) {
  const std::optional<absl::Time> since = FirstChangeOfSettings(window);
  if (!since.has_value()) co_return absl::OkStatus();
  // An item is folded with the settings as they stood at its reviews and imports: those from before stay as they are.
  for (const MemoryItem& item : items) {
    if (item.last_review_time >= *since) moved.emplace(ItemKey(item.pack, item.question), false);
  }
  ASSIGN_OR_CO_RETURN(const std::vector<Event> own,
                      sources_.deriver.LearnerEvents(learner_, call_.deadline()));
  for (const ItemImport& import : ImportsOf(own)) {
    if (import.occurred_time < *since) continue;
    moved.emplace(ItemKey(import.memory.pack(), import.memory.question()), false);
  }
  co_return absl::OkStatus();
}

Task<absl::StatusOr<bool>> SyncPage::IsPractised(std::string pack, bool examined) {
  absl::StatusOr<PackSummary> summary = co_await sources_.catalogue.GetPack(
      learner_, std::move(pack), Freshness::kMayBeStale, call_.Outgoing());
  if (summary.ok()) co_return summary->visibility != content::v1::VISIBILITY_EXAM;
  // Deleted, and may come back; or the catalogue is away. What no exam moved was practised, as an exam's pack never is.
  if (!examined) co_return true;
  if (absl::IsNotFound(summary.status())) co_return false;
  co_return summary.status();
}

}  // namespace greenroom::session
