// PackStore: the port to where packs are kept. This comment and those below are its contract; store_contract.h holds
// every implementation to it.
#ifndef GREENROOM_SERVICES_CONTENT_STORE_H_
#define GREENROOM_SERVICES_CONTENT_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "greenroom/content/v1/pack.pb.h"
#include "services/base/caller.h"
#include "services/base/task.h"

namespace greenroom::content {

// What is known of a pack without its content.
struct PackRecord {
  std::string pack;
  // 1 when the pack is new; grows with every write of it. Its etag.
  int64_t version = 0;
  // The tenant's version when the pack was last written; no two packs of a tenant have the same.
  int64_t changed_at = 0;
  // The fields of the resource that follow from the content: of the current revision, or of the draft where nothing is
  // published. `name`, `revision`, `publish_time`, `etag` and `has_draft` are not set in it.
  v1::Pack summary;
  // The revision that the draft would be. Empty: the pack has no draft that differs from what is published.
  std::string draft;
  // The published revision. Empty: nothing is published.
  std::string current;
  // When `current` was published first; InfinitePast where it is empty.
  absl::Time publish_time = absl::InfinitePast();
  // Since when it is deleted; nullopt while it is not. What else is known of it stays.
  std::optional<absl::Time> delete_time;
  // Whether learners have ever seen it: it was published for practice, whatever it is now.
  bool shown_to_learners = false;
};

// Whether learners see the pack: published, for practice, not deleted.
inline bool IsForLearners(const PackRecord& pack) {
  return !pack.current.empty() && pack.summary.visibility() != v1::VISIBILITY_EXAM && !pack.delete_time;
}

struct RevisionRecord {
  std::string revision;
  absl::Time publish_time = absl::InfinitePast();  // the first time
  int question_count = 0;
  int64_t change_number = 0;  // of its first publication; distinct in the tenant
};

// A tenant's packs that changed after a version of the tenant.
struct PackChanges {
  // Of the store: random, made when the store is created or a backup of it restored. Versions of one epoch mean nothing
  // in another.
  std::string epoch;
  int64_t tenant_version = 0;  // what was read, for the next question; 0 for a tenant without packs
  std::vector<PackRecord> packs;
};

// What makes a write idempotent.
struct RequestKey {
  std::string id;      // a UUID in lower case
  std::string digest;  // of everything that says what is meant, the method included
};

struct WriteResult {
  enum class Outcome {
    kWritten,
    kReplayed,          // a request with this key was carried out before; `pack` is as it is now
    kIdReused,          // the id was used for something else; nothing else is set
    kPackNotFound,      // nothing else is set
    kEtagMismatch,      // `pack` is as it is now
    kNothingToPublish,  // `pack` is as it is now
    kDraftChanged,      // the draft is not the one that was to be published; `pack` is as it is now
    kPackDeleted,       // `pack` is as it is now
    kNotDeleted,        // `pack` is as it is now
  };
  Outcome outcome = Outcome::kWritten;
  PackRecord pack;
  // Publish only: the revision that was (or had been) published.
  RevisionRecord revision;
  // The tenant's version after a write.
  int64_t tenant_version = 0;
};

// Thread-safe. Every call sees the packs of `caller.tenant` only; `caller` is borrowed until the Task has ended. Each
// call ends by its deadline with DEADLINE_EXCEEDED, which says of a write that nothing was written or that it cannot be
// known: repeat it with its key. UNAVAILABLE: the store cannot do it now, and nothing was written. Writes are durable
// when they are answered, and seen by every read that begins afterwards. Reads return nullopt for what is absent.
class PackStore {
 public:
  virtual ~PackStore() = default;

  // Packs with a change after the tenant had `after_version` (0: all packs), by id, in one consistent view. Deleted
  // packs are among them.
  virtual Task<absl::StatusOr<PackChanges>> ListChanges(const Caller& caller, int64_t after_version,
                                                        absl::Time deadline) = 0;

  // The same in the order of `changed_at`, and at most `limit` of them.
  virtual Task<absl::StatusOr<PackChanges>> NextChanges(const Caller& caller, int64_t after_version,
                                                        int limit, absl::Time deadline) = 0;

  virtual Task<absl::StatusOr<std::optional<PackRecord>>> GetPack(const Caller& caller, std::string pack,
                                                                  absl::Time deadline) = 0;

  // The draft's content.
  virtual Task<absl::StatusOr<std::optional<v1::PackContent>>> GetDraft(const Caller& caller,
                                                                        std::string pack,
                                                                        absl::Time deadline) = 0;

  // A published revision's content, whether current or not.
  virtual Task<absl::StatusOr<std::optional<v1::PackContent>>> GetRevision(const Caller& caller,
                                                                           std::string pack,
                                                                           std::string revision,
                                                                           absl::Time deadline) = 0;

  // At most `limit` revisions with a change number below `before` (InfiniteFuture of numbers: INT64_MAX), highest first.
  // Empty for a pack that there is not.
  virtual Task<absl::StatusOr<std::vector<RevisionRecord>>> ListRevisions(const Caller& caller,
                                                                          std::string pack, int64_t before,
                                                                          int limit, absl::Time deadline) = 0;

  // What a write answered to this key: kReplayed or kIdReused; nullopt where the id is new.
  virtual Task<absl::StatusOr<std::optional<WriteResult>>> FindRequest(const Caller& caller,
                                                                       RequestKey request,
                                                                       absl::Time deadline) = 0;

  // Each write is one transaction, and first of all looks whether its request was carried out before: kReplayed and
  // kIdReused come before every other outcome. Where its `version` is not 0 and not the pack's: kEtagMismatch.

  // Makes `content` (whose revision id is `revision`) the draft of its pack, which is created where it is new and
  // `version` is 0 (else kPackNotFound). A draft that equals the current revision is no draft: the old one is gone then.
  // kPackDeleted: the pack is deleted, whatever its version.
  virtual Task<absl::StatusOr<WriteResult>> SaveDraft(const Caller& caller, v1::PackContent content,
                                                      std::string revision, int64_t version,
                                                      RequestKey request, absl::Time now,
                                                      absl::Time deadline) = 0;

  // Makes the draft the current revision, if it still is `revision` (else kDraftChanged). A revision that was published
  // before keeps its record. The change number of a new one comes from the tenant's counter, locked in this transaction:
  // numbers follow the order of commits without gaps. Else kPackNotFound, kPackDeleted, kNothingToPublish.
  virtual Task<absl::StatusOr<WriteResult>> Publish(const Caller& caller, std::string pack,
                                                    std::string revision, int64_t version, RequestKey request,
                                                    absl::Time now, absl::Time deadline) = 0;

  // Deletes the pack from `now` on, or brings it back. Nothing of it is lost: reads of its draft and its revisions are
  // answered as before. Else kPackNotFound; kPackDeleted or kNotDeleted where it is so already, whatever its version.
  virtual Task<absl::StatusOr<WriteResult>> SetDeleted(const Caller& caller, std::string pack, bool deleted,
                                                       int64_t version, RequestKey request, absl::Time now,
                                                       absl::Time deadline) = 0;
};

}  // namespace greenroom::content

#endif  // GREENROOM_SERVICES_CONTENT_STORE_H_
