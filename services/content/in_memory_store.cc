#include "services/content/in_memory_store.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "services/content/domain/pack_summary.h"
#include "services/content/domain/question_view.h"

namespace greenroom::content {

InMemoryPackStore::~InMemoryPackStore() {
  std::vector<std::thread> waiters;
  {
    absl::MutexLock lock(&mutex_);
    stalled_ = false;
    waiters.swap(waiters_);
  }
  for (std::thread& waiter : waiters) waiter.join();
}

void InMemoryPackStore::FailWith(absl::Status error) {
  absl::MutexLock lock(&mutex_);
  error_ = std::move(error);
}

void InMemoryPackStore::Stall() {
  absl::MutexLock lock(&mutex_);
  stalled_ = true;
}

void InMemoryPackStore::Resume() {
  absl::MutexLock lock(&mutex_);
  stalled_ = false;
}

void InMemoryPackStore::WaitForStalled(int calls) {
  absl::MutexLock lock(&mutex_);
  auto enough = [&] {
    mutex_.AssertHeld();
    return waiting_ >= calls;
  };
  mutex_.Await(absl::Condition(&enough));
}

int InMemoryPackStore::calls() const {
  absl::MutexLock lock(&mutex_);
  return calls_;
}

Task<absl::Status> InMemoryPackStore::Enter(absl::Time deadline) {
  bool stalled = false;
  {
    absl::MutexLock lock(&mutex_);
    ++calls_;
    stalled = stalled_;
  }
  if (stalled) {
    auto wait = [this, deadline](auto done) {
      absl::MutexLock lock(&mutex_);
      waiters_.emplace_back([this, deadline, done]() mutable {
        {
          absl::MutexLock waiting(&mutex_);
          ++waiting_;
          auto resumed = [this] {
            mutex_.AssertHeld();
            return !stalled_;
          };
          mutex_.AwaitWithDeadline(absl::Condition(&resumed), deadline);
          --waiting_;
        }
        done(true);
      });
    };
    co_await AwaitCallback<bool>(wait);
  }
  if (deadline <= absl::Now()) co_return absl::DeadlineExceededError("the deadline has passed");
  absl::MutexLock lock(&mutex_);
  co_return error_;
}

Task<absl::StatusOr<PackChanges>> InMemoryPackStore::ListChanges(const Caller& caller, int64_t after_version,
                                                                 absl::Time deadline) {
  CO_RETURN_IF_ERROR(Enter(deadline));
  absl::MutexLock lock(&mutex_);
  const Tenant& tenant = tenants_[caller.tenant];
  PackChanges changes;
  changes.epoch = epoch_;
  changes.tenant_version = tenant.version;
  for (const auto& [id, pack] : tenant.packs) {
    if (pack.record.changed_at > after_version) changes.packs.push_back(pack.record);
  }
  co_return changes;
}

Task<absl::StatusOr<PackChanges>> InMemoryPackStore::NextChanges(const Caller& caller, int64_t after_version,
                                                                 int limit, absl::Time deadline) {
  ASSIGN_OR_CO_RETURN(PackChanges changes, ListChanges(caller, after_version, deadline));
  std::sort(changes.packs.begin(), changes.packs.end(),
            [](const PackRecord& a, const PackRecord& b) { return a.changed_at < b.changed_at; });
  if (changes.packs.size() > static_cast<size_t>(limit)) changes.packs.resize(static_cast<size_t>(limit));
  co_return changes;
}

Task<absl::StatusOr<std::optional<PackRecord>>> InMemoryPackStore::GetPack(const Caller& caller,
                                                                           std::string pack,
                                                                           absl::Time deadline) {
  CO_RETURN_IF_ERROR(Enter(deadline));
  absl::MutexLock lock(&mutex_);
  const auto& packs = tenants_[caller.tenant].packs;
  auto found = packs.find(pack);
  if (found == packs.end()) co_return std::optional<PackRecord>();
  co_return std::optional<PackRecord>(found->second.record);
}

Task<absl::StatusOr<std::optional<v1::PackContent>>> InMemoryPackStore::GetDraft(const Caller& caller,
                                                                                 std::string pack,
                                                                                 absl::Time deadline) {
  CO_RETURN_IF_ERROR(Enter(deadline));
  absl::MutexLock lock(&mutex_);
  const auto& packs = tenants_[caller.tenant].packs;
  auto found = packs.find(pack);
  if (found == packs.end()) co_return std::optional<v1::PackContent>();
  co_return found->second.draft;
}

Task<absl::StatusOr<std::optional<v1::PackContent>>> InMemoryPackStore::GetRevision(const Caller& caller,
                                                                                    std::string pack,
                                                                                    std::string revision,
                                                                                    absl::Time deadline) {
  CO_RETURN_IF_ERROR(Enter(deadline));
  absl::MutexLock lock(&mutex_);
  const auto& packs = tenants_[caller.tenant].packs;
  auto found = packs.find(pack);
  if (found == packs.end()) co_return std::optional<v1::PackContent>();
  auto content = found->second.revisions.find(revision);
  if (content == found->second.revisions.end()) co_return std::optional<v1::PackContent>();
  co_return std::optional<v1::PackContent>(content->second.second);
}

Task<absl::StatusOr<std::vector<RevisionRecord>>> InMemoryPackStore::ListRevisions(const Caller& caller,
                                                                                   std::string pack,
                                                                                   int64_t before, int limit,
                                                                                   absl::Time deadline) {
  CO_RETURN_IF_ERROR(Enter(deadline));
  absl::MutexLock lock(&mutex_);
  std::vector<RevisionRecord> records;
  const auto& packs = tenants_[caller.tenant].packs;
  auto found = packs.find(pack);
  if (found == packs.end()) co_return records;
  for (const auto& [id, revision] : found->second.revisions) {
    if (revision.first.change_number < before) records.push_back(revision.first);
  }
  std::sort(records.begin(), records.end(), [](const RevisionRecord& a, const RevisionRecord& b) {
    return a.change_number > b.change_number;
  });
  if (records.size() > static_cast<size_t>(limit)) records.resize(static_cast<size_t>(limit));
  co_return records;
}

std::optional<WriteResult> InMemoryPackStore::Replayed(Tenant& tenant, const RequestKey& request) {
  auto found = tenant.requests.find(request.id);
  if (found == tenant.requests.end()) return std::nullopt;
  WriteResult result;
  result.tenant_version = tenant.version;
  if (found->second.digest != request.digest) {
    result.outcome = WriteResult::Outcome::kIdReused;
    return result;
  }
  result.outcome = WriteResult::Outcome::kReplayed;
  const StoredPack& pack = tenant.packs.at(found->second.pack);
  result.pack = pack.record;
  if (!found->second.revision.empty()) result.revision = pack.revisions.at(found->second.revision).first;
  return result;
}

Task<absl::StatusOr<std::optional<WriteResult>>> InMemoryPackStore::FindRequest(const Caller& caller,
                                                                                RequestKey request,
                                                                                absl::Time deadline) {
  CO_RETURN_IF_ERROR(Enter(deadline));
  absl::MutexLock lock(&mutex_);
  co_return Replayed(tenants_[caller.tenant], request);
}

WriteResult InMemoryPackStore::Look(Tenant& tenant, const std::string& pack, int64_t version) {
  WriteResult result;
  auto found = tenant.packs.find(pack);
  if (found == tenant.packs.end()) {
    result.outcome = WriteResult::Outcome::kPackNotFound;
    return result;
  }
  result.pack = found->second.record;
  if (result.pack.delete_time) {
    result.outcome = WriteResult::Outcome::kPackDeleted;
  } else if (version != 0 && result.pack.version != version) {
    result.outcome = WriteResult::Outcome::kEtagMismatch;
  }
  return result;
}

void InMemoryPackStore::Count(Tenant& tenant, PackRecord& record, const RequestKey& request,
                              const std::string& revision, WriteResult& result) {
  ++record.version;
  record.changed_at = ++tenant.version;
  record.shown_to_learners = record.shown_to_learners || IsForLearners(record);
  tenant.requests[request.id] = {request.digest, record.pack, revision};
  result.outcome = WriteResult::Outcome::kWritten;
  result.pack = record;
  result.tenant_version = tenant.version;
}

Task<absl::StatusOr<WriteResult>> InMemoryPackStore::SaveDraft(const Caller& caller, v1::PackContent content,
                                                               std::string revision, int64_t version,
                                                               RequestKey request, absl::Time /*now*/,
                                                               absl::Time deadline) {
  CO_RETURN_IF_ERROR(Enter(deadline));
  absl::MutexLock lock(&mutex_);
  Tenant& tenant = tenants_[caller.tenant];
  if (std::optional<WriteResult> before = Replayed(tenant, request)) co_return *std::move(before);
  WriteResult result = Look(tenant, content.pack(), version);
  const bool fresh = result.outcome == WriteResult::Outcome::kPackNotFound && version == 0;
  if (!fresh && result.outcome != WriteResult::Outcome::kWritten) co_return result;
  StoredPack& pack = tenant.packs[content.pack()];
  PackRecord& record = pack.record;
  record.pack = content.pack();
  if (record.current.empty()) record.summary = PackSummary(content);
  if (record.current == revision) {
    record.draft.clear();
    pack.draft.reset();
  } else {
    record.draft = revision;
    pack.draft = std::move(content);
  }
  Count(tenant, record, request, "", result);
  co_return result;
}

Task<absl::StatusOr<WriteResult>> InMemoryPackStore::Publish(const Caller& caller, std::string pack_id,
                                                             std::string revision, int64_t version,
                                                             RequestKey request, absl::Time now,
                                                             absl::Time deadline) {
  CO_RETURN_IF_ERROR(Enter(deadline));
  absl::MutexLock lock(&mutex_);
  Tenant& tenant = tenants_[caller.tenant];
  if (std::optional<WriteResult> before = Replayed(tenant, request)) co_return *std::move(before);
  WriteResult result = Look(tenant, pack_id, version);
  if (result.outcome != WriteResult::Outcome::kWritten) co_return result;
  StoredPack& pack = tenant.packs.at(pack_id);
  PackRecord& record = pack.record;
  if (record.draft.empty()) {
    result.outcome = WriteResult::Outcome::kNothingToPublish;
  } else if (record.draft != revision) {
    result.outcome = WriteResult::Outcome::kDraftChanged;
  }
  if (result.outcome != WriteResult::Outcome::kWritten) co_return result;
  auto published = pack.revisions.find(revision);
  if (published == pack.revisions.end()) {
    RevisionRecord fresh{revision, now, QuestionCount(*pack.draft), ++tenant.change_number};
    published = pack.revisions.emplace(revision, std::make_pair(fresh, *pack.draft)).first;
  }
  record.summary = PackSummary(published->second.second);
  record.current = revision;
  record.publish_time = published->second.first.publish_time;
  record.draft.clear();
  pack.draft.reset();
  result.revision = published->second.first;
  Count(tenant, record, request, revision, result);
  co_return result;
}

Task<absl::StatusOr<WriteResult>> InMemoryPackStore::SetDeleted(const Caller& caller, std::string pack_id,
                                                                bool deleted, int64_t version,
                                                                RequestKey request, absl::Time now,
                                                                absl::Time deadline) {
  CO_RETURN_IF_ERROR(Enter(deadline));
  absl::MutexLock lock(&mutex_);
  Tenant& tenant = tenants_[caller.tenant];
  if (std::optional<WriteResult> before = Replayed(tenant, request)) co_return *std::move(before);
  WriteResult result = Look(tenant, pack_id, 0);
  if (result.outcome == WriteResult::Outcome::kPackNotFound) co_return result;
  if (result.pack.delete_time.has_value() == deleted) {
    result.outcome = deleted ? WriteResult::Outcome::kPackDeleted : WriteResult::Outcome::kNotDeleted;
    co_return result;
  }
  if (version != 0 && result.pack.version != version) {
    result.outcome = WriteResult::Outcome::kEtagMismatch;
    co_return result;
  }
  PackRecord& record = tenant.packs.at(pack_id).record;
  record.delete_time = deleted ? std::optional(now) : std::nullopt;
  Count(tenant, record, request, "", result);
  co_return result;
}

}  // namespace greenroom::content
