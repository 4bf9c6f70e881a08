#include "tests/e2e/load/checker.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/base/sql/database.h"
#include "services/base/task.h"

namespace greenroom::e2e {
namespace {

constexpr size_t kProblemsTold = 20;

// The kind of event that a method's acknowledgement stands for.
const std::map<absl::string_view, absl::string_view>& Kinds() {
  static const auto& kinds = *new std::map<absl::string_view, absl::string_view>{
      {"CreateSession", "created"}, {"SubmitAnswer", "submitted"}, {"TakeHint", "hint_taken"},
      {"RevealAnswer", "revealed"}, {"RateAnswer", "rated"},       {"SkipQuestion", "skipped"},
      {"FinishSession", "finished"}};
  return kinds;
}

// A write as its acknowledgements tell it.
struct Acknowledged {
  std::string method;
  std::set<int64_t> sequences;
  bool only_replays = true;
};

struct LogRow {
  int64_t sequence = 0;
  std::string kind;
};

using Key = std::pair<std::string, std::string>;  // learner, id

std::string Name(const Key& key) { return absl::StrCat(key.first, "/", key.second); }

// Events that no call asks for by their id: they follow from an answer.
bool MadeByTheServer(absl::string_view kind) { return kind == "graded" || kind == "follow_up_added"; }

class Comparison {
 public:
  explicit Comparison(const std::vector<CallRecord>& records) {
    for (const CallRecord& record : records) {
      learners_.insert(record.learner);
      if (!IsLoggedWrite(record.method)) continue;
      const Key key(record.learner, record.id);
      attempted_.insert(key);
      if (!record.answered || record.code != absl::StatusCode::kOk) continue;
      Acknowledged& acknowledged = acknowledged_[key];
      acknowledged.method = record.method;
      acknowledged.sequences.insert(record.sequence);
      acknowledged.only_replays = acknowledged.only_replays && record.replayed;
    }
  }

  void Add(const std::string& learner, int64_t sequence, const std::string& id, const std::string& kind,
           const std::string& graded_initially) {
    if (!learners_.contains(learner)) return;
    rows_[{learner, id}].push_back({sequence, kind});
    sequences_[learner].push_back(sequence);
    if (!graded_initially.empty()) ++grades_[{learner, graded_initially}];
  }

  CheckReport Compare(bool all_graded) {
    for (const auto& [key, acknowledged] : acknowledged_) CompareOne(key, acknowledged);
    for (auto& [learner, sequences] : sequences_) {
      std::sort(sequences.begin(), sequences.end());
      if (sequences.front() != 1 || sequences.back() != static_cast<int64_t>(sequences.size())) {
        Tell(report_.holes, absl::StrCat(learner, " has ", sequences.size(), " rows from sequence ",
                                         sequences.front(), " to ", sequences.back()));
      }
    }
    for (const auto& [key, rows] : rows_) CompareRows(key, rows, all_graded);
    return std::move(report_);
  }

 private:
  void CompareOne(const Key& key, const Acknowledged& acknowledged) {
    ++report_.acknowledged;
    if (acknowledged.method == "SubmitAnswer") ++report_.answers;
    const auto found = rows_.find(key);
    // A question is revealed once: a later reveal is told the first one's sequence.
    const bool of_another =
        found == rows_.end() && acknowledged.method == "RevealAnswer" && acknowledged.only_replays;
    if (acknowledged.sequences.size() > 1) {
      Tell(report_.doubled,
           absl::StrCat(Name(key), " was told the sequences ", absl::StrJoin(acknowledged.sequences, ", ")));
      return;
    }
    const int64_t told = *acknowledged.sequences.begin();
    if (of_another) {
      if (!HasReveal(key.first, told)) Tell(report_.lost, absl::StrCat(Name(key), ": no reveal at ", told));
      return;
    }
    if (found == rows_.end()) {
      Tell(report_.lost, absl::StrCat(acknowledged.method, " ", Name(key), " at ", told));
      return;
    }
    const LogRow& row = found->second.front();
    if (row.sequence != told || row.kind != Kinds().at(acknowledged.method)) {
      Tell(report_.misplaced, absl::StrCat(acknowledged.method, " ", Name(key), " was told ", told,
                                           ", the log has ", row.kind, " at ", row.sequence));
    }
  }

  void CompareRows(const Key& key, const std::vector<LogRow>& rows, bool all_graded) {
    if (rows.size() > 1) Tell(report_.doubled, absl::StrCat(Name(key), " has ", rows.size(), " rows"));
    const std::string& kind = rows.front().kind;
    if (!MadeByTheServer(kind) && !attempted_.contains(key)) {
      Tell(report_.unasked, absl::StrCat(Name(key), " (", kind, ") was never attempted"));
    }
    if (kind != "submitted") return;
    const auto graded = grades_.find(key);
    const int grades = graded == grades_.end() ? 0 : graded->second;
    if (grades > 1) Tell(report_.doubled, absl::StrCat(Name(key), " has ", grades, " initial grades"));
    if (grades == 0 && all_graded) Tell(report_.ungraded, absl::StrCat(Name(key), " has no grade"));
  }

  bool HasReveal(const std::string& learner, int64_t sequence) {
    if (reveals_.empty()) {
      for (const auto& [key, rows] : rows_) {
        for (const LogRow& row : rows) {
          if (row.kind == "revealed") reveals_.insert({key.first, row.sequence});
        }
      }
    }
    return reveals_.contains({learner, sequence});
  }

  void Tell(int64_t& count, std::string problem) {
    ++count;
    if (report_.problems.size() < kProblemsTold) report_.problems.push_back(std::move(problem));
  }

  absl::flat_hash_set<std::string> learners_;
  absl::flat_hash_set<Key> attempted_;
  absl::flat_hash_map<Key, Acknowledged> acknowledged_;
  absl::flat_hash_map<Key, std::vector<LogRow>> rows_;
  absl::flat_hash_map<std::string, std::vector<int64_t>> sequences_;
  absl::flat_hash_map<Key, int> grades_;
  absl::flat_hash_set<std::pair<std::string, int64_t>> reveals_;
  CheckReport report_;
};

}  // namespace

bool IsLoggedWrite(absl::string_view method) { return Kinds().count(method) > 0; }

std::string CheckReport::ToString() const {
  return absl::StrCat(acknowledged, " acknowledged (", answers, " answers), ", lost, " lost, ", doubled,
                      " doubled, ", misplaced, " misplaced, ", holes, " holes, ", unasked, " unasked, ",
                      ungraded, " ungraded", problems.empty() ? "" : "\n  ", absl::StrJoin(problems, "\n  "));
}

absl::StatusOr<CheckReport> CheckLog(const std::vector<CallRecord>& records, const std::string& url,
                                     bool all_graded) {
  ASSIGN_OR_RETURN(const std::unique_ptr<sql::Database> database, sql::Database::Open(url));
  ASSIGN_OR_RETURN(const std::unique_ptr<sql::Connection> connection, database->Connect(sql::Access::kRead));
  // JSON as protobuf writes it; looked for as text, in the same way on every driver.
  ASSIGN_OR_RETURN(
      const sql::Rows rows,
      connection->Query("SELECT learner, seq, event_id, kind, CASE WHEN kind = 'graded' AND "
                        "payload LIKE '%\"GRADE_CAUSE_INITIAL\"%' THEN answer ELSE '' END FROM events"));
  Comparison comparison(records);
  for (const sql::Row& row : rows) {
    std::string learner, id, kind, graded_initially;
    int64_t sequence = 0;
    RETURN_IF_ERROR(row.Read(learner, sequence, id, kind, graded_initially));
    comparison.Add(learner, sequence, id, kind, graded_initially);
  }
  return comparison.Compare(all_graded);
}

}  // namespace greenroom::e2e
