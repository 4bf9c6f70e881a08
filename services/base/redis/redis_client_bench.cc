// Scripts a second through the Redis client, by the number in flight on its one connection, against a real redis-server.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "services/base/redis/redis_client.h"
#include "services/base/redis/redis_test_client.h"
#include "services/base/task.h"
#include "tests/servers/redis_server.h"

namespace greenroom {
namespace {

void BM_Eval(benchmark::State& state) {
  const auto server = RedisServer::Start();
  if (!server.ok()) return state.SkipWithError("no redis-server");
  auto client = MakeRedisClient(PatientOptions((*server)->url()));
  if (!client.ok()) return state.SkipWithError("no client");
  const RedisScript script(
      "redis.call('HSET', KEYS[1], 'state', ARGV[1]) return redis.call('HGET', KEYS[1], 'seq')");
  const std::string value(400, 's');

  absl::Mutex mutex;
  int64_t in_flight = 0, failures = 0;
  const int64_t limit = state.range(0);
  const auto below_limit = [&] { return in_flight < limit; };
  const auto none = [&] { return in_flight == 0; };
  int64_t number = 0;
  for ([[maybe_unused]] auto _ : state) {
    {
      absl::MutexLock lock(&mutex);
      mutex.Await(absl::Condition(&below_limit));
      ++in_flight;
    }
    std::vector<std::string> keys = {"key:" + std::to_string(number++ % 1000)};
    StartTask((*client)->Eval(script, std::move(keys), {value}, absl::InfiniteFuture()),
              [&](const absl::StatusOr<RedisReply>& reply) {
                absl::MutexLock lock(&mutex);
                failures += reply.ok() ? 0 : 1;
                --in_flight;
              });
  }
  absl::MutexLock lock(&mutex);
  mutex.Await(absl::Condition(&none));
  if (failures > 0) state.SkipWithError("commands failed");
  state.SetItemsProcessed(number);
}
BENCHMARK(BM_Eval)->Arg(1)->Arg(32)->Arg(128)->UseRealTime()->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace greenroom

BENCHMARK_MAIN();
