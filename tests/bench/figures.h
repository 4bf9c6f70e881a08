// Figures: what was measured, as a table for people and as JSON for programs.
#ifndef GREENROOM_TESTS_BENCH_FIGURES_H_
#define GREENROOM_TESTS_BENCH_FIGURES_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/bench/load.h"

namespace greenroom::bench {

// Of not empty `values`: the middle one, of an even number the lower of the two.
double Median(std::vector<double> values);
LoadFigures MedianOf(const std::vector<LoadFigures>& runs);

struct Result {
  std::string name;
  size_t in_flight = 0;
  LoadFigures figures;
  std::string floor;            // empty: it is compared with nothing
  std::optional<double> ratio;  // of the requests a second to the floor's
  std::optional<double> target;
};

// A line per result, targets and whether they are met.
std::string Table(const std::vector<Result>& results);

// {"results": [{"name", "in_flight", "rps", "p50_us", "p99_us", "cpu_us", "refused", "floor", "ratio"}]}; floor and ratio
// are null where there is none.
absl::Status WriteJson(const std::string& path, const std::vector<Result>& results);

// The committed ratios at 32 in flight, by name: {"ratios": {"GetSession": 0.65}}.
absl::StatusOr<std::map<std::string, double>> ReadRatios(const std::string& path);
absl::Status WriteRatios(const std::string& path, const std::map<std::string, double>& ratios);

}  // namespace greenroom::bench

#endif  // GREENROOM_TESTS_BENCH_FIGURES_H_
