// greenroom-soak: learners practise for a long time while faults of every kind strike in an order drawn from a seed.
// In a soak of some minutes the last of them are calm, so that what processes take can be compared.
// Run by tests/run --soak MINUTES. Prints what struck and what came of it, and ends with "N passed, M failed": a fault
// passes where what its row promises held meanwhile and all was well afterwards.
#include <algorithm>
#include <iostream>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "services/base/config.h"
#include "services/base/task.h"
#include "tests/e2e/faults/fault.h"
#include "tests/e2e/faults/healed.h"
#include "tests/e2e/process_watch.h"

namespace greenroom::e2e {
namespace {

struct Options {
  absl::Duration duration = absl::Minutes(10);
  int64_t seed = 0;
  int64_t learners = 20;
  int64_t rate = 30;
  std::string row;
  bool postgres = false;
  std::string redis = "server";

  void AddFlags(Flags& flags) {
    flags.Length("duration", &duration, absl::Seconds(1), absl::Hours(48), "how long faults strike");
    flags.Integer("seed", &seed, 0, INT64_MAX, "of the order of the faults; 0 draws one");
    flags.Integer("learners", &learners, 1, 1000, "how many practise at once");
    flags.Integer("rate", &rate, 0, 100000, "turns a second of all together; 0: as fast as answers come");
    flags.Text("row", &row, "only the faults of this row of the table, such as R6");
    flags.Switch("postgres", &postgres,
                 "catalogue and log on a PostgreSQL server, two replicas of each service");
    flags.Choice("redis", &redis, {"server", "sentinel", "cluster"}, "what Redis is");
  }
};

// At the end, of a soak at least kLongSoak long: longer than a process takes to be warm and to be compared.
constexpr absl::Duration kCalm = absl::Seconds(ProcessWatch::kWarmSeconds + ProcessWatch::kSpanSeconds + 15);
constexpr absl::Duration kLongSoak = absl::Minutes(5);
constexpr absl::Duration kLookEvery = absl::Seconds(10);

struct Tally {
  int struck = 0;
  int failed = 0;
};

class Soak {
 public:
  explicit Soak(const Options& options)
      : options_(options), random_(static_cast<uint64_t>(options.seed)), begun_(absl::Now()) {}

  absl::Status Run() {
    SystemOptions hurtful;
    hurtful.proxies = hurtful.small_disks = hurtful.preloaded = true;
    hurtful.postgres = options_.postgres;
    hurtful.replicas = options_.postgres ? 2 : 1;
    if (options_.redis == "sentinel") hurtful.redis = Redis::kSentinel;
    if (options_.redis == "cluster") hurtful.redis = Redis::kCluster;
    hurtful.networks = hurtful.postgres || hurtful.redis != Redis::kServer;
    hurtful.log_level = "error";  // what is logged is kept in memory
    for (const Fault& fault : AllFaults(hurtful)) {
      if (options_.row.empty() || options_.row == fault.row) faults_.push_back(fault);
    }
    if (faults_.empty()) return absl::InvalidArgumentError(absl::StrCat("no fault is of row ", options_.row));
    ASSIGN_OR_RETURN(system_, System::Start(hurtful));
    LoadOptions load = system_->LoadDefaults();
    load.learners = static_cast<int>(options_.learners);
    load.turns_per_second = static_cast<double>(options_.rate);
    ASSIGN_OR_RETURN(load_, Load::Start(std::move(load)));
    load_->Resume();
    RETURN_IF_ERROR(load_->WaitForEach(absl::Minutes(2)));
    watch_.Look(*system_);
    const bool is_long = options_.duration >= kLongSoak;
    const absl::Time end = begun_ + options_.duration - (is_long ? kCalm : absl::ZeroDuration());
    while (absl::Now() < end) {
      for (const Fault* fault : Shuffled()) {
        if (absl::Now() >= end) break;
        Strike(*fault);
      }
    }
    for (const absl::Time calm_end = absl::Now() + kCalm; is_long && absl::Now() < calm_end;) {
      absl::SleepFor(kLookEvery);
      watch_.Look(*system_);
    }
    load_->Pause();
    return absl::OkStatus();
  }

  // Whether all held.
  bool Report() {
    const CallStatistics::Counts counts = load_->statistics().counts();
    std::cout << absl::StreamFormat("\n%-4s %-30s %8s %8s\n", "row", "fault", "struck", "failed");
    for (const Fault& fault : faults_) {
      const Tally& tally = tallies_[fault.name];
      std::cout << absl::StreamFormat("%-4s %-30s %8d %8d\n", fault.row, fault.name, tally.struck,
                                      tally.failed);
    }
    std::cout << absl::StreamFormat(
        "\nbusiness calls %d, failed %d, repeats %d\nacknowledged writes %d, answers %d, lost %d, doubled "
        "%d\n",
        counts.calls, counts.failed, counts.repeats, last_.acknowledged, last_.answers, last_.lost,
        last_.doubled);
    for (const auto& [what, times] : counts.refused) std::cout << "  " << times << " x " << what << "\n";
    for (const std::string& failure : counts.failures) std::cout << "  failed: " << failure << "\n";
    std::cout << "\n" << watch_.Table();
    for (const std::string& growth : watch_.Growth()) {
      std::cout << "  grows: " << growth << "\n";
      ++failed_;
    }
    std::cout << passed_ << " passed, " << failed_ << " failed\n";
    return failed_ == 0 && passed_ > 0;
  }

 private:
  std::vector<const Fault*> Shuffled() {
    std::vector<const Fault*> order;
    order.reserve(faults_.size());
    for (const Fault& fault : faults_) order.push_back(&fault);
    std::shuffle(order.begin(), order.end(), random_);
    return order;
  }

  void Strike(const Fault& fault) {
    const absl::Time struck = absl::Now();
    const int64_t failed_before = load_->statistics().counts().failed;
    FaultSite site{*system_, *load_,
                   absl::Milliseconds(std::uniform_int_distribution<int>(500, 4000)(random_)), random_};
    absl::Status status = fault.strike(site);
    const absl::StatusOr<CheckReport> healed = CheckHealed(*system_, *load_);
    if (healed.ok()) last_ = *healed;
    if (status.ok()) status = healed.status();
    const CallStatistics::Counts counts = load_->statistics().counts();
    if (status.ok() && counts.failed > failed_before) status = absl::InternalError("business calls failed");
    watch_.Look(*system_);
    load_->Resume();
    Tally& tally = tallies_[fault.name];
    ++tally.struck;
    ++(status.ok() ? passed_ : failed_);
    tally.failed += status.ok() ? 0 : 1;
    std::cout << absl::StreamFormat("%7.1f s  %-4s %-30s %5.1f s  %6d calls  %s\n",
                                    absl::ToDoubleSeconds(struck - begun_), fault.row, fault.name,
                                    absl::ToDoubleSeconds(absl::Now() - struck), counts.calls,
                                    status.ok() ? "ok" : status.ToString())
              << (site.measured.empty() ? "" : absl::StrCat("           ", site.measured, "\n"))
              << std::flush;
  }

  const Options options_;
  std::vector<Fault> faults_;
  std::mt19937_64 random_;
  const absl::Time begun_;
  std::unique_ptr<System> system_;
  std::unique_ptr<Load> load_;
  ProcessWatch watch_;
  std::map<std::string, Tally> tallies_;
  CheckReport last_;
  int passed_ = 0;
  int failed_ = 0;
};

int Run(int argc, char** argv) {
  Options options;
  Flags flags("greenroom-soak", GREENROOM_VERSION, "Practises for long while faults strike.");
  options.AddFlags(flags);
  if (const std::optional<int> code = flags.ParseOrExitCode(argc, argv)) return *code;
  if (options.seed == 0) options.seed = static_cast<int64_t>(std::random_device()() >> 1) + 1;
  std::cout << "seed " << options.seed << " (--seed repeats the order)" << std::endl;
  Soak soak(options);
  const absl::Status run = soak.Run();
  if (!run.ok()) {
    std::cerr << "greenroom-soak: " << run << "\n0 passed, 1 failed\n";
    return 1;
  }
  return soak.Report() ? 0 : 1;
}

}  // namespace
}  // namespace greenroom::e2e

int main(int argc, char** argv) { return greenroom::e2e::Run(argc, argv); }
