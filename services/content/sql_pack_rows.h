// The tables of SqlPackStore: their schema, and their rows as records.
#ifndef GREENROOM_SERVICES_CONTENT_SQL_PACK_ROWS_H_
#define GREENROOM_SERVICES_CONTENT_SQL_PACK_ROWS_H_

#include <google/protobuf/message.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/base/sql/connection.h"
#include "services/base/sql/migrations.h"
#include "services/content/store.h"

namespace greenroom::content::sql_rows {

const std::vector<sql::Migration>& Migrations();

// Protobuf JSON with the fields' own names.
absl::StatusOr<std::string> ToJson(const google::protobuf::Message& message);
// DATA_LOSS where it is not readable. What a newer release has added is passed over.
absl::Status FromJson(const std::string& json, google::protobuf::Message& message);

// Each runs inside the caller's transaction. nullopt where there is no such row.
absl::StatusOr<std::optional<PackRecord>> FindPack(sql::Connection& c, const std::string& tenant,
                                                   const std::string& pack);
absl::StatusOr<std::optional<RevisionRecord>> FindRevision(sql::Connection& c, const std::string& tenant,
                                                           const std::string& pack,
                                                           const std::string& revision);
// At most `limit` with a change number below `before`, highest first.
absl::StatusOr<std::vector<RevisionRecord>> RevisionsBefore(sql::Connection& c, const std::string& tenant,
                                                            const std::string& pack, int64_t before,
                                                            int limit);
// 0 for a tenant that has written nothing.
absl::StatusOr<int64_t> TenantVersion(sql::Connection& c, const std::string& tenant);
// What changed after `after_version`: all by id, or where `limit` is given so many in the order of their change.
absl::StatusOr<PackChanges> ChangesAfter(sql::Connection& c, const std::string& tenant, int64_t after_version,
                                         std::optional<int> limit);
// kReplayed or kIdReused for a request that was carried out.
absl::StatusOr<std::optional<WriteResult>> Replayed(sql::Connection& c, const std::string& tenant,
                                                    const RequestKey& request);

}  // namespace greenroom::content::sql_rows

#endif  // GREENROOM_SERVICES_CONTENT_SQL_PACK_ROWS_H_
