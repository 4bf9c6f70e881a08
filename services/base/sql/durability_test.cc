// What was acknowledged is there: after kill -9, after failing disks, after full ones; and nothing else was acknowledged.
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "services/base/sql/faulty_vfs.h"
#include "services/base/sql/group_committer.h"
#include "services/base/sql/test_database.h"
#include "services/base/sql/writer.h"

namespace greenroom::sql {
namespace {

constexpr absl::Time kNoDeadline = absl::InfiniteFuture();
constexpr CommitOutcome kWritten = CommitOutcome::kWritten;

TableSpec Events() { return {"events", {"learner", "seq", "payload"}, {{"learner", "seq"}}}; }

absl::Status CreateEvents(Connection& connection) {
  return connection
      .Execute(
          "CREATE TABLE IF NOT EXISTS events (commit_seq INTEGER PRIMARY KEY AUTOINCREMENT, learner INTEGER "
          "NOT "
          "NULL, seq INTEGER NOT NULL, payload TEXT NOT NULL, UNIQUE (learner, seq)) STRICT")
      .status();
}

absl::StatusOr<CommitOutcome> Append(GroupCommitter& committer, int64_t learner, int64_t seq,
                                     const std::string& payload = "{}") {
  return SyncWait(committer.Commit({{Row{learner, seq, payload}}}, kNoDeadline));
}

using Key = std::pair<int64_t, int64_t>;  // learner, seq

std::set<Key> StoredKeys(const TestFolder& folder) {
  std::unique_ptr<Database> database = OpenOrDie(folder.Url());
  std::set<Key> keys;
  const Rows rows = ConnectOrDie(*database)->Query("SELECT learner, seq FROM events").value();
  for (const Row& row : rows) {
    Key key;
    EXPECT_THAT(row.Read(key.first, key.second), IsOk());
    EXPECT_TRUE(keys.insert(key).second);
  }
  return keys;
}

// A process that appends to the log, and says on a pipe what it was told is written.
class WriterProcess {
 public:
  explicit WriterProcess(const std::function<void(int acknowledgements)>& work) {
    int ends[2];
    if (pipe(ends) != 0) std::abort();
    pid_ = fork();
    if (pid_ < 0) std::abort();
    if (pid_ == 0) {
      close(ends[0]);
      work(ends[1]);
      _exit(0);
    }
    close(ends[1]);
    acknowledgements_ = ends[0];
  }
  ~WriterProcess() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      Wait();
    }
    close(acknowledgements_);
  }

  static void Acknowledge(int pipe, Key key) {
    if (write(pipe, &key, sizeof(key)) != sizeof(key)) _exit(3);
  }
  // False at the end of what there is.
  bool Read(Key& key) { return read(acknowledgements_, &key, sizeof(key)) == sizeof(key); }
  void Kill() { kill(pid_, SIGKILL); }
  // The wait status.
  int Wait() {
    int status = 0;
    EXPECT_EQ(waitpid(std::exchange(pid_, -1), &status, 0) > 0, true);
    return status;
  }

 private:
  pid_t pid_;
  int acknowledgements_;
};

TEST(Durability, WhatWasAcknowledgedSurvivesKill9) {
  constexpr int kRounds = 5, kLearners = 8, kAcknowledgements = 400;
  TestFolder folder;
  std::set<Key> acknowledged;
  for (int round = 0; round < kRounds; ++round) {
    std::array<int64_t, kLearners> heads{};
    if (round > 0) {
      const std::set<Key> keys = StoredKeys(folder);
      for (const auto& [learner, seq] : keys) {
        int64_t& head = heads.at(static_cast<size_t>(learner));
        head = std::max(head, seq);
      }
    }
    WriterProcess process([&](int pipe) {
      // Checkpoints often, so that the kill falls into one now and then.
      std::unique_ptr<Database> database = OpenOrDie(folder.Url(), {.wal_autocheckpoint_pages = 20});
      if (!CreateEvents(*ConnectOrDie(*database)).ok()) _exit(2);
      auto committer = GroupCommitter::Start(*database, Events());
      if (!committer.ok()) _exit(2);
      std::vector<std::thread> threads;
      for (int64_t learner = 0; learner < kLearners; ++learner) {
        threads.emplace_back([&, learner] {
          for (int64_t seq = heads.at(static_cast<size_t>(learner)) + 1;; ++seq) {
            const absl::StatusOr<CommitOutcome> outcome =
                Append(**committer, learner, seq, std::string(static_cast<size_t>(seq % 3000), 'x'));
            if (!outcome.ok() || *outcome != kWritten) _exit(2);
            WriterProcess::Acknowledge(pipe, {learner, seq});
          }
        });
      }
      for (std::thread& thread : threads) thread.join();
    });
    Key key;
    for (int i = 0; i < kAcknowledgements * (round + 1) / kRounds; ++i) {
      ASSERT_TRUE(process.Read(key)) << "the writer ended by itself";
      acknowledged.insert(key);
    }
    process.Kill();
    while (process.Read(key)) acknowledged.insert(key);
    EXPECT_TRUE(WIFSIGNALED(process.Wait()));

    const std::set<Key> stored = StoredKeys(folder);
    for (const Key& each : acknowledged) {
      ASSERT_EQ(stored.count(each), 1u) << "lost learner " << each.first << " seq " << each.second;
      ASSERT_TRUE(each.second == 1 || stored.count({each.first, each.second - 1}) == 1) << "a gap";
    }
  }
  EXPECT_GE(acknowledged.size(), static_cast<size_t>(kAcknowledgements));
}

// One way in which a disk fails, and the code that SQLite is given for it.
struct DiskFault {
  const char* name;
  std::atomic<int>& (*where)(Faults&);
  int code;
};

void PrintTo(const DiskFault& fault, std::ostream* out) { *out << fault.name; }

class DiskFaultTest : public ::testing::TestWithParam<DiskFault> {
 protected:
  ~DiskFaultTest() override { Fault() = 0; }
  std::atomic<int>& Fault() { return GetParam().where(faults_); }

  Faults& faults_ = InstallFaultyVfs();
  TestFolder folder_;
};

// With a checkpoint at every commit, each of these lies on the way of every commit.
constexpr int kAlwaysCheckpoint = 1;

using IoErrorTest = DiskFaultTest;
INSTANTIATE_TEST_SUITE_P(
    Durability, IoErrorTest,
    ::testing::Values(
        DiskFault{"log_sync", [](Faults& f) -> std::atomic<int>& { return f.log.sync; }, SQLITE_IOERR_FSYNC},
        DiskFault{"log_write", [](Faults& f) -> std::atomic<int>& { return f.log.write; },
                  SQLITE_IOERR_WRITE},
        DiskFault{"checkpoint_sync", [](Faults& f) -> std::atomic<int>& { return f.file.sync; },
                  SQLITE_IOERR_FSYNC},
        DiskFault{"checkpoint_write", [](Faults& f) -> std::atomic<int>& { return f.file.write; },
                  SQLITE_IOERR_WRITE}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_P(IoErrorTest, EndsTheProcessAndAcknowledgesNothingMore) {
  WriterProcess process([&](int pipe) {
    std::unique_ptr<Database> database =
        OpenOrDie(folder_.Url(), {.wal_autocheckpoint_pages = kAlwaysCheckpoint});
    if (!CreateEvents(*ConnectOrDie(*database)).ok()) _exit(2);
    auto committer = GroupCommitter::Start(*database, Events());
    if (!committer.ok()) _exit(2);
    for (int64_t seq = 1; seq <= 20; ++seq) {
      if (seq == 11) Fault() = GetParam().code;
      const absl::StatusOr<CommitOutcome> outcome = Append(**committer, 1, seq);
      if (outcome.ok()) WriterProcess::Acknowledge(pipe, {1, seq});
    }
  });
  std::set<Key> acknowledged;
  for (Key key; process.Read(key);) acknowledged.insert(key);
  const int status = process.Wait();
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), kExitStoreIoError);
  EXPECT_EQ(acknowledged.size(), 10u);
  const std::set<Key> stored = StoredKeys(folder_);
  for (const Key& key : acknowledged) EXPECT_EQ(stored.count(key), 1u) << key.second;
}

TEST_P(IoErrorTest, IsReportedOnceAndNeverTriedAgainAsIfItHadWorked) {
  std::atomic<int> deaths = 0;
  {
    std::unique_ptr<Database> database = OpenOrDie(
        folder_.Url(),
        {.wal_autocheckpoint_pages = kAlwaysCheckpoint, .on_store_io_error = [&](const absl::Status& status) {
           EXPECT_TRUE(IsStoreIoError(status)) << status;
           ++deaths;
         }});
    ASSERT_THAT(CreateEvents(*ConnectOrDie(*database)), IsOk());
    auto committer = GroupCommitter::Start(*database, Events()).value();
    ASSERT_EQ(Append(*committer, 1, 1).value(), kWritten);
    Fault() = GetParam().code;
    EXPECT_THAT(Append(*committer, 1, 2), StatusIs(absl::StatusCode::kUnavailable));
    EXPECT_EQ(deaths, 1);
    Fault() = 0;  // the disk is well again, but what the kernel dropped is not
    EXPECT_THAT(Append(*committer, 1, 2), StatusIs(absl::StatusCode::kUnavailable));
    EXPECT_THAT(Append(*committer, 1, 3), StatusIs(absl::StatusCode::kUnavailable));
    EXPECT_EQ(deaths, 1);
  }
  const std::set<Key> stored = StoredKeys(folder_);
  EXPECT_EQ(stored.count({1, 1}), 1u);
  EXPECT_EQ(stored.count({1, 3}), 0u);
}

TEST_P(IoErrorTest, EndsAWritersProcessToo) {
  WriterProcess process([&](int pipe) {
    std::unique_ptr<Database> database =
        OpenOrDie(folder_.Url(), {.wal_autocheckpoint_pages = kAlwaysCheckpoint});
    if (!CreateEvents(*ConnectOrDie(*database)).ok()) _exit(2);
    auto writer = Writer::Start(*database);
    if (!writer.ok()) _exit(2);
    Fault() = GetParam().code;
    const auto insert = [](Connection& connection) {
      return connection.Execute("INSERT INTO events (learner, seq, payload) VALUES (1, 1, '')").status();
    };
    if (SyncWait((*writer)->Write(insert, kNoDeadline)).ok()) WriterProcess::Acknowledge(pipe, {1, 1});
  });
  Key key;
  EXPECT_FALSE(process.Read(key));
  const int status = process.Wait();
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), kExitStoreIoError);
}

using DiskFullTest = DiskFaultTest;
INSTANTIATE_TEST_SUITE_P(Durability, DiskFullTest,
                         ::testing::Values(DiskFault{
                             "log", [](Faults& f) -> std::atomic<int>& { return f.log.write; }, SQLITE_FULL}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_P(DiskFullTest, IsUnavailableAndLaterWritten) {
  std::unique_ptr<Database> database = OpenOrDie(
      folder_.Url(), {.on_store_io_error = [](const absl::Status& status) { ADD_FAILURE() << status; }});
  ASSERT_THAT(CreateEvents(*ConnectOrDie(*database)), IsOk());
  auto committer = GroupCommitter::Start(*database, Events()).value();
  auto writer = Writer::Start(*database).value();
  const auto insert = [](Connection& connection) {
    return connection.Execute("INSERT INTO events (learner, seq, payload) VALUES (2, 1, '')").status();
  };
  ASSERT_EQ(Append(*committer, 1, 1).value(), kWritten);
  for (int round = 0; round < 3; ++round) {
    Fault() = GetParam().code;
    EXPECT_THAT(Append(*committer, 1, 2), StatusIs(absl::StatusCode::kUnavailable));
    EXPECT_THAT(SyncWait(writer->Write(insert, kNoDeadline)), StatusIs(absl::StatusCode::kUnavailable));
    Fault() = 0;
  }
  EXPECT_EQ(Append(*committer, 1, 2).value(), kWritten);
  EXPECT_THAT(SyncWait(writer->Write(insert, kNoDeadline)), IsOk());
  EXPECT_EQ(StoredKeys(folder_), (std::set<Key>{{1, 1}, {1, 2}, {2, 1}}));
}

TEST(Durability, ACheckpointThatFindsNoRoomLeavesTheCommitAlone) {
  Faults& faults = InstallFaultyVfs();
  TestFolder folder;
  {
    std::unique_ptr<Database> database = OpenOrDie(
        folder.Url(), {.wal_autocheckpoint_pages = kAlwaysCheckpoint,
                       .on_store_io_error = [](const absl::Status& status) { ADD_FAILURE() << status; }});
    ASSERT_THAT(CreateEvents(*ConnectOrDie(*database)), IsOk());
    auto committer = GroupCommitter::Start(*database, Events()).value();
    faults.file.write = SQLITE_FULL;
    EXPECT_EQ(Append(*committer, 1, 1).value(), kWritten);  // it is in the log, durably
    EXPECT_EQ(Append(*committer, 1, 2).value(), kWritten);
    faults.file.write = 0;
    EXPECT_EQ(Append(*committer, 1, 3).value(), kWritten);
  }
  EXPECT_EQ(StoredKeys(folder).size(), 3u);
}

TEST(Durability, AnAcknowledgementComesAfterTheSync) {
  Faults& faults = InstallFaultyVfs();
  TestFolder folder;
  std::unique_ptr<Database> database = OpenOrDie(folder.Url());
  ASSERT_THAT(CreateEvents(*ConnectOrDie(*database)), IsOk());
  auto committer = GroupCommitter::Start(*database, Events()).value();
  for (int64_t seq = 1; seq <= 100; ++seq) {
    const int synced = faults.log.synced;
    ASSERT_EQ(Append(*committer, 1, seq).value(), kWritten);
    ASSERT_GT(faults.log.synced, synced);
    ASSERT_FALSE(faults.log.dirty);
  }
}

}  // namespace
}  // namespace greenroom::sql
