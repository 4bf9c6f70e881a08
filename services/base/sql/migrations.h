// Schema versions.
#ifndef GREENROOM_SERVICES_BASE_SQL_MIGRATIONS_H_
#define GREENROOM_SERVICES_BASE_SQL_MIGRATIONS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "services/base/sql/connection.h"

namespace greenroom::sql {

// One step of the schema. Once it is released its text never changes: a later step changes what it made.
struct Migration {
  int version = 0;  // 1, 2, 3 ... without gaps
  std::string name;
  std::vector<std::string>
      statements;  // one SQL statement each, without parameters, in the words of spelling.h
};

// Brings the schema to the last of `migrations`. All that is missing is applied in one transaction, so it happens wholly
// or not at all, and processes that start at once apply it once: the others wait, up to the busy timeout. What is
// applied is recorded in a table (version, name, checksum, applied_time in ms since 1970): schema_migrations in a SQLite
// file, which holds one component, and `component`_schema_migrations on PostgreSQL, where several may share a database.
// Applying again does nothing and takes no write lock. Call it outside a transaction.
//   INVALID_ARGUMENT     the versions are not 1, 2, 3 ...
//   FAILED_PRECONDITION  the database is of a newer release (holds a version unknown here), or the text or name of an
//                        applied version has changed; nothing was done
//   UNAVAILABLE          locked or full
//   any other            a statement failed; the message names version and statement; nothing was done
absl::Status Migrate(Connection& connection, absl::string_view component,
                     absl::Span<const Migration> migrations);

}  // namespace greenroom::sql

#endif  // GREENROOM_SERVICES_BASE_SQL_MIGRATIONS_H_
