#include "services/scoring/rubric_cache.h"

namespace greenroom::scoring {

absl::Status RubricCacheOptions::Validate() const {
  if (max_questions == 0) return absl::InvalidArgumentError("max_questions must be positive");
  return absl::OkStatus();
}

RubricCache::RubricCache(const RubricCacheOptions& options, MetricsRegistry& metrics)
    : options_(options),
      hits_(metrics.GetCounter("rubric_cache_hits_total", "Questions that were compiled already.")),
      misses_(
          metrics.GetCounter("rubric_cache_misses_total", "Questions that had to be fetched and compiled.")),
      held_bytes_(metrics.GetGauge("rubric_cache_bytes", "Memory of the compiled questions kept.")) {}

std::shared_ptr<const CompiledQuestion> RubricCache::Find(absl::string_view name) {
  absl::MutexLock lock(&mutex_);
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) {
    misses_.Increment();
    return nullptr;
  }
  hits_.Increment();
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->question;
}

void RubricCache::Put(absl::string_view name, std::shared_ptr<const CompiledQuestion> question) {
  const size_t bytes = question->MemoryBytes() + name.size();
  absl::MutexLock lock(&mutex_);
  if (const auto found = by_name_.find(name); found != by_name_.end()) Drop(found->second);
  if (bytes <= options_.max_bytes) {
    entries_.push_front({std::string(name), std::move(question), bytes});
    by_name_.emplace(entries_.front().name, entries_.begin());
    bytes_ += bytes;
    while (entries_.size() > options_.max_questions || bytes_ > options_.max_bytes)
      Drop(std::prev(entries_.end()));
  }
  held_bytes_.Set(static_cast<double>(bytes_));
}

void RubricCache::Drop(Entries::iterator entry) {
  bytes_ -= entry->bytes;
  by_name_.erase(entry->name);
  entries_.erase(entry);
}

}  // namespace greenroom::scoring
