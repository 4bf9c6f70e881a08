#include "services/session/peers/cached_catalogue.h"

#include <utility>

namespace greenroom::session {
namespace {

size_t BytesOf(const RevisionContent& content) {
  size_t bytes = content.name.size();
  for (const content::v1::Question& question : content.questions) bytes += question.ByteSizeLong();
  return bytes;
}

}  // namespace

CachedCatalogue::CachedCatalogue(Catalogue& source, const Clock& clock, CatalogueCacheOptions options)
    : source_(source), clock_(clock), options_(options) {}

Task<absl::StatusOr<std::shared_ptr<const RevisionContent>>> CachedCatalogue::GetRevision(
    LearnerKey learner, std::string revision, OutgoingCall call) {
  std::shared_ptr<const RevisionContent> kept = FindRevision(revision);
  if (kept != nullptr) co_return kept;
  ASSIGN_OR_CO_RETURN(std::shared_ptr<const RevisionContent> content,
                      source_.GetRevision(std::move(learner), std::move(revision), std::move(call)));
  KeepRevision(content);
  co_return content;
}

Task<absl::StatusOr<PackSummary>> CachedCatalogue::GetPack(LearnerKey learner, std::string pack,
                                                           Freshness freshness, OutgoingCall call) {
  const bool may_be_stale = freshness == Freshness::kMayBeStale;
  if (may_be_stale) {
    absl::MutexLock lock(&mutex_);
    const auto kept = packs_.find(pack);
    if (kept != packs_.end() && clock_.Monotonic() < kept->second.ask_again) {
      if (kept->second.found) co_return kept->second.summary;
      co_return absl::UnavailableError("the catalogue did not answer a moment ago");
    }
    call = std::move(call).Within(options_.stale_wait);
  }
  absl::StatusOr<PackSummary> summary =
      co_await source_.GetPack(std::move(learner), pack, freshness, std::move(call));
  KeepPack(pack, summary);
  if (!summary.ok() && may_be_stale) {
    absl::MutexLock lock(&mutex_);
    const auto kept = packs_.find(pack);
    if (kept != packs_.end() && kept->second.found) co_return kept->second.summary;
  }
  co_return summary;
}

std::shared_ptr<const RevisionContent> CachedCatalogue::FindRevision(const std::string& name) {
  absl::MutexLock lock(&mutex_);
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return nullptr;
  revisions_.splice(revisions_.begin(), revisions_, found->second);
  return revisions_.front().content;
}

void CachedCatalogue::KeepRevision(std::shared_ptr<const RevisionContent> content) {
  const size_t bytes = BytesOf(*content);
  absl::MutexLock lock(&mutex_);
  if (by_name_.count(content->name) > 0) return;
  revision_bytes_ += bytes;
  const std::string name = content->name;
  revisions_.push_front(Revision{std::move(content), bytes});
  by_name_[name] = revisions_.begin();
  while (revision_bytes_ > options_.max_revision_bytes && revisions_.size() > 1) {
    revision_bytes_ -= revisions_.back().bytes;
    by_name_.erase(revisions_.back().content->name);
    revisions_.pop_back();
  }
}

void CachedCatalogue::KeepPack(const std::string& name, const absl::StatusOr<PackSummary>& summary) {
  absl::MutexLock lock(&mutex_);
  if (absl::IsNotFound(summary.status())) {
    packs_.erase(name);
    return;
  }
  if (packs_.count(name) == 0 && packs_.size() >= options_.max_packs) packs_.clear();
  Pack& pack = packs_[name];
  if (summary.ok()) {
    pack.summary = *summary;
    pack.found = true;
  }
  pack.ask_again = clock_.Monotonic() + (summary.ok() ? options_.pack_ttl : options_.retry_after);
}

}  // namespace greenroom::session
