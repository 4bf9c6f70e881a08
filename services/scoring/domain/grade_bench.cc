// How long grading takes. The floor: an 80-word answer against 8 points in well under a millisecond on one core.
#include <benchmark/benchmark.h>
#include <time.h>

#include <algorithm>
#include <string>
#include <vector>

#include "services/content/domain/pack_reader.h"
#include "services/content/packs/shipped_packs.h"
#include "services/scoring/domain/compile.h"
#include "services/scoring/domain/testing/eight_points.h"

namespace greenroom::scoring {
namespace {

// Of this thread, so that a busy machine does not matter.
double ProcessorMicros() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) * 1e-3;
}

void BM_Grade(benchmark::State& state) {
  const CompiledQuestion question = MustCompile(EightPoints());
  std::vector<double> micros;
  for ([[maybe_unused]] auto _ : state) {
    const double begin = ProcessorMicros();
    benchmark::DoNotOptimize(Grade(question, kAnswer));
    micros.push_back(ProcessorMicros() - begin);
  }
  std::sort(micros.begin(), micros.end());
  state.counters["median_us"] = micros[micros.size() / 2];
  state.counters["p99_us"] = micros[micros.size() * 99 / 100];
}
BENCHMARK(BM_Grade);

void BM_Compile(benchmark::State& state) {
  const content::v1::Question question = EightPoints();
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(MustCompile(question));
}
BENCHMARK(BM_Compile);

// Every question of the packs that are shipped, as scoring compiles them one by one when they are first asked for.
void BM_CompileShippedPacks(benchmark::State& state) {
  std::vector<content::v1::Question> questions;
  for (const content::ShippedPack& pack : content::ShippedPacks()) {
    const content::ReadResult read = content::ReadPack(pack.yaml);
    questions.insert(questions.end(), read.pack.questions().begin(), read.pack.questions().end());
  }
  if (questions.empty()) return state.SkipWithError("no shipped pack has a question");
  for ([[maybe_unused]] auto _ : state) {
    for (const content::v1::Question& question : questions) benchmark::DoNotOptimize(MustCompile(question));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(questions.size()));
}
BENCHMARK(BM_CompileShippedPacks)->Unit(benchmark::kMillisecond);

// The longest answer that is accepted.
void BM_GradeLongest(benchmark::State& state) {
  const CompiledQuestion question = MustCompile(EightPoints());
  std::string answer;
  while (answer.size() + sizeof kAnswer < size_t{32} * 1024) answer += std::string(kAnswer) + " ";
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(Grade(question, answer));
}
BENCHMARK(BM_GradeLongest);

// Words that every phrase is about.
void BM_GradeRepeated(benchmark::State& state) {
  const CompiledQuestion question = MustCompile(EightPoints());
  std::string answer;
  while (answer.size() < size_t{32} * 1024) answer += "train data not model ";
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(Grade(question, answer));
}
BENCHMARK(BM_GradeRepeated);

}  // namespace
}  // namespace greenroom::scoring

BENCHMARK_MAIN();
