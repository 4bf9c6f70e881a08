#include "services/session/learner_ledger.h"

#include <utility>
#include <vector>

#include "services/session/domain/wire_time.h"
#include "services/session/errors.h"

namespace greenroom::session {

Task<absl::StatusOr<std::optional<LearnerWrite>>> LearnerLedger::FindReplay(const LearnerCommand& command,
                                                                            absl::Time deadline) {
  absl::StatusOr<std::optional<Event>> found =
      co_await log_.FindEvent(command.learner, command.event_id, deadline);
  if (!found.ok()) co_return error::OfLog(found.status());
  std::optional<LearnerWrite> replay;
  if (!found->has_value()) co_return replay;
  if ((*found)->content_sha256 != command.content_sha256 || !(*found)->session.empty()) {
    co_return error::IdReused(command.event_id);
  }
  replay = LearnerWrite{**std::move(found), true};
  co_return replay;
}

Task<absl::StatusOr<LearnerWrite>> LearnerLedger::Write(LearnerCommand command, v1::EventPayload payload,
                                                        absl::Time deadline) {
  for (;;) {
    absl::StatusOr<LogHead> head = co_await log_.Head(command.learner, deadline);
    if (!head.ok()) co_return error::OfLog(head.status());
    const absl::Time now = clock_.Now();
    std::vector<Event> unit(1);
    Event& event = unit[0];
    event.learner = command.learner;
    event.seq = head->seq + 1;
    event.event_id = command.event_id;
    event.occurred_time = Stamp(now, head->last_occurred);
    event.received_time = ToWholeMillis(now);
    event.device = command.device;
    event.content_sha256 = command.content_sha256;
    event.payload = payload;
    event.kind = KindOf(payload);
    absl::StatusOr<AppendOutcome> appended = co_await log_.Append(unit, deadline);
    if (!appended.ok()) co_return error::OfLog(appended.status());
    if (*appended == AppendOutcome::kWritten) co_return LearnerWrite{std::move(event), false};
    absl::StatusOr<std::optional<LearnerWrite>> replay = co_await FindReplay(command, deadline);
    if (!replay.ok()) co_return replay.status();
    if (replay->has_value()) co_return **std::move(replay);
  }
}

}  // namespace greenroom::session
