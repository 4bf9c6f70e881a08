// What SQL failures mean, the same for every driver.
//
//   UNAVAILABLE          locked, full or out of reach: nothing of the transaction was done; repeat later
//   DEADLINE_EXCEEDED    the connection's deadline passed; nothing of the transaction was done
//   ABORTED              another transaction was in the way (deadlock, serialisation): the same again can succeed.
//                        Inside this folder only: Writer and GroupCommitter repeat, and answer UNAVAILABLE in the end
//   ALREADY_EXISTS       a unique key is taken
//   FAILED_PRECONDITION  another constraint, or a store that may not be written
//   INVALID_ARGUMENT     the statement, its values or the URL
//   DATA_LOSS            the file is damaged or no database
//   INTERNAL             the statement does not fit the schema, or a bug
//
// Messages never carry the values of a statement.
#ifndef GREENROOM_SERVICES_BASE_SQL_STORE_FAILURE_H_
#define GREENROOM_SERVICES_BASE_SQL_STORE_FAILURE_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace greenroom::sql {

// The exit code of a process whose store failed to read, write or sync its file while committing (EX_IOERR). After a
// failed fsync the kernel may have dropped what it could not write and report success the next time, so the process
// ends and the store's own recovery decides what was committed. Restart it.
inline constexpr int kExitStoreIoError = 74;

// UNAVAILABLE, marked so that IsStoreIoError knows it.
absl::Status StoreIoError(absl::string_view message);
// Whether `status` reports such a failure, anywhere (a read may fail so too, and does not end the process).
bool IsStoreIoError(const absl::Status& status);

// UNAVAILABLE, marked so that IsCommitUnknown knows it: the connection broke while committing, so all of the transaction
// may have been done, or none, or all may yet be done by a server that is still at it.
absl::Status CommitUnknown(const absl::Status& cause);
bool IsCommitUnknown(const absl::Status& status);

// Writes the reason to standard error and ends the process at once with kExitStoreIoError: no destructors, no flushing
// of anything. What DatabaseOptions::on_store_io_error does unless told otherwise.
void ExitOnStoreIoError(const absl::Status& status);

}  // namespace greenroom::sql

#endif  // GREENROOM_SERVICES_BASE_SQL_STORE_FAILURE_H_
