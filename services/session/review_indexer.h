// ReviewIndexer: keeps the grade book's index of answers behind the learners' logs.
#ifndef GREENROOM_SERVICES_SESSION_REVIEW_INDEXER_H_
#define GREENROOM_SERVICES_SESSION_REVIEW_INDEXER_H_

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/base/clock.h"
#include "services/base/log.h"
#include "services/base/rng.h"
#include "services/session/domain/keys.h"
#include "services/session/gradebook/gradebook_store.h"
#include "services/session/log/event_log.h"
#include "services/session/pacer.h"

namespace greenroom::session {

struct ReviewIndexerOptions {
  absl::Duration poll = absl::Seconds(5);  // how often it looks, when there was nothing to do
  // Events younger than that are left for later: by then all that were committed before them can be seen. Longer than
  // any call and its commit.
  absl::Duration settle = absl::Seconds(20);
  int32_t batch = 1000;                         // events in a piece
  absl::Duration piece = absl::Seconds(20);     // a piece ends after this, however many it has
  absl::Duration lease = absl::Seconds(60);     // how long the index waits for a worker that died
  absl::Duration deadline = absl::Seconds(10);  // of each call
  double share = 0.1;                           // of one core's time, of all replicas together

  absl::Status Validate() const;
};

// One thread. It reads each session that something has happened in and replaces what the index has of it, so that a piece
// done twice is the same. A session read has all its events so far, so that one in which much happens is read once in
// `settle`, not once an event. Nothing of it is on the way of an answer; under load it falls behind, and catches up. Of any
// number of indexers over one store one works, which holds the index by its lease.
class ReviewIndexer {
 public:
  // All that is borrowed must outlive it. Does nothing before Start.
  ReviewIndexer(GradebookStore& store, EventLog& log, const Clock& clock, Rng& rng, Logger& logger,
                ReviewIndexerOptions options = {});
  // Stops.
  ~ReviewIndexer() { Stop(); }
  ReviewIndexer(const ReviewIndexer&) = delete;
  ReviewIndexer& operator=(const ReviewIndexer&) = delete;

  void Start();
  void Stop();

  // One piece. True: there is more to do already. For tests, and the thread.
  bool RunOnce();

 private:
  absl::StatusOr<bool> IndexPiece();
  // Adds what the index shall have of the session, and notes up to which event. DATA_LOSS is no failure.
  absl::Status Read(const SessionKey& session, std::vector<SessionIndex>& indexes, int64_t& reflects);
  absl::Time Soon() const;

  GradebookStore& store_;
  EventLog& log_;
  const Clock& clock_;
  Logger& logger_;
  const ReviewIndexerOptions options_;
  const std::string owner_;
  Pacer pacer_;
  // How far in its learner's log the index reflects a session; of those read lately, and only to save work.
  absl::flat_hash_map<SessionKey, int64_t> reflects_;
  std::thread thread_;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_REVIEW_INDEXER_H_
