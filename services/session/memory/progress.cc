#include "services/session/memory/progress.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

namespace greenroom::session {
namespace {

constexpr double kNormal80 = 1.2815515655446004;  // the 90th percentile of the normal distribution
constexpr double kPartialFrom = 0.35;             // the bands' edges (report.proto)
constexpr double kGoodFrom = 0.60;
constexpr double kStrongFrom = 0.80;
constexpr double kRounding = 1e-9;

struct Interval {
  double low = 0;
  double high = 0;
};

Interval IntervalOf(double mean, double variance) {
  const double half = kNormal80 * std::sqrt(variance);
  return {std::max(0.0, mean - half), std::min(1.0, mean + half)};
}

Level LevelOf(double mastery) {
  if (mastery < kPartialFrom) return Level::kWeak;
  if (mastery < kGoodFrom) return Level::kPartial;
  return mastery < kStrongFrom ? Level::kGood : Level::kStrong;
}

double MeanCredit(const QuestionProgress& question) { return question.credit_sum / question.counting; }

bool TellsSomething(const Review& review) {
  return review.kind == ReviewKind::kSkipped || review.attempts > 0 ||
         review.self_rating != v1::RATING_UNSPECIFIED;
}

void TakeReview(QuestionProgress& question, const Review& review) {
  if (TellsSomething(review)) ++question.sessions;
  question.attempts += review.attempts;
  if (CountsForReadiness(review)) {
    ++question.counting;
    question.credit_sum += *review.score / 100.0;
  }
  if (!review.score.has_value()) return;
  if (!question.first_score.has_value()) question.first_score = review.score;
  question.last_score = review.score;
  question.best_score = std::max(question.best_score.value_or(0), review.best_score.value_or(*review.score));
  question.gained = *question.best_score - *question.first_score;
}

std::vector<QuestionProgress> QuestionsOf(const PackOutline& outline, std::vector<Review> reviews,
                                          const std::vector<MemoryItem>& items, const Settings& settings,
                                          absl::Time now) {
  std::vector<QuestionProgress> questions;
  for (const OutlineQuestion& each : outline.questions) {
    questions.emplace_back();
    questions.back().id = each.id;
    questions.back().topic = each.topic;
  }
  std::sort(reviews.begin(), reviews.end(), ReviewedBefore);
  for (const Review& review : reviews) {
    const auto at = outline.by_id.find(review.question);
    if (at != outline.by_id.end() && review.pack == outline.pack) TakeReview(questions[at->second], review);
  }
  for (const MemoryItem& item : items) {
    const auto at = outline.by_id.find(item.question);
    if (at == outline.by_id.end() || item.pack != outline.pack) continue;
    QuestionProgress& question = questions[at->second];
    question.recall = RecallAt(item, settings, now);
    question.due_day = item.due_day;
    question.due_time = item.due_time;
  }
  return questions;
}

// What the credits and recalls of some questions add up to.
struct Sums {
  int32_t questions = 0;
  int32_t seen = 0;
  int32_t attempts = 0;  // n
  double credit = 0;     // s
  int32_t reviewed = 0;
  double recall = 0;

  void Add(const QuestionProgress& question) {
    ++questions;
    seen += question.counting > 0 ? 1 : 0;
    attempts += question.counting;
    credit += question.credit_sum;
    reviewed += question.recall.has_value() ? 1 : 0;
    recall += question.recall.value_or(0);
  }
  double MeanRecall(double otherwise) const { return reviewed > 0 ? recall / reviewed : otherwise; }
};

// The posterior of progress.h.
struct Mean {
  double mean = 0;
  double variance = 0;
};

Mean LearnersMean(const Sums& pack) {
  const double mean = (1 + pack.credit) / (2 + pack.attempts);
  return {mean, mean * (1 - mean) / (pack.attempts + 3)};
}

// How much of the topic's credit is the learner's mean.
double Shrinkage(const Sums& topic) { return kPriorAttempts / (kPriorAttempts + topic.attempts); }

Mean CreditOf(const Sums& topic, const Mean& learner) {
  const double weight = kPriorAttempts + topic.attempts;
  const double mean = (kPriorAttempts * learner.mean + topic.credit) / weight;
  return {mean, mean * (1 - mean) / (weight + 1)};
}

// The questions of the topic for which `value` is there, weakest first.
template <typename Value>
ReasonLine Line(MasteryReason reason, const std::vector<const QuestionProgress*>& questions, Value value) {
  std::vector<std::pair<double, const QuestionProgress*>> counted;
  for (const QuestionProgress* question : questions) {
    const std::optional<double> rank = value(*question);
    if (rank.has_value()) counted.emplace_back(*rank, question);
  }
  std::stable_sort(counted.begin(), counted.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  ReasonLine line = {reason, static_cast<int32_t>(counted.size()), {}};
  for (const auto& [rank, question] : counted) line.questions.push_back(question->id);
  return line;
}

std::vector<ReasonLine> ReasonsOf(const std::vector<const QuestionProgress*>& questions, const Sums& sums) {
  std::vector<ReasonLine> reasons = {
      Line(MasteryReason::kUnseen, questions,
           [](const QuestionProgress& q) { return q.counting == 0 ? std::optional(0.0) : std::nullopt; }),
      Line(MasteryReason::kForgotten, questions,
           [](const QuestionProgress& q) {
             return q.recall.has_value() && *q.recall < kLowRecall ? q.recall : std::nullopt;
           }),
      Line(MasteryReason::kLowCredit, questions,
           [](const QuestionProgress& q) {
             return q.counting > 0 && MeanCredit(q) < kGoodFrom ? std::optional(MeanCredit(q)) : std::nullopt;
           }),
      {MasteryReason::kFewAttempts, sums.attempts < kPriorAttempts ? sums.attempts : 0, {}}};
  reasons.erase(
      std::remove_if(reasons.begin(), reasons.end(), [](const ReasonLine& line) { return line.count == 0; }),
      reasons.end());
  return reasons;
}

// Gathers what to answer so that readiness is no more refused.
class NextAnswers {
 public:
  NextAnswers(const PackOutline& outline, const std::vector<QuestionProgress>& questions,
              const std::vector<Sums>& topics)
      : outline_(outline), questions_(questions), topics_(topics), by_weight_(outline.topics.size()) {
    std::iota(by_weight_.begin(), by_weight_.end(), 0);
    std::stable_sort(by_weight_.begin(), by_weight_.end(), [&](size_t a, size_t b) {
      return outline_.topics[a].weight > outline_.topics[b].weight;
    });
  }

  std::vector<std::string> For(int32_t missing, double unseen_weight, double whole_weight) && {
    for (const size_t topic : by_weight_) {
      if (topics_[topic].attempts > 0) continue;
      if (!IsTooMuch(unseen_weight, whole_weight)) break;
      TakeUnseenOf(topic);
      unseen_weight -= outline_.topics[topic].weight;
    }
    const auto wanted = static_cast<size_t>(std::max(missing, 0));
    for (bool found = true; found && next_.size() < wanted;) {  // one of each topic, and again
      found = false;
      for (const size_t topic : by_weight_) {
        if (next_.size() < wanted && TakeUnseenOf(topic)) found = true;
      }
    }
    TakeWeakest(wanted);
    return std::move(next_);
  }

  static bool IsTooMuch(double unseen_weight, double whole_weight) {
    return unseen_weight >= kUnseenShare * whole_weight - kRounding;
  }

 private:
  bool TakeUnseenOf(size_t topic) {
    for (const QuestionProgress& question : questions_) {
      if (question.topic != topic || question.counting > 0 || !taken_.insert(question.id).second) continue;
      next_.push_back(question.id);
      return true;
    }
    return false;
  }

  void TakeWeakest(size_t wanted) {
    std::vector<const QuestionProgress*> seen;
    for (const QuestionProgress& question : questions_) {
      if (question.counting > 0) seen.push_back(&question);
    }
    std::stable_sort(seen.begin(), seen.end(), [](const QuestionProgress* a, const QuestionProgress* b) {
      return MeanCredit(*a) < MeanCredit(*b);
    });
    for (const QuestionProgress* question : seen) {
      if (next_.size() >= wanted) return;
      next_.push_back(question->id);
    }
  }

  const PackOutline& outline_;
  const std::vector<QuestionProgress>& questions_;
  const std::vector<Sums>& topics_;
  std::vector<size_t> by_weight_;
  std::set<std::string> taken_;
  std::vector<std::string> next_;
};

}  // namespace

bool CountsForReadiness(const Review& review) {
  return review.kind == ReviewKind::kAnswer && review.score.has_value() && !review.recited;
}

PackProgress ProgressOf(const PackOutline& outline, const std::vector<Review>& reviews,
                        const std::vector<MemoryItem>& items, const Settings& settings, absl::Time now) {
  PackProgress progress;
  progress.questions = QuestionsOf(outline, reviews, items, settings, now);

  Sums pack;
  std::vector<Sums> sums(outline.topics.size());
  std::vector<std::vector<const QuestionProgress*>> members(outline.topics.size());
  for (const QuestionProgress& question : progress.questions) {
    pack.Add(question);
    sums[question.topic].Add(question);
    members[question.topic].push_back(&question);
  }
  const Mean learner = LearnersMean(pack);
  double whole = 0;
  double unseen = 0;
  for (size_t i = 0; i < sums.size(); ++i) {
    whole += outline.topics[i].weight;
    if (sums[i].attempts == 0) unseen += outline.topics[i].weight;
  }

  double readiness = 0;
  double own_variance = 0;
  double shared = 0;  // how much of the readiness moves with the learner's mean
  for (size_t i = 0; i < sums.size(); ++i) {
    const Mean credit = CreditOf(sums[i], learner);
    const double recall = sums[i].MeanRecall(pack.MeanRecall(1));
    const double shrinkage = Shrinkage(sums[i]);
    TopicMastery topic;
    topic.topic = outline.topics[i].id;
    topic.title = outline.topics[i].title;
    topic.weight = outline.topics[i].weight;
    topic.questions = sums[i].questions;
    topic.seen = sums[i].seen;
    topic.attempts = sums[i].attempts;
    topic.mastery = recall * credit.mean;
    const Interval interval = IntervalOf(
        topic.mastery, recall * recall * (credit.variance + shrinkage * shrinkage * learner.variance));
    topic.mastery_low = interval.low;
    topic.mastery_high = interval.high;
    topic.credit = credit.mean;
    topic.recall = recall;
    if (topic.attempts > 0) topic.level = LevelOf(topic.mastery);
    topic.reasons = ReasonsOf(members[i], sums[i]);
    const double part = whole > 0 ? topic.weight * recall / whole : 0;
    readiness += part * credit.mean;
    own_variance += part * part * credit.variance;
    shared += part * shrinkage;
    progress.topics.push_back(std::move(topic));
  }

  Readiness& result = progress.readiness;
  result.attempts = pack.attempts;
  result.unseen_share = whole > 0 ? unseen / whole : 1;
  result.refused = pack.attempts < kLeastAttempts || NextAnswers::IsTooMuch(unseen, whole);
  if (result.refused) {
    result.answer_next =
        NextAnswers(outline, progress.questions, sums).For(kLeastAttempts - pack.attempts, unseen, whole);
    return progress;
  }
  const Interval interval = IntervalOf(readiness, own_variance + shared * shared * learner.variance);
  result.readiness = readiness;
  result.low = interval.low;
  result.high = interval.high;
  return progress;
}

Streak StreakOf(const std::vector<Review>& reviews, const SettingsTimeline& settings, absl::Time now) {
  std::set<absl::CivilDay> days;
  for (const Review& review : reviews) {
    if (review.attempts > 0 || review.self_rating != v1::RATING_UNSPECIFIED) {
      days.insert(settings.At(review.occurred_time).DayOf(review.occurred_time));
    }
  }
  Streak streak;
  if (days.empty()) return streak;
  streak.last_day = *days.rbegin();
  int32_t run = 0;
  std::optional<absl::CivilDay> before;
  for (const absl::CivilDay day : days) {
    run = before.has_value() && day - *before == 1 ? run + 1 : 1;
    streak.longest = std::max(streak.longest, run);
    before = day;
  }
  const absl::CivilDay today = settings.Latest().DayOf(now);
  streak.today = days.count(today) > 0;
  // A zone that lies further west may make the last day tomorrow.
  if (today - *streak.last_day <= 1) streak.days = run;
  return streak;
}

}  // namespace greenroom::session
