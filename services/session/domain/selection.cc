#include "services/session/domain/selection.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <tuple>

#include "services/session/domain/random.h"

namespace greenroom::session {
namespace {

struct Ranked {
  const Candidate* candidate;
  uint64_t lot;
  // How many rules taking it would bend: 0 none, 1 the exposure cap, 2 repeats.
  int bends = 0;
};

// Earlier is better; of two that bend the rules for repeats, the one that was asked longer ago.
auto PlaceWithinTopic(const Ranked& ranked) {
  const int32_t recent = ranked.bends == 2 ? ranked.candidate->last_session : 0;
  return std::tuple(ranked.bends, -recent, -ranked.candidate->information, ranked.lot,
                    ranked.candidate->question);
}

}  // namespace

std::vector<std::string> SelectQuestions(const std::vector<Candidate>& candidates,
                                         const SelectionRules& rules) {
  std::vector<Ranked> due, others;
  for (const Candidate& candidate : candidates) {
    Ranked ranked = {&candidate, RandomOf(rules.seed, candidate.question)};
    if (candidate.due) {
      due.push_back(ranked);
      continue;
    }
    const bool repeats = candidate.last_session > 0 && candidate.last_session <= rules.no_repeats_from;
    ranked.bends = repeats ? 2 : candidate.exposure >= rules.exposure_cap ? 1 : 0;
    others.push_back(ranked);
  }
  std::sort(due.begin(), due.end(), [](const Ranked& a, const Ranked& b) {
    return std::tuple(-a.candidate->forgetting, a.lot, a.candidate->question) <
           std::tuple(-b.candidate->forgetting, b.lot, b.candidate->question);
  });

  const size_t count = std::min(static_cast<size_t>(std::max(rules.count, 0)), candidates.size());
  std::vector<std::string> plan;
  std::map<std::string, int> of_topic;
  const auto take = [&](const Ranked& ranked) {
    plan.push_back(ranked.candidate->question);
    ++of_topic[ranked.candidate->topic];
  };
  for (size_t i = 0; i < due.size() && plan.size() < count; ++i) take(due[i]);
  while (plan.size() < count) {
    // No rule is bent for the sake of balance.
    const auto best = std::min_element(others.begin(), others.end(), [&](const Ranked& a, const Ranked& b) {
      return std::tuple(a.bends, of_topic[a.candidate->topic], PlaceWithinTopic(a)) <
             std::tuple(b.bends, of_topic[b.candidate->topic], PlaceWithinTopic(b));
    });
    take(*best);
    others.erase(best);
  }
  return plan;
}

}  // namespace greenroom::session
