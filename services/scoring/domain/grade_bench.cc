// How long grading takes. The floor: an 80-word answer against 8 points in well under a millisecond on one core.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "services/scoring/domain/compile.h"
#include "services/scoring/domain/testing/question_builder.h"

namespace greenroom::scoring {
namespace {

content::v1::Question EightPoints() {
  content::v1::Question question = Question(
      {
          Point("noise", "The model learns noise or accidents of its training data",
                {"(memorise|memorize|learn ... by heart) ... (training|example|data)",
                 "(learn|fit|pick up) ... (noise|quirk|random)"}),
          Point("fails", "It does badly on data it has not seen",
                {"(bad|badly|poor|worse|fail) ... (new|unseen|real|test) (data|example|input|set)",
                 "(not|never|fail to) generalise"}),
          Point("gap", "Training results are much better than validation results",
                {"(training|train) (error|loss) ... (fall|drop|down) ... (validation|test) ... "
                 "(stop|rise|up|flat)",
                 "(gap|difference) ... (training|train) ... (validation|test|held-out)"}),
          Mention("more-data", "More training data",
                  {"(more|extra|additional|bigger) ... (data|dataset|example|sample)"}),
          Mention("simpler", "A simpler model or fewer features",
                  {"(simpler|smaller|shallower) ... (model|network|tree)"}),
          Mention("regularise", "Regularisation",
                  {"(regularise|regularisation|dropout|weight decay|ridge|lasso)", "(L1|L2)"}),
          Mention("stop", "Early stopping", {"early stopping", "(stop|halt) ... early"}),
          Mention("split", "Data is split into training, validation and test parts",
                  {"(split|separate|keep) ... (validation|test|train)"}),
      },
      {Flag("longer", {"train ... (longer|more epochs) ... (fix|prevent|help)"},
            {"(not|never|instead of) ... (longer|more)"})});
  question.set_prompt("Explain overfitting and how you would prevent it.");
  return question;
}

// 80 words, one in ten of them unknown or misspelt.
const char kAnswer[] =
    "Basically the model learns the noise in the training set rather than the signal, so it looks great on "
    "what it has seen "
    "and then performs poorly on unseen data. You would see the training loss going down while the vlidation "
    "loss goes back "
    "up at some point. I would get more data or augment it, add dropout or an L2 penalty, use early "
    "stopping, and do k-fold "
    "to pick the hyperparameters, then check once on a seperate test set at the very end.";

void BM_Grade(benchmark::State& state) {
  const CompiledQuestion question = MustCompile(EightPoints());
  std::vector<double> micros;
  for (auto _ : state) {
    const auto begin = std::chrono::steady_clock::now();
    benchmark::DoNotOptimize(Grade(question, kAnswer));
    micros.push_back(
        std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count());
  }
  std::sort(micros.begin(), micros.end());
  state.counters["median_us"] = micros[micros.size() / 2];
  state.counters["p99_us"] = micros[micros.size() * 99 / 100];
}
BENCHMARK(BM_Grade);

void BM_Compile(benchmark::State& state) {
  const content::v1::Question question = EightPoints();
  for (auto _ : state) benchmark::DoNotOptimize(MustCompile(question));
}
BENCHMARK(BM_Compile);

// The longest answer that is accepted.
void BM_GradeLongest(benchmark::State& state) {
  const CompiledQuestion question = MustCompile(EightPoints());
  std::string answer;
  while (answer.size() + sizeof kAnswer < 32 * 1024) answer += std::string(kAnswer) + " ";
  for (auto _ : state) benchmark::DoNotOptimize(Grade(question, answer));
}
BENCHMARK(BM_GradeLongest);

// Words that every phrase is about.
void BM_GradeRepeated(benchmark::State& state) {
  const CompiledQuestion question = MustCompile(EightPoints());
  std::string answer;
  while (answer.size() < 32 * 1024) answer += "train data not model ";
  for (auto _ : state) benchmark::DoNotOptimize(Grade(question, answer));
}
BENCHMARK(BM_GradeRepeated);

}  // namespace
}  // namespace greenroom::scoring

BENCHMARK_MAIN();
