// What SqlPackStore's writes do inside their transaction.
#ifndef GREENROOM_SERVICES_CONTENT_SQL_PACK_WRITES_H_
#define GREENROOM_SERVICES_CONTENT_SQL_PACK_WRITES_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/base/sql/connection.h"
#include "services/content/store.h"

namespace greenroom::content::sql_writes {

// As the methods of PackStore of these names. The caller's transaction holds the database's write lock; an error means
// that it must be rolled back. `json` is `content` as sql_rows::ToJson writes it.
absl::StatusOr<WriteResult> SaveDraft(sql::Connection& c, const std::string& tenant,
                                      const v1::PackContent& content, const std::string& json,
                                      const std::string& revision, int64_t version, const RequestKey& request,
                                      absl::Time now);
absl::StatusOr<WriteResult> Publish(sql::Connection& c, const std::string& tenant, const std::string& pack,
                                    const std::string& revision, int64_t version, const RequestKey& request,
                                    absl::Time now);
absl::StatusOr<WriteResult> SetDeleted(sql::Connection& c, const std::string& tenant, const std::string& pack,
                                       bool deleted, int64_t version, const RequestKey& request,
                                       absl::Time now);

}  // namespace greenroom::content::sql_writes

#endif  // GREENROOM_SERVICES_CONTENT_SQL_PACK_WRITES_H_
