// One connection to a SQL database.
#ifndef GREENROOM_SERVICES_BASE_SQL_CONNECTION_H_
#define GREENROOM_SERVICES_BASE_SQL_CONNECTION_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "services/base/sql/value.h"

namespace greenroom::sql {

class Database;

enum class DialectName { kSqlite, kPostgres };
// kRead refuses whatever would write.
enum class Access { kRead, kWrite };

// Used by one thread at a time; every call blocks that thread. Made by Database::Connect; the database must outlive it.
//
// A statement is one SQL statement with `?` for each parameter, in order (outside of literals and comments). Values go
// in as parameters, never into the text: statements are prepared once and kept by their text (the most recently used
// DatabaseOptions::cached_statements of them). PostgreSQL takes a parameter's type from its place in the statement, and
// refuses one that it kept when a change of the schema has changed its columns: name the columns.
class Connection {
 public:
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // All rows that the statement yields; for what changes data, those of its RETURNING.
  absl::StatusOr<Rows> Query(absl::string_view sql, absl::Span<const SqlValue> parameters = {});

  // Runs a statement and counts the rows that it inserted, updated or deleted (0 for any other statement).
  absl::StatusOr<int64_t> Execute(absl::string_view sql, absl::Span<const SqlValue> parameters = {});

  // A transaction. Begin* fails inside of one (no nesting), and makes a lost connection anew. Once anything has failed in
  // it, every later statement and Commit fail likewise, on every driver: what may fail is asked for first, or written
  // with ON CONFLICT. A failed Commit has rolled back, except where it is a store I/O error (see below) or nobody knows
  // (IsCommitUnknown, store_failure.h). Rollback outside of a transaction does nothing.
  absl::Status BeginRead();  // one snapshot for all that follows
  // To write beside others where the driver can (PostgreSQL, READ COMMITTED): what was read may have changed when it is
  // committed. On SQLite the same as BeginWrite.
  absl::Status BeginAppend();
  // Takes the database's write lock now, waiting for it up to the busy timeout, so that what is read stays true. SQLite:
  // in turn among the connections of one Database, by trying again among processes. PostgreSQL: an advisory lock, among
  // those who use this function.
  absl::Status BeginWrite();
  absl::Status Commit();
  void Rollback();

  // Statements that are still running, or waiting for a lock, at `deadline` end with DEADLINE_EXCEEDED; Commit and
  // Rollback always run. Stands until it is set again; InfiniteFuture at first. On PostgreSQL it takes effect with Begin*,
  // and each of the transaction's statements has what was left then.
  void SetDeadline(absl::Time deadline);

  DialectName dialect() const;
  // The most parameters that one statement may have.
  size_t max_parameters() const;

  // From BeginWrite to the end of Commit a store I/O error (store_failure.h) calls DatabaseOptions::on_store_io_error,
  // which does not return in production. If it does (tests), the connection is dead: every later call fails likewise.

 private:
  friend class Database;
  struct Impl;
  static absl::StatusOr<std::unique_ptr<Connection>> Open(Database& database, Access access);
  Connection();
  std::unique_ptr<Impl> impl_;
};

}  // namespace greenroom::sql

#endif  // GREENROOM_SERVICES_BASE_SQL_CONNECTION_H_
