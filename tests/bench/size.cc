// bench_size: what grows with use must not grow what a call costs. A learner's long log, memory of many live sessions,
// and what the processes take at rest. Ends with 1 where a bound is broken.
#include <algorithm>
#include <functional>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "services/base/config.h"
#include "services/base/redis/redis_client.h"
#include "services/base/task.h"
#include "tests/bench/figures.h"
#include "tests/bench/rig.h"
#include "tests/bench/workload.h"

namespace greenroom::bench {
namespace {

constexpr int64_t kMaxResidentBytes = int64_t{60} << 20;
constexpr absl::Duration kMaxTimeToReady = absl::Seconds(1);
constexpr int64_t kMaxSessionBytes = 2048;
constexpr double kMaxSlowdown = 1.2;

struct Options {
  int64_t events = 10000;
  int64_t sessions = 100000;
  std::string pack = "tests/bench/data/bench.pack.yaml";

  void AddFlags(Flags& flags) {
    flags.Integer("events", &events, 100, 1000000, "length of a long log");
    flags.Integer("sessions", &sessions, 1000, 10000000, "live sessions whose memory is measured");
    flags.Text("pack", &pack, "the pack to ask from");
  }
};

// Prints a figure with its bound; remembers whether all are kept.
class Bounds {
 public:
  void AtMost(absl::string_view what, double value, double bound, absl::string_view unit) {
    const bool kept = value <= bound;
    all_kept_ = all_kept_ && kept;
    std::cout << absl::StrFormat("%-52s %10.2f %-4s at most %.2f%s\n", what, value, unit, bound,
                                 kept ? "" : "  BROKEN");
  }
  bool all_kept() const { return all_kept_; }

 private:
  bool all_kept_ = true;
};

absl::Status AtRest(const Rig& rig, Bounds& bounds) {
  for (const Program program : kServices) {
    ASSIGN_OR_RETURN(const int64_t resident, rig.ResidentBytes(program));
    bounds.AtMost(absl::StrCat(ProgramName(program), ": memory at rest"),
                  static_cast<double>(resident) / (1 << 20),
                  static_cast<double>(kMaxResidentBytes) / (1 << 20), "MiB");
    bounds.AtMost(absl::StrCat(ProgramName(program), ": time to ready"),
                  absl::ToDoubleSeconds(rig.time_to_ready(program)), absl::ToDoubleSeconds(kMaxTimeToReady),
                  "s");
  }
  return absl::OkStatus();
}

// A few learners who have `events` events each behind them, in sessions of about a hundred, and a new session for what
// is measured. Learners of a group act at once, each of them one call at a time.
absl::StatusOr<std::vector<BenchSession>> Experienced(const Rig& rig, Workload& workload,
                                                      absl::string_view name, int64_t events) {
  constexpr size_t kLearners = 4;
  constexpr int64_t kAnswersASession = 50;  // two events each
  ASSIGN_OR_RETURN(const std::vector<std::string> learners, Learners(rig, name, kLearners));
  for (int64_t made = 0; made < events;) {
    ASSIGN_OR_RETURN(const std::vector<BenchSession> sessions, CreateSessions(rig, learners));
    ++made;
    for (int64_t i = 0; i < kAnswersASession && made < events; ++i, made += 2) {
      RETURN_IF_ERROR(workload.AnswerEach(sessions, static_cast<size_t>(i) % 4));
    }
  }
  return CreateSessions(rig, learners);
}

// The long log's median time to the short one's, of rounds in turn.
absl::Status LongLog(const Rig& rig, Workload& workload, const Options& options, Bounds& bounds) {
  constexpr int kRounds = 5;
  std::cerr << "making logs of " << options.events << " events\n";
  ASSIGN_OR_RETURN(const std::vector<BenchSession> beginners, Experienced(rig, workload, "beginner", 10));
  ASSIGN_OR_RETURN(const std::vector<BenchSession> veterans,
                   Experienced(rig, workload, "veteran", options.events));
  for (const Operation operation : {Operation::kGetSession, Operation::kSubmitAnswer}) {
    std::vector<double> slowdowns;
    for (int round = 0; round < kRounds; ++round) {
      double medians[2];
      for (const bool experienced : {false, true}) {
        const std::vector<BenchSession>& sessions = experienced ? veterans : beginners;
        const StartCall calls = workload.CallsAbout(operation, sessions);
        ASSIGN_OR_RETURN(const LoadFigures figures,
                         RunLoad(calls, sessions.size(), absl::Milliseconds(200), absl::Seconds(2)));
        medians[experienced ? 1 : 0] = figures.p50_us;
      }
      slowdowns.push_back(medians[1] / medians[0]);
    }
    bounds.AtMost(
        absl::StrCat(OperationName(operation), ": time after ", options.events, " events to that after 10"),
        Median(slowdowns), kMaxSlowdown, "");
  }
  return absl::OkStatus();
}

// Yields MEMORY USAGE of each key.
absl::StatusOr<std::vector<int64_t>> MemoryUsage(RedisClient& redis, const std::vector<std::string>& keys) {
  std::vector<int64_t> bytes(keys.size());
  absl::Status failure;
  const StartNumbered ask = [&](int64_t number, std::function<void(const grpc::Status&)> done) {
    const auto i = static_cast<size_t>(number);
    StartTask(redis.Command({"MEMORY", "USAGE", keys[i], "SAMPLES", "0"}, absl::Now() + absl::Minutes(1)),
              [&bytes, i, done = std::move(done)](const absl::StatusOr<RedisReply>& reply) {
                if (reply.ok()) bytes[i] = reply->integer();
                done(reply.ok()
                         ? grpc::Status::OK
                         : grpc::Status(grpc::StatusCode::INTERNAL, std::string(reply.status().message())));
              });
  };
  RETURN_IF_ERROR(RunCalls(ask, static_cast<int64_t>(keys.size()), 256));
  return bytes;
}

absl::StatusOr<std::vector<std::string>> KeysOf(RedisClient& redis, const std::string& pattern) {
  std::vector<std::string> keys;
  std::string cursor = "0";
  do {
    ASSIGN_OR_RETURN(const RedisReply reply,
                     SyncWait(redis.Command({"SCAN", cursor, "MATCH", pattern, "COUNT", "1000"},
                                            absl::Now() + absl::Minutes(1))));
    cursor = reply[0].str();
    for (const RedisReply& key : reply[1].elements()) keys.push_back(key.str());
  } while (cursor != "0");
  // A scan may tell a key twice.
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

double MiddleOf(std::vector<int64_t> values) {
  std::sort(values.begin(), values.end());
  return static_cast<double>(values[values.size() / 2]);
}

absl::Status LiveSessions(const Rig& rig, Workload& workload, const Options& options, Bounds& bounds) {
  constexpr size_t kSessionsALearner = 20;
  RedisOptions redis_options;
  redis_options.url = rig.redis().url();
  redis_options.command_timeout = absl::Minutes(1);
  ASSIGN_OR_RETURN(const std::unique_ptr<RedisClient> redis, MakeRedisClient(redis_options));

  const auto count = static_cast<size_t>(options.sessions);
  std::cerr << "making " << count << " sessions\n";
  ASSIGN_OR_RETURN(const std::vector<std::string> learners, Learners(rig, "many", count / kSessionsALearner));
  std::vector<BenchSession> last;
  for (size_t made = 0; made < count; made += learners.size()) {
    ASSIGN_OR_RETURN(last, CreateSessions(rig, learners));
  }
  // Those of the last turn are answered out, which is as large as a state of this pack becomes.
  for (size_t question = 0; question < 4; ++question) RETURN_IF_ERROR(workload.AnswerEach(last, question));

  ASSIGN_OR_RETURN(const std::vector<std::string> keys, KeysOf(*redis, "gr:*:s:*"));
  ASSIGN_OR_RETURN(const std::vector<std::string> heads, KeysOf(*redis, "gr:*:head"));
  if (keys.size() < count) {
    return absl::InternalError(absl::StrCat("Redis holds ", keys.size(), " of ", count, " sessions"));
  }
  ASSIGN_OR_RETURN(const std::vector<int64_t> bytes, MemoryUsage(*redis, keys));
  ASSIGN_OR_RETURN(const std::vector<int64_t> head_bytes, MemoryUsage(*redis, heads));
  bounds.AtMost(absl::StrCat("a live session of ", keys.size(), " in Redis: median"), MiddleOf(bytes),
                static_cast<double>(kMaxSessionBytes), "B");
  bounds.AtMost("a live session in Redis: largest",
                static_cast<double>(*std::max_element(bytes.begin(), bytes.end())),
                static_cast<double>(kMaxSessionBytes), "B");
  std::cout << absl::StrFormat("%-52s %10.2f B\n", "a learner's head in Redis: median", MiddleOf(head_bytes));
  return absl::OkStatus();
}

absl::StatusOr<bool> Run(const Options& options) {
  ASSIGN_OR_RETURN(
      const std::unique_ptr<Rig> rig,
      Rig::Start({GREENROOM_BIN_DIR, absl::StrCat(GREENROOM_BIN_DIR, "/bench_floor"), options.pack}));
  Bounds bounds;
  RETURN_IF_ERROR(AtRest(*rig, bounds));
  ASSIGN_OR_RETURN(const std::unique_ptr<Workload> workload, Workload::Prepare(*rig, 32));
  RETURN_IF_ERROR(LongLog(*rig, *workload, options, bounds));
  RETURN_IF_ERROR(LiveSessions(*rig, *workload, options, bounds));
  return bounds.all_kept();
}

}  // namespace
}  // namespace greenroom::bench

int main(int argc, char** argv) {
  greenroom::bench::Options options;
  greenroom::Flags flags("bench_size", "0", "Measures what use leaves behind.");
  options.AddFlags(flags);
  if (const std::optional<int> code = flags.ParseOrExitCode(argc, argv)) return *code;
  const absl::StatusOr<bool> kept = greenroom::bench::Run(options);
  if (kept.ok()) return *kept ? 0 : 1;
  std::cerr << "bench_size: " << kept.status() << "\n";
  return 1;
}
