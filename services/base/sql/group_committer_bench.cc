// Commits a second through the group committer, by the number of units in flight; each is durable (fsync) when counted.
//   sql_group_committer_bench [--benchmark_filter=...]     in TMPDIR, so put that on the disk to be measured
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/synchronization/mutex.h"
#include "benchmark/benchmark.h"
#include "services/base/sql/group_committer.h"
#include "services/base/sql/test_database.h"

namespace greenroom::sql {
namespace {

// A few learners' worth of submitting an answer: two rows, a text of 1 KiB and a report of 2 KiB.
Unit AnswerAndGrade(int64_t learner, int64_t seq) {
  const std::string name = absl::StrCat("learners/", learner);
  return {{Row{"tenant", name, seq, absl::StrCat("submitted-", seq), std::string(1024, 'a')},
           Row{"tenant", name, seq + 1, absl::StrCat("graded-", seq), std::string(2048, 'g')}}};
}

void BM_Commit(benchmark::State& state) {
  TestFolder folder;
  std::unique_ptr<Database> database = OpenOrDie(folder.Url());
  if (!ConnectOrDie(*database)
           ->Execute("CREATE TABLE events (commit_seq INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT, "
                     "learner TEXT, seq "
                     "INTEGER, id TEXT, payload TEXT, UNIQUE (tenant, learner, seq), UNIQUE (tenant, "
                     "learner, id)) STRICT")
           .ok()) {
    return state.SkipWithError("no table");
  }
  std::atomic<int64_t> batches = 0;
  auto committer = GroupCommitter::Start(*database,
                                         {"events",
                                          {"tenant", "learner", "seq", "id", "payload"},
                                          {{"tenant", "learner", "seq"}, {"tenant", "learner", "id"}}},
                                         {.on_batch = [&](const BatchStats&) { ++batches; }});
  if (!committer.ok()) return state.SkipWithError("no committer");

  absl::Mutex mutex;
  int64_t in_flight = 0;
  const int64_t limit = state.range(0);
  const auto below_limit = [&] { return in_flight < limit; };
  int64_t unit = 0;
  for ([[maybe_unused]] auto _ : state) {
    {
      absl::MutexLock lock(&mutex);
      mutex.Await(absl::Condition(&below_limit));
      ++in_flight;
    }
    StartTask(
        (*committer)->Commit(AnswerAndGrade(unit % 1000, 1 + 2 * (unit / 1000)), absl::InfiniteFuture()),
        [&](const absl::StatusOr<CommitOutcome>& outcome) {
          if (!outcome.ok() || *outcome != CommitOutcome::kWritten) std::abort();
          absl::MutexLock lock(&mutex);
          --in_flight;
        });
    ++unit;
  }
  (*committer)->Flush();
  state.SetItemsProcessed(unit);
  state.counters["units_per_batch"] = static_cast<double>(unit) / static_cast<double>(batches.load());
  committer->reset();
  database.reset();
}
BENCHMARK(BM_Commit)->Arg(1)->Arg(32)->Arg(256)->UseRealTime()->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace greenroom::sql

BENCHMARK_MAIN();
