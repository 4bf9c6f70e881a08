#include "services/base/sql/checkpoint.h"

#include "services/base/task.h"

namespace greenroom::sql {

absl::Status EmptyWriteAheadLog(Connection& connection) {
  if (connection.dialect() != DialectName::kSqlite) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Rows rows, connection.Query("PRAGMA wal_checkpoint(TRUNCATE)"));
  int64_t busy = 1, pages = 0, moved = 0;
  if (rows.size() != 1 || !rows[0].Read(busy, pages, moved).ok()) {
    return absl::InternalError("the checkpoint's answer cannot be read");
  }
  return busy == 0 ? absl::OkStatus() : absl::UnavailableError("the write-ahead log is in use");
}

}  // namespace greenroom::sql
