#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

#include "absl/time/clock.h"
#include "services/session/domain/deadlines.h"
#include "services/session/domain/outbox.h"
#include "services/session/domain/views.h"
#include "services/session/domain/wire_time.h"
#include "services/session/errors.h"
#include "services/session/ledger.h"

namespace greenroom::session {
namespace {

// What is in the log under an item's id, or is about to be.
struct Known {
  const Event* event;
  bool from_the_log;
};

struct Decision {
  std::vector<MergedItem> items;  // what becomes of each
  std::vector<Event> unit;        // what is to be written
};

MergedItem Refused(absl::Status refusal) {
  MergedItem item;
  item.refusal = std::move(refusal);
  return item;
}

// Decides in canonical order, so that neither the order of the items nor a split tells: an item that is a little ahead of
// the clock lets the next in, as it would in a call of its own.
Decision Decide(const std::vector<Event>& items, const std::string& device, const LogHead& head,
                absl::Time now, const std::vector<Event>& found, const std::vector<absl::Status>& bars) {
  std::map<std::string, Known> by_id;
  std::set<int64_t> numbers;
  for (const Event& event : found) {
    by_id[event.event_id] = {&event, true};
    if (event.device == device && event.device_seq.has_value()) numbers.insert(*event.device_seq);
  }
  std::vector<size_t> order(items.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return CanonicallyBefore(items[a], items[b]); });

  Decision decision;
  decision.items.resize(items.size());
  const absl::Time received = ToWholeMillis(now);
  absl::Time latest = std::max(now, head.last_occurred);
  std::map<std::string, int64_t> given;  // seqs of this call, by id
  for (const size_t i : order) {
    const Event& item = items[i];
    MergedItem& fate = decision.items[i];
    if (const auto known = by_id.find(item.event_id); known != by_id.end()) {
      const Event& event = *known->second.event;
      if (event.content_sha256 != item.content_sha256 || event.session != item.session) {
        fate = Refused(error::IdReused(item.event_id));
        continue;
      }
      fate.replayed = true;
      fate.seq = known->second.from_the_log ? event.seq : given[item.event_id];
      fate.received_time = known->second.from_the_log ? event.received_time : received;
      continue;
    }
    if (numbers.contains(*item.device_seq)) {
      fate = Refused(error::DeviceNumberReused(*item.device_seq));
    } else if (!bars[i].ok()) {
      fate = Refused(bars[i]);
    } else if (item.occurred_time > latest + kFarthestAhead) {
      fate = Refused(error::OccurredInFuture(item.event_id));
    } else {
      fate.seq = head.seq + 1 + static_cast<int64_t>(decision.unit.size());
      fate.received_time = received;
      Event& event = decision.unit.emplace_back(item);
      event.seq = fate.seq;
      event.received_time = received;
      latest = std::max(latest, item.occurred_time);
      by_id[item.event_id] = {&item, false};
      given[item.event_id] = fate.seq;
      numbers.insert(*item.device_seq);
    }
  }
  return decision;
}

bool RefusesTheItem(const absl::Status& status) {
  return absl::IsNotFound(status) || absl::IsFailedPrecondition(status);
}

}  // namespace

Task<absl::StatusOr<std::vector<MergedItem>>> Ledger::Merge(MergeCommand command, absl::Time deadline) {
  std::map<std::string, absl::Status> admitted;
  OpenWrites opened;
  absl::Status failure;
  for (int decisions = 0; failure.ok();) {
    absl::StatusOr<MergeBase> base = co_await ReadMergeBase(command, admitted, deadline);
    if (!base.ok()) {
      failure = base.status();
      break;
    }
    Decision decision = Decide(command.items, command.device, base->head, base->now, base->found, base->bars);
    if (decision.unit.empty()) {
      co_await CloseSessions(command.learner, opened);
      co_return std::move(decision.items);
    }
    co_await OpenSessions(decision.unit, *base, opened);
    absl::StatusOr<AppendOutcome> appended = co_await log_.Append(decision.unit, deadline);
    if (absl::IsUnavailable(appended.status())) {
      co_return error::OfLog(appended.status());  // it may be written: readers must go on looking for it
    }
    if (!appended.ok()) {
      failure = error::OfLog(appended.status());
    } else if (*appended == AppendOutcome::kWritten) {
      co_await SettleSessions(command.learner, opened, deadline);
      co_return std::move(decision.items);
    } else if (*appended == AppendOutcome::kErased) {
      failure = error::LearnerErased();
    } else {
      metrics_.fence_conflicts.Increment();
      absl::StatusOr<bool> only_grades =
          co_await HasOnlyGradesAfter(command.learner, base->head.seq, deadline);
      failure = only_grades.status();
      if (failure.ok() && !*only_grades && decisions++ == kRedecisions) {
        failure = error::SessionMoved(base->head.seq);
      }
    }
  }
  co_await CloseSessions(command.learner, opened);
  co_return failure;
}

Task<absl::StatusOr<Ledger::MergeBase>> Ledger::ReadMergeBase(const MergeCommand& command,
                                                              std::map<std::string, absl::Status>& admitted,
                                                              absl::Time deadline) {
  MergeBase base;
  base.now = clock_.Now();
  // The head first: what is written after it takes the place that is decided on.
  absl::StatusOr<LogHead> head = co_await log_.Head(command.learner, deadline);
  if (!head.ok()) co_return error::OfLog(head.status());
  base.head = *head;
  EventNames names;
  names.device = command.device;
  std::set<std::string> ids;
  for (const Event& item : command.items) {
    ids.insert(item.event_id);
    ids.insert(item.session);  // the id of its creation
    names.device_seqs.push_back(*item.device_seq);
  }
  names.event_ids.assign(ids.begin(), ids.end());
  absl::StatusOr<std::vector<Event>> found =
      co_await log_.FindEvents(command.learner, std::move(names), deadline);
  if (!found.ok()) co_return error::OfLog(found.status());
  base.found = *std::move(found);

  std::set<std::string> known;
  std::map<std::string, v1::SessionMode> modes;  // by session
  for (const Event& event : base.found) {
    known.insert(event.event_id);
    if (!event.payload.has_created()) continue;
    modes[event.session] = event.payload.created().mode();
    base.begun[event.session] = true;
  }
  base.bars.resize(command.items.size());
  for (size_t i = 0; i < command.items.size(); ++i) {
    const Event& item = command.items[i];
    if (known.contains(item.event_id)) continue;
    const auto mode = modes.find(item.session);
    if (mode != modes.end() && IsTimed(mode->second)) {
      const SessionKey session = {command.learner, item.session};
      absl::Status may = co_await CheckTime(session, item, base.now, deadline);
      base.bars[i] = std::move(may);
    } else if (item.payload.has_created() && command.admit) {
      if (!admitted.contains(item.event_id)) {
        absl::Status may = co_await command.admit(item);
        admitted[item.event_id] = std::move(may);
      }
      base.bars[i] = admitted[item.event_id];
    }
    if (!base.bars[i].ok() && !RefusesTheItem(base.bars[i])) co_return base.bars[i];
  }
  co_return base;
}

Task<absl::Status> Ledger::CheckTime(const SessionKey& session, const Event& item, absl::Time now,
                                     absl::Time deadline) {
  absl::StatusOr<std::vector<Event>> events = co_await log_.ReadSession(session, 0, deadline);
  if (!events.ok()) co_return error::OfLog(events.status());
  const std::optional<SessionFold> fold = FoldSession(*std::move(events));
  const bool late = fold.has_value() && IsOutOfTime(fold->live, QuestionOf(item.payload), now);
  co_return late ? error::ModeForbids(SessionName(session)) : absl::OkStatus();
}

Task<bool> Ledger::OpenSessions(const std::vector<Event>& unit, const MergeBase& base, OpenWrites& opened) {
  std::map<std::string, bool> begun = base.begun;
  for (const Event& event : unit) {
    if (event.payload.has_created()) begun[event.session] = true;
  }
  bool all = true;
  for (const Event& event : unit) {
    // A session whose creation has not arrived has no state yet.
    if (!begun.contains(event.session) || !opened.emplace(event.session, event.event_id).second) continue;
    const SessionKey session = {unit[0].learner, event.session};
    BeginOptions options;
    options.open_write = event.event_id;
    absl::StatusOr<LiveView> view =
        co_await live_.Begin(session, std::move(options), base.now, absl::Now() + kLiveBound);
    if (!view.ok()) MarkUnsettled(session);
    all = all && view.ok();
  }
  co_return all;
}

Task<bool> Ledger::CloseSessions(const LearnerKey& learner, const OpenWrites& opened) {
  bool all = true;
  for (const auto& [id, event_id] : opened) {
    const SessionKey session = {learner, id};
    absl::Status closed =
        co_await live_.Close(session, event_id, absl::InfinitePast(), absl::Now() + kLiveBound);
    all = all && closed.ok();
  }
  co_return all;
}

Task<bool> Ledger::SettleSessions(const LearnerKey& learner, const OpenWrites& opened, absl::Time deadline) {
  bool all = true;
  for (const auto& [id, event_id] : opened) {
    const SessionKey session = {learner, id};
    Working working;  // late events have early places: the session is folded again, and no other
    absl::Status rebuilt = co_await Rebuild(session, working, "merge", event_id, deadline);
    if (!rebuilt.ok()) MarkUnsettled(session);
    all = all && rebuilt.ok();
  }
  co_return all;
}

}  // namespace greenroom::session
