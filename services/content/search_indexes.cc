#include "services/content/search_indexes.h"

namespace greenroom::content {

Task<absl::StatusOr<std::shared_ptr<const PackIndex>>> SearchIndexes::Get(const Caller& caller,
                                                                          std::string pack,
                                                                          std::string revision,
                                                                          absl::Time deadline) {
  const Key key(caller.tenant, pack);
  if (std::shared_ptr<const PackIndex> known = Find(key, revision)) co_return known;
  ASSIGN_OR_CO_RETURN(const std::shared_ptr<const v1::PackContent> content,
                      catalogue_.Revision(caller, pack, revision, deadline));
  if (content == nullptr) co_return absl::InternalError("a current revision is not there");
  auto index = std::make_shared<const PackIndex>(*content);
  Keep({key, revision, index});
  co_return std::shared_ptr<const PackIndex>(std::move(index));
}

std::shared_ptr<const PackIndex> SearchIndexes::Find(const Key& key, const std::string& revision) {
  absl::MutexLock lock(&mutex_);
  auto found = by_key_.find(key);
  if (found == by_key_.end() || found->second->revision != revision) return nullptr;
  kept_.splice(kept_.begin(), kept_, found->second);
  return found->second->index;
}

void SearchIndexes::Keep(Kept kept) {
  absl::MutexLock lock(&mutex_);
  if (auto found = by_key_.find(kept.key); found != by_key_.end()) Drop(found->second);
  bytes_ += kept.index->bytes();
  kept_.push_front(std::move(kept));
  by_key_[kept_.front().key] = kept_.begin();
  while (bytes_ > max_bytes_ && kept_.size() > 1) Drop(std::prev(kept_.end()));
}

void SearchIndexes::Drop(std::list<Kept>::iterator kept) {
  bytes_ -= kept->index->bytes();
  by_key_.erase(kept->key);
  kept_.erase(kept);
}

}  // namespace greenroom::content
