// InMemoryPackStore: a PackStore for tests, with a switch for faults.
#ifndef GREENROOM_SERVICES_CONTENT_IN_MEMORY_STORE_H_
#define GREENROOM_SERVICES_CONTENT_IN_MEMORY_STORE_H_

#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "services/content/store.h"

namespace greenroom::content {

// Answers at once on the caller's thread, unless told otherwise.
class InMemoryPackStore final : public PackStore {
 public:
  explicit InMemoryPackStore(std::string epoch = "memory") : epoch_(std::move(epoch)) {}
  // Waits for calls that are stalled.
  ~InMemoryPackStore() override;

  // From now on every call fails with `error` before it does anything; OK ends it.
  void FailWith(absl::Status error);
  // From now on every call waits for Resume or its deadline before it does anything.
  void Stall();
  // Lets those that wait and all that come go on.
  void Resume();
  // Blocks until so many calls wait.
  void WaitForStalled(int calls);
  // How many calls have been made.
  int calls() const;

  Task<absl::StatusOr<PackChanges>> ListChanges(const Caller& caller, int64_t after_version,
                                                absl::Time deadline) override;
  Task<absl::StatusOr<PackChanges>> NextChanges(const Caller& caller, int64_t after_version, int limit,
                                                absl::Time deadline) override;
  Task<absl::StatusOr<std::optional<PackRecord>>> GetPack(const Caller& caller, std::string pack,
                                                          absl::Time deadline) override;
  Task<absl::StatusOr<std::optional<v1::PackContent>>> GetDraft(const Caller& caller, std::string pack,
                                                                absl::Time deadline) override;
  Task<absl::StatusOr<std::optional<v1::PackContent>>> GetRevision(const Caller& caller, std::string pack,
                                                                   std::string revision,
                                                                   absl::Time deadline) override;
  Task<absl::StatusOr<std::vector<RevisionRecord>>> ListRevisions(const Caller& caller, std::string pack,
                                                                  int64_t before, int limit,
                                                                  absl::Time deadline) override;
  Task<absl::StatusOr<std::optional<WriteResult>>> FindRequest(const Caller& caller, RequestKey request,
                                                               absl::Time deadline) override;
  Task<absl::StatusOr<WriteResult>> SaveDraft(const Caller& caller, v1::PackContent content,
                                              std::string revision, int64_t version, RequestKey request,
                                              absl::Time now, absl::Time deadline) override;
  Task<absl::StatusOr<WriteResult>> Publish(const Caller& caller, std::string pack, std::string revision,
                                            int64_t version, RequestKey request, absl::Time now,
                                            absl::Time deadline) override;
  Task<absl::StatusOr<WriteResult>> SetDeleted(const Caller& caller, std::string pack, bool deleted,
                                               int64_t version, RequestKey request, absl::Time now,
                                               absl::Time deadline) override;

 private:
  struct StoredPack {
    PackRecord record;
    std::optional<v1::PackContent> draft;
    std::map<std::string, std::pair<RevisionRecord, v1::PackContent>> revisions;
  };
  struct Request {
    std::string digest;
    std::string pack;
    std::string revision;  // of a publication
  };
  struct Tenant {
    int64_t version = 0;
    int64_t change_number = 0;
    std::map<std::string, StoredPack> packs;
    std::map<std::string, Request> requests;
  };

  // What stands before every call.
  Task<absl::Status> Enter(absl::Time deadline);
  std::optional<WriteResult> Replayed(Tenant& tenant, const RequestKey& request)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The pack as it is, and kWritten or why it may not be written; Count says that it was.
  static WriteResult Look(Tenant& tenant, const std::string& pack, int64_t version);
  static void Count(Tenant& tenant, PackRecord& record, const RequestKey& request,
                    const std::string& revision, WriteResult& result);

  const std::string epoch_;
  mutable absl::Mutex mutex_;
  std::map<std::string, Tenant> tenants_ ABSL_GUARDED_BY(mutex_);
  absl::Status error_ ABSL_GUARDED_BY(mutex_);
  bool stalled_ ABSL_GUARDED_BY(mutex_) = false;
  int waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::thread> waiters_ ABSL_GUARDED_BY(mutex_);
  int calls_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace greenroom::content

#endif  // GREENROOM_SERVICES_CONTENT_IN_MEMORY_STORE_H_
