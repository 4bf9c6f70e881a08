// How good the predictions of recall were: log loss, RMSE over bins and AUC, beside a moving average that knows nothing
// of memory. Plain means over all predictions, without weights and without an outlier filter. Pure.
#ifndef GREENROOM_SERVICES_SESSION_MEMORY_CALIBRATION_H_
#define GREENROOM_SERVICES_SESSION_MEMORY_CALIBRATION_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "services/session/memory/memory_item.h"

namespace greenroom::session {

// Predictions count as at least this far from 0 and 1 in the log loss.
inline constexpr double kLeastProbability = 1e-6;
// The baseline begins here, and each outcome moves it by this share of the difference.
inline constexpr double kBaselineStart = 0.9;
inline constexpr double kBaselineShare = 0.1;

struct Measures {
  double log_loss = 0;  // mean of -ln of the probability given to what came; lower is better
  double rmse_bins =
      0;  // root of the mean, over predictions, of (mean predicted - mean outcome)^2 of their bin
  std::optional<double>
      auc;  // P(a recalled one was given more than one that was not), ties a half; absent where all were, or none
};

struct Calibration {
  int32_t predictions = 0;
  double recalled = 0;  // share of them
  double mean_predicted = 0;
  Measures model;
  Measures baseline;  // of a moving average over the outcomes before, in the order of time
};

// `predictions` of any number of items, in any order. nullopt where there are none.
// Bins: as fsrs-rs's dataset.rs has them, by days since the review before (2.48 x 3.62^k), number of the review
// (1.99 x 1.89^k) and lapses (none, or 1.65 x 1.73^k), k the whole power below the value.
std::optional<Calibration> CalibrationOf(std::vector<Prediction> predictions);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_MEMORY_CALIBRATION_H_
