// Reads on threads of their own.
#ifndef GREENROOM_SERVICES_BASE_SQL_READER_POOL_H_
#define GREENROOM_SERVICES_BASE_SQL_READER_POOL_H_

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

struct ReaderPoolOptions {
  int threads = 2;
  // Reads that may wait for a thread.
  size_t queue_limit = 1024;

  absl::Status Validate() const;
};

// Thread-safe. Reads run beside one another and beside the one writer, and never wait for it (write-ahead log).
class ReaderPool {
 public:
  static absl::StatusOr<std::unique_ptr<ReaderPool>> Start(Database& database,
                                                           ReaderPoolOptions options = {});
  // Finishes the reads that are queued. Not from a continuation of one of its own reads.
  ~ReaderPool() = default;

  // Yields what `read(Connection&)` returns, an absl::StatusOr<T> or an absl::Status. `read` runs on a thread of the
  // pool, inside one read transaction: all its queries see the same committed state, which holds every write that was
  // acknowledged before the read began. It must not write, begin or commit.
  //   UNAVAILABLE        the queue is full (at once, on the caller's thread), or the store is out of reach
  //   DEADLINE_EXCEEDED  `deadline` passed while it waited (it was not started) or while a statement ran
  // The awaiting coroutine resumes on the pool's thread, which serves no other read until the coroutine suspends or
  // ends: go on with little work there, and never block.
  template <typename ReadFn>
  Task<std::invoke_result_t<ReadFn&, Connection&>> Read(ReadFn read, absl::Time deadline) {
    using Result = std::invoke_result_t<ReadFn&, Connection&>;
    Result result = co_await AwaitCallback<Result>([this, &read, deadline](auto done) {
      absl::Status queued =
          threads_.Submit(deadline, [&read, done](absl::StatusOr<Connection*> connection) mutable {
            done(connection.ok() ? InTransaction<Result>(**connection, read) : Result(connection.status()));
          });
      if (!queued.ok()) done(Result(std::move(queued)));
    });
    co_return result;
  }

 private:
  ReaderPool(std::vector<std::unique_ptr<Connection>> connections, size_t queue_limit,
             const DatabaseOptions& options);

  template <typename Result, typename ReadFn>
  static Result InTransaction(Connection& connection, ReadFn& read) {
    if (absl::Status begun = connection.BeginRead(); !begun.ok()) return begun;
    Result result = read(connection);
    connection.Rollback();  // nothing to keep, and it cannot fail
    return result;
  }

  ConnectionThreads threads_;
};

}  // namespace greenroom::sql

#endif  // GREENROOM_SERVICES_BASE_SQL_READER_POOL_H_
