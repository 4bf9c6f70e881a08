#include "services/base/sql/catalog.h"

#include <map>
#include <optional>

#include "services/base/task.h"

namespace greenroom::sql {
namespace {

// One row for each column of each unique index: the index's name, the column's name or null.
constexpr char kSqliteKeys[] =
    "SELECT list.name, info.name FROM pragma_index_list(?) AS list, pragma_index_info(list.name) AS info "
    "WHERE list.\"unique\" = 1";
constexpr char kPostgresKeys[] =
    "SELECT index.indexrelid::regclass::text, attribute.attname::text FROM pg_index AS index "
    "CROSS JOIN LATERAL unnest(index.indkey) AS key (number) "
    "LEFT JOIN pg_attribute AS attribute ON attribute.attrelid = index.indrelid AND attribute.attnum = "
    "key.number "
    "WHERE index.indrelid = to_regclass(?) AND index.indisunique AND NOT EXISTS ("
    "SELECT 1 FROM pg_attribute AS identity WHERE identity.attrelid = index.indrelid AND index.indisprimary "
    "AND "
    "identity.attidentity <> '' AND identity.attnum = ANY (index.indkey))";

}  // namespace

absl::StatusOr<bool> HasTable(Connection& connection, absl::string_view table) {
  ASSIGN_OR_RETURN(const Rows rows,
                   connection.Query(connection.dialect() == DialectName::kSqlite
                                        ? "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
                                        : "SELECT 1 WHERE to_regclass(?) IS NOT NULL",
                                    {table}));
  return !rows.empty();
}

absl::StatusOr<bool> HasColumn(Connection& connection, absl::string_view table, absl::string_view column) {
  ASSIGN_OR_RETURN(const Rows rows,
                   connection.Query(connection.dialect() == DialectName::kSqlite
                                        ? "SELECT 1 FROM pragma_table_info(?) WHERE name = ?"
                                        : "SELECT 1 FROM pg_attribute WHERE attrelid = to_regclass(?) "
                                          "AND attname::text = ? AND NOT attisdropped",
                                    {table, column}));
  return !rows.empty();
}

absl::StatusOr<std::set<std::set<std::string>>> UniqueKeys(Connection& connection, absl::string_view table) {
  ASSIGN_OR_RETURN(
      const Rows rows,
      connection.Query(connection.dialect() == DialectName::kSqlite ? kSqliteKeys : kPostgresKeys, {table}));
  std::map<std::string, std::set<std::string>> keys_by_index;
  for (const Row& row : rows) {
    std::string index;
    std::optional<std::string> column;
    RETURN_IF_ERROR(row.Read(index, column));
    keys_by_index[index].insert(column.value_or(""));
  }
  std::set<std::set<std::string>> keys;
  for (auto& [index, key] : keys_by_index) keys.insert(std::move(key));
  return keys;
}

}  // namespace greenroom::sql
