// RubricCache: compiled questions by full name.
#ifndef GREENROOM_SERVICES_SCORING_RUBRIC_CACHE_H_
#define GREENROOM_SERVICES_SCORING_RUBRIC_CACHE_H_

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "services/base/metrics.h"
#include "services/scoring/domain/compile.h"

namespace greenroom::scoring {

struct RubricCacheOptions {
  size_t max_questions = 4096;
  size_t max_bytes = size_t{24} << 20;  // as CompiledQuestion::MemoryBytes counts

  absl::Status Validate() const;
};

// Thread-safe. Keeps the most recently used within both bounds; a question larger than the whole bound is not kept.
// Names are of revisions, which never change, so nothing expires; they begin with the tenant, so tenants never share. A
// calibrated question has a name of its own; what it shares with the question that it was made of is counted twice.
class RubricCache {
 public:
  // `metrics` must outlive it.
  RubricCache(const RubricCacheOptions& options, MetricsRegistry& metrics);

  // Null where it is not kept. What is returned stays valid when the cache gives it up.
  std::shared_ptr<const CompiledQuestion> Find(absl::string_view name);

  // Keeps `question` under `name`; one that is there already is replaced.
  void Put(absl::string_view name, std::shared_ptr<const CompiledQuestion> question);

 private:
  struct Entry {
    std::string name;
    std::shared_ptr<const CompiledQuestion> question;
    size_t bytes;
  };
  using Entries = std::list<Entry>;

  void Drop(Entries::iterator entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const RubricCacheOptions options_;
  Counter hits_;
  Counter misses_;
  Gauge held_bytes_;
  absl::Mutex mutex_;
  Entries entries_ ABSL_GUARDED_BY(mutex_);  // the most recently used first
  absl::flat_hash_map<std::string, Entries::iterator> by_name_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace greenroom::scoring

#endif  // GREENROOM_SERVICES_SCORING_RUBRIC_CACHE_H_
