// SearchIndexes: the words of what is published, in memory.
#ifndef GREENROOM_SERVICES_CONTENT_SEARCH_INDEXES_H_
#define GREENROOM_SERVICES_CONTENT_SEARCH_INDEXES_H_

#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/base/caller.h"
#include "services/base/task.h"
#include "services/content/catalogue.h"
#include "services/content/domain/search_index.h"

namespace greenroom::content {

// An index per pack, of the revision that was last asked for: it is built anew when that is another one. Thread-safe.
class SearchIndexes {
 public:
  static constexpr size_t kMaxBytes = size_t{64} << 20;

  // Indexes of at most `max_bytes` together are kept, but always the last one; the least used are given up first.
  // `catalogue` must outlive this.
  explicit SearchIndexes(Catalogue& catalogue, size_t max_bytes = kMaxBytes)
      : catalogue_(catalogue), max_bytes_(max_bytes) {}

  // The index of a published revision; never null. The catalogue's errors; INTERNAL where there is no such revision.
  Task<absl::StatusOr<std::shared_ptr<const PackIndex>>> Get(const Caller& caller, std::string pack,
                                                             std::string revision, absl::Time deadline);

 private:
  using Key = std::pair<std::string, std::string>;  // tenant, pack
  struct Kept {
    Key key;
    std::string revision;
    std::shared_ptr<const PackIndex> index;
  };

  std::shared_ptr<const PackIndex> Find(const Key& key, const std::string& revision)
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Keep(Kept kept) ABSL_LOCKS_EXCLUDED(mutex_);
  void Drop(std::list<Kept>::iterator kept) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Catalogue& catalogue_;
  const size_t max_bytes_;
  absl::Mutex mutex_;
  std::list<Kept> kept_ ABSL_GUARDED_BY(mutex_);  // the most recently used first
  std::map<Key, std::list<Kept>::iterator> by_key_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace greenroom::content

#endif  // GREENROOM_SERVICES_CONTENT_SEARCH_INDEXES_H_
