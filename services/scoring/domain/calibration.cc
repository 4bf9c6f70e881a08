#include "services/scoring/domain/calibration.h"

#include <algorithm>
#include <cmath>

namespace greenroom::scoring {
namespace {

// Of 1, 2, 4 and 0, 3, 10 these were the best on Mohler's development folds with 5 graded answers; they hardly matter.
constexpr double kShrink = 4;
constexpr double kAlike = 10;
constexpr size_t kPointBytes = 96;  // of a credit with its id in a map

double Cosine(const StemSet& a, const StemSet& b) {
  if (a.empty() || b.empty()) return 0;
  const auto both = std::count_if(a.begin(), a.end(), [&](uint64_t stem) { return b.contains(stem); });
  return static_cast<double>(both) / std::sqrt(static_cast<double>(a.size()) * static_cast<double>(b.size()));
}

}  // namespace

size_t Calibration::MemoryBytes() const {
  size_t bytes = sizeof *this;
  for (const Pair& pair : pairs_) {
    bytes += sizeof pair + pair.stems.capacity() * (sizeof(uint64_t) + 1) +
             (pair.machine_points.size() + pair.person_points.size()) * kPointBytes;
  }
  return bytes;
}

double Calibration::OffsetOf(absl::string_view id, const StemSet& answer) const {
  const std::string key(id);
  const bool corrected = std::any_of(pairs_.begin(), pairs_.end(), [&](const Pair& pair) {
    return pair.person_points.count(key) > 0 && pair.machine_points.count(key) > 0;
  });
  double sum = 0;
  double weights = 0;
  for (const Pair& pair : pairs_) {
    const auto person = pair.person_points.find(key);
    const auto machine = pair.machine_points.find(key);
    const bool both = person != pair.person_points.end() && machine != pair.machine_points.end();
    if (corrected && !both) continue;
    const double likeness = Cosine(answer, pair.stems);
    const double weight = 1 + kAlike * likeness * likeness;
    sum += weight * (corrected ? person->second - machine->second : pair.person - pair.machine);
    weights += weight;
  }
  return sum / (weights + kShrink);
}

}  // namespace greenroom::scoring
