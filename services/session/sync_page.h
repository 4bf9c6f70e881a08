// SyncPage: what changed of a learner's behind a place of their log, as much as one reply tells.
#ifndef GREENROOM_SERVICES_SESSION_SYNC_PAGE_H_
#define GREENROOM_SERVICES_SESSION_SYNC_PAGE_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "greenroom/session/v1/sync.pb.h"
#include "services/base/call.h"
#include "services/base/task.h"
#include "services/session/log/event_log.h"
#include "services/session/memory_deriver.h"
#include "services/session/peers/catalogue.h"
#include "services/session/sync_cursor.h"

namespace greenroom::session {

// What a page is filled from. All of it must outlive the page.
struct SyncSources {
  EventLog& log;
  MemoryDeriver& deriver;
  Catalogue& catalogue;
};

// For one call, by one Task at a time. `call` and `response` must outlive it.
//
// The log is looked at in windows: of each the sessions and answers that changed are told, and then when the questions are
// due that it may have moved. Due times are read as they are now, which no function of the log's beginning is: so their
// items are told in order, and what moves one later lies in a later window. A reply ends behind the first window of which
// it told one: so it comes once in a reply, and after all that moved it.
class SyncPage {
 public:
  // Of at most `size` (>= 1) changes behind `cursor`.
  SyncPage(SyncSources sources, Call& call, LearnerKey learner, int size, SyncCursor cursor,
           v1::SyncLearnerResponse& response);

  // Adds the changes to the response, and whether there are more. Call once. Errors: DEPENDENCY_UNAVAILABLE and those of
  // error::OfLog; the response is then of no use.
  Task<absl::Status> Fill();

  // Behind all that was added.
  const SyncCursor& cursor() const { return cursor_; }

 private:
  // Items whose due times may have moved, and whether an exam may have moved them.
  using MovedItems = std::map<ItemKey, bool>;

  // All false: the page is full, and what does not fit any more is left for the next.
  bool Add(v1::LearnerChange change);
  // Of the sessions that these events are of. Notes the items that they may have moved.
  Task<absl::StatusOr<bool>> AddSessions(const std::vector<Event>& window, MovedItems& moved);
  // Of these items, and of those that what the events say of the learner as such may have moved.
  Task<absl::StatusOr<bool>> AddDueTimes(const std::vector<Event>& window, MovedItems moved);

  // Adds the items that changes of settings among these events may have moved.
  Task<absl::Status> AddMovedBySettings(const std::vector<Event>& window,
                                        const std::vector<MemoryItem>& items, MovedItems& moved);
  // Whether the pack may be practised: devices hear nothing of an exam's.
  Task<absl::StatusOr<bool>> IsPractised(std::string pack, bool examined);

  const SyncSources sources_;
  Call& call_;
  const LearnerKey learner_;
  const int size_;
  SyncCursor cursor_;
  v1::SyncLearnerResponse& response_;
  size_t bytes_ = 0;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_SYNC_PAGE_H_
