// What a few answers that a person graded say of the other answers to the same question. Pure: the grade book feeds it.
#ifndef GREENROOM_SERVICES_SCORING_DOMAIN_CALIBRATION_H_
#define GREENROOM_SERVICES_SCORING_DOMAIN_CALIBRATION_H_

#include <map>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace greenroom::scoring {

// An answer and what a person gave for it.
struct GradedAnswer {
  std::string answer;
  double score = 0;                      // 0 to 1
  std::map<std::string, double> points;  // credits by item id, where the person gave them; 0 to 1
};

// An answer from that grade on is as good a reference as the author's.
inline constexpr double kGoodAsReference = 0.9;
inline constexpr size_t kMostGradedReferences = 8;

// Content words of an answer by hashed stem: what "alike" compares.
using StemSet = absl::flat_hash_set<uint64_t>;

// Offsets are what people gave more than the grader, shrunk: with n answers, sum(w x difference) / (sum(w) + kShrink), where an
// answer that is like the one in question weighs more: w = 1 + kAlike x cosine squared of their stems.
class Calibration {
 public:
  // What the grader and a person said of one answer; `points` as in GradedAnswer, of both.
  struct Pair {
    StemSet stems;
    double machine = 0;
    double person = 0;
    std::map<std::string, double> machine_points;
    std::map<std::string, double> person_points;
  };

  explicit Calibration(std::vector<Pair> pairs) : pairs_(std::move(pairs)) {}

  // How many answers it knows.
  size_t size() const { return pairs_.size(); }
  // About how much it holds.
  size_t MemoryBytes() const;

  // To be added to the credit of item `id`: of its own corrections where there are any, else of the scores. In [-1, 1].
  double OffsetOf(absl::string_view id, const StemSet& answer) const;

 private:
  std::vector<Pair> pairs_;
};

}  // namespace greenroom::scoring

#endif  // GREENROOM_SERVICES_SCORING_DOMAIN_CALIBRATION_H_
