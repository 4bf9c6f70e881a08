// bench: how many calls a second the services answer, beside floors that do the least such calls can do. Everything is
// measured in one run, each call right after its floor, because the machine of one minute is not that of the next.
#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/base/config.h"
#include "services/base/task.h"
#include "services/content/domain/pack_reader.h"
#include "services/scoring/domain/compile.h"
#include "tests/bench/figures.h"
#include "tests/bench/rig.h"
#include "tests/bench/workload.h"

namespace greenroom::bench {
namespace {

constexpr int kRounds = 3;
constexpr size_t kChecked = 32;    // calls in flight that targets and the check are about
constexpr size_t kSessions = 512;  // a multiple of every number in flight
constexpr double kMayFall = 0.20;  // of a committed ratio
constexpr absl::Duration kWarmUp = absl::Milliseconds(300);

// Of the requests a second at kChecked in flight, to the floor's.
const std::map<Operation, double>& Targets() {
  static const auto& targets = *new std::map<Operation, double>{
      {Operation::kGetSession, 0.60}, {Operation::kNextQuestion, 0.60}, {Operation::kSubmitAnswer, 0.40}};
  return targets;
}

struct Options {
  bool quick = false;
  bool postgres = false;
  std::string only;
  std::string check;
  std::string out;
  std::string write_ratios;
  std::string programs = GREENROOM_BIN_DIR;
  std::string pack = "tests/bench/data/bench.pack.yaml";

  void AddFlags(Flags& flags) {
    flags.Switch("quick", &quick, "three runs of 2 s instead of 10 s");
    flags.Switch("postgres", &postgres, "on a PostgreSQL server instead of SQLite, the floors too");
    flags.Text("only", &only, "measures this call alone, with its floor, at 32 in flight: for profilers");
    flags.Text("check", &check,
               "file of ratios at 32 in flight; measures only those and fails where one fell");
    flags.Text("out", &out, "file to write the results to as JSON");
    flags.Text("write-ratios", &write_ratios, "file to write the ratios at 32 in flight to, for --check");
    flags.Text("programs", &programs, "folder of the services, to measure those of another build");
    flags.Text("pack", &pack, "the pack to ask from");
  }
};

using Runs = std::map<std::pair<Operation, size_t>, std::vector<LoadFigures>>;

// A floor and what is compared with it.
using Group = std::vector<Operation>;

const std::vector<Group>& Groups() {
  static const auto& groups = *new std::vector<Group>{
      {Operation::kEcho, Operation::kGradeAnswer, Operation::kGradeAnswerDecided},
      {Operation::kEchoRedis, Operation::kGetSession, Operation::kNextQuestion},
      {Operation::kPipeline, Operation::kSubmitAnswer},
  };
  return groups;
}

// The call of this name and its floor; all groups for no name.
absl::StatusOr<std::vector<Group>> GroupsOf(const std::string& name) {
  if (name.empty()) return Groups();
  for (const Group& group : Groups()) {
    for (const Operation operation : group) {
      if (name != OperationName(operation)) continue;
      if (FloorOf(operation) == operation) return std::vector<Group>{{operation}};
      return std::vector<Group>{{FloorOf(operation), operation}};
    }
  }
  return absl::InvalidArgumentError(absl::StrCat("--only: there is no call ", name));
}

absl::StatusOr<Runs> Measure(const Rig& rig, Workload& workload, const std::vector<Group>& groups,
                             const std::vector<size_t>& in_flights, absl::Duration length) {
  Runs runs;
  for (int round = 1; round <= kRounds; ++round) {
    for (const size_t in_flight : in_flights) {
      for (const Group& group : groups) {
        for (const Operation operation : group) {
          const StartCall calls = workload.Calls(operation, in_flight);
          ASSIGN_OR_RETURN(const absl::Duration cpu_before, rig.CpuTime());
          absl::StatusOr<LoadFigures> figures = RunLoad(calls, in_flight, kWarmUp, length);
          if (!figures.ok()) {
            return absl::Status(
                figures.status().code(),
                absl::StrCat(OperationName(operation), " at ", in_flight, ": ", figures.status().message()));
          }
          ASSIGN_OR_RETURN(const absl::Duration cpu_after, rig.CpuTime());
          figures->cpu_us =
              absl::ToDoubleMicroseconds(cpu_after - cpu_before) / static_cast<double>(figures->calls);
          std::cerr << absl::StrFormat("round %d  %-14s %4d in flight %9.0f/s %6.0f us of CPU\n", round,
                                       OperationName(operation), in_flight, figures->rps, figures->cpu_us);
          runs[{operation, in_flight}].push_back(*figures);
        }
      }
    }
  }
  return runs;
}

// Of each round, to the floor of the same round.
std::vector<double> RatiosOf(const Runs& runs, Operation operation, size_t in_flight) {
  const std::vector<LoadFigures>& own = runs.at({operation, in_flight});
  const std::vector<LoadFigures>& floor = runs.at({FloorOf(operation), in_flight});
  std::vector<double> ratios;
  for (size_t round = 0; round < own.size(); ++round) ratios.push_back(own[round].rps / floor[round].rps);
  return ratios;
}

std::vector<Result> ResultsOf(const Runs& runs) {
  std::vector<Result> results;
  for (const auto& [key, figures] : runs) {
    const auto& [operation, in_flight] = key;
    Result result;
    result.name = OperationName(operation);
    result.in_flight = in_flight;
    result.figures = MedianOf(figures);
    if (FloorOf(operation) != operation) {
      result.floor = OperationName(FloorOf(operation));
      result.ratio = Median(RatiosOf(runs, operation, in_flight));
      const auto target = Targets().find(operation);
      if (in_flight == kChecked && target != Targets().end()) result.target = target->second;
    }
    results.push_back(std::move(result));
  }
  return results;
}

// What grading one answer computes, without any call: one thread of this process.
absl::StatusOr<Result> GradeCompute(const std::string& pack) {
  std::ifstream file(pack);
  const std::string yaml((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const content::ReadResult read = content::ReadPack(yaml);
  if (!read.ok()) return absl::InvalidArgumentError(absl::StrCat(pack, " is no valid pack"));
  const Answers answers;
  std::vector<scoring::CompiledQuestion> questions;
  for (const content::v1::Question& question : read.pack.questions()) {
    ASSIGN_OR_RETURN(scoring::CompiledQuestion compiled, scoring::Compile(question));
    questions.push_back(std::move(compiled));
  }
  if (questions.size() != answers.questions().size()) {
    return absl::InvalidArgumentError(absl::StrCat(pack, " has other questions than the answers"));
  }
  constexpr int64_t kGrades = 8000;
  std::vector<double> micros;
  double sum = 0;
  for (int64_t number = 0; number < kGrades; ++number) {
    const size_t question = static_cast<size_t>(number) % questions.size();
    const std::string answer = answers.Tell(question, number);
    const auto begun = std::chrono::steady_clock::now();
    const scoring::v1::Report report = scoring::Grade(questions[question], answer);
    micros.push_back(
        std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begun).count());
    if (!report.has_score()) return absl::InternalError("an answer of the benchmark has no score");
    sum += micros.back();
  }
  std::sort(micros.begin(), micros.end());
  Result result;
  result.name = "grade_compute";
  result.in_flight = 1;
  result.figures = {.rps = 1e6 * static_cast<double>(kGrades) / sum,
                    .p50_us = micros[micros.size() / 2],
                    .p99_us = micros[micros.size() * 99 / 100],
                    .cpu_us = sum / static_cast<double>(kGrades),
                    .calls = kGrades};
  return result;
}

// The best of the rounds' ratios at kChecked: noise of other work on the machine can only take from a ratio's best, not
// from each.
std::map<std::string, double> BestRatios(const Runs& runs) {
  std::map<std::string, double> best;
  for (const auto& [key, figures] : runs) {
    const auto& [operation, in_flight] = key;
    if (in_flight != kChecked || FloorOf(operation) == operation) continue;
    const std::vector<double> ratios = RatiosOf(runs, operation, in_flight);
    best[OperationName(operation)] = *std::max_element(ratios.begin(), ratios.end());
  }
  return best;
}

std::vector<std::string> Fallen(const std::map<std::string, double>& committed,
                                const std::map<std::string, double>& measured) {
  std::vector<std::string> fallen;
  for (const auto& [name, ratio] : measured) {
    if (ratio < committed.at(name) * (1 - kMayFall)) fallen.push_back(name);
  }
  return fallen;
}

// Two cores that other work shares give noisy figures, so three things are done before a fall is believed: each call is
// measured right beside its floor, the best of three rounds counts, and what seems to have fallen is measured once more.
absl::Status Check(const Rig& rig, Workload& workload, const std::string& path, absl::Duration length) {
  ASSIGN_OR_RETURN(const auto committed, ReadRatios(path));
  ASSIGN_OR_RETURN(const Runs runs, Measure(rig, workload, Groups(), {kChecked}, length));
  std::map<std::string, double> best = BestRatios(runs);
  for (const auto& [name, ratio] : best) {
    if (committed.count(name) == 0) {
      return absl::FailedPreconditionError(absl::StrCat(path, " has no ratio of ", name));
    }
  }
  std::vector<std::string> fallen = Fallen(committed, best);
  if (!fallen.empty()) {
    std::vector<Group> again;
    for (const Group& group : Groups()) {
      if (std::any_of(group.begin(), group.end(), [&](Operation operation) {
            return std::find(fallen.begin(), fallen.end(), OperationName(operation)) != fallen.end();
          })) {
        again.push_back(group);
      }
    }
    std::cerr << "once more, because these seem to have fallen:";
    for (const std::string& name : fallen) std::cerr << " " << name;
    std::cerr << "\n";
    ASSIGN_OR_RETURN(const Runs second, Measure(rig, workload, again, {kChecked}, length));
    for (const auto& [name, ratio] : BestRatios(second)) best[name] = std::max(best[name], ratio);
    fallen = Fallen(committed, best);
  }
  for (const auto& [name, ratio] : best) {
    std::cout << absl::StrFormat("%-14s ratio %.3f, committed %.3f\n", name, ratio, committed.at(name));
  }
  if (fallen.empty()) return absl::OkStatus();
  std::string names;
  for (const std::string& name : fallen) absl::StrAppend(&names, names.empty() ? "" : ", ", name);
  return absl::FailedPreconditionError(absl::StrCat("more than 20 % below the committed ratio: ", names));
}

// Late grades are part of a loaded machine; many of them are a fault, and would pass for speed.
absl::Status ExpectGraded(const Workload& workload) {
  constexpr double kMayBeLate = 0.05;
  const double share = workload.UngradedShare();
  std::cerr << absl::StrFormat("answers whose grade came later than their reply: %.1f %%\n", 100 * share);
  if (share <= kMayBeLate) return absl::OkStatus();
  return absl::FailedPreconditionError("too many answers were not graded in time: their figures say nothing");
}

absl::Status Run(const Options& options) {
  const absl::Duration length = options.quick ? absl::Seconds(2) : absl::Seconds(10);
  ASSIGN_OR_RETURN(const std::unique_ptr<Rig> rig,
                   Rig::Start({options.programs, absl::StrCat(GREENROOM_BIN_DIR, "/bench_floor"),
                               options.pack, options.postgres}));
  ASSIGN_OR_RETURN(const std::unique_ptr<Workload> workload, Workload::Prepare(*rig, kSessions));
  if (!options.check.empty()) {
    RETURN_IF_ERROR(Check(*rig, *workload, options.check, length));
    return ExpectGraded(*workload);
  }

  ASSIGN_OR_RETURN(const std::vector<Group> groups, GroupsOf(options.only));
  const std::vector<size_t> in_flights =
      options.only.empty() ? std::vector<size_t>{1, kChecked, 128} : std::vector<size_t>{kChecked};
  ASSIGN_OR_RETURN(const Runs runs, Measure(*rig, *workload, groups, in_flights, length));
  RETURN_IF_ERROR(ExpectGraded(*workload));
  std::vector<Result> results = ResultsOf(runs);
  ASSIGN_OR_RETURN(Result compute, GradeCompute(options.pack));
  results.push_back(std::move(compute));
  std::cout << Table(results);
  if (!options.out.empty()) RETURN_IF_ERROR(WriteJson(options.out, results));
  if (options.write_ratios.empty()) return absl::OkStatus();
  std::map<std::string, double> ratios;
  for (const Result& result : results) {
    if (result.in_flight == kChecked && result.ratio.has_value()) ratios[result.name] = *result.ratio;
  }
  return WriteRatios(options.write_ratios, ratios);
}

}  // namespace
}  // namespace greenroom::bench

int main(int argc, char** argv) {
  greenroom::bench::Options options;
  greenroom::Flags flags("bench", "0", "Measures the services beside the floors of what they do.");
  options.AddFlags(flags);
  if (const std::optional<int> code = flags.ParseOrExitCode(argc, argv)) return *code;
  const absl::Status status = greenroom::bench::Run(options);
  if (status.ok()) return 0;
  std::cerr << "bench: " << status << "\n";
  return 1;
}
