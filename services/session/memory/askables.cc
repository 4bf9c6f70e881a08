#include "services/session/memory/askables.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/strings/string_view.h"
#include "services/session/memory/ability.h"
#include "services/session/memory/schedule.h"

namespace greenroom::session {
namespace {

// Of each question of the pack that is due: 1 - its predicted recall.
std::map<std::string, double> ForgettingOf(const LearnerKey& learner, const PackOutline& outline,
                                           const SelectionKnowledge& known, absl::Time now) {
  std::vector<MemoryItem> items;
  for (const MemoryItem& item : known.items) {
    if (item.pack == outline.pack && outline.Find(item.question) != nullptr) items.push_back(item);
  }
  const absl::CivilDay today = known.settings.DayOf(now);
  std::map<std::string, double> forgetting;
  for (const Candidate& candidate : CandidatesOf(items, {outline}, known.settings)) {
    const std::optional<Due> due = DueOf(learner, candidate, known.settings, today);
    if (!due.has_value() || due->day > today) continue;
    forgetting[candidate.question] =
        candidate.item.has_value() ? 1 - RecallAt(*candidate.item, known.settings, now) : 1;
  }
  return forgetting;
}

// By question: in which session it was asked last, 1 the latest.
std::map<std::string, int32_t> LastSessions(const PackOutline& outline, const SelectionKnowledge& known) {
  std::map<std::string, int32_t> numbers;  // by session
  std::map<std::string, int32_t> last;
  const auto note = [&last](const std::string& question, int32_t number) {
    int32_t& noted = last.emplace(question, number).first->second;
    noted = std::min(noted, number);
  };
  for (const AskedSession& session : known.sessions) {
    const auto number = static_cast<int32_t>(numbers.size()) + 1;
    numbers.emplace(session.session, number);
    for (const std::string& question : session.questions) note(question, number);
  }
  for (const Review& review : known.reviews) {
    const auto found = numbers.find(review.session);
    if (review.pack == outline.pack && found != numbers.end()) note(review.question, found->second);
  }
  return last;
}

template <typename Value>
Value ValueOr(const std::map<std::string, Value>& values, const std::string& key, Value absent) {
  const auto found = values.find(key);
  return found == values.end() ? absent : found->second;
}

}  // namespace

std::vector<Askable> AskablesOf(const LearnerKey& learner, const PackOutline& outline,
                                const std::vector<std::string>& fitting, const SelectionKnowledge& known,
                                absl::Time now) {
  const std::map<std::string, double> forgetting = ForgettingOf(learner, outline, known, now);
  const std::map<std::string, int32_t> last_session = LastSessions(outline, known);
  const std::vector<double> information = InformationOf(outline, AbilityOf(outline, known.reviews));
  std::vector<Askable> askables;
  for (const std::string& id : fitting) {
    const auto found = outline.by_id.find(id);
    if (found == outline.by_id.end()) continue;
    const OutlineQuestion& question = outline.questions[found->second];
    Askable askable;
    askable.question = id;
    askable.topic = outline.topics[question.topic].id;
    askable.due = forgetting.contains(id);
    askable.forgetting = ValueOr(forgetting, id, 0.0);
    askable.information = information[found->second];
    askable.exposure = ValueOr(known.exposure, id, 0.0);
    askable.last_session = ValueOr(last_session, id, 0);
    askables.push_back(std::move(askable));
  }
  return askables;
}

}  // namespace greenroom::session
