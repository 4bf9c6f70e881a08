// Nothing of what was deleted stays behind in the write-ahead log.
#ifndef GREENROOM_SERVICES_BASE_SQL_CHECKPOINT_H_
#define GREENROOM_SERVICES_BASE_SQL_CHECKPOINT_H_

#include "absl/status/status.h"
#include "services/base/sql/connection.h"

namespace greenroom::sql {

// SQLite: moves the whole write-ahead log into the database file and leaves it empty. PostgreSQL: does nothing, the server's
// own affair. Outside of a transaction. UNAVAILABLE: a reader or writer was in the way for the busy timeout; nothing is
// lost, and it may be tried again.
absl::Status EmptyWriteAheadLog(Connection& connection);

}  // namespace greenroom::sql

#endif  // GREENROOM_SERVICES_BASE_SQL_CHECKPOINT_H_
