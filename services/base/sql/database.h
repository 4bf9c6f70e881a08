// A SQL database behind a URL: where connections come from.
//
//   Database                     main owns it, first made, last destroyed
//     Migrate(connection, ...)   migrations.h, before anything else uses the database
//     ReaderPool, Writer         reader_pool.h, writer.h: blocking functions on threads of their own, awaited
//     GroupCommitter             group_committer.h: the append path of the log
//
// Threads: nothing here runs on a caller's thread except what says so. ReaderPool resumes on its own threads; Writer and
// GroupCommitter on the database's completion threads. (An answer that comes before the awaiting coroutine has suspended
// is taken where it was awaited, as everywhere, see task.h.)
#ifndef GREENROOM_SERVICES_BASE_SQL_DATABASE_H_
#define GREENROOM_SERVICES_BASE_SQL_DATABASE_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "services/base/sql/completion_executor.h"
#include "services/base/sql/connection.h"
#include "services/base/sql/reconnects.h"
#include "services/base/sql/store_failure.h"
#include "services/base/sql/write_turns.h"

namespace greenroom::sql {

struct DatabaseOptions {
  // How long a statement waits for a lock that another connection or process holds, before UNAVAILABLE.
  absl::Duration busy_timeout = absl::Seconds(2);
  // PostgreSQL: how long a statement may run where no deadline says less.
  absl::Duration statement_timeout = absl::Seconds(30);
  // SQLite: pages in the write-ahead log after which a commit moves them into the file.
  int wal_autocheckpoint_pages = 1000;
  // Prepared statements that each connection keeps.
  int cached_statements = 64;
  // Threads that resume what waits for Writer and GroupCommitter.
  int completion_threads = 2;
  // The clock that deadlines are compared with.
  std::function<absl::Time()> now = absl::Now;
  // Called once, on the thread that met it, when committing meets a store I/O error. Must not return in production.
  std::function<void(const absl::Status&)> on_store_io_error = ExitOnStoreIoError;

  absl::Status Validate() const;
};

class Database {
 public:
  // SQLite: "sqlite:" and a file path, absolute ("sqlite:/var/lib/x.db") or relative ("sqlite:x.db"); the file is made
  // when it is absent, its folder is not. The path may not hold '=' or '"', and is no URL: nothing in it is escaped, and
  // neither ":memory:" nor "file:" is special. Runs with journal_mode=WAL, synchronous=FULL, foreign_keys=ON: a commit
  // that was reported survives the loss of power.
  // PostgreSQL 13 or later: a connection URI as libpq takes it (its manual, section 34.1.1.2), such as
  // "postgresql://user@first,second/greenroom?sslmode=verify-full&sslrootcert=/ca.pem"; a password may also come from
  // PGPASSWORD or PGPASSFILE. Of several hosts the one that takes writes is used, for reads too. Waits for the synchronous standby where the server has one.
  // Lost connections are made anew when they are next used. A peer that has vanished is noticed in about three seconds,
  // on either side: the server then ends the transaction that was open. One that stands still inside a transaction loses
  // it after statement_timeout. Fails with
  //   INVALID_ARGUMENT     another scheme, a bad path, URI or options
  //   UNAVAILABLE          the file cannot be opened or stays locked; no server, or it refuses us
  //   DATA_LOSS            the file is no database
  //   FAILED_PRECONDITION  the file system cannot hold a write-ahead log; the server's encoding is not UTF8, or it runs
  //                        with fsync or full_page_writes off
  static absl::StatusOr<std::unique_ptr<Database>> Open(absl::string_view url, DatabaseOptions options = {});

  // Every Connection, ReaderPool, Writer and GroupCommitter of it must be gone. Runs the completions still queued.
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // A connection of the caller's own: for migrations, tools and tests. Thread-safe.
  absl::StatusOr<std::unique_ptr<Connection>> Connect(Access access = Access::kWrite);

  DialectName dialect() const { return dialect_; }
  const DatabaseOptions& options() const { return options_; }
  CompletionExecutor& completions() { return completions_; }

 private:
  Database(DialectName dialect, std::string target, DatabaseOptions options);

  friend class Connection;

  const DialectName dialect_;
  const std::string target_;  // a path; a conninfo
  const DatabaseOptions options_;
  WriteTurns write_turns_;
  Reconnects reconnects_;
  CompletionExecutor completions_;
};

}  // namespace greenroom::sql

#endif  // GREENROOM_SERVICES_BASE_SQL_DATABASE_H_
