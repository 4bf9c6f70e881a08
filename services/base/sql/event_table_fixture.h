// For the tests of the group committer: a table of events as the log has it, and commits under control.
#ifndef GREENROOM_SERVICES_BASE_SQL_EVENT_TABLE_FIXTURE_H_
#define GREENROOM_SERVICES_BASE_SQL_EVENT_TABLE_FIXTURE_H_

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "services/base/sql/group_committer.h"
#include "services/base/sql/test_database.h"
#include "services/base/sql/test_store.h"

namespace greenroom::sql {

inline constexpr absl::Time kNoDeadline = absl::InfiniteFuture();
inline constexpr CommitOutcome kWritten = CommitOutcome::kWritten;
inline constexpr CommitOutcome kConflict = CommitOutcome::kConflict;

inline TableSpec Events() {
  return {"events",
          {"learner", "seq", "event_id", "device", "device_seq", "payload"},
          {{"learner", "seq"}, {"learner", "event_id"}, {"learner", "device", "device_seq"}}};
}

inline Row Event(absl::string_view learner, int64_t seq, absl::string_view id,
                 std::optional<int> device_seq = std::nullopt, absl::string_view payload = "{}") {
  return Row{learner, seq, id, device_seq.has_value() ? SqlValue("phone") : SqlValue(), device_seq, payload};
}

// Blocks the committer inside of its first batch, so that what is committed meanwhile makes up the next one.
class Gate {
 public:
  auto Hook() {
    return [this](Connection&, absl::Span<const Row* const>) {
      if (!closed_.HasBeenNotified()) {
        closed_.Notify();
        open_.WaitForNotification();
      }
      return absl::OkStatus();
    };
  }
  void WaitUntilClosed() { closed_.WaitForNotification(); }
  void Open() { open_.Notify(); }

 private:
  absl::Notification closed_, open_;
};

// Results of commits that were started without waiting.
class Results {
 public:
  void Start(GroupCommitter& committer, Unit unit, absl::Time deadline = kNoDeadline) {
    size_t index;
    {
      absl::MutexLock lock(&mutex_);
      index = results_.size();
      results_.push_back(absl::UnknownError("not answered"));
      ++waiting_;
    }
    StartTask(committer.Commit(std::move(unit), deadline),
              [this, index](absl::StatusOr<CommitOutcome> result) {
                absl::MutexLock lock(&mutex_);
                results_[index] = std::move(result);
                --waiting_;
              });
  }
  std::vector<absl::StatusOr<CommitOutcome>> Wait() {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(
        +[](int* waiting) { return *waiting == 0; }, &waiting_));
    return results_;
  }
  std::vector<CommitOutcome> WaitForOutcomes() {
    std::vector<CommitOutcome> outcomes;
    for (const absl::StatusOr<CommitOutcome>& result : Wait()) {
      EXPECT_THAT(result, IsOk());
      if (result.ok()) outcomes.push_back(*result);
    }
    return outcomes;
  }

 private:
  absl::Mutex mutex_;
  std::vector<absl::StatusOr<CommitOutcome>> results_ ABSL_GUARDED_BY(mutex_);
  int waiting_ ABSL_GUARDED_BY(mutex_) = 0;
};

class GroupCommitterTest : public ::testing::TestWithParam<DialectName> {
 protected:
  GroupCommitterTest() {
    EXPECT_THAT(connection_->Execute(store_.Ddl(
                    "CREATE TABLE events (commit_seq {identity}, "
                    "learner {text} NOT NULL, seq {integer} NOT NULL CHECK (seq > 0), "
                    "event_id {text} NOT NULL, device {text}, device_seq {integer}, payload {text} NOT NULL, "
                    "UNIQUE (learner, seq), UNIQUE (learner, event_id)){strict}")),
                IsOk());
    EXPECT_THAT(connection_->Execute("CREATE UNIQUE INDEX by_device ON events (learner, device, device_seq) "
                                     "WHERE device_seq IS NOT NULL"),
                IsOk());
  }

  std::unique_ptr<GroupCommitter> Start(GroupCommitterOptions options = {}) {
    return GroupCommitter::Start(*database_, Events(), std::move(options)).value();
  }
  absl::StatusOr<CommitOutcome> Commit(GroupCommitter& committer, std::vector<Row> rows) {
    return SyncWait(committer.Commit({std::move(rows)}, kNoDeadline));
  }
  // Begins a transaction of connection_ behind which no committer can write.
  void LockOutOthers() {
    ASSERT_THAT(connection_->BeginWrite(), IsOk());
    if (GetParam() == DialectName::kPostgres) {
      ASSERT_THAT(connection_->Execute("LOCK TABLE events IN EXCLUSIVE MODE"), IsOk());
    }
  }
  Rows Stored(absl::string_view columns = "learner, seq, event_id") {
    return connection_->Query(absl::StrCat("SELECT ", columns, " FROM events ORDER BY learner, seq")).value();
  }

  std::atomic<int64_t> now_seconds_{1000};
  TestStore store_{GetParam()};
  std::unique_ptr<Database> database_ =
      OpenOrDie(store_.url(), {.busy_timeout = absl::Milliseconds(50),
                               .now = [this] { return absl::FromUnixSeconds(now_seconds_.load()); }});
  std::unique_ptr<Connection> connection_ = ConnectOrDie(*database_);
};

}  // namespace greenroom::sql

#endif  // GREENROOM_SERVICES_BASE_SQL_EVENT_TABLE_FIXTURE_H_
