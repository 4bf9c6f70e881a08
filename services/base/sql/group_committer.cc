#include "services/base/sql/group_committer.h"

#include <algorithm>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/base/sql/store_failure.h"

namespace greenroom::sql {

absl::Status GroupCommitterOptions::Validate() const {
  if (max_batch_rows < 1 || max_batch_bytes < 1 || max_queue_units < 1 || max_queue_bytes < 1) {
    return absl::InvalidArgumentError("the bounds of batches and queue must be at least 1");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<GroupCommitter>> GroupCommitter::Start(Database& database, TableSpec table,
                                                                      GroupCommitterOptions options) {
  RETURN_IF_ERROR(options.Validate());
  RETURN_IF_ERROR(table.Validate());
  ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, database.Connect());
  AppendTable append_table(std::move(table));
  RETURN_IF_ERROR(append_table.CheckSchema(*connection));
  return absl::WrapUnique(
      new GroupCommitter(database, std::move(append_table), std::move(options), std::move(connection)));
}

GroupCommitter::GroupCommitter(Database& database, AppendTable table, GroupCommitterOptions options,
                               std::unique_ptr<Connection> connection)
    : database_(database),
      table_(std::move(table)),
      options_(std::move(options)),
      connection_(std::move(connection)),
      max_unit_rows_(connection_->max_parameters() / table_.spec().columns.size()),
      thread_([this] { Run(); }) {}

GroupCommitter::~GroupCommitter() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

Task<absl::StatusOr<CommitOutcome>> GroupCommitter::Commit(Unit unit, absl::Time deadline) {
  CO_RETURN_IF_ERROR_NOW(table_.CheckUnit(unit));
  if (unit.rows.size() > max_unit_rows_) {
    co_return absl::InvalidArgumentError(
        absl::StrCat("a unit of ", unit.rows.size(), " rows; at most ", max_unit_rows_, " are possible"));
  }
  absl::StatusOr<CommitOutcome> outcome = co_await AwaitCallback<absl::StatusOr<CommitOutcome>>(
      [this, &unit, deadline](auto done) { Enqueue(std::move(unit), deadline, std::move(done)); });
  co_return outcome;
}

void GroupCommitter::Enqueue(Unit unit, absl::Time deadline, Done done) {
  size_t bytes = 0;
  for (const Row& row : unit.rows) bytes += row.byte_size();
  absl::Status refused;
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_) {
      refused = absl::UnavailableError("the committer is shutting down");
    } else if (queue_.size() >= options_.max_queue_units ||
               (!queue_.empty() && queue_bytes_ + bytes > options_.max_queue_bytes)) {
      refused = absl::UnavailableError(absl::StrCat("the commit queue of ", table_.spec().table, " is full"));
    } else {
      queue_bytes_ += bytes;
      ++queued_;
      queue_.push_back({std::move(unit), bytes, deadline, std::move(done)});
      return;
    }
  }
  done(std::move(refused));
}

void GroupCommitter::Flush() {
  absl::MutexLock lock(&mutex_);
  const int64_t target = queued_;
  const auto reached = [this, target]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return answered_ >= target; };
  mutex_.Await(absl::Condition(&reached));
}

void GroupCommitter::Run() {
  for (Batch batch = TakeBatch(); !batch.empty(); batch = TakeBatch()) {
    const auto units = static_cast<int64_t>(batch.size());
    CommitBatch(std::move(batch));
    absl::MutexLock lock(&mutex_);
    answered_ += units;
  }
}

// Empty when there will be no more.
GroupCommitter::Batch GroupCommitter::TakeBatch() {
  Batch batch;
  size_t rows = 0, bytes = 0;
  const size_t max_rows = std::min(options_.max_batch_rows, max_unit_rows_);
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(this, &GroupCommitter::HasWork));
  while (!queue_.empty()) {
    Pending& next = queue_.front();
    rows += next.unit.rows.size();
    bytes += next.bytes;
    if (!batch.empty() && (rows > max_rows || bytes > options_.max_batch_bytes)) break;
    queue_bytes_ -= next.bytes;
    batch.push_back(std::move(next));
    queue_.pop_front();
  }
  return batch;
}

void GroupCommitter::CommitBatch(Batch batch) {
  const absl::Time begun = absl::Now();
  BatchStats stats;
  const absl::StatusOr<std::vector<CommitOutcome>> outcomes = Decide(batch, stats);
  stats.duration = absl::Now() - begun;
  stats.status = outcomes.status();
  if (options_.on_batch != nullptr && !batch.empty()) options_.on_batch(stats);
  if (!outcomes.ok() && !absl::IsUnavailable(outcomes.status()) && batch.size() > 1) {
    // One of the units cannot be written. Alone, each shows whether it is the one.
    for (Pending& pending : batch) {
      Batch single;
      single.push_back(std::move(pending));
      CommitBatch(std::move(single));
    }
    return;
  }
  Answer(std::move(batch), outcomes);
}

absl::StatusOr<std::vector<CommitOutcome>> GroupCommitter::Decide(Batch& batch, BatchStats& stats) {
  constexpr int kTries = 10;  // of a deadlock one side always goes on
  for (int tries = 1; tries < kTries; ++tries) {
    absl::StatusOr<std::vector<CommitOutcome>> outcomes = Transact(batch, stats);
    if (!absl::IsAborted(outcomes.status())) return outcomes;
  }
  return absl::UnavailableError("other transactions were in the way again and again");
}

bool GroupCommitter::WasCommitted(absl::Span<const Row* const> written) {
  // A server that restarts is back within a second or two; meanwhile there is nothing else that could be committed.
  const absl::Time until = absl::Now() + database_.options().busy_timeout;
  while (true) {
    absl::StatusOr<bool> holds = false;
    if (absl::Status begun = connection_->BeginRead(); begun.ok()) {
      holds = table_.Holds(*connection_, written);
    } else {
      holds = std::move(begun);
    }
    connection_->Rollback();
    if (holds.ok()) return *holds;
    if (absl::Now() >= until) return false;
    absl::SleepFor(absl::Milliseconds(50));
  }
}

absl::StatusOr<std::vector<CommitOutcome>> GroupCommitter::Transact(Batch& batch, BatchStats& stats) {
  RETURN_IF_ERROR(connection_->BeginAppend());
  // The last moment to drop a unit is now, after whatever it took to get the lock; from here on it may be written.
  const absl::Time now = database_.options().now();
  const auto expired = std::stable_partition(
      batch.begin(), batch.end(), [now](const Pending& pending) { return now < pending.deadline; });
  Answer(Batch(std::make_move_iterator(expired), std::make_move_iterator(batch.end())),
         absl::DeadlineExceededError("the deadline passed before the commit"));
  batch.erase(expired, batch.end());

  std::vector<const Unit*> units;
  for (const Pending& pending : batch) units.push_back(&pending.unit);
  absl::StatusOr<AppendResult> appended = table_.Append(*connection_, units);
  absl::Status status = appended.status();
  if (status.ok() && !appended->written.empty() && options_.after_write != nullptr) {
    status = options_.after_write(*connection_, appended->written);
  }
  if (!status.ok()) {
    connection_->Rollback();
    return status;
  }
  if (appended->written.empty()) {
    connection_->Rollback();  // what was written was taken back: nothing to sync
  } else if (absl::Status committed = connection_->Commit();
             !committed.ok() && !(IsCommitUnknown(committed) && WasCommitted(appended->written))) {
    return committed;
  }
  stats.units = static_cast<int>(batch.size());
  stats.rows = static_cast<int>(appended->written.size());
  stats.conflicts = static_cast<int>(
      std::count(appended->outcomes.begin(), appended->outcomes.end(), CommitOutcome::kConflict));
  return std::move(appended->outcomes);
}

void GroupCommitter::Answer(Batch batch, const absl::StatusOr<std::vector<CommitOutcome>>& outcomes) {
  std::vector<absl::AnyInvocable<void()>> completions;
  completions.reserve(batch.size());
  for (size_t i = 0; i < batch.size(); ++i) {
    absl::StatusOr<CommitOutcome> outcome = outcomes.ok() ? absl::StatusOr<CommitOutcome>((*outcomes)[i])
                                                          : absl::StatusOr<CommitOutcome>(outcomes.status());
    completions.push_back([done = std::move(batch[i].done), outcome = std::move(outcome)]() mutable {
      done(std::move(outcome));
    });
  }
  database_.completions().Post(std::move(completions));
}

}  // namespace greenroom::sql
