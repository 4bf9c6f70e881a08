// Writes of any shape, one transaction each, on a thread of their own.
#ifndef GREENROOM_SERVICES_BASE_SQL_WRITER_H_
#define GREENROOM_SERVICES_BASE_SQL_WRITER_H_

#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/base/sql/connection_threads.h"
#include "services/base/sql/database.h"
#include "services/base/task.h"

namespace greenroom::sql {

struct WriterOptions {
  // Writes that may wait for the thread.
  size_t queue_limit = 256;

  absl::Status Validate() const;
};

// Thread-safe. For writes that are rare beside the log's: each one pays for its own fsync.
class Writer {
 public:
  static absl::StatusOr<std::unique_ptr<Writer>> Start(Database& database, WriterOptions options = {});
  // Finishes the writes that are queued.
  ~Writer() = default;

  // Yields what `write(Connection&)` returns, an absl::StatusOr<T> or an absl::Status, or why it could not be committed.
  // `write` runs on the writer's thread inside a transaction that holds the database's write lock, so what it reads
  // stays true until it is committed. It is committed when `write` succeeds and rolled back when it does not: all or
  // nothing. OK means durable. `write` must not begin, commit or keep the connection, and may be called again where another
  // transaction was in the way.
  //   UNAVAILABLE        the queue is full (at once, on the caller's thread), the lock is held, the store is full or out
  //                      of reach; it is written all the same where IsCommitUnknown (store_failure.h) and we are unlucky
  //   DEADLINE_EXCEEDED  `deadline` passed while it waited or while a statement ran: nothing was written. Once `write`
  //                      has returned it is committed, however late.
  // The awaiting coroutine resumes on a completion thread of the database, or on its own where it is refused at once.
  template <typename WriteFn>
  Task<std::invoke_result_t<WriteFn&, Connection&>> Write(WriteFn write, absl::Time deadline) {
    using Result = std::invoke_result_t<WriteFn&, Connection&>;
    Result result = co_await AwaitCallback<Result>([this, &write, deadline](auto done) {
      absl::Status queued =
          threads_.Submit(deadline, [this, &write, done](absl::StatusOr<Connection*> connection) {
            Result outcome =
                connection.ok() ? InTransaction<Result>(**connection, write) : Result(connection.status());
            completions_.Post([done, outcome = std::move(outcome)]() mutable { done(std::move(outcome)); });
          });
      if (!queued.ok()) done(Result(std::move(queued)));
    });
    co_return result;
  }

 private:
  Writer(std::vector<std::unique_ptr<Connection>> connections, size_t queue_limit, Database& database);

  template <typename Result, typename WriteFn>
  static Result InTransaction(Connection& connection, WriteFn& write) {
    constexpr int kTries = 10;  // of a deadlock one side always goes on
    for (int tries = 1; tries < kTries; ++tries) {
      Result result = Once<Result>(connection, write);
      if (!IsAborted(result)) return result;
    }
    return absl::UnavailableError("other transactions were in the way again and again");
  }
  static bool IsAborted(const absl::Status& status) { return absl::IsAborted(status); }
  template <typename T>
  static bool IsAborted(const absl::StatusOr<T>& result) {
    return absl::IsAborted(result.status());
  }

  template <typename Result, typename WriteFn>
  static Result Once(Connection& connection, WriteFn& write) {
    if (absl::Status begun = connection.BeginWrite(); !begun.ok()) return begun;
    Result result = write(connection);
    if (!result.ok()) {
      connection.Rollback();
      return result;
    }
    if (absl::Status committed = connection.Commit(); !committed.ok()) return committed;
    return result;
  }

  CompletionExecutor& completions_;
  ConnectionThreads threads_;
};

}  // namespace greenroom::sql

#endif  // GREENROOM_SERVICES_BASE_SQL_WRITER_H_
