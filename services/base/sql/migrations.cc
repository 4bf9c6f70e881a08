#include "services/base/sql/migrations.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "services/base/sql/catalog.h"
#include "services/base/sql/spelling.h"
#include "services/base/task.h"

namespace greenroom::sql {
namespace {

// FNV-1a, 64 bits: tells an edited migration from an unedited one, on every machine alike; it guards against mistakes.
std::string Checksum(DialectName driver, const Migration& migration) {
  uint64_t hash = 0xcbf29ce484222325;
  const auto add = [&hash](absl::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    hash = (hash ^ 0xff) * 0x100000001b3;  // 0xff ends a text: no UTF-8 holds it
  };
  add(migration.name);
  for (const std::string& statement : migration.statements) add(Ddl(driver, statement));
  return absl::StrFormat("%016x", hash);
}

absl::Status CheckVersions(absl::Span<const Migration> migrations) {
  for (size_t i = 0; i < migrations.size(); ++i) {
    if (migrations[i].version != static_cast<int>(i) + 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("migration ", i + 1, " of the list has version ", migrations[i].version));
    }
    if (migrations[i].compatible_since < 1 || migrations[i].compatible_since > migrations[i].version) {
      return absl::InvalidArgumentError(
          absl::StrCat("migration ", i + 1, " is compatible since version ", migrations[i].compatible_since));
    }
  }
  return absl::OkStatus();
}

std::string HistoryTable(Connection& connection, absl::string_view component) {
  if (connection.dialect() == DialectName::kSqlite) return "schema_migrations";
  return absl::StrCat(component, "_schema_migrations");
}

// A step as the history tells it.
struct AppliedStep {
  int version = 0;
  std::string name;
  std::string checksum;
  std::optional<int> compatible_since;  // not told by programs of the first release
};

absl::StatusOr<std::vector<AppliedStep>> ReadHistory(Connection& connection, const std::string& history) {
  ASSIGN_OR_RETURN(const bool tells, HasColumn(connection, history, "compatible_since"));
  ASSIGN_OR_RETURN(const Rows rows,
                   connection.Query(absl::StrCat("SELECT version, name, checksum, ",
                                                 tells ? "compatible_since" : "CAST(NULL AS INTEGER)",
                                                 " FROM ", history, " ORDER BY version")));
  std::vector<AppliedStep> steps(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    AppliedStep& step = steps[i];
    RETURN_IF_ERROR(rows[i].Read(step.version, step.name, step.checksum, step.compatible_since));
  }
  return steps;
}

absl::Status VersionMissing(size_t version) {
  return absl::FailedPreconditionError(absl::StrCat("the database lacks schema version ", version));
}

absl::Status OfANewerRelease(const AppliedStep& step, size_t known) {
  return absl::FailedPreconditionError(
      absl::StrCat("the database is of a newer release: programs must know schema version ",
                   step.compatible_since.value_or(step.version), " to work with version ", step.version,
                   ", this one knows ", known));
}

absl::Status ChangedSinceApplied(const AppliedStep& step, const Migration& migration) {
  return absl::FailedPreconditionError(absl::StrCat("schema version ", step.version, " was applied as '",
                                                    step.name, "' with another text than this program's '",
                                                    migration.name, "'"));
}

// How many of `migrations` the database has; fails where what it has does not begin with them, or goes on with steps
// that a program of `migrations` cannot work with.
absl::StatusOr<size_t> Applied(Connection& connection, const std::string& history,
                               absl::Span<const Migration> migrations) {
  const size_t known = migrations.size();
  ASSIGN_OR_RETURN(const std::vector<AppliedStep> steps, ReadHistory(connection, history));
  for (size_t i = 0; i < steps.size(); ++i) {
    const AppliedStep& step = steps[i];
    if (step.version != static_cast<int>(i) + 1) return VersionMissing(i + 1);
    if (i >= known) {
      if (step.compatible_since.value_or(step.version) > static_cast<int>(known))
        return OfANewerRelease(step, known);
    } else if (step.checksum != Checksum(connection.dialect(), migrations[i])) {
      return ChangedSinceApplied(step, migrations[i]);
    }
  }
  return std::min(steps.size(), known);
}

absl::Status Apply(Connection& connection, const std::string& history, const Migration& migration) {
  for (size_t i = 0; i < migration.statements.size(); ++i) {
    const absl::Status status =
        connection.Execute(Ddl(connection.dialect(), migration.statements[i])).status();
    if (!status.ok()) {
      return absl::Status(status.code(),
                          absl::StrCat("schema version ", migration.version, " '", migration.name,
                                       "', statement ", i + 1, ": ", status.message()));
    }
  }
  return connection
      .Execute(
          absl::StrCat("INSERT INTO ", history,
                       " (version, name, checksum, applied_time, compatible_since) VALUES (?, ?, ?, ?, ?)"),
          {migration.version, migration.name, Checksum(connection.dialect(), migration),
           absl::ToUnixMillis(absl::Now()), migration.compatible_since})
      .status();
}

absl::Status ApplyMissing(Connection& connection, const std::string& history,
                          absl::Span<const Migration> migrations) {
  RETURN_IF_ERROR(
      connection
          .Execute(absl::StrCat("CREATE TABLE IF NOT EXISTS ", history,
                                " (version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT "
                                "NULL, applied_time BIGINT NOT NULL, compatible_since INTEGER)"))
          .status());
  ASSIGN_OR_RETURN(const bool tells, HasColumn(connection, history, "compatible_since"));
  if (!tells) {
    RETURN_IF_ERROR(
        connection.Execute(absl::StrCat("ALTER TABLE ", history, " ADD COLUMN compatible_since INTEGER"))
            .status());
  }
  ASSIGN_OR_RETURN(const size_t applied, Applied(connection, history, migrations));
  for (const Migration& migration : migrations.subspan(applied))
    RETURN_IF_ERROR(Apply(connection, history, migration));
  return absl::OkStatus();
}

}  // namespace

absl::Status Migrate(Connection& connection, absl::string_view component,
                     absl::Span<const Migration> migrations) {
  const std::string history = HistoryTable(connection, component);
  RETURN_IF_ERROR(CheckVersions(migrations));
  ASSIGN_OR_RETURN(const bool begun_before, HasTable(connection, history));
  if (begun_before) {
    ASSIGN_OR_RETURN(const size_t applied, Applied(connection, history, migrations));
    if (applied == migrations.size()) return absl::OkStatus();
  }
  // Another process may have been faster: under the lock everything is looked at again.
  RETURN_IF_ERROR(connection.BeginWrite());
  absl::Status status = ApplyMissing(connection, history, migrations);
  if (!status.ok()) {
    connection.Rollback();
    return status;
  }
  return connection.Commit();
}

}  // namespace greenroom::sql
