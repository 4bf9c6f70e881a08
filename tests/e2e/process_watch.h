// ProcessWatch: what the services' processes take over a long time.
#ifndef GREENROOM_TESTS_E2E_PROCESS_WATCH_H_
#define GREENROOM_TESTS_E2E_PROCESS_WATCH_H_

#include <map>
#include <string>
#include <vector>

#include "tests/e2e/system.h"
#include "tests/servers/process.h"

namespace greenroom::e2e {

// Not thread-safe.
class ProcessWatch {
 public:
  // A process is warm at this age: what it takes then is what it is measured against.
  static constexpr int kWarmSeconds = 60;
  static constexpr int kSpanSeconds = 30;  // and of looks that are less apart nothing is said
  static constexpr int kMoreResidentPercent = 15;
  static constexpr int kMoreDescriptors = 10;

  // Notes what each service takes now; best with nobody calling.
  void Look(System& system);
  void Note(absl::string_view service, pid_t pid, const ProcessUse& use);

  // For people: each service at its first, middle and last look, and how many processes it has been.
  std::string Table() const;
  // Processes whose last look shows more than the allowed growth over their first warm one. A process that ends
  // young proves nothing and fails nothing.
  std::vector<std::string> Growth() const;
  // How many processes were old enough to be compared.
  int compared() const;

 private:
  struct Life {
    std::string service;
    std::vector<ProcessUse> looks;
  };
  // The looks of a life from when it was warm.
  static std::vector<ProcessUse> Warm(const Life& life);

  std::vector<Life> lives_;
  std::map<pid_t, size_t> by_pid_;
};

}  // namespace greenroom::e2e

#endif  // GREENROOM_TESTS_E2E_PROCESS_WATCH_H_
