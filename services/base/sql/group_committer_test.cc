// The group committer on real databases: what is written, what is not, and who is told.
#include "services/base/sql/group_committer.h"

#include <array>
#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "services/base/sql/event_table_fixture.h"

namespace greenroom::sql {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::Le;
using ::testing::UnorderedElementsAre;

INSTANTIATE_TEST_SUITE_P(Drivers, GroupCommitterTest, Drivers(), DriverName);

TEST_P(GroupCommitterTest, WritesAUnitAndThenItsKeysAreTaken) {
  auto committer = Start();
  EXPECT_EQ(Commit(*committer, {Event("a", 1, "x", 7), Event("a", 2, "y")}).value(), kWritten);
  EXPECT_THAT(Stored("learner, seq, event_id, device, device_seq, payload"),
              ElementsAre(Event("a", 1, "x", 7), Event("a", 2, "y")));
  EXPECT_EQ(Commit(*committer, {Event("a", 1, "z")}).value(), kConflict);     // the sequence
  EXPECT_EQ(Commit(*committer, {Event("a", 3, "x")}).value(), kConflict);     // the id
  EXPECT_EQ(Commit(*committer, {Event("a", 3, "z", 7)}).value(), kConflict);  // the device's number
  EXPECT_EQ(Commit(*committer, {Event("a", 3, "z"), Event("a", 4, "w")}).value(),
            kWritten);                                                       // null is never taken
  EXPECT_EQ(Commit(*committer, {Event("b", 1, "x", 7)}).value(), kWritten);  // another learner's
}

TEST_P(GroupCommitterTest, AUnitWithOneTakenRowLeavesNone) {
  auto committer = Start();
  ASSERT_EQ(Commit(*committer, {Event("a", 3, "c")}).value(), kWritten);
  EXPECT_EQ(Commit(*committer, {Event("a", 1, "x"), Event("a", 2, "y"), Event("a", 3, "z")}).value(),
            kConflict);
  EXPECT_THAT(Stored(), ElementsAre(Row{"a", 3, "c"}));
  EXPECT_EQ(Commit(*committer, {Event("a", 1, "x"), Event("a", 2, "y")}).value(), kWritten);
}

TEST_P(GroupCommitterTest, UnitsOfOneBatchThatCollideActAsIfOneCameFirst) {
  Gate gate;
  std::vector<int> batches;
  auto committer = Start({.after_write = gate.Hook(),
                          .on_batch = [&](const BatchStats& stats) { batches.push_back(stats.units); }});
  Results first, results;
  first.Start(*committer, {{Event("gate", 1, "g")}});
  gate.WaitUntilClosed();
  results.Start(*committer, {{Event("a", 1, "x"), Event("a", 2, "y")}});     // 0 written
  results.Start(*committer, {{Event("a", 1, "x"), Event("a", 2, "y")}});     // 1 the same again
  results.Start(*committer, {{Event("a", 2, "p"), Event("a", 3, "q")}});     // 2 half of it taken
  results.Start(*committer, {{Event("a", 3, "r")}});                         // 3 free, for 2 left nothing
  results.Start(*committer, {{Event("gate", 1, "h"), Event("b", 1, "x")}});  // 4 taken before the batch
  results.Start(*committer, {{Event("b", 1, "y")}});                         // 5 free, for 4 left nothing
  results.Start(*committer, {{Event("a", 4, "x")}});                         // 6 the id is taken by 0
  results.Start(*committer, {{Event("c", 1, "x")}});                         // 7 collides with none
  gate.Open();
  EXPECT_THAT(results.WaitForOutcomes(), ElementsAre(kWritten, kConflict, kConflict, kWritten, kConflict,
                                                     kWritten, kConflict, kWritten));
  EXPECT_THAT(Stored(), ElementsAre(Row{"a", 1, "x"}, Row{"a", 2, "y"}, Row{"a", 3, "r"}, Row{"b", 1, "y"},
                                    Row{"c", 1, "x"}, Row{"gate", 1, "g"}));
  committer.reset();
  EXPECT_THAT(batches, ElementsAre(1, 8));
}

TEST_P(GroupCommitterTest, TextIsStoredByteForByte) {
  auto committer = Start();
  const std::vector<std::string> every = EveryByte(GetParam());
  const std::string texts[] = {absl::StrJoin(every, ""), "", "Zażółć gęślą jaźń \xF0\x9F\x8E\xA4 日本",
                               std::string(32 << 10, '\''), std::string(32 << 10, '\x7F')};
  int64_t seq = 0;
  for (const std::string& text : texts) {
    ++seq;
    ASSERT_EQ(Commit(*committer, {Event("a", seq, absl::StrCat("id-", seq), std::nullopt, text)}).value(),
              kWritten);
    EXPECT_EQ(Stored("payload").back(), Row{text});
  }
  // In keys too, where rows are found again by what comes back.
  for (size_t i = 0; i < every.size(); i += every.size() / 250) {
    const std::string learner = absl::StrCat("with ", every[i]);
    ASSERT_EQ(Commit(*committer, {Event(learner, 1, "x")}).value(), kWritten) << i;
    ASSERT_EQ(Commit(*committer, {Event(learner, 2, "y"), Event(learner, 3, "x")}).value(), kConflict) << i;
  }
}

TEST_P(GroupCommitterTest, RefusesUnitsThatCouldNeverBeWritten) {
  auto committer = Start();
  Row null_key = Event("a", 1, "x");
  null_key.values()[0] = SqlValue();
  const std::vector<std::vector<Row>> bad = {
      {},
      {Row{"a", 1}},
      {Event("a", 1, "x"), Event("a", 1, "y")},
      {Event("a", 1, "x"), Event("a", 2, "x")},
      {Event("a", 1, "x", std::nullopt, absl::string_view("a\0b", 3))},
      {null_key},
      std::vector<Row>(100000, Event("a", 1, "x")),
  };
  for (const std::vector<Row>& rows : bad) {
    EXPECT_THAT(Commit(*committer, rows), StatusIs(absl::StatusCode::kInvalidArgument));
  }
  std::vector<Row> many;
  for (int i = 1; i <= 100000; ++i) many.push_back(Event("a", i, absl::StrCat(i)));
  EXPECT_THAT(Commit(*committer, many), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Stored(), ElementsAre());
}

TEST_P(GroupCommitterTest, AUnitThatBreaksAConstraintTakesNoOtherWithIt) {
  Gate gate;
  auto committer = Start({.after_write = gate.Hook()});
  Results first, results;
  first.Start(*committer, {{Event("gate", 1, "g")}});
  gate.WaitUntilClosed();
  results.Start(*committer, {{Event("a", 1, "x")}});
  results.Start(*committer, {{Event("a", 2, "y"), Event("a", -2, "z")}});  // seq > 0
  Row wrong_type = Event("a", 3, "z");
  wrong_type.values()[1] = "three";
  results.Start(*committer, {{wrong_type}});
  results.Start(*committer, {{Event("a", 2, "z")}});
  gate.Open();
  const std::vector<absl::StatusOr<CommitOutcome>> answers = results.Wait();
  EXPECT_EQ(answers[0].value(), kWritten);
  EXPECT_THAT(answers[1], StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(answers[2], StatusIs(GetParam() == DialectName::kSqlite ? absl::StatusCode::kFailedPrecondition
                                                                      : absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(answers[3].value(), kWritten);
  EXPECT_THAT(Stored(), ElementsAre(Row{"a", 1, "x"}, Row{"a", 2, "z"}, Row{"gate", 1, "g"}));
}

TEST_P(GroupCommitterTest, TheHookWritesInTheSameTransaction) {
  ASSERT_THAT(connection_->Execute(store_.Ddl("CREATE TABLE pending (event_id {text} PRIMARY KEY){strict}")),
              IsOk());
  auto committer =
      Start({.after_write = [](Connection& connection, absl::Span<const Row* const> rows) -> absl::Status {
        EXPECT_FALSE(rows.empty());
        for (const Row* row : rows) {
          RETURN_IF_ERROR(connection.Execute("INSERT INTO pending VALUES (?)", {(*row)[2]}).status());
        }
        return absl::OkStatus();
      }});
  EXPECT_EQ(Commit(*committer, {Event("a", 1, "x"), Event("a", 2, "y")}).value(), kWritten);
  EXPECT_EQ(Commit(*committer, {Event("a", 3, "z"), Event("a", 2, "w")}).value(), kConflict);
  EXPECT_THAT(connection_->Query("SELECT event_id FROM pending").value(),
              UnorderedElementsAre(Row{"x"}, Row{"y"}));
  // The hook fails for "x" of another learner: its event is not written either.
  EXPECT_THAT(Commit(*committer, {Event("b", 1, "x")}), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(Stored().size(), 2u);
  EXPECT_EQ(Commit(*committer, {Event("b", 1, "v")}).value(), kWritten);
}

TEST_P(GroupCommitterTest, AUnitWhoseDeadlinePassesInTheQueueIsNotWritten) {
  Gate gate;
  auto committer = Start({.after_write = gate.Hook()});
  Results first, results;
  // Taken before its deadline, committed after it: still written, and said so.
  first.Start(*committer, {{Event("gate", 1, "g")}}, absl::FromUnixSeconds(1010));
  gate.WaitUntilClosed();
  results.Start(*committer, {{Event("a", 1, "x")}}, absl::FromUnixSeconds(1010));
  results.Start(*committer, {{Event("a", 1, "y")}}, absl::FromUnixSeconds(1011));
  now_seconds_ = 1010;
  gate.Open();
  EXPECT_THAT(first.WaitForOutcomes(), ElementsAre(kWritten));
  const std::vector<absl::StatusOr<CommitOutcome>> answers = results.Wait();
  EXPECT_THAT(answers[0], StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_EQ(answers[1].value(), kWritten);
  EXPECT_THAT(Stored(), ElementsAre(Row{"a", 1, "y"}, Row{"gate", 1, "g"}));
}

TEST_P(GroupCommitterTest, AFullQueueRefusesAtOnce) {
  Gate gate;
  auto committer = Start({.max_queue_units = 3, .max_queue_bytes = 100000, .after_write = gate.Hook()});
  Results first, results;
  first.Start(*committer, {{Event("gate", 1, "g")}});
  gate.WaitUntilClosed();
  const std::thread::id here = std::this_thread::get_id();
  const auto refused = [&](int64_t seq, size_t bytes) {
    std::thread::id resumed;
    absl::Status status;
    StartTask(committer->Commit({{Event("a", seq, absl::StrCat(seq), std::nullopt, std::string(bytes, 'x'))}},
                                kNoDeadline),
              [&](const absl::StatusOr<CommitOutcome>& result) {
                resumed = std::this_thread::get_id();
                status = result.status();
              });
    EXPECT_EQ(resumed, here);
    return status;
  };
  results.Start(*committer, {{Event("a", 1, "1")}});
  EXPECT_THAT(refused(2, 100000), StatusIs(absl::StatusCode::kUnavailable));  // bytes
  results.Start(*committer, {{Event("a", 2, "2")}});
  results.Start(*committer, {{Event("a", 3, "3")}});
  EXPECT_THAT(refused(4, 1), StatusIs(absl::StatusCode::kUnavailable));  // units
  gate.Open();
  EXPECT_THAT(results.WaitForOutcomes(), Each(kWritten));
  EXPECT_EQ(Commit(*committer, {Event("a", 4, "4")}).value(), kWritten);
}

TEST_P(GroupCommitterTest, BatchesAreBoundedByRowsAndBytes) {
  for (const bool by_bytes : {false, true}) {
    const std::string learner = by_bytes ? "bytes" : "rows";
    Gate gate;
    std::vector<int> rows;
    GroupCommitterOptions options{.after_write = gate.Hook(),
                                  .on_batch = [&](const BatchStats& stats) { rows.push_back(stats.rows); }};
    (by_bytes ? options.max_batch_bytes : options.max_batch_rows) = by_bytes ? 4200 : 4;
    auto committer = Start(options);
    Results results;
    results.Start(*committer, {{Event(learner + "-gate", 1, "g")}});
    gate.WaitUntilClosed();
    int64_t seq = 0;
    for (const int unit : {2, 2, 1, 2, 6, 1}) {
      Unit next;
      for (int i = 0; i < unit; ++i) {
        ++seq;
        next.rows.push_back(
            Event(learner, seq, absl::StrCat(seq), std::nullopt, std::string(by_bytes ? 700 : 1, 'x')));
      }
      results.Start(*committer, std::move(next));
    }
    gate.Open();
    EXPECT_THAT(results.WaitForOutcomes(), Each(kWritten));
    committer.reset();
    EXPECT_THAT(rows, ElementsAre(1, 4, 3, 6, 1)) << learner;  // a unit beyond the bound goes alone
  }
}

TEST_P(GroupCommitterTest, ALockedDatabaseIsUnavailableAndLaterWritten) {
  auto committer = Start();
  LockOutOthers();
  EXPECT_THAT(Commit(*committer, {Event("a", 1, "x")}), StatusIs(absl::StatusCode::kUnavailable));
  connection_->Rollback();
  EXPECT_THAT(Stored(), ElementsAre());
  EXPECT_EQ(Commit(*committer, {Event("a", 1, "x")}).value(), kWritten);
}

using SqliteGroupCommitterTest = GroupCommitterTest;
INSTANTIATE_TEST_SUITE_P(Drivers, SqliteGroupCommitterTest, ::testing::Values(DialectName::kSqlite),
                         DriverName);

TEST_P(SqliteGroupCommitterTest, ADatabaseThatMayNotGrowIsUnavailableAndLaterWritten) {
  std::atomic<int> pages = 1;
  auto committer = Start({.after_write = [&](Connection& connection, absl::Span<const Row* const>) {
    return connection.Query(absl::StrCat("PRAGMA max_page_count = ", pages.load())).status();
  }});
  const std::string big(100000, 'x');
  ASSERT_EQ(Commit(*committer, {Event("a", 1, "1")}).value(), kWritten);  // sets the bound
  EXPECT_THAT(Commit(*committer, {Event("a", 2, "2", std::nullopt, big)}),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(Stored().size(), 1u);
  pages = 1 << 20;
  ASSERT_EQ(Commit(*committer, {Event("a", 2, "2")}).value(), kWritten);  // small enough, and lifts it
  EXPECT_EQ(Commit(*committer, {Event("a", 3, "3", std::nullopt, big)}).value(), kWritten);
}

TEST_P(GroupCommitterTest, ContinuationsDoNotHoldUpTheNextBatch) {
  absl::Notification resumed, second_batch_done, blocked;
  Gate gate;  // so that the first commit has suspended before it is done
  std::atomic<int> batches = 0;
  std::atomic<std::thread::id> committer_thread, resumed_on;
  auto committer = Start({.after_write = gate.Hook(), .on_batch = [&](const BatchStats&) {
                            committer_thread = std::this_thread::get_id();
                            if (++batches == 2) second_batch_done.Notify();
                          }});
  StartTask(committer->Commit({{Event("a", 1, "x")}}, kNoDeadline),
            [&](const absl::StatusOr<CommitOutcome>& result) {
              EXPECT_EQ(result.value(), kWritten);
              resumed_on = std::this_thread::get_id();
              resumed.Notify();
              // This continuation ends only after a later batch has been committed.
              second_batch_done.WaitForNotification();
              blocked.Notify();
            });
  gate.Open();
  resumed.WaitForNotification();
  EXPECT_EQ(Commit(*committer, {Event("a", 2, "y")}).value(), kWritten);
  blocked.WaitForNotification();
  EXPECT_NE(resumed_on.load(), committer_thread.load());
  EXPECT_NE(resumed_on.load(), std::this_thread::get_id());
}

TEST_P(GroupCommitterTest, ObserversSeeEachBatch) {
  std::vector<BatchStats> seen;
  auto committer = Start({.on_batch = [&](const BatchStats& stats) { seen.push_back(stats); }});
  ASSERT_THAT(Commit(*committer, {Event("a", 1, "x"), Event("a", 2, "y")}), IsOk());
  ASSERT_THAT(Commit(*committer, {Event("a", 2, "z")}), IsOk());
  LockOutOthers();
  ASSERT_THAT(Commit(*committer, {Event("a", 3, "z")}), StatusIs(absl::StatusCode::kUnavailable));
  connection_->Rollback();
  committer.reset();
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_EQ(seen[0].units, 1);
  EXPECT_EQ(seen[0].rows, 2);
  EXPECT_EQ(seen[0].conflicts, 0);
  EXPECT_THAT(seen[0].duration, AllOf(Ge(absl::ZeroDuration()), Le(absl::Seconds(60))));
  EXPECT_EQ(seen[1].rows, 0);
  EXPECT_EQ(seen[1].conflicts, 1);
  EXPECT_THAT(seen[2].status, StatusIs(absl::StatusCode::kUnavailable));
}

TEST_P(GroupCommitterTest, CommitSeqGrowsAlongEachLearnersSequence) {
  auto committer = Start();
  ASSERT_EQ(Commit(*committer, {Event("a", 3, "z"), Event("a", 1, "x"), Event("a", 2, "y")}).value(),
            kWritten);
  const Rows rows = Stored("commit_seq");
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_TRUE(std::is_sorted(rows.begin(), rows.end()));
}

TEST_P(GroupCommitterTest, RefusesATableThatIsNotAsDescribed) {
  const auto start = [&](TableSpec spec) {
    return GroupCommitter::Start(*database_, std::move(spec)).status();
  };
  TableSpec spec = Events();
  spec.table = "absent";
  EXPECT_THAT(start(spec), StatusIs(absl::StatusCode::kFailedPrecondition));
  spec = Events();
  spec.columns.push_back("absent");
  EXPECT_THAT(start(spec), StatusIs(absl::StatusCode::kFailedPrecondition));
  spec = Events();
  spec.unique_keys.pop_back();
  EXPECT_THAT(start(spec), StatusIs(absl::StatusCode::kFailedPrecondition));
  spec = Events();
  spec.unique_keys.push_back({"payload"});
  EXPECT_THAT(start(spec), StatusIs(absl::StatusCode::kFailedPrecondition));
  spec.unique_keys.back() = {"commit_seq"};
  EXPECT_THAT(start(spec), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(GroupCommitter::Start(*database_, Events(), {.max_batch_rows = 0}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace greenroom::sql
