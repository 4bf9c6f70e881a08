#include <algorithm>
#include <set>
#include <utility>

#include "absl/time/clock.h"
#include "services/session/domain/wire_time.h"
#include "services/session/errors.h"
#include "services/session/ledger.h"

namespace greenroom::session {
namespace {

constexpr int32_t kPage = 500;
constexpr absl::Duration kEraseBound = absl::Seconds(2);

}  // namespace

Task<absl::StatusOr<absl::Time>> Ledger::Erase(LearnerKey learner, absl::Time deadline) {
  std::set<std::string> found;
  for (int64_t after = 0;;) {
    absl::StatusOr<std::vector<Event>> page = co_await log_.ReadAfter(learner, after, kPage, deadline);
    if (!page.ok()) co_return error::OfLog(page.status());
    for (const Event& event : *page) found.insert(event.session);
    if (page->size() < static_cast<size_t>(kPage)) break;
    after = page->back().seq;
  }
  found.erase("");
  const std::vector<std::string> sessions(found.begin(), found.end());
  // Live state first: while it cannot be reached the log still knows which sessions there are.
  absl::Status gone = co_await live_.Erase(learner, sessions, absl::Now() + kEraseBound);
  if (!gone.ok()) co_return error::OfLiveStore(gone);
  absl::StatusOr<absl::Time> erased = co_await log_.Erase(learner, ToWholeMillis(clock_.Now()), deadline);
  if (!erased.ok()) co_return error::OfLog(erased.status());
  {
    // Calls that were under way may have put some of it back, and may yet.
    absl::MutexLock lock(&mutex_);
    erasures_.push_back({learner, sessions, clock_.Monotonic()});
  }
  absl::Status swept = co_await EraseLive(learner, sessions, absl::Now() + kEraseBound);
  if (!swept.ok()) metrics_.live_write_failures.Increment();  // it is done again
  co_return *erased;
}

Task<absl::Status> Ledger::EraseLive(LearnerKey learner, std::vector<std::string> sessions,
                                     absl::Time deadline) {
  CO_RETURN_IF_ERROR(live_.Erase(std::move(learner), std::move(sessions), deadline));
  absl::Status rewritten = co_await live_.RewriteFiles(deadline);
  co_return rewritten;
}

Task<size_t> Ledger::SweepErased(bool all, absl::Time deadline) {
  std::vector<Erasure> due;
  {
    absl::MutexLock lock(&mutex_);
    const absl::Duration now = clock_.Monotonic();
    const auto waits = [&](const Erasure& one) { return !all && now - one.since < kOpenWriteForgotten; };
    const auto first_due = std::stable_partition(erasures_.begin(), erasures_.end(), waits);
    due.assign(std::make_move_iterator(first_due), std::make_move_iterator(erasures_.end()));
    erasures_.erase(first_due, erasures_.end());
  }
  for (Erasure& one : due) {
    absl::Status gone = co_await EraseLive(one.learner, one.sessions, deadline);
    if (gone.ok()) continue;
    absl::MutexLock lock(&mutex_);
    erasures_.push_back(std::move(one));
  }
  absl::MutexLock lock(&mutex_);
  co_return erasures_.size();
}

}  // namespace greenroom::session
