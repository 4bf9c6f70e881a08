// The formula that makes a score from rows, in whole hundredths, so that the printed rows give the printed score.
#ifndef GREENROOM_SERVICES_SCORING_DOMAIN_ARITHMETIC_H_
#define GREENROOM_SERVICES_SCORING_DOMAIN_ARITHMETIC_H_

#include <cstdint>

#include "greenroom/scoring/v1/report.pb.h"

namespace greenroom::scoring {

// A number with two decimals, rounded half away from zero.
int64_t Hundredths(double value);
double FromHundredths(int64_t hundredths);

// The mean of the best `wanted` credits whose sum is `sum`, in hundredths, rounded half up.
int64_t MeanCredit(int64_t sum, int64_t wanted);

// The score that the rows of `report` give, by the formula of report.proto; 0 where there are no weights.
int32_t ScoreOfRows(const v1::Report& report);

v1::RowStatus StatusOfCredit(double credit);
v1::Band BandOfScore(int32_t score);

}  // namespace greenroom::scoring

#endif  // GREENROOM_SERVICES_SCORING_DOMAIN_ARITHMETIC_H_
