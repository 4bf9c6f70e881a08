#include "services/session/fsrs/interval.h"

#include <algorithm>
#include <cmath>

namespace greenroom::fsrs {

std::string FuzzSeed(std::string_view tenant, std::string_view learner, std::string_view pack,
                     std::string_view question, int64_t count) {
  std::string seed;
  for (const std::string_view id : {tenant, learner, pack, question}) {
    seed.append(id);
    seed += '\0';
  }
  return seed + std::to_string(count);
}

double FuzzOf(std::span<const unsigned char> digest) {
  uint64_t bits = 0;
  for (size_t i = 0; i < 8; ++i) bits = bits << 8 | digest[i];
  return std::ldexp(static_cast<double>(bits), -64);
}

int NextInterval(const Model& model, double retention, double stability, Rating rating,
                 bool after_sure_failure, double u) {
  if (rating == Rating::kAgain) return 1;
  int days = model.IntervalDays(retention, stability);
  if (after_sure_failure) days = std::max(1, static_cast<int>(days * kAfterSureFailure));
  return FuzzedInterval(days, u);
}

}  // namespace greenroom::fsrs
