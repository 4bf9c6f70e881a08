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
  // The version that a program must know at least to work with the schema once this step is applied. 1, every program:
  // the step only expands, as a step must while programs of the release before run beside this one. A step that takes
  // away or changes what is there names the first version whose programs do without it, and comes a release later.
  int compatible_since = 1;
};

// Brings the schema to the last of `migrations`, or leaves it as it is where a newer program has brought it further and
// every step since says that it is compatible with this one: in an upgrade a process of the release before may start
// after the first of the new release has. All that is missing is applied in one transaction, so it happens wholly
// or not at all, and processes that start at once apply it once: the others wait, up to the busy timeout. What is
// applied is recorded in a table (version, name, checksum, applied_time in ms since 1970, compatible_since):
// schema_migrations in a SQLite file, which holds one component, and `component`_schema_migrations on PostgreSQL, where
// several may share a database. Tables of the first release lack compatible_since: it comes with the next step.
// Applying again does nothing and takes no write lock. Call it outside a transaction.
//   INVALID_ARGUMENT     the versions are not 1, 2, 3 ..., or one is compatible since none from 1 to itself
//   FAILED_PRECONDITION  the database is of a newer release that this program cannot work with, or the text or name of an
//                        applied version has changed; nothing was done
//   UNAVAILABLE          locked or full
//   any other            a statement failed; the message names version and statement; nothing was done
absl::Status Migrate(Connection& connection, absl::string_view component,
                     absl::Span<const Migration> migrations);

}  // namespace greenroom::sql

#endif  // GREENROOM_SERVICES_BASE_SQL_MIGRATIONS_H_
