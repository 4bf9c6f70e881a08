#include <soci/sqlite3/soci-sqlite3.h>  // declares SQLite's own functions too, inside namespace sqlite_api

#include <algorithm>
#include <exception>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/base/sql/dialect.h"
#include "services/base/sql/store_failure.h"

namespace greenroom::sql {
namespace {

using ::soci::details::statement_backend;

absl::Status StatusOfCode(int code, absl::string_view message) {
  const std::string text = absl::StrCat(message, " (SQLite ", code, ")");
  switch (code & 0xff) {
    case SQLITE_IOERR:
      return StoreIoError(text);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:  // the locks of the write-ahead log could not be had in many tries
    case SQLITE_FULL:
    case SQLITE_CANTOPEN:
    case SQLITE_NOMEM:
      return absl::UnavailableError(text);
    case SQLITE_INTERRUPT:
      return absl::DeadlineExceededError(text);
    case SQLITE_CONSTRAINT:
      if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY ||
          code == SQLITE_CONSTRAINT_ROWID) {
        return absl::AlreadyExistsError(text);
      }
      return absl::FailedPreconditionError(text);
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return absl::FailedPreconditionError(text);
    case SQLITE_TOOBIG:
    case SQLITE_RANGE:
      return absl::InvalidArgumentError(text);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::DataLossError(text);
    default:
      return absl::InternalError(text);
  }
}

absl::Status StatusOfError(const soci::soci_error& error) {
  const auto* sqlite_error = dynamic_cast<const soci::sqlite3_soci_error*>(&error);
  // get_error_message() is without the statement's values, which what() would add.
  return StatusOfCode(sqlite_error != nullptr ? sqlite_error->result() : SQLITE_ERROR,
                      error.get_error_message());
}

// SOCI does not export the type information of its backends, which UBSan's vptr check of a downcast would need.
__attribute__((no_sanitize("vptr"))) sqlite_api::sqlite3* HandleOf(soci::session& session) {
  return static_cast<soci::sqlite3_session_backend*>(session.get_backend())->conn_;
}
__attribute__((no_sanitize("vptr"))) sqlite_api::sqlite3_stmt* HandleOf(statement_backend& statement) {
  return static_cast<soci::sqlite3_statement_backend&>(statement).stmt_;
}

class SqliteDialect final : public Dialect {
 public:
  SqliteDialect(const std::string& path, const DatabaseOptions& options)
      : options_(options),
        // A path that is no option list (it has no '=') is taken as it is.
        session_(soci::sqlite3, path),
        connection_(HandleOf(session_)) {
    sqlite_api::sqlite3_extended_result_codes(connection_, 1);
    SetDeadline(absl::InfiniteFuture());
  }

  DialectName name() const override { return DialectName::kSqlite; }
  soci::session& session() override { return session_; }
  size_t max_parameters() const override {
    return static_cast<size_t>(sqlite_api::sqlite3_limit(connection_, SQLITE_LIMIT_VARIABLE_NUMBER, -1));
  }
  bool one_writer() const override { return true; }
  void Begin(Transaction kind) override {
    Run(kind == Transaction::kRead ? "BEGIN DEFERRED" : "BEGIN IMMEDIATE");
  }
  void Commit() override { Run("COMMIT"); }
  void Rollback() override { Run("ROLLBACK"); }
  bool InTransaction() override { return sqlite_api::sqlite3_get_autocommit(connection_) == 0; }

  absl::Status Configure(Connection& connection, Access access) override;
  void SetDeadline(absl::Time deadline) override;
  absl::Status Check(statement_backend& statement, absl::string_view sql, size_t parameters) override;

  size_t Columns(statement_backend& statement) override {
    return static_cast<size_t>(sqlite_api::sqlite3_column_count(HandleOf(statement)));
  }
  SqlValue Column(statement_backend& statement, size_t column) override;
  int64_t Changes(statement_backend&) override {
    // What the last changing statement changed is not cleared by one that changes nothing.
    const bool changed = sqlite_api::sqlite3_total_changes(connection_) != counted_changes_;
    return changed ? sqlite_api::sqlite3_changes(connection_) : 0;
  }
  void Finish(statement_backend& statement) override {
    sqlite_api::sqlite3_reset(HandleOf(statement));
    sqlite_api::sqlite3_clear_bindings(HandleOf(statement));
    counted_changes_ = sqlite_api::sqlite3_total_changes(connection_);
  }

  absl::Status StatusOf(const soci::soci_error& error) override {
    if (checkpoint_error_ != SQLITE_OK)
      return StatusOfCode(checkpoint_error_, "moving the log into the database file");
    absl::Status status = StatusOfError(error);
    if (absl::IsUnavailable(status) && !IsStoreIoError(status) && options_.now() >= deadline_) {
      return absl::DeadlineExceededError(status.message());
    }
    return status;
  }

 private:
  void Run(const char* sql) {
    const int code = sqlite_api::sqlite3_exec(connection_, sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) throw soci::sqlite3_soci_error(sqlite_api::sqlite3_errmsg(connection_), code);
  }

  // Runs every so many steps of a statement that has a deadline; anything but 0 ends the statement.
  static int OnProgress(void* self) {
    const auto* dialect = static_cast<SqliteDialect*>(self);
    return dialect->options_.now() >= dialect->deadline_ ? 1 : 0;
  }

  // SQLite's own automatic checkpoint drops its errors. A checkpoint that cannot write or sync is a failed commit path
  // all the same, so this one lets the COMMIT fail, with no more of a code than SQLITE_ERROR: StatusOf knows why. Not
  // being able to run just now is no failure.
  static int OnCommit(void* self, sqlite_api::sqlite3* connection, const char* database, int pages) {
    auto* dialect = static_cast<SqliteDialect*>(self);
    if (pages < dialect->options_.wal_autocheckpoint_pages) return SQLITE_OK;
    const int code = sqlite_api::sqlite3_wal_checkpoint_v2(connection, database, SQLITE_CHECKPOINT_PASSIVE,
                                                           nullptr, nullptr);
    if ((code & 0xff) != SQLITE_IOERR) return SQLITE_OK;
    dialect->checkpoint_error_ = code;
    return code;
  }

  const DatabaseOptions& options_;
  soci::session session_;
  sqlite_api::sqlite3* const connection_;
  absl::Time deadline_ = absl::InfiniteFuture();
  int checkpoint_error_ = SQLITE_OK;
  int counted_changes_ = 0;  // SQLite's count of all changes when the last statement ended
};

absl::Status SqliteDialect::Configure(Connection& connection, Access access) {
  // Temporary structures stay in memory: a commit needs no further file. Settings that did not take answer otherwise.
  const std::pair<const char*, SqlValue> settings[] = {
      {"PRAGMA journal_mode = WAL", "wal"},
      {"PRAGMA synchronous = FULL", SqlValue()},
      {"PRAGMA synchronous", 2},
      {"PRAGMA foreign_keys = ON", SqlValue()},
      {"PRAGMA foreign_keys", 1},
      {"PRAGMA temp_store = MEMORY", SqlValue()},
      {"PRAGMA secure_delete = ON", 1},  // what is deleted does not stay in the file
      {access == Access::kRead ? "PRAGMA query_only = ON" : "PRAGMA query_only = OFF", SqlValue()},
  };
  for (const auto& [statement, expected] : settings) {
    absl::StatusOr<Rows> rows = connection.Query(statement);
    if (!rows.ok()) return rows.status();
    if (!expected.is_null() && (rows->size() != 1 || (*rows)[0].size() != 1 || (*rows)[0][0] != expected)) {
      return absl::FailedPreconditionError(absl::StrCat("the database file does not accept ", statement));
    }
  }
  sqlite_api::sqlite3_wal_hook(connection_, OnCommit, this);
  return absl::OkStatus();
}

void SqliteDialect::SetDeadline(absl::Time deadline) {
  constexpr int kStepsBetweenLooks = 10000;  // well below a millisecond
  deadline_ = deadline;
  const bool bounded = deadline != absl::InfiniteFuture();
  sqlite_api::sqlite3_progress_handler(connection_, bounded ? kStepsBetweenLooks : 0,
                                       bounded ? OnProgress : nullptr, bounded ? this : nullptr);
  const absl::Duration wait =
      bounded ? std::clamp(deadline - options_.now(), absl::ZeroDuration(), options_.busy_timeout)
              : options_.busy_timeout;
  sqlite_api::sqlite3_busy_timeout(
      connection_, static_cast<int>(absl::ToInt64Milliseconds(absl::Ceil(wait, absl::Milliseconds(1)))));
}

absl::Status SqliteDialect::Check(statement_backend& statement, absl::string_view sql, size_t parameters) {
  sqlite_api::sqlite3_stmt* handle = HandleOf(statement);
  if (handle == nullptr) return absl::InvalidArgumentError("an SQL text without a statement");
  // SQLite keeps the text of the statement that it took, and SOCI forgets the rest.
  const absl::string_view taken(sqlite_api::sqlite3_sql(handle));
  if (!absl::StripAsciiWhitespace(sql.substr(std::min(taken.size(), sql.size()))).empty()) {
    return absl::InvalidArgumentError("an SQL text with more than one statement");
  }
  const auto wanted = static_cast<size_t>(sqlite_api::sqlite3_bind_parameter_count(handle));
  if (wanted != parameters) {
    return absl::InvalidArgumentError(
        absl::StrCat("a statement of ", wanted, " parameters was given ", parameters, " values"));
  }
  return absl::OkStatus();
}

// By the type of the value itself: SOCI goes by the column's declared type and cuts an INTEGER to 32 bits.
SqlValue SqliteDialect::Column(statement_backend& statement, size_t column) {
  sqlite_api::sqlite3_stmt* handle = HandleOf(statement);
  const int index = static_cast<int>(column);
  switch (sqlite_api::sqlite3_column_type(handle, index)) {
    case SQLITE_INTEGER:
      return static_cast<int64_t>(sqlite_api::sqlite3_column_int64(handle, index));
    case SQLITE_FLOAT:
      return sqlite_api::sqlite3_column_double(handle, index);
    case SQLITE_NULL:
      return SqlValue();
    default: {
      const void* bytes = sqlite_api::sqlite3_column_blob(handle, index);
      const auto size = static_cast<size_t>(sqlite_api::sqlite3_column_bytes(handle, index));
      return std::string(static_cast<const char*>(bytes), bytes == nullptr ? 0 : size);
    }
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Dialect>> OpenSqlite(const std::string& path, const DatabaseOptions& options) {
  try {
    return std::make_unique<SqliteDialect>(path, options);
  } catch (const soci::soci_error& error) {
    return StatusOfError(error);
  } catch (const std::exception& error) {
    return absl::InternalError(error.what());
  }
}

}  // namespace greenroom::sql
