#include "services/session/progress_views.h"

#include <algorithm>
#include <map>
#include <string>

#include "absl/time/civil_time.h"
#include "services/session/domain/wire_time.h"

namespace greenroom::session {
namespace {

// Of a list of questions that explains something.
constexpr size_t kMostNamed = 20;

template <typename Names>
void AddNames(const std::vector<std::string>& from, Names& to) {
  for (size_t i = 0; i < std::min(from.size(), kMostNamed); ++i) *to.Add() = from[i];
}

void AddTopic(const TopicMastery& topic, v1::TopicMastery& view) {
  view.set_topic(topic.topic);
  view.set_title(topic.title);
  view.set_weight(topic.weight);
  view.set_questions(topic.questions);
  view.set_seen(topic.seen);
  view.set_attempts(topic.attempts);
  view.set_mastery(topic.mastery);
  view.set_low(topic.mastery_low);
  view.set_high(topic.mastery_high);
  view.set_credit(topic.credit);
  view.set_recall(topic.recall);
  view.set_level(static_cast<v1::MasteryLevel>(topic.level));
  for (const ReasonLine& reason : topic.reasons) {
    v1::MasteryReasonLine* line = view.add_reasons();
    line->set_reason(static_cast<v1::MasteryReason>(reason.reason));
    line->set_count(reason.count);
    AddNames(reason.questions, *line->mutable_questions());
  }
}

void AddReadiness(const Readiness& readiness, v1::Readiness& view) {
  view.set_attempts(readiness.attempts);
  view.set_unseen_share(readiness.unseen_share);
  if (readiness.refused) {
    AddNames(readiness.answer_next, *view.mutable_answer_next());
    return;
  }
  view.set_expected(readiness.readiness);
  view.set_low(readiness.low);
  view.set_high(readiness.high);
}

void AddQuestion(const QuestionProgress& question, const std::string& topic, const MemoryItem* item,
                 v1::QuestionProgress& view) {
  view.set_question(question.id);
  view.set_topic(topic);
  view.set_sessions(question.sessions);
  view.set_attempts(question.attempts);
  view.set_counting(question.counting);
  if (question.first_score.has_value()) view.set_first_score(*question.first_score);
  if (question.last_score.has_value()) view.set_last_score(*question.last_score);
  if (question.best_score.has_value()) view.set_best_score(*question.best_score);
  if (question.gained.has_value()) view.set_gained(*question.gained);
  if (question.recall.has_value()) view.set_recall(*question.recall);
  if (question.due_time.has_value()) *view.mutable_due_time() = ToTimestamp(*question.due_time);
  if (item == nullptr) return;
  view.set_reviews(item->reviews);
  view.set_lapses(item->lapses);
  *view.mutable_last_review_time() = ToTimestamp(item->last_review_time);
  view.set_last_rating(static_cast<v1::Rating>(item->last_rating));
}

void AddFigures(const Measures& measures, v1::CalibrationFigures& view) {
  view.set_log_loss(measures.log_loss);
  view.set_rmse_bins(measures.rmse_bins);
  if (measures.auc.has_value()) view.set_auc(*measures.auc);
}

}  // namespace

v1::DueQuestion DueQuestionView(const DueQuestion& question) {
  v1::DueQuestion view;
  view.set_pack(question.pack);
  view.set_question(question.question);
  view.set_reason(static_cast<v1::DueReason>(question.reason));
  *view.mutable_due_time() = ToTimestamp(question.due_time);
  view.set_recall(question.recall);
  view.set_minutes(question.minutes);
  return view;
}

v1::DueChange DueChangeView(const ItemKey& key, const MemoryItem* item) {
  v1::DueChange view;
  view.set_pack(key.first);
  view.set_question(key.second);
  if (item == nullptr) return view;
  *view.mutable_due_time() = ToTimestamp(item->due_time);
  view.set_stability(item->memory.stability);
  view.set_difficulty(item->memory.difficulty);
  *view.mutable_last_review_time() = ToTimestamp(item->last_review_time);
  view.set_reviews(item->reviews);
  return view;
}

v1::ExportedMemory ExportedMemoryView(const MemoryItem& item) {
  v1::ExportedMemory view;
  view.set_pack(item.pack);
  view.set_question(item.question);
  view.set_stability(item.memory.stability);
  view.set_difficulty(item.memory.difficulty);
  *view.mutable_last_review_time() = ToTimestamp(item.last_review_time);
  *view.mutable_due_time() = ToTimestamp(item.due_time);
  view.set_reviews(item.reviews);
  view.set_lapses(item.lapses);
  return view;
}

void AddPackProgress(const PackOutline& outline, const PackProgress& progress,
                     const std::vector<MemoryItem>& items, v1::Progress& view) {
  for (const TopicMastery& topic : progress.topics) AddTopic(topic, *view.add_topics());
  AddReadiness(progress.readiness, *view.mutable_readiness());
  std::map<std::string, const MemoryItem*> by_question;
  for (const MemoryItem& item : items) by_question[item.question] = &item;
  for (const QuestionProgress& question : progress.questions) {
    const auto found = by_question.find(question.id);
    const MemoryItem* item = found == by_question.end() ? nullptr : found->second;
    if (question.sessions == 0 && item == nullptr) continue;
    AddQuestion(question, outline.topics[question.topic].id, item, *view.add_questions());
  }
}

v1::Streak StreakView(const Streak& streak) {
  v1::Streak view;
  view.set_days(streak.days);
  view.set_longest(streak.longest);
  view.set_today(streak.today);
  return view;
}

v1::ForecastDay ForecastDayView(const ForecastDay& day) {
  v1::ForecastDay view;
  view.set_date(absl::FormatCivilTime(day.day));
  view.set_questions(day.questions);
  view.set_minutes(day.minutes);
  return view;
}

v1::Calibration CalibrationView(const Calibration& calibration) {
  v1::Calibration view;
  view.set_predictions(calibration.predictions);
  view.set_recalled(calibration.recalled);
  view.set_mean_predicted(calibration.mean_predicted);
  AddFigures(calibration.model, *view.mutable_memory());
  AddFigures(calibration.baseline, *view.mutable_moving_average());
  return view;
}

}  // namespace greenroom::session
