// The append path of a log: many small units of rows, committed together, each acknowledged only when it is durable.
#ifndef GREENROOM_SERVICES_BASE_SQL_GROUP_COMMITTER_H_
#define GREENROOM_SERVICES_BASE_SQL_GROUP_COMMITTER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "services/base/sql/append_table.h"
#include "services/base/sql/database.h"
#include "services/base/sql/value.h"
#include "services/base/task.h"

namespace greenroom::sql {

struct BatchStats {
  int units = 0;            // answered kWritten or kConflict
  int conflicts = 0;        // those of them that were conflicts
  int rows = 0;             // rows written
  absl::Duration duration;  // from taking the batch to its commit or rollback
  absl::Status status;      // OK, or why none of the batch was written
};

struct GroupCommitterOptions {
  // A batch is whatever waits when the previous one is done, up to these bounds (a unit larger than one goes alone).
  size_t max_batch_rows = 512;
  size_t max_batch_bytes = 4 << 20;
  // What may wait; beyond either bound Commit answers UNAVAILABLE at once.
  size_t max_queue_units = 4096;
  size_t max_queue_bytes = 64 << 20;
  // Runs inside the transaction, before it is committed, with the rows that it writes (never none), for what must
  // change with them, such as an index. On the committer's thread; must not begin or commit. Failing rolls the whole
  // transaction back and its units get the error, UNAVAILABLE ones at once; with any other the units are tried again
  // one by one, so that a unit that cannot be written does not take others with it: the hook runs again then.
  std::function<absl::Status(Connection&, absl::Span<const Row* const> written)> after_write = nullptr;
  // Sees each batch when it is done, on the committer's thread: for metrics. Must not block.
  std::function<void(const BatchStats&)> on_batch = nullptr;

  absl::Status Validate() const;
};

// Thread-safe. One thread with one connection writes batches one after the other: one INSERT ... ON CONFLICT DO NOTHING
// RETURNING for all rows of a batch, sorted by key, in a transaction of its own (architecture.md, "The promise", 4).
// There is no delay to fill a batch: alone, a unit is committed at once; under load batches grow.
class GroupCommitter {
 public:
  // FAILED_PRECONDITION where the table is absent or its unique keys are not those of `table`.
  static absl::StatusOr<std::unique_ptr<GroupCommitter>> Start(Database& database, TableSpec table,
                                                               GroupCommitterOptions options = {});
  // Commits what is queued, then joins. No Commit may begin meanwhile; results still arrive on completion threads.
  ~GroupCommitter();
  GroupCommitter(const GroupCommitter&) = delete;
  GroupCommitter& operator=(const GroupCommitter&) = delete;

  // Appends the rows of `unit`. Units that collide, in one batch or not, behave as if one of them had come first; units
  // awaited one after the other are written in that order. kWritten and kConflict are answered after the transaction is
  // durable (a conflict with a row that the same transaction writes too). Otherwise nothing of the unit was written:
  //   INVALID_ARGUMENT     no rows, more rows than a statement's parameters allow, a row of another width, NUL in text,
  //                        null in the first unique key, two rows of the unit with the same key
  //   UNAVAILABLE          the queue is full (at once, on the caller's thread), the database is locked, full or out of
  //                        reach, or shutting down. Where the connection broke while committing and the rows are not
  //                        found afterwards, they may yet turn out to be written. After a store I/O error the unit may turn out to be written at the restart,
  //                        but the process does not live to answer.
  //   DEADLINE_EXCEEDED    `deadline` passed before the unit's batch was written; it is never answered after that
  //   FAILED_PRECONDITION  a row breaks another constraint of the table (the rest of the batch is written)
  // The awaiting coroutine resumes on a completion thread of the database, or on its own where it is refused at once.
  Task<absl::StatusOr<CommitOutcome>> Commit(Unit unit, absl::Time deadline);

  // Blocks until every unit queued before the call is answered (handed to the completion threads).
  void Flush();

 private:
  using Done = absl::AnyInvocable<void(absl::StatusOr<CommitOutcome>)>;
  struct Pending {
    Unit unit;
    size_t bytes;
    absl::Time deadline;
    Done done;
  };
  using Batch = std::vector<Pending>;

  GroupCommitter(Database& database, AppendTable table, GroupCommitterOptions options,
                 std::unique_ptr<Connection> connection);
  void Enqueue(Unit unit, absl::Time deadline, Done done);
  void Run();
  Batch TakeBatch();
  void CommitBatch(Batch batch);
  // Transactions until one is decided. As Transact.
  absl::StatusOr<std::vector<CommitOutcome>> Decide(Batch& batch, BatchStats& stats);
  // Whether a transaction that wrote `written` was committed, where the connection broke and only the table can tell.
  bool WasCommitted(absl::Span<const Row* const> written);
  // One transaction. Removes from `batch` the units whose deadline has passed, answering them; yields the others'
  // outcomes in their order, and counts in `stats`.
  absl::StatusOr<std::vector<CommitOutcome>> Transact(Batch& batch, BatchStats& stats);
  void Answer(Batch batch, const absl::StatusOr<std::vector<CommitOutcome>>& outcomes);

  bool HasWork() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return stopping_ || !queue_.empty(); }

  Database& database_;
  const AppendTable table_;
  const GroupCommitterOptions options_;
  const std::unique_ptr<Connection> connection_;  // used by thread_ only, once that runs
  const size_t max_unit_rows_;

  absl::Mutex mutex_;
  std::deque<Pending> queue_ ABSL_GUARDED_BY(mutex_);
  size_t queue_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t queued_ ABSL_GUARDED_BY(mutex_) = 0;    // units ever queued
  int64_t answered_ ABSL_GUARDED_BY(mutex_) = 0;  // of them, units answered; in order, batch by batch
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace greenroom::sql

#endif  // GREENROOM_SERVICES_BASE_SQL_GROUP_COMMITTER_H_
