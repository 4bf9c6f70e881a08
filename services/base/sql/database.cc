#include "services/base/sql/database.h"

#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/base/task.h"

namespace greenroom::sql {
namespace {

absl::StatusOr<std::string> SqlitePath(absl::string_view url) {
  if (absl::StartsWith(url, "postgresql://") || absl::StartsWith(url, "postgres://")) {
    return absl::InvalidArgumentError(
        "database URLs of PostgreSQL are not supported by this version: use sqlite:/path/to/file.db");
  }
  if (!absl::ConsumePrefix(&url, "sqlite:")) {
    return absl::InvalidArgumentError("a database URL must be sqlite:/path/to/file.db");
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
  ASSIGN_OR_RETURN(std::string path, SqlitePath(url));
  auto database = absl::WrapUnique(new Database(std::move(path), std::move(options)));
  // A first connection shows whether the URL is any good, and makes the file.
  RETURN_IF_ERROR(database->Connect().status());
  return database;
}

Database::Database(std::string path, DatabaseOptions options)
    : path_(std::move(path)), options_(std::move(options)), completions_(options_.completion_threads) {}

Database::~Database() = default;

absl::StatusOr<std::unique_ptr<Connection>> Database::Connect(Access access) {
  return Connection::Open(*this, access);
}

}  // namespace greenroom::sql
