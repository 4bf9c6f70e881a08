#include "services/scoring/domain/credit_model.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace greenroom::scoring {

// Defined in credit_model_data.cc.
extern "C" const char greenroom_credit_model_begin[];
extern "C" const char greenroom_credit_model_end[];

namespace {

constexpr int kMostTrees = 1000;
constexpr int kMostNodes = 255;
constexpr size_t kMostKnots = 64;

// The lines of a model, one after the other.
class Lines {
 public:
  explicit Lines(absl::string_view text) : lines_(absl::StrSplit(text, '\n')) {}

  std::vector<absl::string_view> Next() {
    ++at_;
    if (at_ > lines_.size()) return {};
    return absl::StrSplit(lines_[at_ - 1], ' ', absl::SkipEmpty());
  }
  absl::Status Bad(absl::string_view what) const {
    return absl::InvalidArgumentError(absl::StrCat("credit model, line ", at_, ": ", what));
  }

 private:
  std::vector<absl::string_view> lines_;
  size_t at_ = 0;
};

bool ReadNumber(absl::string_view word, float* number) {
  return absl::SimpleAtof(word, number) && std::isfinite(*number);
}

}  // namespace

absl::StatusOr<CreditModel> CreditModel::Parse(absl::string_view text) {
  Lines lines(text);
  CreditModel model;
  std::vector<absl::string_view> words = lines.Next();
  if (words != std::vector<absl::string_view>{"greenroom-credit-model", "2"})
    return lines.Bad("not a model of this format");
  words = lines.Next();
  if (words.size() != 2 || words[0] != "name") return lines.Bad("\"name NAME\" is missing");
  model.name_ = std::string(words[1]);
  words = lines.Next();
  if (words.empty() || words[0] != "features") return lines.Bad("\"features\" is missing");
  const bool same =
      words.size() == kCreditFeatures.size() + 1 &&
      std::equal(kCreditFeatures.begin(), kCreditFeatures.end(), words.begin() + 1,
                 [](const CreditFeature& feature, absl::string_view name) { return feature.name == name; });
  if (!same) return lines.Bad("made for other features than this program's");
  words = lines.Next();
  float base = 0;
  if (words.size() != 2 || words[0] != "base" || !ReadNumber(words[1], &base))
    return lines.Bad("\"base\" is missing");
  model.base_ = base;
  model.knots_.push_back({0, 0});
  for (words = lines.Next(); !words.empty() && words[0] == "credit"; words = lines.Next()) {
    float sum = 0;
    float credit = 0;
    const bool read = words.size() == 3 && ReadNumber(words[1], &sum) && ReadNumber(words[2], &credit) &&
                      sum > model.knots_.back().sum && sum < 1 && credit >= model.knots_.back().credit &&
                      credit <= 1;
    if (!read || model.knots_.size() > kMostKnots) return lines.Bad("no knot of a rising curve");
    model.knots_.push_back({sum, credit});
  }
  model.knots_.push_back({1, 1});
  for (; !words.empty() && words[0] == "interval"; words = lines.Next()) {
    float up_to = 0;
    float low = 0;
    float high = 0;
    const bool read = words.size() == 4 && ReadNumber(words[1], &up_to) && ReadNumber(words[2], &low) &&
                      ReadNumber(words[3], &high) && low >= 0 && low <= high && high <= 1 && up_to <= 1;
    if (!read || (!model.bins_.empty() && up_to <= model.bins_.back().up_to)) return lines.Bad("no interval");
    model.bins_.push_back({up_to, {low, high}});
  }
  if (model.bins_.empty() || model.bins_.back().up_to < 1) return lines.Bad("the intervals do not end at 1");
  for (; !words.empty() && words[0] == "tree"; words = lines.Next()) {
    int count = 0;
    if (words.size() != 2 || !absl::SimpleAtoi(words[1], &count) || count < 1 || count > kMostNodes)
      return lines.Bad("a tree has 1 to 255 nodes");
    if (model.roots_.size() == kMostTrees) return lines.Bad("more than 1000 trees");
    const int32_t root = static_cast<int32_t>(model.nodes_.size());
    model.roots_.push_back(root);
    for (int i = 0; i < count; ++i) {
      words = lines.Next();
      Node node;
      if (words.size() == 2 && words[0] == "leaf") {
        if (!ReadNumber(words[1], &node.threshold_or_value)) return lines.Bad("a leaf without a value");
      } else {
        int feature = 0;
        const bool read = words.size() == 4 && absl::SimpleAtoi(words[0], &feature) &&
                          ReadNumber(words[1], &node.threshold_or_value) &&
                          absl::SimpleAtoi(words[2], &node.left) && absl::SimpleAtoi(words[3], &node.right);
        if (!read) return lines.Bad("neither a leaf nor a split");
        if (feature < 0 || feature >= static_cast<int>(kCreditFeatures.size()))
          return lines.Bad("no such feature");
        if (node.left <= i || node.left >= count || node.right <= i || node.right >= count)
          return lines.Bad("a child that does not come after its parent");
        node.feature = static_cast<int16_t>(feature);
        node.left += root;
        node.right += root;
      }
      model.nodes_.push_back(node);
    }
  }
  if (words.size() != 1 || words[0] != "end") return lines.Bad("\"end\" is missing");
  return model;
}

const CreditModel& CreditModel::Shipped() {
  static const CreditModel& model = *[] {
    absl::StatusOr<CreditModel> read = Parse(
        absl::string_view(greenroom_credit_model_begin,
                          static_cast<size_t>(greenroom_credit_model_end - greenroom_credit_model_begin)));
    if (!read.ok()) std::abort();
    return new CreditModel(*std::move(read));
  }();
  return model;
}

CreditModel::Interval CreditModel::IntervalOf(double score) const {
  const auto bin =
      std::find_if(bins_.begin(), bins_.end(), [&](const Bin& one) { return score <= one.up_to; });
  const Interval found = bin == bins_.end() ? bins_.back().interval : bin->interval;
  return {std::min(found.low, score), std::max(found.high, score)};
}

double CreditModel::PlainCredit(const CreditFeatures& features) const {
  double sum = base_;
  for (int32_t at : roots_) {
    const Node* node = &nodes_[static_cast<size_t>(at)];
    while (node->feature >= 0) {
      const bool left = features[static_cast<size_t>(node->feature)] <= node->threshold_or_value;
      node = &nodes_[static_cast<size_t>(left ? node->left : node->right)];
    }
    sum += node->threshold_or_value;
  }
  return std::clamp(sum, 0.0, 1.0);
}

double CreditModel::Credit(const CreditFeatures& features) const {
  const double sum = PlainCredit(features);
  const auto right = std::upper_bound(knots_.begin() + 1, knots_.end() - 1, sum,
                                      [](double at, const Knot& knot) { return at < knot.sum; });
  const auto left = right - 1;
  const double part = (sum - left->sum) / (right->sum - left->sum);
  return left->credit + part * (right->credit - left->credit);
}

}  // namespace greenroom::scoring
