#include "services/session/domain/plan.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "services/session/domain/digest.h"

namespace greenroom::session {
namespace {

class SplitMix64 {
 public:
  explicit SplitMix64(uint64_t seed) : state_(seed) {}
  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  // Below `bound`; uniform but for less than 2^-50 at the sizes of a pack.
  size_t Below(size_t bound) { return static_cast<size_t>(Next() % bound); }

 private:
  uint64_t state_;
};

template <typename Values, typename Value>
bool Holds(const Values& values, const Value& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

bool Fits(const content::v1::Question& question, const v1::QuestionCriteria& criteria) {
  if (question.follow_up_only()) return false;
  if (criteria.topics_size() > 0 && !Holds(criteria.topics(), question.topic())) return false;
  if (criteria.kinds_size() > 0 && !Holds(criteria.kinds(), static_cast<int>(question.kind()))) return false;
  if (criteria.tags_size() > 0 &&
      std::none_of(question.tags().begin(), question.tags().end(),
                   [&](const std::string& tag) { return Holds(criteria.tags(), tag); })) {
    return false;
  }
  if (criteria.min_difficulty() != 0 && question.difficulty() < criteria.min_difficulty()) return false;
  return criteria.max_difficulty() == 0 || question.difficulty() <= criteria.max_difficulty();
}

}  // namespace

std::vector<std::string> ResolveCriteria(const std::vector<content::v1::Question>& revision,
                                         const v1::QuestionCriteria& criteria, int64_t seed) {
  std::vector<std::string> plan;
  for (const content::v1::Question& question : revision) {
    if (Fits(question, criteria)) plan.push_back(question.id());
  }
  if (criteria.shuffle()) {
    SplitMix64 random(static_cast<uint64_t>(seed));
    for (size_t left = plan.size(); left > 1; --left) std::swap(plan[left - 1], plan[random.Below(left)]);
  }
  if (criteria.count() > 0 && plan.size() > static_cast<size_t>(criteria.count())) {
    plan.resize(static_cast<size_t>(criteria.count()));
  }
  return plan;
}

std::string FirstUnknown(const std::vector<content::v1::Question>& revision,
                         const std::vector<std::string>& questions) {
  for (const std::string& wanted : questions) {
    const auto found =
        std::find_if(revision.begin(), revision.end(), [&](const content::v1::Question& question) {
          return question.id() == wanted && !question.follow_up_only();
        });
    if (found == revision.end()) return wanted;
  }
  return "";
}

int32_t DrawForm(int64_t seed, absl::string_view question, int32_t variants) {
  const std::string digest = Sha256(question);
  uint64_t id = 0;
  for (size_t i = 0; i < 8; ++i) id |= uint64_t{static_cast<unsigned char>(digest[i])} << (8 * i);
  return static_cast<int32_t>(
      SplitMix64(static_cast<uint64_t>(seed) ^ id).Below(static_cast<size_t>(variants) + 1));
}

const std::string& PromptOf(const content::v1::Question& question, int32_t form) {
  const bool varied = form >= 1 && form <= question.variants_size();
  return varied ? question.variants(form - 1) : question.prompt();
}

}  // namespace greenroom::session
