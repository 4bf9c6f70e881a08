#include "services/base/sql/append_table.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/base/sql/catalog.h"
#include "services/base/task.h"

namespace greenroom::sql {
namespace {

bool HoldsNull(const Row& key) {
  return std::any_of(key.values().begin(), key.values().end(),
                     [](const SqlValue& value) { return value.is_null(); });
}

// A key of a row, told apart from the same values under another of the table's keys.
using ClaimedKey = std::pair<size_t, Row>;

}  // namespace

absl::Status TableSpec::Validate() const {
  if (table.empty() || columns.empty() || unique_keys.empty()) {
    return absl::InvalidArgumentError("a table to append to needs a name, columns and a unique key");
  }
  const std::set<std::string> known(columns.begin(), columns.end());
  if (known.size() != columns.size()) return absl::InvalidArgumentError("a column is named twice");
  for (const std::vector<std::string>& key : unique_keys) {
    if (key.empty()) return absl::InvalidArgumentError("a unique key without columns");
    for (const std::string& column : key) {
      if (known.count(column) == 0) {
        return absl::InvalidArgumentError(
            absl::StrCat("unique key column ", column, " is not among the columns"));
      }
    }
  }
  return absl::OkStatus();
}

AppendTable::AppendTable(TableSpec spec) : spec_(std::move(spec)) {
  for (const std::vector<std::string>& key : spec_.unique_keys) {
    std::vector<size_t>& positions = key_columns_.emplace_back();
    for (const std::string& column : key) {
      const auto found = std::find(spec_.columns.begin(), spec_.columns.end(), column);
      positions.push_back(static_cast<size_t>(found - spec_.columns.begin()));
    }
  }
  const std::vector<std::string>& key = spec_.unique_keys.front();
  insert_head_ =
      absl::StrCat("INSERT INTO ", spec_.table, " (", absl::StrJoin(spec_.columns, ", "), ") VALUES ");
  insert_row_ =
      absl::StrCat("(", absl::StrJoin(std::vector<std::string>(spec_.columns.size(), "?"), ", "), ")");
  insert_tail_ = absl::StrCat(" ON CONFLICT DO NOTHING RETURNING ", absl::StrJoin(key, ", "));
  const std::string where = absl::StrCat(" WHERE ", absl::StrJoin(key, " = ? AND "), " = ?");
  delete_ = absl::StrCat("DELETE FROM ", spec_.table, where);
  select_ = absl::StrCat("SELECT ", absl::StrJoin(spec_.columns, ", "), " FROM ", spec_.table, where);
}

absl::Status AppendTable::CheckSchema(Connection& connection) const {
  const absl::Status readable = connection
                                    .Query(absl::StrCat("SELECT ", absl::StrJoin(spec_.columns, ", "),
                                                        " FROM ", spec_.table, " LIMIT 0"))
                                    .status();
  if (!readable.ok()) {
    return absl::FailedPreconditionError(absl::StrCat("table ", spec_.table, ": ", readable.message()));
  }
  ASSIGN_OR_RETURN(const std::set<std::set<std::string>> actual, UniqueKeys(connection, spec_.table));
  std::set<std::set<std::string>> expected;
  for (const std::vector<std::string>& key : spec_.unique_keys) expected.emplace(key.begin(), key.end());
  if (actual != expected) {
    return absl::FailedPreconditionError(absl::StrCat("the unique keys of table ", spec_.table,
                                                      " are not those that appending to it relies on"));
  }
  return absl::OkStatus();
}

absl::Status AppendTable::CheckUnit(const Unit& unit) const {
  if (unit.rows.empty()) return absl::InvalidArgumentError("a unit without rows");
  absl::flat_hash_set<ClaimedKey> keys;
  for (const Row& row : unit.rows) {
    if (row.size() != spec_.columns.size()) {
      return absl::InvalidArgumentError(absl::StrCat("a row of ", row.size(), " values for ",
                                                     spec_.columns.size(), " columns of ", spec_.table));
    }
    for (size_t i = 0; i < row.size(); ++i) {
      if (row[i].text() != nullptr && row[i].text()->find('\0') != std::string::npos) {
        return absl::InvalidArgumentError(
            absl::StrCat("column ", spec_.columns[i], " holds a NUL character"));
      }
    }
    for (size_t k = 0; k < key_columns_.size(); ++k) {
      Row key = KeyOf(row, k);
      if (HoldsNull(key)) {
        if (k == 0) return absl::InvalidArgumentError(absl::StrCat("null in the key of ", spec_.table));
        continue;
      }
      if (!keys.emplace(k, std::move(key)).second) {
        return absl::InvalidArgumentError(
            absl::StrCat("two rows of a unit have the same key in ", spec_.table));
      }
    }
  }
  return absl::OkStatus();
}

Row AppendTable::KeyOf(const Row& row, size_t unique_key) const {
  std::vector<SqlValue> values;
  values.reserve(key_columns_[unique_key].size());
  for (const size_t column : key_columns_[unique_key]) values.push_back(row[column]);
  return Row(std::move(values));
}

absl::StatusOr<AppendResult> AppendTable::Append(Connection& connection,
                                                 absl::Span<const Unit* const> units) const {
  AppendResult result;
  result.outcomes.assign(units.size(), CommitOutcome::kConflict);
  std::vector<size_t> left(units.size());
  for (size_t i = 0; i < left.size(); ++i) left[i] = i;

  while (!left.empty()) {
    // Units that want the same key never go into one statement: which of their rows would be returned could not be told,
    // and a row kept out by a unit that is itself removed afterwards would be wrong. The later one takes the next round,
    // when the earlier one's rows are there or not.
    absl::flat_hash_set<ClaimedKey> claimed;
    std::vector<Candidate> candidates;
    std::vector<size_t> later;
    for (const size_t u : left) {
      std::vector<ClaimedKey> wanted;
      for (const Row& row : units[u]->rows) {
        for (size_t k = 0; k < key_columns_.size(); ++k) {
          Row key = KeyOf(row, k);
          if (!HoldsNull(key)) wanted.emplace_back(k, std::move(key));
        }
      }
      // What an earlier unit of `later` wants is claimed too: units that collide keep their order.
      const bool collides = std::any_of(wanted.begin(), wanted.end(),
                                        [&](const ClaimedKey& key) { return claimed.contains(key); });
      claimed.insert(std::make_move_iterator(wanted.begin()), std::make_move_iterator(wanted.end()));
      if (collides) {
        later.push_back(u);
      } else {
        for (const Row& row : units[u]->rows) candidates.push_back({u, &row, KeyOf(row, 0)});
      }
    }

    RETURN_IF_ERROR(Insert(connection, candidates));
    std::vector<size_t> missing(units.size(), 0);
    for (const Candidate& candidate : candidates) missing[candidate.unit] += candidate.written ? 0 : 1;
    for (const Candidate& candidate : candidates) {
      if (missing[candidate.unit] == 0) {
        result.outcomes[candidate.unit] = CommitOutcome::kWritten;
        result.written.push_back(candidate.row);
      } else if (candidate.written) {
        RETURN_IF_ERROR(Delete(connection, candidate));
      }
    }
    left = std::move(later);
  }
  return result;
}

absl::Status AppendTable::Insert(Connection& connection, std::vector<Candidate>& candidates) const {
  std::sort(candidates.begin(), candidates.end(),
            [](const Candidate& a, const Candidate& b) { return a.key < b.key; });
  std::string sql = insert_head_;
  std::vector<SqlValue> parameters;
  parameters.reserve(candidates.size() * spec_.columns.size());
  absl::flat_hash_map<Row, Candidate*> by_key;
  by_key.reserve(candidates.size());
  for (Candidate& candidate : candidates) {
    absl::StrAppend(&sql, parameters.empty() ? "" : ", ", insert_row_);
    parameters.insert(parameters.end(), candidate.row->values().begin(), candidate.row->values().end());
    by_key.emplace(candidate.key, &candidate);
  }
  absl::StrAppend(&sql, insert_tail_);
  ASSIGN_OR_RETURN(const Rows returned, connection.Query(sql, parameters));
  for (const Row& key : returned) {
    const auto found = by_key.find(key);
    // A column that turns the type of what it is given (text into a number) would hide a row from its unit.
    if (found == by_key.end() || found->second->written) {
      return absl::InternalError(
          absl::StrCat("table ", spec_.table, " returned a key that was not given to it"));
    }
    found->second->written = true;
  }
  return absl::OkStatus();
}

absl::Status AppendTable::Delete(Connection& connection, const Candidate& candidate) const {
  ASSIGN_OR_RETURN(const int64_t deleted, connection.Execute(delete_, candidate.key.values()));
  if (deleted != 1)
    return absl::InternalError(absl::StrCat("a row of ", spec_.table, " could not be taken back"));
  return absl::OkStatus();
}

absl::StatusOr<bool> AppendTable::Holds(Connection& connection, absl::Span<const Row* const> rows) const {
  for (const Row* row : rows) {
    ASSIGN_OR_RETURN(const Rows found, connection.Query(select_, KeyOf(*row, 0).values()));
    if (found.size() != 1 || found[0] != *row) return false;
  }
  return true;
}

}  // namespace greenroom::sql
