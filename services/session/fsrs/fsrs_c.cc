#include "services/session/fsrs/fsrs_c.h"

#include <algorithm>
#include <optional>
#include <string>

#include "services/session/fsrs/fsrs.h"
#include "services/session/fsrs/interval.h"

namespace greenroom::fsrs {
namespace {

std::optional<Model> ModelOf(const double* weights) {
  if (weights == nullptr) return Model();
  Weights copied;
  std::copy_n(weights, kWeights, copied.begin());
  if (!WeightsProblem(copied).empty()) return std::nullopt;
  return Model(copied);
}

std::optional<Rating> RatingOf(int rating) {
  if (rating < 1 || rating > 4) return std::nullopt;
  return static_cast<Rating>(rating);
}

bool IsStability(double stability) { return stability >= kLeastStability && stability <= kMostStability; }
bool IsDays(double days) { return days >= 0 && days <= 1e6; }

}  // namespace
}  // namespace greenroom::fsrs

using greenroom::fsrs::Memory;

int greenroom_fsrs_first(const double* weights, int rating, greenroom_fsrs_memory* memory) {
  const auto model = greenroom::fsrs::ModelOf(weights);
  const auto grade = greenroom::fsrs::RatingOf(rating);
  if (!model || !grade) return 0;
  const Memory first = model->First(*grade);
  *memory = {first.stability, first.difficulty};
  return 1;
}

int greenroom_fsrs_next(const double* weights, double days, int rating, greenroom_fsrs_memory* memory) {
  const auto model = greenroom::fsrs::ModelOf(weights);
  const auto grade = greenroom::fsrs::RatingOf(rating);
  const bool known = greenroom::fsrs::IsStability(memory->stability) && memory->difficulty >= 1 &&
                     memory->difficulty <= 10 && greenroom::fsrs::IsDays(days);
  if (!model || !grade || !known) return 0;
  const Memory next = model->Next({memory->stability, memory->difficulty}, days, *grade);
  *memory = {next.stability, next.difficulty};
  return 1;
}

int greenroom_fsrs_retrievability(const double* weights, double days, double stability, double* recall) {
  const auto model = greenroom::fsrs::ModelOf(weights);
  if (!model || !greenroom::fsrs::IsDays(days) || !greenroom::fsrs::IsStability(stability)) return 0;
  *recall = model->Retrievability(days, stability);
  return 1;
}

int greenroom_fsrs_interval(const double* weights, double retention, double stability, double u, int* days) {
  const auto model = greenroom::fsrs::ModelOf(weights);
  if (!model || !(retention > 0 && retention < 1) || !greenroom::fsrs::IsStability(stability) || !(u < 1))
    return 0;
  const int interval = model->IntervalDays(retention, stability);
  *days = u < 0 ? interval : greenroom::fsrs::FuzzedInterval(interval, u);
  return 1;
}

size_t greenroom_fsrs_fuzz_seed(const char* tenant, const char* learner, const char* pack,
                                const char* question, long long count, char* seed, size_t size) {
  if (count < 0) return 0;
  const std::string bytes = greenroom::fsrs::FuzzSeed(tenant, learner, pack, question, count);
  if (bytes.size() > size) return 0;
  std::copy(bytes.begin(), bytes.end(), seed);
  return bytes.size();
}

double greenroom_fsrs_fuzz(const unsigned char* digest) { return greenroom::fsrs::FuzzOf({digest, 32}); }

int greenroom_fsrs_next_interval(const double* weights, double retention, double stability, int rating,
                                 int after_sure_failure, double u, int* days) {
  const auto model = greenroom::fsrs::ModelOf(weights);
  const auto grade = greenroom::fsrs::RatingOf(rating);
  const bool known =
      retention > 0 && retention < 1 && greenroom::fsrs::IsStability(stability) && u >= 0 && u <= 1;
  if (!model || !grade || !known) return 0;
  *days = greenroom::fsrs::NextInterval(*model, retention, stability, *grade, after_sure_failure != 0, u);
  return 1;
}
