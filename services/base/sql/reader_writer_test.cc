// ReaderPool and Writer on real databases of every driver.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "services/base/sql/reader_pool.h"
#include "services/base/sql/test_database.h"
#include "services/base/sql/test_store.h"
#include "services/base/sql/writer.h"

namespace greenroom::sql {
namespace {

using ::testing::ElementsAre;

constexpr absl::Time kNoDeadline = absl::InfiniteFuture();

absl::StatusOr<int64_t> Count(Connection& connection) {
  ASSIGN_OR_RETURN(const Rows rows, connection.Query("SELECT count(*) FROM t"));
  int64_t count = 0;
  RETURN_IF_ERROR(rows.at(0).Read(count));
  return count;
}

class ReaderWriterTest : public ::testing::TestWithParam<DialectName> {
 protected:
  ReaderWriterTest() {
    EXPECT_THAT(ConnectOrDie(*database_)
                    ->Execute(store_.Ddl("CREATE TABLE t (id {integer} PRIMARY KEY, n {integer}){strict}")),
                IsOk());
  }

  std::unique_ptr<ReaderPool> Readers(ReaderPoolOptions options) {
    return ReaderPool::Start(*database_, options).value();
  }
  std::unique_ptr<Writer> StartWriter(WriterOptions options = {}) {
    return Writer::Start(*database_, options).value();
  }
  absl::Status Insert(Writer& writer, int id) {
    return SyncWait(writer.Write(
        [id](Connection& connection) {
          return connection.Execute("INSERT INTO t VALUES (?, 0)", {id}).status();
        },
        kNoDeadline));
  }

  std::atomic<int64_t> now_seconds_{1000};
  TestStore store_{GetParam()};
  std::unique_ptr<Database> database_ =
      OpenOrDie(store_.url(), {.busy_timeout = absl::Milliseconds(50),
                               .now = [this] { return absl::FromUnixSeconds(now_seconds_.load()); }});
};

INSTANTIATE_TEST_SUITE_P(Drivers, ReaderWriterTest, Drivers(), DriverName);

TEST_P(ReaderWriterTest, AReadSeesEveryAcknowledgedWrite) {
  auto writer = StartWriter();
  auto readers = Readers({.threads = 3});
  for (int i = 0; i < 200; ++i) {
    ASSERT_THAT(Insert(*writer, i), IsOk());
    ASSERT_EQ(SyncWait(readers->Read(Count, kNoDeadline)).value(), i + 1);
  }
}

TEST_P(ReaderWriterTest, AReadSeesOneStateThroughout) {
  auto writer = StartWriter();
  auto readers = Readers({.threads = 1});
  const auto counts = [&](Connection& connection) -> absl::StatusOr<std::vector<int64_t>> {
    ASSIGN_OR_RETURN(const int64_t before, Count(connection));
    EXPECT_THAT(Insert(*writer, 1), IsOk());
    ASSIGN_OR_RETURN(const int64_t after, Count(connection));
    return std::vector<int64_t>{before, after};
  };
  EXPECT_THAT(SyncWait(readers->Read(counts, kNoDeadline)).value(), ElementsAre(0, 0));
  EXPECT_EQ(SyncWait(readers->Read(Count, kNoDeadline)).value(), 1);
}

TEST_P(ReaderWriterTest, AReaderCannotWrite) {
  auto readers = Readers({.threads = 1});
  const auto write = [](Connection& connection) { return connection.Execute("DELETE FROM t").status(); };
  EXPECT_THAT(SyncWait(readers->Read(write, kNoDeadline)), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(SyncWait(readers->Read(Count, kNoDeadline)).value(), 0);  // the thread goes on
}

TEST_P(ReaderWriterTest, AFullQueueRefusesAtOnce) {
  auto readers = Readers({.threads = 1, .queue_limit = 1});
  absl::Notification running, go_on;
  absl::BlockingCounter done(2);
  const auto hold = [&](Connection& connection) {
    if (!running.HasBeenNotified()) running.Notify();
    go_on.WaitForNotification();
    return Count(connection);
  };
  const auto finished = [&](const absl::StatusOr<int64_t>& result) {
    EXPECT_THAT(result, IsOk());
    done.DecrementCount();
  };
  StartTask(readers->Read(hold, kNoDeadline), finished);
  running.WaitForNotification();
  StartTask(readers->Read(hold, kNoDeadline), finished);
  EXPECT_THAT(SyncWait(readers->Read(Count, kNoDeadline)), StatusIs(absl::StatusCode::kUnavailable));
  go_on.Notify();
  done.Wait();
  EXPECT_THAT(SyncWait(readers->Read(Count, kNoDeadline)), IsOk());
}

TEST_P(ReaderWriterTest, WhatWaitsBeyondItsDeadlineIsNotStarted) {
  auto readers = Readers({.threads = 1});
  auto writer = StartWriter();
  absl::Notification running, go_on, writer_running;
  std::atomic<int> started = 0;
  absl::BlockingCounter done(4);
  const auto hold = [&](absl::Notification& at) {
    at.Notify();
    go_on.WaitForNotification();
    return absl::OkStatus();
  };
  const auto count = [&](Connection&) {
    ++started;
    return absl::OkStatus();
  };
  const auto expect = [&done](absl::StatusCode code) {
    return [&done, code](const absl::Status& status) {
      EXPECT_THAT(status, StatusIs(code));
      done.DecrementCount();
    };
  };
  const absl::Time deadline = absl::FromUnixSeconds(1010);
  StartTask(readers->Read([&](Connection&) { return hold(running); }, kNoDeadline),
            expect(absl::StatusCode::kOk));
  StartTask(writer->Write([&](Connection&) { return hold(writer_running); }, kNoDeadline),
            expect(absl::StatusCode::kOk));
  running.WaitForNotification();
  writer_running.WaitForNotification();
  StartTask(readers->Read(count, deadline), expect(absl::StatusCode::kDeadlineExceeded));
  StartTask(writer->Write(count, deadline), expect(absl::StatusCode::kDeadlineExceeded));
  now_seconds_ = 1010;
  go_on.Notify();
  done.Wait();
  EXPECT_EQ(started, 0);
}

TEST_P(ReaderWriterTest, ARunningStatementEndsAtItsDeadline) {
  auto readers = Readers({.threads = 1});
  const auto endless = [&](Connection& connection) {
    now_seconds_ = 1010;
    return connection
        .Query(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n WHERE i "
            "< 0")
        .status();
  };
  EXPECT_THAT(SyncWait(readers->Read(endless, absl::FromUnixSeconds(1010))),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_THAT(SyncWait(readers->Read(Count, kNoDeadline)), IsOk());
}

TEST_P(ReaderWriterTest, AWriteIsKeptWhollyOrNotAtAll) {
  auto writer = StartWriter();
  auto readers = Readers({.threads = 1});
  const auto fail = [](Connection& connection) -> absl::Status {
    RETURN_IF_ERROR(connection.Execute("INSERT INTO t VALUES (1, 0)").status());
    return absl::NotFoundError("changed my mind");
  };
  EXPECT_THAT(SyncWait(writer->Write(fail, kNoDeadline)), StatusIs(absl::StatusCode::kNotFound));
  const auto ignore = [](Connection& connection) -> absl::Status {
    RETURN_IF_ERROR(connection.Execute("INSERT INTO t VALUES (1, 0)").status());
    connection.Execute("INSERT INTO t VALUES (1, 0)").IgnoreError();
    return absl::OkStatus();
  };
  EXPECT_THAT(SyncWait(writer->Write(ignore, kNoDeadline)), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(SyncWait(readers->Read(Count, kNoDeadline)).value(), 0);
  const auto value = [](Connection& connection) {
    return connection.Execute("INSERT INTO t VALUES (1, 0), (2, 0)");
  };
  EXPECT_EQ(SyncWait(writer->Write(value, kNoDeadline)).value(), 2);
  EXPECT_EQ(SyncWait(readers->Read(Count, kNoDeadline)).value(), 2);
}

TEST_P(ReaderWriterTest, AWriteBehindAnothersLockIsUnavailableAndLaterDone) {
  auto writer = StartWriter();
  std::unique_ptr<Connection> other = ConnectOrDie(*database_);
  ASSERT_THAT(other->BeginWrite(), IsOk());
  EXPECT_THAT(Insert(*writer, 1), StatusIs(absl::StatusCode::kUnavailable));
  other->Rollback();
  EXPECT_THAT(Insert(*writer, 1), IsOk());
}

TEST_P(ReaderWriterTest, ReadModifyWriteLosesNothing) {
  auto writer = StartWriter();
  auto readers = Readers({.threads = 2});
  ASSERT_THAT(Insert(*writer, 1), IsOk());
  constexpr int kThreads = 8, kEach = 50;
  const auto increment = [](Connection& connection) -> absl::Status {
    ASSIGN_OR_RETURN(const Rows rows, connection.Query("SELECT n FROM t WHERE id = 1"));
    return connection.Execute("UPDATE t SET n = ? WHERE id = 1", {*rows.at(0)[0].integer() + 1}).status();
  };
  std::atomic<int64_t> acknowledged = 0;
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < kEach; ++j) {
        EXPECT_THAT(SyncWait(writer->Write(increment, kNoDeadline)), IsOk());
        const int64_t at_least = ++acknowledged;
        const auto read = [](Connection& connection) { return connection.Query("SELECT n FROM t"); };
        EXPECT_GE(*SyncWait(readers->Read(read, kNoDeadline)).value().at(0)[0].integer(), at_least);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(acknowledged, kThreads * kEach);
}

TEST_P(ReaderWriterTest, ResumesOnTheThreadsThatItSays) {
  auto writer = StartWriter();
  auto readers = Readers({.threads = 1});
  struct Observed {
    std::thread::id worked, resumed;
    absl::Notification suspended, done;
  };
  Observed read, written;
  const auto work = [](Observed& observed) {
    return [&observed](Connection&) {
      observed.suspended.WaitForNotification();  // an answer that comes earlier is taken where it is awaited
      observed.worked = std::this_thread::get_id();
      return absl::OkStatus();
    };
  };
  const auto resume = [](Observed& observed) {
    return [&observed](const absl::Status&) {
      observed.resumed = std::this_thread::get_id();
      observed.done.Notify();
    };
  };
  StartTask(readers->Read(work(read), kNoDeadline), resume(read));
  StartTask(writer->Write(work(written), kNoDeadline), resume(written));
  for (Observed* observed : {&read, &written}) {
    observed->suspended.Notify();
    observed->done.WaitForNotification();
    EXPECT_NE(observed->resumed, std::this_thread::get_id());
  }
  EXPECT_EQ(read.worked, read.resumed);
  EXPECT_NE(written.worked, written.resumed);
}

TEST_P(ReaderWriterTest, DestructionAnswersWhatIsQueued) {
  constexpr int kQueued = 100;
  std::atomic<int> reads = 0, writes = 0;
  {
    auto readers = Readers({.threads = 2});
    auto writer = StartWriter();
    for (int i = 0; i < kQueued; ++i) {
      StartTask(readers->Read(Count, kNoDeadline), [&](const absl::StatusOr<int64_t>& count) {
        EXPECT_THAT(count, IsOk());
        ++reads;
      });
      const auto insert = [i](Connection& connection) {
        return connection.Execute("INSERT INTO t VALUES (?, 0)", {i}).status();
      };
      StartTask(writer->Write(insert, kNoDeadline), [&](const absl::Status& status) {
        EXPECT_THAT(status, IsOk());
        ++writes;
      });
    }
  }
  EXPECT_EQ(reads, kQueued);
  EXPECT_EQ(Count(*ConnectOrDie(*database_)).value(), kQueued);
  database_.reset();
  EXPECT_EQ(writes, kQueued);
}

TEST_P(ReaderWriterTest, RefusesOptionsThatCannotWork) {
  EXPECT_THAT(ReaderPool::Start(*database_, {.threads = 0}), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Writer::Start(*database_, {.queue_limit = 0}), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace greenroom::sql
