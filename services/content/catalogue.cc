#include "services/content/catalogue.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace greenroom::content {

Catalogue::Catalogue(PackStore& store, const Clock& clock, CatalogueOptions options)
    : store_(store), clock_(clock), options_(options) {}

// Snapshots are shared with readers: a change makes a new one.
void Catalogue::Put(Tenant& tenant, const PackRecord& record) {
  auto known = tenant.packs->find(record.pack);
  if (known != tenant.packs->end() && known->second->version >= record.version) return;
  auto packs = std::make_shared<Packs>(*tenant.packs);
  (*packs)[record.pack] = std::make_shared<const PackRecord>(record);
  tenant.packs = std::move(packs);
}

void Catalogue::TakeIn(const std::string& tenant_id, const PackChanges& changes) {
  absl::MutexLock lock(&mutex_);
  Tenant& tenant = tenants_[tenant_id];
  if (tenant.packs == nullptr) tenant.packs = std::make_shared<const Packs>();
  for (const PackRecord& record : changes.packs) Put(tenant, record);
  tenant.version = std::max(tenant.version, changes.tenant_version);
  tenant.loaded = clock_.Monotonic();
}

Task<absl::StatusOr<std::shared_ptr<const Catalogue::Packs>>> Catalogue::List(const Caller& caller,
                                                                              absl::Time deadline) {
  std::shared_ptr<const Packs> known;
  int64_t version = 0;
  bool refresh = false;
  {
    absl::MutexLock lock(&mutex_);
    Tenant& tenant = tenants_[caller.tenant];
    known = tenant.packs;
    version = tenant.version;
    // One reader refreshes, the others go on with what there is.
    refresh =
        known == nullptr || (!tenant.refreshing && clock_.Monotonic() - tenant.loaded >= options_.max_age);
    if (refresh && known != nullptr) tenant.refreshing = true;
  }
  if (!refresh) co_return known;
  const absl::Time until =
      known == nullptr ? deadline : std::min(deadline, absl::Now() + options_.refresh_timeout);
  const absl::StatusOr<PackChanges> changes = co_await store_.ListChanges(caller, version, until);
  if (changes.ok()) TakeIn(caller.tenant, *changes);
  absl::MutexLock lock(&mutex_);
  Tenant& tenant = tenants_[caller.tenant];
  if (known != nullptr) {
    tenant.refreshing = false;
    // A store that fails is asked again after the same time.
    if (!changes.ok()) tenant.loaded = clock_.Monotonic();
  } else if (!changes.ok() && tenant.packs == nullptr) {
    co_return changes.status();
  }
  co_return tenant.packs;
}

Task<absl::StatusOr<std::shared_ptr<const PackRecord>>> Catalogue::Find(const Caller& caller,
                                                                        std::string pack,
                                                                        absl::Time deadline) {
  ASSIGN_OR_CO_RETURN(const std::shared_ptr<const Packs> packs, List(caller, deadline));
  auto known = packs->find(pack);
  if (known != packs->end()) co_return known->second;
  ASSIGN_OR_CO_RETURN(std::optional<PackRecord> record, store_.GetPack(caller, pack, deadline));
  if (!record) co_return std::shared_ptr<const PackRecord>();
  {
    absl::MutexLock lock(&mutex_);
    Put(tenants_[caller.tenant], *record);
  }
  co_return std::make_shared<const PackRecord>(*std::move(record));
}

Task<absl::StatusOr<std::shared_ptr<const v1::PackContent>>> Catalogue::Revision(const Caller& caller,
                                                                                 std::string pack,
                                                                                 std::string revision,
                                                                                 absl::Time deadline) {
  const ContentKey key(caller.tenant, absl::StrCat(pack, "/", revision));
  if (std::shared_ptr<const v1::PackContent> known = FindContent(key)) co_return known;
  ASSIGN_OR_CO_RETURN(std::optional<v1::PackContent> content,
                      store_.GetRevision(caller, pack, revision, deadline));
  if (!content) co_return std::shared_ptr<const v1::PackContent>();
  co_return Keep(key, *std::move(content));
}

std::shared_ptr<const v1::PackContent> Catalogue::FindContent(const ContentKey& key) {
  absl::MutexLock lock(&mutex_);
  auto found = content_by_key_.find(key);
  if (found == content_by_key_.end()) return nullptr;
  contents_.splice(contents_.begin(), contents_, found->second);
  return found->second->content;
}

std::shared_ptr<const v1::PackContent> Catalogue::Keep(const ContentKey& key, v1::PackContent content) {
  const size_t bytes = content.ByteSizeLong();
  auto kept = std::make_shared<const v1::PackContent>(std::move(content));
  absl::MutexLock lock(&mutex_);
  auto found = content_by_key_.find(key);
  if (found != content_by_key_.end()) return found->second->content;
  contents_.push_front({key, kept, bytes});
  content_by_key_[key] = contents_.begin();
  content_bytes_ += bytes;
  while (content_bytes_ > options_.max_content_bytes && contents_.size() > 1) {
    content_bytes_ -= contents_.back().bytes;
    content_by_key_.erase(contents_.back().key);
    contents_.pop_back();
  }
  return kept;
}

void Catalogue::Apply(const Caller& caller, const WriteResult& write) {
  absl::MutexLock lock(&mutex_);
  Tenant& tenant = tenants_[caller.tenant];
  if (tenant.packs == nullptr || write.pack.pack.empty()) return;
  Put(tenant, write.pack);
  // Another's write in between is still to be read.
  if (write.tenant_version == tenant.version + 1) tenant.version = write.tenant_version;
}

}  // namespace greenroom::content
