// Catalogue: what is published, in memory.
#ifndef GREENROOM_SERVICES_CONTENT_CATALOGUE_H_
#define GREENROOM_SERVICES_CONTENT_CATALOGUE_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/base/caller.h"
#include "services/base/clock.h"
#include "services/base/task.h"
#include "services/content/store.h"

namespace greenroom::content {

struct CatalogueOptions {
  // A snapshot older than this is brought up to date by the next read; the time that another replica's writes take to be
  // seen here. Own writes are seen at once.
  absl::Duration max_age = absl::Seconds(1);
  // What a read waits for that; afterwards, or when the store fails, it is answered from the snapshot as it is.
  absl::Duration refresh_timeout = absl::Milliseconds(200);
  // Of all contents kept, as protobuf bytes; the least used ones are given up first.
  size_t max_content_bytes = size_t{128} << 20;
};

// A snapshot per tenant of its pack records, and a cache of revisions' contents, which never change. Thread-safe. Reads
// go to the store for the first read of a tenant, for a name that the snapshot lacks, and to refresh; only the first two
// can fail with the store's error.
class Catalogue {
 public:
  using Packs = std::map<std::string, std::shared_ptr<const PackRecord>>;

  // Both must outlive the catalogue.
  Catalogue(PackStore& store, const Clock& clock, CatalogueOptions options = {});

  // All packs of the caller's tenant by id, drafts included; never null.
  Task<absl::StatusOr<std::shared_ptr<const Packs>>> List(const Caller& caller, absl::Time deadline);

  // The store's answer, not the snapshot's: a snapshot does not know the order of changes, and replicas' snapshots are
  // not of one age. Errors of the store.
  Task<absl::StatusOr<PackChanges>> NextChanges(const Caller& caller, int64_t after_version, int limit,
                                                absl::Time deadline) {
    return store_.NextChanges(caller, after_version, limit, deadline);
  }

  // nullptr where neither snapshot nor store has it.
  Task<absl::StatusOr<std::shared_ptr<const PackRecord>>> Find(const Caller& caller, std::string pack,
                                                               absl::Time deadline);

  // A published revision; nullptr where the store has none.
  Task<absl::StatusOr<std::shared_ptr<const v1::PackContent>>> Revision(const Caller& caller,
                                                                        std::string pack,
                                                                        std::string revision,
                                                                        absl::Time deadline);

  // Takes in what a write of this process has changed. A record that is older than the one known changes nothing.
  void Apply(const Caller& caller, const WriteResult& write);

 private:
  struct Tenant {
    std::shared_ptr<const Packs> packs;            // nullptr: never loaded
    int64_t version = 0;                           // of the tenant, up to which all changes are in `packs`
    absl::Duration loaded = absl::ZeroDuration();  // monotonic
    bool refreshing = false;
  };
  using ContentKey = std::pair<std::string, std::string>;  // tenant, pack/revision
  struct Content {
    ContentKey key;
    std::shared_ptr<const v1::PackContent> content;
    size_t bytes = 0;
  };

  static void Put(Tenant& tenant, const PackRecord& record);
  void TakeIn(const std::string& tenant, const PackChanges& changes) ABSL_LOCKS_EXCLUDED(mutex_);
  std::shared_ptr<const v1::PackContent> FindContent(const ContentKey& key) ABSL_LOCKS_EXCLUDED(mutex_);
  std::shared_ptr<const v1::PackContent> Keep(const ContentKey& key, v1::PackContent content)
      ABSL_LOCKS_EXCLUDED(mutex_);

  PackStore& store_;
  const Clock& clock_;
  const CatalogueOptions options_;
  absl::Mutex mutex_;
  std::map<std::string, Tenant> tenants_ ABSL_GUARDED_BY(mutex_);
  std::list<Content> contents_ ABSL_GUARDED_BY(mutex_);  // the most recently used first
  std::map<ContentKey, std::list<Content>::iterator> content_by_key_ ABSL_GUARDED_BY(mutex_);
  size_t content_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace greenroom::content

#endif  // GREENROOM_SERVICES_CONTENT_CATALOGUE_H_
