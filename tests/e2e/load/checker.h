// The checker: compares what a load generator was told with what the learners' log holds.
#ifndef GREENROOM_TESTS_E2E_LOAD_CHECKER_H_
#define GREENROOM_TESTS_E2E_LOAD_CHECKER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tests/e2e/load/call_ledger.h"

namespace greenroom::e2e {

struct CheckReport {
  int64_t acknowledged = 0;  // writes, each id once
  int64_t answers = 0;       // those of them that are answers
  int64_t lost = 0;          // acknowledged, and not in the log
  int64_t doubled = 0;    // ids with more than one row, or more than one sequence told; answers graded twice
  int64_t misplaced = 0;  // in the log under another sequence than was told
  int64_t holes = 0;      // learners whose sequences are not 1, 2, 3 ...
  int64_t unasked = 0;    // rows of clients' writes that nobody attempted
  int64_t ungraded = 0;   // answers without an initial grade, where all had to have one
  std::vector<std::string> problems;  // the first of them, for people

  bool ok() const { return lost + doubled + misplaced + holes + unasked + ungraded == 0; }
  std::string ToString() const;
};

// Whether `method` acknowledges an event of the log.
bool IsLoggedWrite(absl::string_view method);

// Compares the ledger with the database at `url`, which services may have open. Every acknowledged write is in
// the log exactly once, with the sequence that was told, of its kind; every learner's sequences are contiguous; no
// client's row was not attempted; no answer has two initial grades, and with `all_graded` every answer has one. Only
// learners of the ledger are looked at. The ledger must have been read first, or its calls be over: a row that is
// younger than the ledger's reading counts as unasked. Reads the whole log, about 10 us a row.
absl::StatusOr<CheckReport> CheckLog(const std::vector<CallRecord>& records, const std::string& url,
                                     bool all_graded);

}  // namespace greenroom::e2e

#endif  // GREENROOM_TESTS_E2E_LOAD_CHECKER_H_
