// AppendTable against a model: units applied one after the other, each wholly or not at all.
#include "services/base/sql/append_table.h"

#include <algorithm>
#include <set>
#include <vector>

#include "gtest/gtest.h"
#include "rapidcheck.h"
#include "rapidcheck/gtest.h"
#include "services/base/sql/test_database.h"
#include "services/base/sql/test_store.h"

namespace greenroom::sql {
namespace {

TableSpec Spec() {
  return {"events", {"learner", "seq", "id", "number"}, {{"learner", "seq"}, {"learner", "id"}, {"number"}}};
}

class Model {
 public:
  CommitOutcome Append(const Unit& unit) {
    std::vector<Row> after = rows_;
    for (const Row& row : unit.rows) {
      for (const Row& there : after) {
        const bool same_learner = there[0] == row[0];
        if ((same_learner && (there[1] == row[1] || there[2] == row[2])) ||
            (!row[3].is_null() && there[3] == row[3])) {
          return CommitOutcome::kConflict;
        }
      }
      after.push_back(row);
    }
    rows_ = std::move(after);
    return CommitOutcome::kWritten;
  }
  Rows Sorted() const {
    Rows rows = rows_;
    std::sort(rows.begin(), rows.end());
    return rows;
  }

 private:
  Rows rows_;
};

Row ArbitraryRow() {
  const auto number = *rc::gen::inRange(0, 12);
  return Row{*rc::gen::element(std::string("a"), std::string("b")), *rc::gen::inRange(1, 6),
             absl::StrCat("id-", *rc::gen::inRange(1, 6)), number > 8 ? SqlValue() : SqlValue(number)};
}

void ActsAsIfUnitsCameOneAfterTheOther(const TestStore& store) {
  std::unique_ptr<Database> database = OpenOrDie(store.url());
  std::unique_ptr<Connection> connection = ConnectOrDie(*database);
  RC_ASSERT(connection->Execute("DROP TABLE IF EXISTS events").ok());
  RC_ASSERT(
      connection
          ->Execute(store.Ddl(
              "CREATE TABLE events (commit_seq {identity}, learner {text}, seq {integer}, "
              "id {text}, number {integer} UNIQUE, UNIQUE (learner, seq), UNIQUE (id, learner)){strict}"))
          .ok());
  const AppendTable table(Spec());
  RC_ASSERT(table.CheckSchema(*connection).ok());
  Model model;

  const int batches = *rc::gen::inRange(1, 5);
  for (int b = 0; b < batches; ++b) {
    std::vector<Unit> units(static_cast<size_t>(*rc::gen::inRange(1, 9)));
    for (Unit& unit : units) {
      do {
        unit.rows.assign(static_cast<size_t>(*rc::gen::inRange(1, 4)), Row());
        for (Row& row : unit.rows) row = ArbitraryRow();
      } while (!table.CheckUnit(unit).ok());
    }
    std::vector<const Unit*> pointers;
    std::vector<CommitOutcome> expected;
    size_t rows_written = 0;
    for (const Unit& unit : units) {
      pointers.push_back(&unit);
      expected.push_back(model.Append(unit));
      if (expected.back() == CommitOutcome::kWritten) rows_written += unit.rows.size();
    }
    RC_ASSERT(connection->BeginWrite().ok());
    const absl::StatusOr<AppendResult> result = table.Append(*connection, pointers);
    RC_ASSERT(result.ok());
    RC_ASSERT(connection->Commit().ok());
    RC_ASSERT(result->outcomes == expected);
    RC_ASSERT(result->written.size() == rows_written);
    Rows stored = connection->Query("SELECT learner, seq, id, number FROM events").value();
    std::sort(stored.begin(), stored.end());
    RC_ASSERT(stored == model.Sorted());
  }
}

RC_GTEST_PROP(AppendTableProperty, ActsAsIfUnitsCameOneAfterTheOtherOnSqlite, ()) {
  static const TestStore store(DialectName::kSqlite);
  ActsAsIfUnitsCameOneAfterTheOther(store);
}

RC_GTEST_PROP(AppendTableProperty, ActsAsIfUnitsCameOneAfterTheOtherOnPostgres, ()) {
  static const TestStore store(DialectName::kPostgres);
  ActsAsIfUnitsCameOneAfterTheOther(store);
}

}  // namespace
}  // namespace greenroom::sql
