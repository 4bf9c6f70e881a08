#include "services/base/sql/database.h"

#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/base/sql/dialect.h"
#include "services/base/task.h"

namespace greenroom::sql {
namespace {

bool IsPostgres(absl::string_view url) {
  return absl::StartsWith(url, "postgresql://") || absl::StartsWith(url, "postgres://");
}

absl::StatusOr<std::string> SqlitePath(absl::string_view url) {
  if (!absl::ConsumePrefix(&url, "sqlite:")) {
    return absl::InvalidArgumentError(
        "a database URL must be sqlite:/path/to/file.db or postgresql://user@host/database");
  }
  if (url.empty() || url.back() == '/' ||
      url.find_first_of(absl::string_view("=\"\0", 3)) != absl::string_view::npos) {
    return absl::InvalidArgumentError(
        "the path of a sqlite: URL must name a file and hold no '=', '\"' or NUL");
  }
  // "./" keeps SQLite from seeing a name of its own in a relative path, such as ":memory:".
  return absl::StartsWith(url, "/") ? std::string(url) : absl::StrCat("./", url);
}

}  // namespace

absl::Status DatabaseOptions::Validate() const {
  if (busy_timeout < absl::ZeroDuration() || busy_timeout > absl::Minutes(5)) {
    return absl::InvalidArgumentError("busy_timeout must be 0 to 5 minutes");
  }
  if (statement_timeout < absl::Milliseconds(1) || statement_timeout > absl::Hours(1)) {
    return absl::InvalidArgumentError("statement_timeout must be 1 ms to 1 hour");
  }
  if (wal_autocheckpoint_pages < 1)
    return absl::InvalidArgumentError("wal_autocheckpoint_pages must be at least 1");
  if (cached_statements < 1) return absl::InvalidArgumentError("cached_statements must be at least 1");
  if (completion_threads < 1 || completion_threads > 64) {
    return absl::InvalidArgumentError("completion_threads must be 1 to 64");
  }
  if (now == nullptr || on_store_io_error == nullptr) {
    return absl::InvalidArgumentError("now and on_store_io_error must be set");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Database>> Database::Open(absl::string_view url, DatabaseOptions options) {
  RETURN_IF_ERROR(options.Validate());
  const DialectName dialect = IsPostgres(url) ? DialectName::kPostgres : DialectName::kSqlite;
  ASSIGN_OR_RETURN(std::string target,
                   dialect == DialectName::kPostgres ? PostgresConninfo(url) : SqlitePath(url));
  auto database = absl::WrapUnique(new Database(dialect, std::move(target), std::move(options)));
  // A first connection shows whether the URL is any good, and makes a SQLite file.
  RETURN_IF_ERROR(database->Connect().status());
  return database;
}

Database::Database(DialectName dialect, std::string target, DatabaseOptions options)
    : dialect_(dialect),
      target_(std::move(target)),
      options_(std::move(options)),
      completions_(options_.completion_threads) {}

Database::~Database() = default;

absl::StatusOr<std::unique_ptr<Connection>> Database::Connect(Access access) {
  return Connection::Open(*this, access);
}

}  // namespace greenroom::sql
