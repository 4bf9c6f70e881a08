// Where the time goes for questions without a rubric: points made from a good answer of three sentences, and what a trained
// model makes of an answer of 80 words.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "services/scoring/domain/calibration.h"
#include "services/scoring/domain/compile.h"
#include "services/scoring/domain/credit_model.h"
#include "services/scoring/domain/credit_trace.h"
#include "services/scoring/domain/derive.h"
#include "services/scoring/domain/testing/eight_points.h"
#include "services/scoring/domain/text.h"
#include "services/scoring/domain/word_meaning.h"

namespace greenroom::scoring {
namespace {

constexpr char kPrompt[] = "Explain overfitting and how you would prevent it.";
constexpr char kReference[] =
    "A model overfits when it learns the noise of its training data and does badly on data it has not seen. "
    "It shows as a "
    "training loss that keeps falling while the validation loss rises. More data, regularisation and early "
    "stopping help.";

CompiledQuestion Compiled() { return *CompileReference(kPrompt, std::vector<std::string>{kReference}, "en"); }

std::vector<GradedAnswer> Graded() {
  return {{"It learns the noise in the data.", 0.6, {}},
          {"The training loss falls and the validation loss rises.", 0.8, {}},
          {"It is a model that is too large.", 0.3, {}},
          {std::string(kReference), 1, {}},
          {"I would use dropout.", 0.2, {}}};
}

void BM_DeriveRubric(benchmark::State& state) {
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(DeriveRubric(kReference).size());
}
BENCHMARK(BM_DeriveRubric);

void BM_CompileReference(benchmark::State& state) {
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(Compiled().MemoryBytes());
}
BENCHMARK(BM_CompileReference);

// The meanings of each word of an answer.
void BM_WordMeanings(benchmark::State& state) {
  const Text text(kAnswer);
  const WordMeaning model("model");
  for ([[maybe_unused]] auto _ : state) {
    for (const Token& token : text.tokens())
      benchmark::DoNotOptimize(WordMeaning(text.Fold(token)).Likeness(model));
  }
}
BENCHMARK(BM_WordMeanings);

// Reading, polarity and order are in it: what training asks for.
void BM_CreditFeatures(benchmark::State& state) {
  const CompiledQuestion question = Compiled();
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(TraceCredits(question, kAnswer).size());
}
BENCHMARK(BM_CreditFeatures);

void BM_CreditModel(benchmark::State& state) {
  const std::vector<PointTrace> traces = TraceCredits(Compiled(), kAnswer);
  for ([[maybe_unused]] auto _ : state) {
    for (const PointTrace& trace : traces)
      benchmark::DoNotOptimize(CreditModel::Shipped().Credit(trace.features));
  }
}
BENCHMARK(BM_CreditModel);

void BM_GradeDerived(benchmark::State& state) {
  const CompiledQuestion question = Compiled();
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(Grade(question, kAnswer).score());
}
BENCHMARK(BM_GradeDerived);

void BM_Calibrate(benchmark::State& state) {
  for ([[maybe_unused]] auto _ : state)
    benchmark::DoNotOptimize(Calibrated(Compiled(), Graded()).name().size());
}
BENCHMARK(BM_Calibrate);

void BM_GradeCalibrated(benchmark::State& state) {
  const CompiledQuestion question = Calibrated(Compiled(), Graded());
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(Grade(question, kAnswer).score());
}
BENCHMARK(BM_GradeCalibrated);

}  // namespace
}  // namespace greenroom::scoring

BENCHMARK_MAIN();
