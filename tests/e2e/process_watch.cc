#include "tests/e2e/process_watch.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace greenroom::e2e {

void ProcessWatch::Look(System& system) {
  for (const Service service : kServices) {
    for (int replica = 0; replica < system.options().replicas; ++replica) {
      const pid_t pid = system.process(service, replica).pid();
      const absl::StatusOr<ProcessUse> use = UseOf(pid);
      if (use.ok()) Note(NameOf(service), pid, *use);
    }
  }
}

void ProcessWatch::Note(absl::string_view service, pid_t pid, const ProcessUse& use) {
  const auto known = by_pid_.find(pid);
  // A younger process under an id is another.
  const bool same = known != by_pid_.end() && lives_[known->second].service == service &&
                    lives_[known->second].looks.back().age <= use.age;
  if (!same) {
    by_pid_[pid] = lives_.size();
    lives_.push_back({std::string(service), {}});
  }
  lives_[by_pid_[pid]].looks.push_back(use);
}

std::vector<ProcessUse> ProcessWatch::Warm(const Life& life) {
  std::vector<ProcessUse> warm;
  for (const ProcessUse& use : life.looks) {
    if (use.age >= absl::Seconds(kWarmSeconds)) warm.push_back(use);
  }
  if (!warm.empty() && warm.back().age - warm.front().age < absl::Seconds(kSpanSeconds)) warm.clear();
  return warm;
}

int ProcessWatch::compared() const {
  return static_cast<int>(
      std::count_if(lives_.begin(), lives_.end(), [](const Life& life) { return !Warm(life).empty(); }));
}

std::vector<std::string> ProcessWatch::Growth() const {
  std::vector<std::string> grown;
  for (const Life& life : lives_) {
    const std::vector<ProcessUse> warm = Warm(life);
    if (warm.empty()) continue;
    const ProcessUse& first = warm.front();
    const ProcessUse& last = warm.back();
    if (last.resident_kib * 100 > first.resident_kib * (100 + kMoreResidentPercent)) {
      grown.push_back(absl::StrFormat("%s from %d KiB at %s to %d KiB at %s", life.service,
                                      first.resident_kib, absl::FormatDuration(first.age), last.resident_kib,
                                      absl::FormatDuration(last.age)));
    }
    if (last.descriptors > first.descriptors + kMoreDescriptors) {
      grown.push_back(
          absl::StrFormat("%s from %d descriptors to %d", life.service, first.descriptors, last.descriptors));
    }
  }
  return grown;
}

std::string ProcessWatch::Table() const {
  std::map<std::string, std::vector<ProcessUse>> looks;
  std::map<std::string, int> processes;
  for (const Life& life : lives_) {
    ++processes[life.service];
    auto& all = looks[life.service];
    all.insert(all.end(), life.looks.begin(), life.looks.end());
  }
  std::string table = absl::StrFormat("%-8s %9s   %-22s %-22s %-22s\n", "service", "processes",
                                      "start: KiB, fds", "middle: KiB, fds", "end: KiB, fds");
  for (const auto& [service, all] : looks) {
    absl::StrAppendFormat(&table, "%-8s %9d   ", service, processes[service]);
    for (const ProcessUse& use : {all.front(), all[all.size() / 2], all.back()}) {
      absl::StrAppendFormat(&table, "%-22s ", absl::StrFormat("%d, %d", use.resident_kib, use.descriptors));
    }
    table += "\n";
  }
  absl::StrAppend(&table, compared(), " of ", lives_.size(), " processes lived long enough to be compared\n");
  return table;
}

}  // namespace greenroom::e2e
