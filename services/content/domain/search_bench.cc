// How long indexing and searching take, for a tenant with 20 packs of 50 questions each.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/content/domain/search_index.h"

namespace greenroom::content {
namespace {

constexpr int kPacks = 20;
constexpr int kQuestions = 50;

// Prompts of 20 words out of 2,000, the same in every run.
v1::PackContent Pack(int number) {
  v1::PackContent pack;
  pack.set_pack(absl::StrCat("pack-", number));
  pack.set_language("en");
  uint32_t state = static_cast<uint32_t>(number) * 7919 + 1;
  auto word = [&state] {
    state = state * 1664525 + 1013904223;
    // The square makes some words frequent and most rare.
    const uint64_t draw = (state >> 8) % 2000;
    return absl::StrCat("word", draw * draw / 2000, "ing");
  };
  for (int i = 0; i < kQuestions; ++i) {
    v1::Question& question = *pack.add_questions();
    question.set_id(absl::StrCat("q", i));
    std::string prompt;
    for (int w = 0; w < 20; ++w) absl::StrAppend(&prompt, word(), " ");
    question.set_prompt(prompt);
    question.add_tags(word());
    question.add_variants(absl::StrCat(word(), " ", word(), " ", word()));
  }
  return pack;
}

void BM_IndexPack(benchmark::State& state) {
  const v1::PackContent pack = Pack(1);
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(PackIndex(pack).bytes());
}
BENCHMARK(BM_IndexPack)->Unit(benchmark::kMicrosecond);

void BM_Search(benchmark::State& state, const char* query) {
  std::vector<PackIndex> indexes;
  indexes.reserve(kPacks);
  for (int i = 0; i < kPacks; ++i) indexes.emplace_back(Pack(i));
  std::vector<const PackIndex*> searched;
  searched.reserve(indexes.size());
  for (const PackIndex& index : indexes) searched.push_back(&index);
  size_t hits = 0;
  for ([[maybe_unused]] auto _ : state) {
    hits = SearchPacks(searched, query).size();
    benchmark::DoNotOptimize(hits);
  }
  state.counters["hits"] = static_cast<double>(hits);
}
BENCHMARK_CAPTURE(BM_Search, rare_word, "word1901ing")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(BM_Search, frequent_words, "word0ing word1")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(BM_Search, everything, "w")->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace greenroom::content

BENCHMARK_MAIN();
