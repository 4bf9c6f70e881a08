#include "services/session/memory/calibration.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

namespace greenroom::session {
namespace {

// One prediction of either predictor.
struct Guess {
  double recall;
  bool recalled;
};

using Bin = std::tuple<int, int, int>;

// The whole power of `base` that is not above `value`, which is 1 or more.
int PowerOf(double base, int32_t value) {
  return static_cast<int>(std::floor(std::log(static_cast<double>(value)) / std::log(base)));
}

Bin BinOf(const Prediction& prediction) {
  return {PowerOf(3.62, std::max(prediction.days, 1)), PowerOf(1.89, std::max(prediction.reviews, 1)),
          prediction.lapses < 1 ? -1 : PowerOf(1.73, prediction.lapses)};
}

double LogLoss(const std::vector<Guess>& guesses) {
  double sum = 0;
  for (const Guess& guess : guesses) {
    const double given = guess.recalled ? guess.recall : 1 - guess.recall;
    sum -= std::log(std::clamp(given, kLeastProbability, 1 - kLeastProbability));
  }
  return sum / static_cast<double>(guesses.size());
}

double RmseOfBins(const std::vector<Guess>& guesses, const std::vector<Bin>& bins) {
  struct Sum {
    double count = 0;
    double excess = 0;  // predicted less outcome
  };
  std::map<Bin, Sum> sums;
  for (size_t i = 0; i < guesses.size(); ++i) {
    Sum& sum = sums[bins[i]];
    ++sum.count;
    sum.excess += guesses[i].recall - (guesses[i].recalled ? 1 : 0);
  }
  double squares = 0;  // count x (excess / count)^2
  for (const auto& [bin, sum] : sums) squares += sum.excess * sum.excess / sum.count;
  return std::sqrt(squares / static_cast<double>(guesses.size()));
}

// By the ranks of those that were recalled (Mann and Whitney 1947), ties at their mean rank.
std::optional<double> Auc(std::vector<Guess> guesses) {
  std::sort(guesses.begin(), guesses.end(),
            [](const Guess& a, const Guess& b) { return a.recall < b.recall; });
  double ranks = 0;
  double recalled = 0;
  for (size_t begin = 0, end = 0; begin < guesses.size(); begin = end) {
    double among = 0;
    for (; end < guesses.size() && guesses[end].recall == guesses[begin].recall; ++end) {
      among += guesses[end].recalled ? 1 : 0;
    }
    ranks += among * static_cast<double>(begin + 1 + end) / 2;
    recalled += among;
  }
  const double not_recalled = static_cast<double>(guesses.size()) - recalled;
  if (recalled == 0 || not_recalled == 0) return std::nullopt;
  return (ranks - recalled * (recalled + 1) / 2) / (recalled * not_recalled);
}

Measures MeasuresOf(const std::vector<Guess>& guesses, const std::vector<Bin>& bins) {
  return {LogLoss(guesses), RmseOfBins(guesses, bins), Auc(guesses)};
}

}  // namespace

std::optional<Calibration> CalibrationOf(std::vector<Prediction> predictions) {
  if (predictions.empty()) return std::nullopt;
  std::sort(predictions.begin(), predictions.end(), [](const Prediction& a, const Prediction& b) {
    return std::tie(a.time, a.recall, a.recalled) < std::tie(b.time, b.recall, b.recalled);
  });
  Calibration calibration;
  std::vector<Guess> model;
  std::vector<Guess> baseline;
  std::vector<Bin> bins;
  double average = kBaselineStart;
  for (const Prediction& prediction : predictions) {
    const double outcome = prediction.recalled ? 1 : 0;
    model.push_back({prediction.recall, prediction.recalled});
    baseline.push_back({average, prediction.recalled});
    bins.push_back(BinOf(prediction));
    average += kBaselineShare * (outcome - average);
    calibration.recalled += outcome;
    calibration.mean_predicted += prediction.recall;
  }
  const auto count = static_cast<double>(predictions.size());
  calibration.predictions = static_cast<int32_t>(predictions.size());
  calibration.recalled /= count;
  calibration.mean_predicted /= count;
  calibration.model = MeasuresOf(model, bins);
  calibration.baseline = MeasuresOf(baseline, bins);
  return calibration;
}

}  // namespace greenroom::session
