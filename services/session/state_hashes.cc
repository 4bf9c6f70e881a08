#include "services/session/state_hashes.h"

#include <iterator>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "services/base/task.h"
#include "services/session/domain/state_hash.h"

namespace greenroom::session {
namespace {

constexpr int32_t kPage = 500;

absl::Time Soon() { return absl::Now() + absl::Seconds(30); }

absl::StatusOr<std::vector<Event>> ReadAll(EventLog& log, const LearnerKey& learner) {
  std::vector<Event> events;
  for (;;) {
    const int64_t after = events.empty() ? 0 : events.back().seq;
    ASSIGN_OR_RETURN(std::vector<Event> page, SyncWait(log.ReadAfter(learner, after, kPage, Soon())));
    const bool last = page.size() < static_cast<size_t>(kPage);
    std::move(page.begin(), page.end(), std::back_inserter(events));
    if (last) return events;
  }
}

}  // namespace

absl::Status PrintStateHashes(EventLog& log, std::ostream& out) {
  LearnerKey after;
  for (;;) {
    ASSIGN_OR_RETURN(const std::vector<LearnerKey> learners,
                     SyncWait(log.ListLearners(after, kPage, Soon())));
    for (const LearnerKey& learner : learners) {
      ASSIGN_OR_RETURN(const std::vector<Event> events, ReadAll(log, learner));
      out << learner.tenant << "/" << learner.learner << " " << StateHash(events) << "\n";
      after = learner;
    }
    if (learners.size() < static_cast<size_t>(kPage)) return absl::OkStatus();
  }
}

}  // namespace greenroom::session
