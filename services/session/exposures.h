// Exposures: how often each question was asked lately, of whichever learners.
#ifndef GREENROOM_SERVICES_SESSION_EXPOSURES_H_
#define GREENROOM_SERVICES_SESSION_EXPOSURES_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/base/clock.h"
#include "services/base/task.h"
#include "services/session/gradebook/gradebook_store.h"

namespace greenroom::session {

struct ExposureOptions {
  int32_t sessions = 500;  // the tenant's newest so many are looked at, of all packs together
  // Of a pack of which fewer are among them, those that are wanting asked nothing: two learners are no crowd.
  int32_t least_sessions = 20;
  absl::Duration ttl = absl::Minutes(1);          // how old what is remembered may be while the store answers
  absl::Duration retry_after = absl::Seconds(5);  // a store that failed is not asked again meanwhile
  size_t max_questions = 200'000;                 // that are remembered, of all tenants: some 100 bytes each
};

// Thread-safe. A tenant costs the store one read of `sessions` creations in `ttl`, and only while somebody asks; one caller
// waits for it, the others go on with what is remembered.
class Exposures {
 public:
  using Shares = std::map<std::string, double>;  // by question's id

  // Both must outlive it and every Task it gave.
  Exposures(GradebookStore& store, const Clock& clock, ExposureOptions options = {});

  // Of the pack's (full name) questions the share of recent sessions that asked them, above 0 and at most 1; what none
  // asked is not there. Of a tenant that is asked about for the first time, others get nothing while the first waits.
  // Errors: the store's, where nothing is remembered either.
  Task<absl::StatusOr<Shares>> GetShares(std::string tenant, std::string pack, absl::Time deadline);

 private:
  struct Pack {
    int32_t sessions = 0;
    std::map<std::string, int32_t> asked;  // in how many of them, by question
  };
  using Packs = std::map<std::string, Pack>;  // by full name
  struct Remembered {
    Packs packs;
    size_t questions = 0;  // of all its packs
    bool known = false;
    absl::Duration ask_again = absl::ZeroDuration();  // monotonic
  };

  // Whether this caller is the one to ask the store.
  bool IsToAsk(const std::string& tenant);
  void Remember(const std::string& tenant, const std::vector<SessionPlan>& plans);
  void NoteFailure(const std::string& tenant);
  // False where nothing is remembered of the tenant.
  bool Recall(const std::string& tenant, const std::string& pack, Shares& shares);

  GradebookStore& store_;
  const Clock& clock_;
  const ExposureOptions options_;
  absl::Mutex mutex_;
  std::map<std::string, Remembered> tenants_ ABSL_GUARDED_BY(mutex_);
  size_t questions_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_EXPOSURES_H_
