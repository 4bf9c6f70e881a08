// What it costs an answer on its way into the log that the database itself passes over rows of the erased: with the trigger
// and without, by driver. Each append is durable when it is counted. `store_us` is the processor time of an append in the
// process of the store: the server's, or on SQLite this one's. It says more than the rate where the machine has other work.
//   session_append_bench --benchmark_enable_random_interleaving=true --benchmark_repetitions=9
//                    in TMPDIR, so put that on the disk to be measured
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/base/sql/test_store.h"
#include "services/base/task.h"
#include "services/session/log/sql_event_log.h"
#include "tests/servers/process.h"

namespace greenroom::session {
namespace {

using sql::DialectName;

std::string Id(int64_t number) { return absl::StrFormat("%08x-0000-4000-8000-000000000000", number); }

Event EventOf(const LearnerKey& learner, int64_t seq, v1::EventPayload payload) {
  Event event;
  event.learner = learner;
  event.seq = seq;
  event.event_id = Id(seq);
  event.session = Id(0);
  event.occurred_time = event.received_time = absl::FromUnixSeconds(1700000000 + seq);
  event.payload = std::move(payload);
  event.kind = KindOf(event.payload);
  return event;
}

// An answer of 80 words and its grade of eight points, as SubmitAnswer writes them.
std::vector<Event> AnswerAndGrade(const LearnerKey& learner, int64_t seq) {
  v1::EventPayload submitted, graded;
  submitted.mutable_submitted()->set_question("q1");
  submitted.mutable_submitted()->set_text(std::string(480, 'w'));
  graded.mutable_graded()->set_answer(Id(seq));
  graded.mutable_graded()->set_cause(v1::GRADE_CAUSE_INITIAL);
  scoring::v1::Report& report = *graded.mutable_graded()->mutable_report();
  report.set_score(61);
  for (int point = 0; point < 8; ++point) {
    scoring::v1::ItemResult& item = *report.add_items();
    item.set_id(absl::StrCat("point-", point));
    item.set_point(std::string(60, 'p'));
    item.set_credit(0.5);
  }
  return {EventOf(learner, seq, std::move(submitted)), EventOf(learner, seq + 1, std::move(graded))};
}

// What the processes that work for the store have taken so far, by their ids.
std::map<int, absl::Duration> StoreTimes(const sql::TestStore& store) {
  std::string pids = absl::StrCat(getpid());
  if (store.driver() == DialectName::kPostgres) {
    pids = sql::SharedPostgres()
               .Run(absl::StrCat("SELECT pid FROM pg_stat_activity WHERE datname = '", store.name(), "'"))
               .value();
  }
  std::map<int, absl::Duration> times;
  for (const absl::string_view pid : absl::StrSplit(pids, '\n', absl::SkipEmpty())) {
    int number = 0;
    if (!absl::SimpleAtoi(pid, &number)) continue;
    const auto use = UseOf(number);
    if (use.ok()) times[number] = use->processor_time;  // else its connection has ended meanwhile
  }
  return times;
}

// Of those that were there before and still are.
double MicrosSince(const std::map<int, absl::Duration>& before, const std::map<int, absl::Duration>& now) {
  absl::Duration sum;
  for (const auto& [pid, time] : now) {
    const auto then = before.find(pid);
    if (then != before.end()) sum += time - then->second;
  }
  return absl::ToDoubleMicroseconds(sum);
}

void BM_Append(benchmark::State& state, DialectName driver, bool trigger) {
  constexpr int64_t kLearners = 1000, kInFlight = 32;
  absl::Mutex mutex;
  int64_t in_flight = 0;
  const sql::TestStore store(driver);
  const auto database = sql::Database::Open(store.url()).value();
  auto log = SqlEventLog::Open(*database).value();
  if (!trigger) {
    const absl::string_view on = driver == DialectName::kPostgres ? " ON events" : "";
    const auto dropped =
        database->Connect().value()->Execute(absl::StrCat("DROP TRIGGER no_events_of_the_erased", on));
    if (!dropped.ok()) return state.SkipWithError("the trigger is not there");
  }
  const auto below_limit = [&] { return in_flight < kInFlight; };
  const auto none = [&] { return in_flight == 0; };
  int64_t unit = 0;
  const std::map<int, absl::Duration> before = StoreTimes(store);
  for ([[maybe_unused]] auto _ : state) {
    {
      absl::MutexLock lock(&mutex);
      mutex.Await(absl::Condition(&below_limit));
      ++in_flight;
    }
    const LearnerKey learner = {"acme", absl::StrCat("learner-", unit % kLearners)};
    auto* const events = new std::vector<Event>(AnswerAndGrade(learner, 1 + 2 * (unit / kLearners)));
    StartTask(log->Append(*events, absl::InfiniteFuture()),
              [&, events](const absl::StatusOr<AppendOutcome>& outcome) {
                if (!outcome.ok() || *outcome != AppendOutcome::kWritten) std::abort();
                delete events;
                absl::MutexLock lock(&mutex);
                --in_flight;
              });
    ++unit;
  }
  {
    absl::MutexLock lock(&mutex);
    mutex.Await(absl::Condition(&none));
  }
  state.counters["store_us"] = MicrosSince(before, StoreTimes(store)) / static_cast<double>(unit);
  state.SetItemsProcessed(unit);
}

// As many as take the server seconds: its processor time is told in steps of 10 ms.
constexpr int64_t kAppends = 4000;
BENCHMARK_CAPTURE(BM_Append, sqlite, DialectName::kSqlite, true)->Iterations(kAppends)->UseRealTime();
BENCHMARK_CAPTURE(BM_Append, sqlite_without, DialectName::kSqlite, false)
    ->Iterations(kAppends)
    ->UseRealTime();
BENCHMARK_CAPTURE(BM_Append, postgres, DialectName::kPostgres, true)->Iterations(kAppends)->UseRealTime();
BENCHMARK_CAPTURE(BM_Append, postgres_without, DialectName::kPostgres, false)
    ->Iterations(kAppends)
    ->UseRealTime();

}  // namespace
}  // namespace greenroom::session

BENCHMARK_MAIN();
