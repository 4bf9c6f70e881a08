// What a pack costs until it can be published: reading its YAML, and naming its revision.
#include <benchmark/benchmark.h>

#include <cstdint>

#include "services/content/domain/pack_reader.h"
#include "services/content/domain/revision.h"
#include "services/content/packs/shipped_packs.h"

namespace greenroom::content {
namespace {

void BM_ReadPack(benchmark::State& state) {
  const ShippedPack& pack = ShippedPacks().front();
  if (!ReadPack(pack.yaml).ok()) return state.SkipWithError("a shipped pack is not valid");
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(ReadPack(pack.yaml));
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(pack.yaml.size()));
}
BENCHMARK(BM_ReadPack)->Unit(benchmark::kMillisecond);

void BM_RevisionId(benchmark::State& state) {
  const v1::PackContent pack = ReadPack(ShippedPacks().front().yaml).pack;
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(RevisionId(pack));
}
BENCHMARK(BM_RevisionId)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace greenroom::content

BENCHMARK_MAIN();
