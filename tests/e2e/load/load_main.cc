// greenroom-load: practises against a running system, keeps its own ledger, and checks it against the log.
//   greenroom-load --session 127.0.0.1:7703 --key KEYS/signing.jwk --ledger FILE [--duration 10s] [--learners 20]
//                  [--rate TURNS_PER_SECOND] [--event-log URL]
#include <iostream>
#include <string>

#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "services/base/auth/keys.h"
#include "services/base/config.h"
#include "services/base/task.h"
#include "tests/e2e/load/checker.h"
#include "tests/e2e/load/load.h"

namespace greenroom::e2e {
namespace {

struct Options {
  std::string session = "127.0.0.1:7703";
  std::string key;
  std::string ledger;
  std::string event_log;
  std::string name = "load";
  absl::Duration duration = absl::Seconds(10);
  int64_t learners = 20;
  int64_t rate = 0;

  void AddFlags(Flags& flags) {
    flags.Text("session", &session, "gRPC target of the session service");
    flags.Text("key", &key, "file with the key that signs the learners' tokens");
    flags.Text("ledger", &ledger, "file to write attempts and acknowledgements to; must not exist");
    flags.Url("event-log", &event_log, {"sqlite", "postgresql"}, "the log to compare with at the end");
    flags.Text("name", &name, "of which the learners are NAME-0, NAME-1 ...; new ones with every run");
    flags.Length("duration", &duration, absl::Milliseconds(1), absl::Hours(48), "how long");
    flags.Integer("learners", &learners, 1, 10000, "how many practise at once");
    flags.Integer("rate", &rate, 0, 1000000, "turns a second of all together; 0: as fast as answers come");
  }
};

absl::Status Practise(const Options& options) {
  ASSIGN_OR_RETURN(const auth::SigningKey key, auth::SigningKey::Load(options.key));
  LoadOptions load_options;
  load_options.target = options.session;
  load_options.learners = static_cast<int>(options.learners);
  load_options.name = options.name;
  load_options.token = [&key](const std::string& learner) { return LearnerToken(key, learner); };
  load_options.ledger = options.ledger;
  load_options.turns_per_second = static_cast<double>(options.rate);
  ASSIGN_OR_RETURN(const std::unique_ptr<Load> load, Load::Start(std::move(load_options)));
  load->Resume();
  absl::SleepFor(options.duration);
  load->Pause();
  const CallStatistics::Counts counts = load->statistics().counts();
  std::cout << load->turns() << " turns, " << counts.calls << " business calls, " << counts.repeats
            << " repeats, " << counts.failed << " failed; SubmitAnswer p50 "
            << load->statistics().Percentile("SubmitAnswer", 0.5) << ", p99 "
            << load->statistics().Percentile("SubmitAnswer", 0.99) << "\n";
  for (const std::string& failure : counts.failures) std::cout << "  " << failure << "\n";
  if (!options.event_log.empty()) {
    ASSIGN_OR_RETURN(const std::vector<CallRecord> records, ReadCallLedger(options.ledger));
    ASSIGN_OR_RETURN(const CheckReport report, CheckLog(records, options.event_log, false));
    std::cout << report.ToString() << "\n";
    if (!report.ok()) return absl::DataLossError("the log is not what was acknowledged");
  }
  return counts.failed == 0 ? absl::OkStatus() : absl::InternalError("business calls failed");
}

int Run(int argc, char** argv) {
  Options options;
  Flags flags("greenroom-load", GREENROOM_VERSION, "Practises against a running system.");
  options.AddFlags(flags);
  if (const std::optional<int> code = flags.ParseOrExitCode(argc, argv)) return *code;
  const absl::Status done = Practise(options);
  if (!done.ok()) std::cerr << "greenroom-load: " << done << "\n";
  return done.ok() ? 0 : 1;
}

}  // namespace
}  // namespace greenroom::e2e

int main(int argc, char** argv) { return greenroom::e2e::Run(argc, argv); }
