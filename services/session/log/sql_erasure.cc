#include "services/session/log/sql_erasure.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "services/base/task.h"
#include "services/session/domain/digest.h"

namespace greenroom::session {
namespace {

using sql::Connection;
using sql::DialectName;
using sql::Row;
using sql::Rows;

std::string Whose(const LearnerKey& learner) {
  std::string text = learner.tenant;
  text.push_back('\0');
  return text + learner.learner;
}

// Tables with both columns, by name.
absl::StatusOr<std::set<std::string>> TablesOfLearners(Connection& connection) {
  const char* const sql =
      connection.dialect() == DialectName::kSqlite
          ? "SELECT t.name FROM sqlite_master t WHERE t.type = 'table' AND "
            "(SELECT count(*) FROM pragma_table_info(t.name) c WHERE c.name IN ('tenant', 'learner')) = 2"
          : "SELECT table_name::text FROM information_schema.columns WHERE table_schema = current_schema() "
            "AND column_name IN ('tenant', 'learner') GROUP BY table_name HAVING count(*) = 2";
  ASSIGN_OR_RETURN(const Rows rows, connection.Query(sql));
  std::set<std::string> tables;
  for (const Row& row : rows) {
    std::string name;
    if (!row.Read(name).ok()) return absl::DataLossError("the name of a table cannot be read");
    tables.insert(std::move(name));
  }
  if (!tables.contains("events")) return absl::InternalError("the log's own table was not found");
  return tables;
}

}  // namespace

std::string TombstoneKey(const LearnerKey& learner) { return Sha256Hex(Whose(learner)); }

int64_t OwnerNumber(const LearnerKey& learner) {
  const std::string digest = Sha256(Whose(learner));
  uint64_t number = 0;
  for (size_t i = 0; i < 8; ++i) number = number << 8 | static_cast<unsigned char>(digest[i]);
  return static_cast<int64_t>(number);
}

std::vector<std::string> TombstoneSchema(DialectName dialect) {
  std::vector<std::string> statements = {
      "ALTER TABLE events ADD COLUMN owner {integer} NOT NULL DEFAULT 0",
      "CREATE TABLE tombstones (learner_sha256 {text} NOT NULL PRIMARY KEY, owner {integer} NOT NULL,"
      " erase_time {integer} NOT NULL, erasures {integer} NOT NULL, lifted {integer} NOT NULL){strict}",
      "CREATE INDEX tombstones_that_stand ON tombstones (owner) WHERE lifted = 0",
  };
  if (dialect == DialectName::kSqlite) {
    statements.push_back(
        "CREATE TRIGGER no_events_of_the_erased BEFORE INSERT ON events WHEN EXISTS "
        "(SELECT 1 FROM tombstones WHERE owner = NEW.owner AND lifted = 0) BEGIN SELECT RAISE(IGNORE); END");
    return statements;
  }
  statements.push_back(
      "CREATE FUNCTION pass_over_the_erased() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN "
      "IF EXISTS (SELECT 1 FROM tombstones WHERE owner = NEW.owner AND lifted = 0) THEN RETURN NULL; END IF; "
      "RETURN NEW; END'");
  statements.push_back(
      "CREATE TRIGGER no_events_of_the_erased BEFORE INSERT ON events FOR EACH ROW "
      "EXECUTE FUNCTION pass_over_the_erased()");
  return statements;
}

absl::StatusOr<absl::Time> EraseRows(Connection& connection, const LearnerKey& learner, absl::Time now) {
  if (connection.dialect() == DialectName::kPostgres) {
    // Writers that are under way first, and no other before the tombstone can be seen.
    RETURN_IF_ERROR(connection.Execute("LOCK TABLE events IN SHARE ROW EXCLUSIVE MODE").status());
  }
  RETURN_IF_ERROR(
      connection
          .Execute("INSERT INTO tombstones (learner_sha256, owner, erase_time, erasures, lifted) "
                   "VALUES (?, ?, ?, 1, 0) ON CONFLICT (learner_sha256) DO UPDATE SET "
                   "erase_time = excluded.erase_time, erasures = tombstones.erasures + 1, lifted = 0 "
                   "WHERE tombstones.lifted = 1",
                   {TombstoneKey(learner), OwnerNumber(learner), absl::ToUnixMillis(now)})
          .status());
  ASSIGN_OR_RETURN(const std::set<std::string> tables, TablesOfLearners(connection));
  for (const std::string& table : tables) {
    RETURN_IF_ERROR(connection
                        .Execute(absl::StrCat("DELETE FROM ", table, " WHERE tenant = ? AND learner = ?"),
                                 {learner.tenant, learner.learner})
                        .status());
  }
  ASSIGN_OR_RETURN(const Rows rows,
                   connection.Query("SELECT erase_time FROM tombstones WHERE learner_sha256 = ?",
                                    {TombstoneKey(learner)}));
  int64_t erased = 0;
  if (rows.size() != 1 || !rows[0].Read(erased).ok()) {
    return absl::InternalError("a tombstone that was set cannot be read");
  }
  return absl::FromUnixMillis(erased);
}

absl::StatusOr<bool> HasTombstone(Connection& connection, const LearnerKey& learner) {
  ASSIGN_OR_RETURN(const Rows rows,
                   connection.Query("SELECT 1 FROM tombstones WHERE learner_sha256 = ? AND lifted = 0",
                                    {TombstoneKey(learner)}));
  return !rows.empty();
}

absl::StatusOr<int64_t> Erasures(Connection& connection, const LearnerKey& learner) {
  ASSIGN_OR_RETURN(
      const Rows rows,
      connection.Query("SELECT erasures FROM tombstones WHERE learner_sha256 = ?", {TombstoneKey(learner)}));
  int64_t erasures = 0;
  if (!rows.empty() && !rows[0].Read(erasures).ok()) {
    return absl::DataLossError("a tombstone cannot be read");
  }
  return erasures;
}

absl::StatusOr<bool> LiftTombstone(Connection& connection, const LearnerKey& learner) {
  ASSIGN_OR_RETURN(
      const int64_t lifted,
      connection.Execute("UPDATE tombstones SET lifted = 1 WHERE learner_sha256 = ? AND lifted = 0",
                         {TombstoneKey(learner)}));
  return lifted == 1;
}

}  // namespace greenroom::session
