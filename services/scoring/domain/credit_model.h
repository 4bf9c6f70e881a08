// The trained part of the grader: from what was verified of a derived point to its credit. Boosted regression trees,
// monotone where CreditFeature says so, then a rising curve to what people give: more evidence never lowers a credit.
#ifndef GREENROOM_SERVICES_SCORING_DOMAIN_CREDIT_MODEL_H_
#define GREENROOM_SERVICES_SCORING_DOMAIN_CREDIT_MODEL_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/scoring/domain/credit_features.h"

namespace greenroom::scoring {

// Immutable: any thread.
class CreditModel {
 public:
  // Reads the text form that training/train writes:
  //   greenroom-credit-model 2
  //   name NAME
  //   features NAME NAME ...          those of kCreditFeatures, in their order
  //   base VALUE                      what the trees add to
  //   credit SUM CREDIT               knots of the curve, rising in both, at most 64; straight between them, from (0, 0) to (1, 1)
  //   interval UPTO LOW HIGH          where 80 % of people's grades lie for scores of at most UPTO; rising, the last to 1
  //   tree NODES                      each of them followed by its nodes, of which the first is the root:
  //   FEATURE THRESHOLD LEFT RIGHT    a value of at most the threshold goes left; children come after their parent
  //   leaf VALUE
  //   end
  // INVALID_ARGUMENT with the line where the file is another one, was made for other features, or breaks a bound: 1,000
  // trees of 255 nodes.
  static absl::StatusOr<CreditModel> Parse(absl::string_view text);

  // The model that is compiled in. Dies if it does not parse.
  static const CreditModel& Shipped();

  const std::string& name() const { return name_; }

  // Where four in five people's grades lie for an answer of this score, all 0 to 1; measured on answers that the model had not
  // seen. low <= score <= high.
  struct Interval {
    double low = 0;
    double high = 1;
  };
  Interval IntervalOf(double score) const;

  // In [0, 1]. Two or three thousand comparisons.
  double Credit(const CreditFeatures& features) const;

  // The same before the curve. For questions with grades of their own: those correct it better than the curve does.
  double PlainCredit(const CreditFeatures& features) const;

 private:
  struct Knot {
    double sum;
    double credit;
  };
  struct Node {
    float threshold_or_value = 0;
    int16_t feature = -1;  // -1: a leaf
    int32_t left = 0;
    int32_t right = 0;
  };

  CreditModel() = default;

  std::string name_;
  double base_ = 0;
  struct Bin {
    double up_to;
    Interval interval;
  };
  std::vector<Knot> knots_;  // from (0, 0) to (1, 1)
  std::vector<Bin> bins_;
  std::vector<int32_t> roots_;
  std::vector<Node> nodes_;
};

}  // namespace greenroom::scoring

#endif  // GREENROOM_SERVICES_SCORING_DOMAIN_CREDIT_MODEL_H_
