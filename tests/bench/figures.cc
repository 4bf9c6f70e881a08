#include "tests/bench/figures.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace greenroom::bench {
namespace {

using Json = nlohmann::ordered_json;

double Rounded(double value, double to) { return std::round(value / to) * to; }

absl::Status WriteFile(const std::string& path, const Json& json) {
  std::ofstream file(path);
  file << json.dump(2) << "\n";
  file.close();
  return file ? absl::OkStatus() : absl::InternalError(absl::StrCat("cannot write ", path));
}

}  // namespace

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[(values.size() - 1) / 2];
}

LoadFigures MedianOf(const std::vector<LoadFigures>& runs) {
  std::vector<double> rps, p50, p99, cpu, refused;
  for (const LoadFigures& run : runs) {
    rps.push_back(run.rps);
    p50.push_back(run.p50_us);
    p99.push_back(run.p99_us);
    cpu.push_back(run.cpu_us);
    refused.push_back(run.refused);
  }
  return {.rps = Median(rps),
          .p50_us = Median(p50),
          .p99_us = Median(p99),
          .cpu_us = Median(cpu),
          .refused = Median(refused)};
}

std::string Table(const std::vector<Result>& results) {
  std::string table =
      absl::StrFormat("%-14s %9s %9s %10s %10s %8s %8s  %-12s %6s %7s\n", "what", "in flight", "calls/s",
                      "p50 us", "p99 us", "cpu us", "refused", "floor", "ratio", "target");
  for (const Result& result : results) {
    absl::StrAppendFormat(
        &table, "%-14s %9d %9.0f %10.0f %10.0f %8.0f %8s  %-12s %6s %7s\n", result.name, result.in_flight,
        result.figures.rps, result.figures.p50_us, result.figures.p99_us, result.figures.cpu_us,
        result.figures.refused == 0 ? "" : absl::StrFormat("%.2f", result.figures.refused), result.floor,
        result.ratio.has_value() ? absl::StrFormat("%.2f", *result.ratio) : "",
        !result.target.has_value()        ? ""
        : *result.ratio >= *result.target ? absl::StrFormat(">=%.2f", *result.target)
                                          : absl::StrFormat("<%.2f!", *result.target));
  }
  return table;
}

absl::Status WriteJson(const std::string& path, const std::vector<Result>& results) {
  Json list = Json::array();
  for (const Result& result : results) {
    Json one;
    one["name"] = result.name;
    one["in_flight"] = result.in_flight;
    one["rps"] = Rounded(result.figures.rps, 0.1);
    one["p50_us"] = Rounded(result.figures.p50_us, 0.1);
    one["p99_us"] = Rounded(result.figures.p99_us, 0.1);
    one["cpu_us"] = Rounded(result.figures.cpu_us, 0.1);
    one["refused"] = Rounded(result.figures.refused, 0.001);
    one["floor"] = result.floor.empty() ? Json() : Json(result.floor);
    one["ratio"] = result.ratio.has_value() ? Json(Rounded(*result.ratio, 0.001)) : Json();
    list.push_back(std::move(one));
  }
  return WriteFile(path, {{"results", std::move(list)}});
}

absl::StatusOr<std::map<std::string, double>> ReadRatios(const std::string& path) {
  std::ifstream file(path);
  const Json json = Json::parse(file, nullptr, /*allow_exceptions=*/false);
  const auto found = json.is_object() ? json.find("ratios") : json.end();
  if (!json.is_object() || found == json.end() || !found->is_object()) {
    return absl::InvalidArgumentError(absl::StrCat(path, " holds no ratios"));
  }
  std::map<std::string, double> ratios;
  for (const auto& [name, ratio] : found->items()) {
    if (!ratio.is_number()) {
      return absl::InvalidArgumentError(absl::StrCat(path, ": the ratio of ", name, " is no number"));
    }
    ratios[name] = ratio.get<double>();
  }
  return ratios;
}

absl::Status WriteRatios(const std::string& path, const std::map<std::string, double>& ratios) {
  Json map = Json::object();
  for (const auto& [name, ratio] : ratios) map[name] = Rounded(ratio, 0.001);
  return WriteFile(path, {{"ratios", std::move(map)}});
}

}  // namespace greenroom::bench
