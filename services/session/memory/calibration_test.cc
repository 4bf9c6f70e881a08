#include "services/session/memory/calibration.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace greenroom::session {
namespace {

std::vector<Prediction> Predictions() {
  const struct {
    double recall;
    bool recalled;
    int32_t days, reviews, lapses;
  } rows[] = {{0.9, true, 1, 2, 0},   {0.8, true, 3, 3, 0}, {0.7, false, 10, 4, 0}, {0.95, true, 2, 2, 0},
              {0.6, false, 30, 5, 1}, {0.5, true, 1, 6, 2}, {0.9, true, 1, 2, 0},   {0.85, false, 1, 2, 0}};
  std::vector<Prediction> predictions;
  for (const auto& row : rows) {
    const absl::Time time = absl::FromUnixSeconds(static_cast<int64_t>(predictions.size()));
    predictions.push_back({time, row.recall, row.recalled, row.days, row.reviews, row.lapses});
  }
  return predictions;
}

// Figures of another program by the same definitions.
TEST(Calibration, MeasuresBesideTheBaseline) {
  std::vector<Prediction> predictions = Predictions();
  std::reverse(predictions.begin(), predictions.end());  // the order given does not matter
  const Calibration calibration = *CalibrationOf(predictions);
  EXPECT_EQ(calibration.predictions, 8);
  EXPECT_EQ(calibration.recalled, 5.0 / 8);
  EXPECT_NEAR(calibration.mean_predicted, 0.775, 1e-12);
  EXPECT_NEAR(calibration.model.log_loss, 0.649461072333, 1e-9);
  EXPECT_NEAR(calibration.model.rmse_bins, 0.376164857476, 1e-9);
  EXPECT_NEAR(*calibration.model.auc, 0.733333333333, 1e-9);
  EXPECT_NEAR(calibration.baseline.log_loss, 0.864843308310, 1e-9);
  EXPECT_NEAR(calibration.baseline.rmse_bins, 0.450756305534, 1e-9);
  EXPECT_NEAR(*calibration.baseline.auc, 0.333333333333, 1e-9);
}

TEST(Calibration, WithoutPredictionsThereIsNone) { EXPECT_FALSE(CalibrationOf({}).has_value()); }

TEST(Calibration, AllRecalledHaveNoAuc) {
  const Calibration calibration = *CalibrationOf({{absl::UnixEpoch(), 1, true, 1, 2, 0}});
  EXPECT_FALSE(calibration.model.auc.has_value());
  EXPECT_NEAR(calibration.model.log_loss, 0, 1e-5);
}

TEST(Calibration, TheLogLossStaysFinite) {
  const Calibration calibration = *CalibrationOf({{absl::UnixEpoch(), 1, false, 1, 2, 0}});
  EXPECT_NEAR(calibration.model.log_loss, 13.8155, 1e-3);
}

}  // namespace
}  // namespace greenroom::session
