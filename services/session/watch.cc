// Watching a session.
#include <algorithm>
#include <memory>
#include <stop_token>
#include <utility>

#include "absl/time/clock.h"
#include "services/session/errors.h"
#include "services/session/handlers.h"
#include "services/session/watch_bell.h"

namespace greenroom::session {
namespace {

// What one look may take.
constexpr absl::Duration kLookWait = absl::Seconds(5);

class Counted {
 public:
  explicit Counted(Gauge gauge) : gauge_(gauge) { gauge_.Add(1); }
  ~Counted() { gauge_.Add(-1); }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

 private:
  Gauge gauge_;
};

}  // namespace

absl::Status WatchOptions::Validate() const {
  if (heartbeat <= absl::ZeroDuration()) return absl::InvalidArgumentError("heartbeat must be positive");
  if (longest < heartbeat) return absl::InvalidArgumentError("a watch is shorter than its heartbeat");
  return absl::OkStatus();
}

Task<absl::StatusOr<v1::Session>> Handlers::LookAt(Call& call, const Target& target, int64_t seen_sequence,
                                                   bool by_the_clock) {
  const absl::Time bound = std::min(call.deadline(), absl::Now() + kLookWait);
  if (by_the_clock) {
    // No wake-up and no open write tells of what a process wrote while the live store was away for it alone.
    const absl::StatusOr<LogHead> head = co_await parts_.log.Head(target.session.learner, bound);
    if (head.ok()) seen_sequence = std::max(seen_sequence, head->seq);
  }
  ASSIGN_OR_CO_RETURN(const LoadedSession loaded,
                      parts_.ledger.Load(target.session, seen_sequence, false, bound));
  v1::Session session = SessionView(target.session, loaded.state, target.reader);
  CO_RETURN_IF_ERROR(AddNewerRevision(call, target.session.learner, session));
  CO_RETURN_IF_ERROR(WithholdScores(call, target, session));
  co_return session;
}

Task<absl::Status> Handlers::WatchSession(Call& call, const v1::WatchSessionRequest& request,
                                          ServerWriter<v1::WatchSessionResponse>& writer) {
  CO_RETURN_IF_ERROR_NOW(Validate(request));
  ASSIGN_OR_CO_RETURN_NOW(const Target target,
                          ResolveSession(request.name(), "name", call.caller(), Access::kStaffToo));
  const absl::Time ends = absl::Now() + parts_.watch.longest;
  ASSIGN_OR_CO_RETURN(v1::Session session, LookAt(call, target, request.seen_sequence(), false));
  bool changed = request.seen_sequence() == 0 || session.sequence() > request.seen_sequence();

  const Counted counted(parts_.metrics.watchers);
  const auto bell = std::make_shared<WatchBell>();
  const auto ring = [bell] { bell->Ring(); };
  const std::stop_callback when_cancelled(call.cancellation(), ring);
  const std::stop_callback when_draining(parts_.draining, ring);
  // It rings once it hears: what was written since the look above is looked at then.
  const std::unique_ptr<Wakeups::Listening> listening = parts_.wakeups.Listen(target.session, ring);
  absl::Time next_heartbeat = absl::Now() + parts_.watch.heartbeat;
  for (;;) {
    const bool silent = absl::Now() >= next_heartbeat;
    if (changed || silent) {
      v1::WatchSessionResponse message;
      *message.mutable_session() = session;
      message.set_sequence(session.sequence());
      message.set_heartbeat(!changed);
      CO_RETURN_IF_ERROR(writer.Write(std::move(message)));
      next_heartbeat = absl::Now() + parts_.watch.heartbeat;
    }
    co_await bell->Wait(std::min({next_heartbeat, ends, call.deadline()}));
    if (call.cancelled()) co_return absl::CancelledError("the client is gone");
    if (parts_.draining.stop_requested() || absl::Now() >= ends) co_return absl::OkStatus();
    if (absl::Now() >= call.deadline())
      co_return absl::DeadlineExceededError("the watch's deadline has passed");
    // At least what was shown; a session that stands below it again, as after a restore, has changed too.
    const int64_t shown = session.sequence();
    ASSIGN_OR_CO_RETURN(session, LookAt(call, target, shown, absl::Now() >= next_heartbeat));
    changed = session.sequence() != shown;
  }
}

}  // namespace greenroom::session
