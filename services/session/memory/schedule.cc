#include "services/session/memory/schedule.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "services/session/memory/fuzz.h"

namespace greenroom::session {
namespace {

const PackOutline* OutlineOfPack(const std::vector<PackOutline>& outlines, const std::string& pack) {
  for (const PackOutline& outline : outlines) {
    if (outline.pack == pack) return &outline;
  }
  return nullptr;
}

bool ReviewedOn(const Candidate& candidate, absl::CivilDay day) {
  return candidate.item.has_value() && candidate.item->last_review_day == day;
}

DueQuestion DueQuestionOf(const Candidate& candidate, const Due& due, const Settings& settings,
                          absl::Time now) {
  DueQuestion question;
  question.pack = candidate.pack;
  question.question = candidate.question;
  question.reason = due.reason;
  question.due_day = due.day;
  question.due_time =
      due.reason == DueReason::kForgetting ? candidate.item->due_time : settings.StartOf(due.day);
  question.recall = candidate.item.has_value() ? RecallAt(*candidate.item, settings, now) : 0;
  question.weight = candidate.weight;
  question.minutes = candidate.minutes;
  return question;
}

// What orders the list: the heaviest forgetting first.
auto Place(const DueQuestion& question) {
  return std::tuple(-question.weight * (1 - question.recall), question.due_day,
                    absl::string_view(question.pack), absl::string_view(question.question));
}

}  // namespace

std::vector<Candidate> CandidatesOf(const std::vector<MemoryItem>& items,
                                    const std::vector<PackOutline>& outlines, const Settings& settings) {
  std::vector<Candidate> candidates;
  std::set<std::string> of_goal;
  const std::string& goal_pack = settings.wire().goal_pack();
  for (const MemoryItem& item : items) {
    Candidate candidate;
    candidate.pack = item.pack;
    candidate.question = item.question;
    candidate.item = item;
    if (const PackOutline* outline = OutlineOfPack(outlines, item.pack); outline != nullptr) {
      candidate.weight = outline->WeightOf(item.question);
      candidate.minutes = outline->MinutesOf(item.question);
    }
    if (item.pack == goal_pack) of_goal.insert(item.question);
    candidates.push_back(std::move(candidate));
  }
  const PackOutline* goal = settings.goal_day().has_value() ? OutlineOfPack(outlines, goal_pack) : nullptr;
  if (goal == nullptr) return candidates;
  for (const OutlineQuestion& question : goal->questions) {
    if (of_goal.count(question.id) > 0) continue;
    candidates.push_back(
        {goal_pack, question.id, std::nullopt, goal->topics[question.topic].weight, question.minutes});
  }
  return candidates;
}

std::optional<Due> DueOf(const LearnerKey& learner, const Candidate& candidate, const Settings& settings,
                         absl::CivilDay today) {
  std::optional<Due> due;
  if (candidate.item.has_value()) due = Due{candidate.item->due_day, DueReason::kForgetting};
  const std::optional<absl::CivilDay> goal = settings.goal_day();
  if (!goal.has_value() || candidate.pack != settings.wire().goal_pack() || today >= *goal) return due;
  const absl::CivilDay first = *goal - kGoalDays;
  const bool seen = candidate.item.has_value() && candidate.item->last_review_day >= first;
  if (seen || (due.has_value() && due->day < *goal)) return due;
  const double u = FuzzOf(learner, candidate.pack, candidate.question, 0);
  return Due{first + std::min(static_cast<int>(u * kGoalDays), kGoalDays - 1), DueReason::kGoal};
}

DueList ListDue(const LearnerKey& learner, const std::vector<Candidate>& candidates, const Settings& settings,
                absl::Time now) {
  const absl::CivilDay today = settings.DayOf(now);
  DueList list;
  std::vector<DueQuestion> due;
  for (const Candidate& candidate : candidates) {
    if (ReviewedOn(candidate, today)) list.minutes_done += candidate.minutes;
    const std::optional<Due> when = DueOf(learner, candidate, settings, today);
    if (when.has_value() && when->day <= today) due.push_back(DueQuestionOf(candidate, *when, settings, now));
  }
  std::sort(due.begin(), due.end(),
            [](const DueQuestion& a, const DueQuestion& b) { return Place(a) < Place(b); });
  const int limit = settings.wire().daily_minutes();
  for (DueQuestion& question : due) {
    const int before = list.minutes_done + list.minutes;
    const bool fits = limit <= 0 || before == 0 || before + question.minutes <= limit;
    if (fits && list.left_out.empty()) {
      list.minutes += question.minutes;
      list.questions.push_back(std::move(question));
    } else {
      list.minutes_left_out += question.minutes;
      list.left_out.push_back(std::move(question));
    }
  }
  return list;
}

std::vector<ForecastDay> Forecast(const LearnerKey& learner, const std::vector<Candidate>& candidates,
                                  const Settings& settings, absl::Time now, int days) {
  const absl::CivilDay today = settings.DayOf(now);
  std::vector<ForecastDay> forecast(static_cast<size_t>(days));
  for (int i = 0; i < days; ++i) forecast[static_cast<size_t>(i)].day = today + i;
  for (const Candidate& candidate : candidates) {
    const std::optional<Due> due = DueOf(learner, candidate, settings, today);
    if (!due.has_value()) continue;
    const absl::civil_diff_t from_today = std::max<absl::civil_diff_t>(0, due->day - today);
    if (from_today >= days) continue;
    ForecastDay& day = forecast[static_cast<size_t>(from_today)];
    ++day.questions;
    day.minutes += candidate.minutes;
  }
  return forecast;
}

}  // namespace greenroom::session
