// What a session's log costs when it is folded whole, and when one event is taken into a state that is there.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "services/session/domain/fold.h"
#include "services/session/domain/fold_builder.h"

namespace greenroom::session {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
constexpr bool kSanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool kSanitized = false;
#endif

// `count` events of a session of twelve questions: its creation, then answers of 80 words with grades, in turn.
std::vector<Event> Log(int64_t count) {
  std::vector<std::string> questions;
  for (int i = 1; i <= 12; ++i) questions.push_back("question-" + std::to_string(i));
  FoldBuilder log(v1::SESSION_MODE_PRACTICE, questions);
  const std::string text(480, 'w');
  for (size_t turn = 0; static_cast<int64_t>(log.events().size()) < count; ++turn) {
    const std::string answer = log.Submit(questions[turn % questions.size()], text).event_id;
    if (static_cast<int64_t>(log.events().size()) < count)
      log.Grade(answer, static_cast<int32_t>(turn % 101));
  }
  return std::move(log.events());
}

void BM_FoldSession(benchmark::State& state) {
  const std::vector<Event> events = Log(state.range(0));
  for ([[maybe_unused]] auto _ : state) {
    state.PauseTiming();
    std::vector<Event> copy = events;  // as the log's reader hands them over
    state.ResumeTiming();
    benchmark::DoNotOptimize(FoldSession(std::move(copy)));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_FoldSession)->Arg(10)->Arg(100)->Arg(1000)->Arg(10'000);

// A learner's whole log of 10,000 events, decoded, in sessions of `range` events each: what it takes to tell the state
// from nothing but the log. Within 50 ms of the processor's time.
void BM_FoldLearner(benchmark::State& state) {
  constexpr int64_t kEvents = 10'000;
  constexpr double kMostSeconds = 0.05;
  const std::vector<std::vector<Event>> sessions(static_cast<size_t>(kEvents / state.range(0)),
                                                 Log(state.range(0)));
  double least = std::numeric_limits<double>::infinity();
  for ([[maybe_unused]] auto _ : state) {
    state.PauseTiming();
    std::vector<std::vector<Event>> copy = sessions;
    state.ResumeTiming();
    const std::clock_t began = std::clock();
    for (std::vector<Event>& events : copy) benchmark::DoNotOptimize(FoldSession(std::move(events)));
    least = std::min(least, static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC);
  }
  if (!kSanitized && least > kMostSeconds) state.SkipWithError("10,000 events do not fold within 50 ms");
  state.SetItemsProcessed(state.iterations() * kEvents);
}
BENCHMARK(BM_FoldLearner)->Arg(20)->Arg(100)->Arg(10'000)->Unit(benchmark::kMillisecond)->Iterations(5);

// The way of an answer: two events into the state of a session of `range` events.
void BM_Advance(benchmark::State& state) {
  std::vector<Event> events = Log(state.range(0) + 2);
  const std::vector<Event> last(events.end() - 2, events.end());
  events.resize(events.size() - 2);
  const v1::LiveState before = FoldSession(std::move(events))->live;
  for ([[maybe_unused]] auto _ : state) {
    v1::LiveState live = before;
    for (const Event& event : last) {
      if (!Advance(live, FoldBuilder::Key(), event)) return state.SkipWithError("the event does not fit");
    }
    benchmark::DoNotOptimize(live.sequence());
  }
}
BENCHMARK(BM_Advance)->Arg(11)->Arg(1001);

}  // namespace
}  // namespace greenroom::session

BENCHMARK_MAIN();
