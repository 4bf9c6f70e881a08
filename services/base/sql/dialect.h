// Internal to this folder: what differs between the SQL drivers, and the only header here that sees SOCI.
//
// A driver is one subclass and one function that opens it; connection.cc does everything else for all of them.
#ifndef GREENROOM_SERVICES_BASE_SQL_DIALECT_H_
#define GREENROOM_SERVICES_BASE_SQL_DIALECT_H_

#include <soci/soci.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/base/sql/connection.h"
#include "services/base/sql/database.h"

namespace greenroom::sql {

enum class Transaction { kNone, kRead, kAppend, kWrite };

// One open connection of a driver. As SOCI does, its functions may throw soci::soci_error where they say so.
class Dialect {
 public:
  virtual ~Dialect() = default;

  virtual DialectName name() const = 0;
  virtual soci::session& session() = 0;
  virtual size_t max_parameters() const = 0;
  // Whether whoever writes keeps all others from writing, so that they had better take turns.
  virtual bool one_writer() const = 0;

  // Settings of a new connection, made through `connection`, which is this one.
  virtual absl::Status Configure(Connection& connection, Access access) = 0;

  // The text in the driver's own spelling of parameters. INVALID_ARGUMENT where it can be told from the text alone that
  // it holds no statement or several.
  virtual absl::StatusOr<std::string> Spell(absl::string_view sql) const { return std::string(sql); }

  // May throw. `kind` is not kNone.
  virtual void Begin(Transaction kind) = 0;
  virtual void Commit() = 0;
  virtual void Rollback() = 0;
  // False outside of a transaction, and when the driver has ended one by itself after an error.
  virtual bool InTransaction() = 0;
  // The connection is gone and serves no more.
  virtual bool Lost() { return false; }

  // From now on statements that run or wait for a lock beyond `deadline` fail, and StatusOf says DEADLINE_EXCEEDED.
  virtual void SetDeadline(absl::Time deadline) = 0;

  // About a statement that is prepared: INVALID_ARGUMENT where `sql` holds more than one statement or not
  // `parameters` parameters.
  virtual absl::Status Check(soci::details::statement_backend& statement, absl::string_view sql,
                             size_t parameters) = 0;
  // About the row that a statement stands on.
  virtual size_t Columns(soci::details::statement_backend& statement) = 0;
  virtual SqlValue Column(soci::details::statement_backend& statement, size_t column) = 0;
  // The rows that the statement's execution inserted, updated or deleted; asked once, before Finish.
  virtual int64_t Changes(soci::details::statement_backend& statement) = 0;
  // Ends a statement's execution, whether all of its rows were taken or not, and lets go of locks and values.
  virtual void Finish(soci::details::statement_backend& statement) = 0;

  // What an error means, see store_failure.h. The text holds no values: SOCI's own what() would.
  virtual absl::Status StatusOf(const soci::soci_error& error) = 0;
};

// The SQLite file at `path`. `options` must outlive the dialect.
absl::StatusOr<std::unique_ptr<Dialect>> OpenSqlite(const std::string& path, const DatabaseOptions& options);

// The PostgreSQL database that `conninfo` (libpq's keywords and values) leads to. `options` must outlive the dialect.
absl::StatusOr<std::unique_ptr<Dialect>> OpenPostgres(const std::string& conninfo, Access access,
                                                      const DatabaseOptions& options);
// `url` as the conninfo of OpenPostgres, with our defaults where it says nothing. INVALID_ARGUMENT.
absl::StatusOr<std::string> PostgresConninfo(absl::string_view url);

}  // namespace greenroom::sql

#endif  // GREENROOM_SERVICES_BASE_SQL_DIALECT_H_
