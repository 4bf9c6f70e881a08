#include "services/session/domain/selection.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <tuple>

#include "absl/strings/string_view.h"
#include "services/session/domain/random.h"

namespace greenroom::session {
namespace {

struct Ranked {
  const Askable* askable;
  uint64_t lot;
  // How many rules taking it would bend: 0 none, 1 the exposure cap, 2 repeats.
  int bends = 0;
};

// The questions of a topic that are not due, best first, and how many questions of it the plan has.
struct Topic {
  std::vector<Ranked> left;
  size_t next = 0;
  int planned = 0;

  bool empty() const { return next == left.size(); }
  const Ranked& best() const { return left[next]; }
};

// Earlier is better; of two that bend the rules for repeats, the one that was asked longer ago.
auto PlaceWithinTopic(const Ranked& ranked) {
  const int32_t recent = ranked.bends == 2 ? ranked.askable->last_session : 0;
  return std::tuple(ranked.bends, -recent, -ranked.askable->information, ranked.lot,
                    absl::string_view(ranked.askable->question));
}

// No rule is bent for the sake of balance.
auto PlaceOfTopic(const Topic& topic) {
  return std::tuple(topic.best().bends, topic.planned, PlaceWithinTopic(topic.best()));
}

auto PlaceOfDue(const Ranked& ranked) {
  return std::tuple(-ranked.askable->forgetting, ranked.lot, absl::string_view(ranked.askable->question));
}

}  // namespace

std::vector<std::string> SelectQuestions(const std::vector<Askable>& askables, const SelectionRules& rules) {
  std::vector<Ranked> due;
  std::map<std::string, Topic> topics;
  for (const Askable& askable : askables) {
    Ranked ranked = {&askable, RandomOf(rules.seed, askable.question)};
    if (askable.due) {
      due.push_back(ranked);
      continue;
    }
    const bool repeats = askable.last_session > 0 && askable.last_session <= rules.no_repeats_from;
    ranked.bends = repeats ? 2 : askable.exposure >= rules.exposure_cap ? 1 : 0;
    topics[askable.topic].left.push_back(ranked);
  }
  std::sort(due.begin(), due.end(),
            [](const Ranked& a, const Ranked& b) { return PlaceOfDue(a) < PlaceOfDue(b); });
  for (auto& [id, topic] : topics) {
    std::sort(topic.left.begin(), topic.left.end(),
              [](const Ranked& a, const Ranked& b) { return PlaceWithinTopic(a) < PlaceWithinTopic(b); });
  }

  const size_t count = std::min(static_cast<size_t>(std::max(rules.count, 0)), askables.size());
  std::vector<std::string> plan;
  for (size_t i = 0; i < due.size() && plan.size() < count; ++i) {
    plan.push_back(due[i].askable->question);
    ++topics[due[i].askable->topic].planned;
  }
  while (plan.size() < count) {
    Topic* next = nullptr;
    for (auto& [id, topic] : topics) {
      if (topic.empty()) continue;
      if (next == nullptr || PlaceOfTopic(topic) < PlaceOfTopic(*next)) next = &topic;
    }
    plan.push_back(next->best().askable->question);
    ++next->next;
    ++next->planned;
  }
  return plan;
}

}  // namespace greenroom::session
