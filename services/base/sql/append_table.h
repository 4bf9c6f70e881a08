// Appending units of rows to a table with unique keys, inside a transaction: the group committer's statement.
#ifndef GREENROOM_SERVICES_BASE_SQL_APPEND_TABLE_H_
#define GREENROOM_SERVICES_BASE_SQL_APPEND_TABLE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "services/base/sql/connection.h"
#include "services/base/sql/value.h"

namespace greenroom::sql {

// The table that is appended to. Names go into SQL as they are: constants of the program, never input.
struct TableSpec {
  std::string table;
  // The columns that a unit's rows give, in the order of their values. Others (an identity column) are the table's own.
  std::vector<std::string> columns;
  // Every unique key of the table but its identity column, each a list of names out of `columns`. A row whose key is
  // taken, under any of them, is not written; a key that holds a null is never taken. The first one must never be null:
  // rows are known and sorted by it.
  std::vector<std::vector<std::string>> unique_keys;

  absl::Status Validate() const;
};

// Rows that are written together or not at all.
struct Unit {
  std::vector<Row> rows;
};

enum class CommitOutcome {
  kWritten,  // every row is in the table, durably
  kConflict,  // a unique key of one of the rows is taken; none of the rows is in the table because of this unit
};

struct AppendResult {
  std::vector<CommitOutcome> outcomes;  // one for each unit
  std::vector<const Row*> written;      // the rows of all kWritten units
};

class AppendTable {
 public:
  // `spec` must be valid.
  explicit AppendTable(TableSpec spec);

  // FAILED_PRECONDITION where the table or one of its columns is absent, or its unique keys are not those of the spec.
  absl::Status CheckSchema(Connection& connection) const;
  // INVALID_ARGUMENT where the unit could never be written: no rows, a row of another width, NUL in text, null in the
  // first key, two rows with the same key.
  absl::Status CheckUnit(const Unit& unit) const;

  // Appends `units`, each checked, inside the write transaction that `connection` is in, as if one came after the other.
  // One INSERT for all rows, sorted by key; only where units collide with one another do the later ones take another.
  // After an error the transaction must be rolled back.
  absl::StatusOr<AppendResult> Append(Connection& connection, absl::Span<const Unit* const> units) const;

  // Whether every one of `rows` is in the table as it is here, by its first key.
  absl::StatusOr<bool> Holds(Connection& connection, absl::Span<const Row* const> rows) const;

  const TableSpec& spec() const { return spec_; }

 private:
  struct Candidate {
    size_t unit;
    const Row* row;
    Row key;  // the first unique key
    bool written = false;
  };

  Row KeyOf(const Row& row, size_t unique_key) const;
  absl::Status Insert(Connection& connection, std::vector<Candidate>& candidates) const;
  absl::Status Delete(Connection& connection, const Candidate& candidate) const;

  TableSpec spec_;
  std::vector<std::vector<size_t>> key_columns_;  // unique_keys as positions in columns
  std::string insert_head_, insert_row_, insert_tail_, delete_, select_;
};

}  // namespace greenroom::sql

#endif  // GREENROOM_SERVICES_BASE_SQL_APPEND_TABLE_H_
