#include "services/session/domain/learner_view.h"

#include <set>
#include <string>

namespace greenroom::session {
namespace {

constexpr double kMade = 0.5;

using scoring::v1::ItemResult;
using scoring::v1::Report;

bool IsMade(const ItemResult& item) { return item.credit() >= kMade; }

ItemResult ItemBeforeReveal(const ItemResult& item) {
  ItemResult seen;
  if (IsMade(item)) {
    seen = item;
    seen.clear_members();
    seen.clear_cancelled_by();
  } else {
    seen.set_weight(item.weight());
    seen.set_credit(item.credit());
    seen.set_status(item.status());
    seen.set_cue(item.cue());
  }
  for (const ItemResult& member : item.members()) *seen.add_members() = ItemBeforeReveal(member);
  return seen;
}

void CollectMade(const ItemResult& item, std::set<std::string>& made) {
  if (IsMade(item)) made.insert(item.id());
  for (const ItemResult& member : item.members()) CollectMade(member, made);
}

// What may be named: items that were made and flags that were raised.
std::set<std::string> Nameable(const Report& report) {
  std::set<std::string> names;
  for (const ItemResult& item : report.items()) CollectMade(item, names);
  for (const ItemResult& item : report.tips()) CollectMade(item, names);
  for (const scoring::v1::FlagResult& flag : report.flags()) names.insert(flag.id());
  return names;
}

// That others' answers were decided, and how many, is not the learner's.
Report WithoutCalibration(Report report) {
  report.clear_calibrated_with();
  return report;
}

Report BeforeReveal(const Report& report) {
  Report seen = report;
  seen.clear_items();
  seen.clear_tips();
  for (const ItemResult& item : report.items()) *seen.add_items() = ItemBeforeReveal(item);
  for (const ItemResult& item : report.tips()) *seen.add_tips() = ItemBeforeReveal(item);
  for (scoring::v1::FlagResult& flag : *seen.mutable_flags()) {
    flag.clear_point();
    flag.clear_cancels();
  }
  for (scoring::v1::CapResult& cap : *seen.mutable_caps()) {
    cap.clear_text();
    if (cap.cause_case() == scoring::v1::CapResult::kItem) cap.set_item("");  // the kind of cause stays
  }
  const std::set<std::string> nameable = Nameable(report);
  for (scoring::v1::Feedback& feedback : *seen.mutable_feedback()) {
    if (nameable.count(feedback.item()) == 0) feedback.clear_item();
    if (feedback.kind() != scoring::v1::FEEDBACK_KIND_MADE) feedback.clear_parameters();
  }
  return seen;
}

v1::RevealedPoint RevealedPointOf(const content::v1::RubricItem& item, bool member) {
  v1::RevealedPoint point;
  point.set_id(item.id());
  point.set_point(item.point());
  point.set_weight(member ? 0 : item.has_weight() ? item.weight() : 1);
  for (const content::v1::RubricItem& child : item.of()) *point.add_members() = RevealedPointOf(child, true);
  return point;
}

}  // namespace

Sight SightOfLearner(const Situation& situation) {
  const bool shown = situation.finished && situation.released;
  if (situation.mode == v1::SESSION_MODE_EXAM && !shown) return Sight::kNothing;
  return situation.finished || situation.revealed ? Sight::kEverything : Sight::kBeforeReveal;
}

Report ViewOf(const Report& report, Sight sight) {
  switch (sight) {
    case Sight::kStaff:
      return report;
    case Sight::kEverything:
      return WithoutCalibration(report);
    case Sight::kBeforeReveal:
      return BeforeReveal(WithoutCalibration(report));
    case Sight::kNothing:
      break;
  }
  return Report();
}

v1::Reveal RevealOf(const content::v1::Question& question) {
  v1::Reveal reveal;
  reveal.set_question(question.id());
  reveal.set_model_answer(question.model_answer());
  reveal.set_guidance(question.guidance());
  for (const content::v1::RubricItem& item : question.rubric())
    *reveal.add_points() = RevealedPointOf(item, false);
  for (const content::v1::RedFlag& flag : question.red_flags()) {
    if (!flag.say().empty()) reveal.add_pitfalls(flag.say());
  }
  for (const content::v1::FollowUp& follow_up : question.follow_ups()) {
    if (!follow_up.line().empty()) reveal.add_follow_ups(follow_up.line());
  }
  *reveal.mutable_read_more() = question.read_more();
  return reveal;
}

}  // namespace greenroom::session
