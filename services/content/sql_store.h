// SqlPackStore: packs in a SQL database.
#ifndef GREENROOM_SERVICES_CONTENT_SQL_STORE_H_
#define GREENROOM_SERVICES_CONTENT_SQL_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/base/sql/database.h"
#include "services/base/sql/reader_pool.h"
#include "services/base/sql/writer.h"
#include "services/content/store.h"

namespace greenroom::content {

// Brings the schema up to date; before the store is used. Errors as of sql::Migrate.
absl::Status PreparePackStore(sql::Database& database);

// Gives the store another epoch. After a backup was restored: its versions would come to mean something else than to
// those who have asked before.
absl::Status BeginEpoch(sql::Database& database, const std::string& epoch);

// Contents are kept as protobuf JSON, so that what was published stays readable whatever becomes of the YAML reader.
class SqlPackStore final : public PackStore {
 public:
  // Both must outlive the store and every call of it; the schema is up to date.
  SqlPackStore(sql::ReaderPool& readers, sql::Writer& writer) : readers_(readers), writer_(writer) {}

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
  sql::ReaderPool& readers_;
  sql::Writer& writer_;
};

}  // namespace greenroom::content

#endif  // GREENROOM_SERVICES_CONTENT_SQL_STORE_H_
