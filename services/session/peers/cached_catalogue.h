// CachedCatalogue: a Catalogue that remembers.
#ifndef GREENROOM_SERVICES_SESSION_PEERS_CACHED_CATALOGUE_H_
#define GREENROOM_SERVICES_SESSION_PEERS_CACHED_CATALOGUE_H_

#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/base/clock.h"
#include "services/session/peers/catalogue.h"

namespace greenroom::session {

struct CatalogueCacheOptions {
  size_t max_revision_bytes = 64 << 20;         // of all revisions kept, as protobuf bytes
  size_t max_packs = 4096;                      //
  absl::Duration pack_ttl = absl::Seconds(15);  // how old a kMayBeStale answer is while the catalogue answers
  absl::Duration stale_wait =
      absl::Milliseconds(100);  // what a kMayBeStale call waits for the catalogue at most
  absl::Duration retry_after =
      absl::Seconds(5);  // a catalogue that failed is not asked for kMayBeStale meanwhile
};

// Revisions are kept for good, the least used ones given up first. kCurrent is always asked; kMayBeStale is answered from
// memory within the ttl, and beyond it where the catalogue does not answer at once. Only what was found is kept.
class CachedCatalogue final : public Catalogue {
 public:
  // `source` and `clock` must outlive it.
  CachedCatalogue(Catalogue& source, const Clock& clock, CatalogueCacheOptions options = {});

  Task<absl::StatusOr<std::shared_ptr<const RevisionContent>>> GetRevision(LearnerKey learner,
                                                                           std::string revision,
                                                                           OutgoingCall call) override;
  Task<absl::StatusOr<PackSummary>> GetPack(LearnerKey learner, std::string pack, Freshness freshness,
                                            OutgoingCall call) override;

 private:
  struct Revision {
    std::shared_ptr<const RevisionContent> content;
    size_t bytes = 0;
  };
  struct Pack {
    PackSummary summary;
    bool found = false;
    absl::Duration ask_again = absl::ZeroDuration();  // monotonic
  };

  std::shared_ptr<const RevisionContent> FindRevision(const std::string& name);
  void KeepRevision(std::shared_ptr<const RevisionContent> content);
  void KeepPack(const std::string& name, const absl::StatusOr<PackSummary>& summary);

  Catalogue& source_;
  const Clock& clock_;
  const CatalogueCacheOptions options_;
  absl::Mutex mutex_;
  std::list<Revision> revisions_ ABSL_GUARDED_BY(mutex_);  // the most recently used first
  std::map<std::string, std::list<Revision>::iterator> by_name_ ABSL_GUARDED_BY(mutex_);
  size_t revision_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::string, Pack> packs_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_PEERS_CACHED_CATALOGUE_H_
