#include "services/scoring/domain/arithmetic.h"

#include <algorithm>
#include <cmath>

namespace greenroom::scoring {

int64_t Hundredths(double value) { return std::llround(value * 100); }

double FromHundredths(int64_t hundredths) { return static_cast<double>(hundredths) / 100; }

int64_t MeanCredit(int64_t sum, int64_t wanted) { return (2 * sum + wanted) / (2 * wanted); }

int32_t ScoreOfRows(const v1::Report& report) {
  int64_t weights = 0;  // hundredths
  int64_t raw = 0;      // ten-thousandths
  const auto add = [&](double weight, double credit) {
    weights += Hundredths(weight);
    raw += Hundredths(weight) * Hundredths(credit);
  };
  for (const v1::ItemResult& item : report.items()) add(item.weight(), item.credit());
  for (const v1::ItemResult& tip : report.tips()) add(tip.weight(), tip.credit());
  if (report.has_star()) add(report.star().weight(), report.star().credit());
  if (weights == 0) return 0;
  int64_t penalties = 0;
  for (const v1::FlagResult& flag : report.flags()) penalties += Hundredths(flag.penalty()) * 100;
  raw -= std::min(weights * 50, penalties);
  const int64_t whole = weights * 100;
  raw = std::clamp<int64_t>(raw, 0, whole);
  int64_t score = (int64_t{200} * raw + whole) / (2 * whole);
  for (const v1::CapResult& cap : report.caps()) score = std::min<int64_t>(score, cap.limit());
  return static_cast<int32_t>(score);
}

v1::RowStatus StatusOfCredit(double credit) {
  const int64_t hundredths = Hundredths(credit);
  if (hundredths >= 80) return v1::ROW_STATUS_COVERED;
  return hundredths > 0 ? v1::ROW_STATUS_PARTLY : v1::ROW_STATUS_MISSED;
}

v1::Band BandOfScore(int32_t score) {
  if (score >= 80) return v1::BAND_STRONG;
  if (score >= 60) return v1::BAND_GOOD;
  return score >= 35 ? v1::BAND_PARTIAL : v1::BAND_WEAK;
}

}  // namespace greenroom::scoring
