// Where the time of grading goes: each step alone, on the same answer of 80 words to a question of eight points.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/scoring/domain/arithmetic.h"
#include "services/scoring/domain/compile.h"
#include "services/scoring/domain/coverage.h"
#include "services/scoring/domain/feedback.h"
#include "services/scoring/domain/fluency.h"
#include "services/scoring/domain/language.h"
#include "services/scoring/domain/phrase.h"
#include "services/scoring/domain/polarity.h"
#include "services/scoring/domain/reading.h"
#include "services/scoring/domain/shapes.h"
#include "services/scoring/domain/star.h"
#include "services/scoring/domain/stem.h"
#include "services/scoring/domain/testing/eight_points.h"
#include "services/scoring/domain/text.h"
#include "services/scoring/domain/topics.h"
#include "services/scoring/domain/vocabulary.h"
#include "services/scoring/domain/word_order.h"
#include "services/scoring/domain/wordnet.h"

namespace greenroom::scoring {
namespace {

// What compiling makes of the question's phrases, and the words of one of its points.
struct Compiled {
  Compiled() {
    const content::v1::Question question = EightPoints();
    for (const content::v1::RubricItem& item : question.rubric()) {
      for (const std::string& accept : item.accept()) {
        const absl::StatusOr<PhraseNode> node = ParsePhrase(accept);
        if (node.ok()) phrases.Add(*node, vocabulary);
      }
    }
    vocabulary.Finish();
    phrases.Finish(vocabulary);
    for (const auto& words : {std::vector<const char*>{"training", "data", "noise"},
                              {"unseen", "data", "bad"},
                              {"training", "loss", "validation", "loss"}}) {
      Concept& point = concepts.emplace_back();
      for (const char* word : words) {
        point.words.push_back({.folded = word, .weight = Rarity(word)});
        point.total += point.words.back().weight;
      }
    }
  }

  Vocabulary vocabulary{"en"};
  PhraseSet phrases;
  std::vector<Concept> concepts;
};

void BM_Text(benchmark::State& state) {
  for ([[maybe_unused]] auto _ : state) {
    const Text text(kAnswer);
    benchmark::DoNotOptimize(text.tokens().size());
  }
}
BENCHMARK(BM_Text);

void BM_Language(benchmark::State& state) {
  const Text text(kAnswer);
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(IsInAnotherLanguage(text, "en"));
}
BENCHMARK(BM_Language);

void BM_Stem(benchmark::State& state) {
  const Text text(kAnswer);
  Stemmer stemmer("en");
  for ([[maybe_unused]] auto _ : state) {
    for (const Token& token : text.tokens()) benchmark::DoNotOptimize(stemmer.Stem(text.Fold(token)).size());
  }
}
BENCHMARK(BM_Stem);

// The lemmas of each word.
void BM_WordNet(benchmark::State& state) {
  const Text text(kAnswer);
  for ([[maybe_unused]] auto _ : state) {
    for (const Token& token : text.tokens())
      WordNet::Get().ForEachLemma(text.Fold(token), [](WordNet::WordId id) { benchmark::DoNotOptimize(id); });
  }
}
BENCHMARK(BM_WordNet);

// Two words that are misspelt and one that is not of the vocabulary.
void BM_Spelling(benchmark::State& state) {
  const Compiled compiled;
  Stemmer stemmer("en");
  for ([[maybe_unused]] auto _ : state) {
    for (const char* word : {"vlidation", "trainign", "kfold"}) {
      const std::string stem(stemmer.Stem(word));
      benchmark::DoNotOptimize(compiled.vocabulary.Correct(word, stem));
    }
  }
}
BENCHMARK(BM_Spelling);

// Stems, WordNet, spelling.
void BM_Reading(benchmark::State& state) {
  const Compiled compiled;
  const Text text(kAnswer);
  for ([[maybe_unused]] auto _ : state) {
    const Reading reading(text, compiled.vocabulary);
    benchmark::DoNotOptimize(reading.size());
  }
}
BENCHMARK(BM_Reading);

// Changes the reading, so each round reads anew: take BM_Reading off.
void BM_ReadingAndPolarity(benchmark::State& state) {
  const Compiled compiled;
  const Text text(kAnswer);
  for ([[maybe_unused]] auto _ : state) {
    Reading reading(text, compiled.vocabulary);
    const Polarity polarity(reading, /*recited=*/false);
    benchmark::DoNotOptimize(&polarity);
  }
}
BENCHMARK(BM_ReadingAndPolarity);

void BM_Fluency(benchmark::State& state) {
  const Compiled compiled;
  const Text text(kAnswer);
  const Reading reading(text, compiled.vocabulary);
  for ([[maybe_unused]] auto _ : state)
    benchmark::DoNotOptimize(Fluency(reading, /*recited=*/false).Disordered(0));
}
BENCHMARK(BM_Fluency);

void BM_WordKinds(benchmark::State& state) {
  const Text text(kAnswer);
  for ([[maybe_unused]] auto _ : state) {
    for (const Token& token : text.tokens())
      benchmark::DoNotOptimize(KindsOf(text.Fold(token), LookUpWord(text.Fold(token)), token.number).count);
  }
}
BENCHMARK(BM_WordKinds);

void BM_MatchPhrases(benchmark::State& state) {
  const Compiled compiled;
  const Text text(kAnswer);
  const Reading reading(text, compiled.vocabulary);
  if (compiled.phrases.Match(reading).empty()) return state.SkipWithError("no phrase matches");
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(compiled.phrases.Match(reading));
}
BENCHMARK(BM_MatchPhrases);

void BM_Cover(benchmark::State& state) {
  const Compiled compiled;
  const Text text(kAnswer);
  const Reading reading(text, compiled.vocabulary);
  for ([[maybe_unused]] auto _ : state)
    benchmark::DoNotOptimize(Cover(compiled.concepts, reading, /*anywhere=*/false));
}
BENCHMARK(BM_Cover);

// Two topics, mentioned four times; whether each word is said of the second.
void BM_Topics(benchmark::State& state) {
  const Compiled compiled;
  const Text text(kAnswer);
  const Reading reading(text, compiled.vocabulary);
  const int32_t size = static_cast<int32_t>(reading.size());
  for ([[maybe_unused]] auto _ : state) {
    const Topics topics(
        reading,
        {{2, 3, 0}, {size / 4, size / 4 + 1, 1}, {size / 2, size / 2 + 1, 0}, {size - 9, size - 8, 1}},
        {0, 1});
    for (int32_t i = 0; i < size; ++i) benchmark::DoNotOptimize(topics.SaidOf(1, false, {i}));
  }
}
BENCHMARK(BM_Topics);

void BM_FindShapes(benchmark::State& state) {
  const Compiled compiled;
  const Text text(kAnswer);
  const Reading reading(text, compiled.vocabulary);
  for ([[maybe_unused]] auto _ : state) {
    for (const content::v1::Detect shape : {content::v1::DETECT_EXAMPLE, content::v1::DETECT_TRADE_OFF,
                                            content::v1::DETECT_FIGURE, content::v1::DETECT_QUESTION})
      benchmark::DoNotOptimize(FindShape(shape, reading, /*story=*/false).size());
  }
}
BENCHMARK(BM_FindShapes);

void BM_FindStar(benchmark::State& state) {
  const Compiled compiled;
  const Text text(kAnswer);
  const Reading reading(text, compiled.vocabulary);
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(FindStar(reading));
}
BENCHMARK(BM_FindStar);

void BM_Score(benchmark::State& state) {
  const v1::Report report = Grade(MustCompile(EightPoints()), kAnswer);
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(ScoreOfRows(report));
}
BENCHMARK(BM_Score);

void BM_Feedback(benchmark::State& state) {
  v1::Report report = Grade(MustCompile(EightPoints()), kAnswer);
  for ([[maybe_unused]] auto _ : state) {
    report.clear_feedback();
    SetConfidence(report);
    SetFeedback(report);
    benchmark::DoNotOptimize(report.feedback_size());
  }
}
BENCHMARK(BM_Feedback);

}  // namespace
}  // namespace greenroom::scoring

BENCHMARK_MAIN();
