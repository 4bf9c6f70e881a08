// What a session's log costs when it is folded whole, and when one event is taken into a state that is there.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "services/session/domain/fold.h"
#include "services/session/domain/fold_builder.h"

namespace greenroom::session {
namespace {

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
BENCHMARK(BM_FoldSession)->Arg(10)->Arg(100)->Arg(1000);

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
