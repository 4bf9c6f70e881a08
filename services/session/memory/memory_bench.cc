// What a learner's whole log costs when everything is folded from it, and what one review more costs an item.
#include <benchmark/benchmark.h>

#include <utility>
#include <vector>

#include "services/session/memory/learner_memory.h"
#include "services/session/memory/random_log.h"

namespace greenroom::session {
namespace {

void BM_FoldLearner(benchmark::State& state) {
  std::vector<Event> events = RandomLog(1).Log(static_cast<int>(state.range(0))).events();
  events.resize(static_cast<size_t>(state.range(0)));
  for ([[maybe_unused]] auto _ : state) {
    state.PauseTiming();
    std::vector<Event> copy = events;  // decoded, as the log's reader hands them over
    state.ResumeTiming();
    LearnerMemory memory = FoldLearner(LearnerLog::Learner(), std::move(copy));
    benchmark::DoNotOptimize(memory);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_FoldLearner)->Arg(100)->Arg(1000)->Arg(10000)->Unit(benchmark::kMillisecond);

void BM_FoldItem(benchmark::State& state) {
  LearnerLog log;
  for (int64_t i = 0; i < state.range(0); ++i) {
    log.At(log.now() + absl::Hours(24) * (i + 1)).Practise("q1", static_cast<int32_t>(40 + i % 60));
  }
  const std::vector<Review> reviews = FoldLearner(LearnerLog::Learner(), log.events()).reviews;
  const SettingsTimeline settings;
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(FoldItem(LearnerLog::Learner(), reviews, {}, settings));
  }
}
BENCHMARK(BM_FoldItem)->Arg(1)->Arg(10)->Arg(100);

}  // namespace
}  // namespace greenroom::session

BENCHMARK_MAIN();
