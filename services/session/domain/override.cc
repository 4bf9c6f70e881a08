#include "services/session/domain/override.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace greenroom::session {
namespace {

using content::v1::RedFlag;
using content::v1::RubricItem;
using scoring::v1::CapResult;
using scoring::v1::FlagResult;
using scoring::v1::ItemResult;
using scoring::v1::Report;

int64_t Hundredths(double value) { return std::llround(value * 100); }

bool IsMade(double credit) { return Hundredths(credit) >= 50; }

scoring::v1::RowStatus StatusOf(double credit) {
  if (Hundredths(credit) >= 80) return scoring::v1::ROW_STATUS_COVERED;
  return Hundredths(credit) > 0 ? scoring::v1::ROW_STATUS_PARTLY : scoring::v1::ROW_STATUS_MISSED;
}

ItemResult MissedRow(const RubricItem& item, bool member) {
  ItemResult row;
  row.set_id(item.id());
  row.set_point(item.point());
  row.set_weight(member ? 0 : item.has_weight() ? item.weight() : 1);
  row.set_status(scoring::v1::ROW_STATUS_MISSED);
  row.set_cue(item.cue());
  if (!member) row.set_tip(item.satisfies());
  for (const RubricItem& one : item.of()) *row.add_members() = MissedRow(one, true);
  return row;
}

bool Applies(const content::v1::Tip& tip, const content::v1::Question& question) {
  if (!tip.has_check() || !tip.check().has_rubric()) return false;
  const auto& kinds = tip.check().kinds();
  if (!kinds.empty() && std::find(kinds.begin(), kinds.end(), question.kind()) == kinds.end()) return false;
  return std::none_of(question.rubric().begin(), question.rubric().end(),
                      [&](const RubricItem& item) { return item.satisfies() == tip.id(); });
}

// The rows of a report about `question` in which nothing was found.
void FillMissed(const content::v1::Question& question, Report& report) {
  report.set_question(question.name());
  for (const RubricItem& item : question.rubric()) *report.add_items() = MissedRow(item, false);
  for (const content::v1::Tip& tip : question.tips()) {
    if (!Applies(tip, question)) continue;
    ItemResult row = MissedRow(tip.check().rubric(), false);
    row.set_tip(tip.id());
    if (row.point().empty()) row.set_point(tip.text());
    *report.add_tips() = std::move(row);
  }
  if (!question.has_star()) return;
  report.mutable_star()->set_weight(question.star().weight());
  report.mutable_star()->set_status(scoring::v1::ROW_STATUS_MISSED);
}

class Decider {
 public:
  Decider(const content::v1::Question& question, const v1::OverrideGradeRequest& decisions)
      : question_(question), decisions_(decisions) {}

  Overridden Decide(const Report& base) {
    Report& report = out_.report;
    report = base;
    const bool told = base.has_score();
    if (report.items().empty()) FillMissed(question_, report);
    DecideItems(report);
    DecideGroups(report);
    DecideFlags(report);
    const bool nothing = decisions_.items().empty() && decisions_.flags().empty() && !decisions_.has_score();
    if (nothing && !told) Refuse("score", "there is no grade that could stay: say a score, items or flags");
    if (!out_.problem.empty()) return std::move(out_);
    SetCaps(report);
    report.set_score(decisions_.has_score() ? decisions_.score()
                     : nothing              ? base.score()
                                            : ScoreOfRows(report));
    report.set_band(BandOf(report.score()));
    report.set_score_low(report.score());
    report.set_score_high(report.score());
    report.set_confidence(scoring::v1::GRADE_CONFIDENCE_HIGH);
    report.set_grader(kPersonGrader);
    report.set_ungraded_language(false);
    report.clear_calibrated_with();
    DropFeedback(report);
    return std::move(out_);
  }

 private:
  void Refuse(std::string field, absl::string_view problem) {
    if (!out_.problem.empty()) return;
    out_.field = std::move(field);
    out_.problem = std::string(problem);
  }

  // A row or a member of one.
  static ItemResult* FindRow(Report& report, const std::string& id) {
    for (auto* rows : {report.mutable_items(), report.mutable_tips()}) {
      for (ItemResult& row : *rows) {
        if (row.id() == id) return &row;
        for (ItemResult& member : *row.mutable_members()) {
          if (member.id() == id) return &member;
        }
      }
    }
    return nullptr;
  }

  static void SetCredit(ItemResult& row, double credit) {
    row.set_credit(static_cast<double>(Hundredths(credit)) / 100);
    row.set_status(StatusOf(row.credit()));
    if (Hundredths(credit) == 0) row.clear_spans();
  }

  void DecideItems(Report& report) {
    for (int i = 0; i < decisions_.items_size(); ++i) {
      const v1::ItemDecision& decision = decisions_.items(i);
      ItemResult* row = FindRow(report, decision.item());
      if (row == nullptr) {
        Refuse(absl::StrCat("items[", i, "].item"), "is no item of the answer's report");
        continue;
      }
      SetCredit(*row, decision.credit());
      row->clear_cancelled_by();
      decided_.insert(decision.item());
    }
  }

  // A group's credit follows its members: the mean of the best that are wanted, as the grader has it.
  void DecideGroups(Report& report) const {
    for (auto* rows : {report.mutable_items(), report.mutable_tips()}) {
      for (ItemResult& row : *rows) {
        const bool follows = std::any_of(row.members().begin(), row.members().end(),
                                         [&](const ItemResult& one) { return decided_.count(one.id()) > 0; });
        if (follows && decided_.count(row.id()) == 0 && row.cancelled_by().empty()) DecideGroup(row);
      }
    }
  }

  void DecideGroup(ItemResult& row) const {
    const RubricItem* group = FindItem(row.id());
    if (group == nullptr) return;
    const int64_t wanted = group->any() == 0 ? group->of_size() : group->any();
    std::vector<int64_t> credits;
    for (const ItemResult& member : row.members()) credits.push_back(Hundredths(member.credit()));
    std::sort(credits.rbegin(), credits.rend());
    int64_t sum = 0;
    for (size_t i = 0; i < credits.size() && static_cast<int64_t>(i) < wanted; ++i) sum += credits[i];
    const auto hundredths = (2 * sum + wanted) / (2 * wanted);  // rounded half up
    SetCredit(row, static_cast<double>(hundredths) / 100);
  }

  void DecideFlags(Report& report) {
    for (int i = 0; i < decisions_.flags_size(); ++i) {
      const v1::FlagDecision& decision = decisions_.flags(i);
      const RedFlag* flag = FindFlag(decision.flag());
      if (flag == nullptr) {
        Refuse(absl::StrCat("flags[", i, "].flag"), "is no flag of the question");
      } else if (decision.raised()) {
        Raise(*flag, report);
      } else {
        Dismiss(*flag, report);
      }
    }
  }

  const RedFlag* FindFlag(const std::string& id) const {
    for (const RedFlag& flag : question_.red_flags()) {
      if (flag.id() == id) return &flag;
    }
    return nullptr;
  }

  void Raise(const RedFlag& flag, Report& report) {
    for (const FlagResult& raised : report.flags()) {
      if (raised.id() == flag.id()) return;
    }
    FlagResult& raised = *report.add_flags();
    raised.set_id(flag.id());
    raised.set_misconception(flag.kind() == content::v1::FLAG_KIND_MISCONCEPTION);
    raised.set_point(flag.point());
    raised.set_say(flag.say());
    raised.set_penalty(flag.has_penalty() ? flag.penalty() : 1);
    raised.set_critical(flag.critical());
    for (const std::string& item : flag.cancels()) {
      raised.add_cancels(item);
      ItemResult* row = FindRow(report, item);
      if (row == nullptr || decided_.count(item) > 0) continue;
      SetCredit(*row, 0);
      row->add_cancelled_by(flag.id());
    }
  }

  static void Dismiss(const RedFlag& flag, Report& report) {
    auto& flags = *report.mutable_flags();
    flags.erase(std::remove_if(flags.begin(), flags.end(),
                               [&](const FlagResult& raised) { return raised.id() == flag.id(); }),
                flags.end());
    for (auto* rows : {report.mutable_items(), report.mutable_tips()}) {
      for (ItemResult& row : *rows) {
        auto& by = *row.mutable_cancelled_by();
        by.erase(std::remove(by.begin(), by.end(), flag.id()), by.end());
      }
    }
  }

  // Those in force, lowest first, as the grader lists them.
  void SetCaps(Report& report) const {
    std::vector<CapResult> caps;
    for (const auto* rows : {&report.items(), &report.tips()}) {
      for (const ItemResult& row : *rows) AddItemCaps(row, caps);
    }
    for (const FlagResult& raised : report.flags()) {
      const RedFlag* flag = FindFlag(raised.id());
      if (flag == nullptr || !flag->has_cap()) continue;
      CapResult& cap = caps.emplace_back();
      cap.set_limit(flag->cap());
      cap.set_flag(flag->id());
      cap.set_text(flag->point());
    }
    const auto& parts = report.star().parts();
    const bool result = std::any_of(parts.begin(), parts.end(), [](const scoring::v1::StarPartResult& part) {
      return part.part() == scoring::v1::STAR_PART_RESULT;
    });
    if (report.has_star() && question_.star().has_cap_without_result() && !result) {
      CapResult& cap = caps.emplace_back();
      cap.set_limit(question_.star().cap_without_result());
      cap.set_star_without_result(true);
    }
    std::stable_sort(caps.begin(), caps.end(),
                     [](const CapResult& a, const CapResult& b) { return a.limit() < b.limit(); });
    report.clear_caps();
    for (CapResult& cap : caps) *report.add_caps() = std::move(cap);
  }

  void AddItemCaps(const ItemResult& row, std::vector<CapResult>& caps) const {
    for (const ItemResult& member : row.members()) AddItemCaps(member, caps);
    const RubricItem* item = FindItem(row.id());
    if (item == nullptr || !item->has_cap_without() || IsMade(row.credit())) return;
    CapResult& cap = caps.emplace_back();
    cap.set_limit(item->cap_without());
    cap.set_item(row.id());
    cap.set_text(row.point());
    cap.set_cue(row.cue());
  }

  const RubricItem* FindItem(const std::string& id) const {
    const auto look = [&](const RubricItem& item) -> const RubricItem* {
      if (item.id() == id) return &item;
      for (const RubricItem& member : item.of()) {
        if (member.id() == id) return &member;
      }
      return nullptr;
    };
    for (const RubricItem& item : question_.rubric()) {
      if (const RubricItem* found = look(item)) return found;
    }
    for (const content::v1::Tip& tip : question_.tips()) {
      if (const RubricItem* found = look(tip.check().rubric())) return found;
    }
    return nullptr;
  }

  // What was said of items and flags that were decided upon, and how many were made, may not hold any more.
  void DropFeedback(Report& report) const {
    if (decisions_.items().empty() && decisions_.flags().empty()) return;
    std::set<std::string> named = decided_;
    for (const v1::FlagDecision& decision : decisions_.flags()) named.insert(decision.flag());
    auto& feedback = *report.mutable_feedback();
    feedback.erase(std::remove_if(feedback.begin(), feedback.end(),
                                  [&](const scoring::v1::Feedback& line) {
                                    return line.kind() == scoring::v1::FEEDBACK_KIND_MADE ||
                                           named.count(line.item()) > 0;
                                  }),
                   feedback.end());
  }

  const content::v1::Question& question_;
  const v1::OverrideGradeRequest& decisions_;
  std::set<std::string> decided_;  // items
  Overridden out_;
};

}  // namespace

Overridden Override(const Report& base, const content::v1::Question& question,
                    const v1::OverrideGradeRequest& decisions) {
  return Decider(question, decisions).Decide(base);
}

int32_t ScoreOfRows(const Report& report) {
  int64_t weights = 0;  // hundredths
  int64_t raw = 0;      // ten-thousandths
  const auto add = [&](double weight, double credit) {
    weights += Hundredths(weight);
    raw += Hundredths(weight) * Hundredths(credit);
  };
  for (const ItemResult& item : report.items()) add(item.weight(), item.credit());
  for (const ItemResult& tip : report.tips()) add(tip.weight(), tip.credit());
  if (report.has_star()) add(report.star().weight(), report.star().credit());
  if (weights == 0) return 0;
  int64_t penalties = 0;
  for (const FlagResult& flag : report.flags()) penalties += Hundredths(flag.penalty()) * 100;
  const int64_t whole = weights * 100;
  raw = std::clamp<int64_t>(raw - std::min(whole / 2, penalties), 0, whole);
  int64_t score = (200 * raw + whole) / (2 * whole);
  for (const CapResult& cap : report.caps()) score = std::min<int64_t>(score, cap.limit());
  return static_cast<int32_t>(score);
}

scoring::v1::Band BandOf(int32_t score) {
  if (score >= 80) return scoring::v1::BAND_STRONG;
  if (score >= 60) return scoring::v1::BAND_GOOD;
  return score >= 35 ? scoring::v1::BAND_PARTIAL : scoring::v1::BAND_WEAK;
}

}  // namespace greenroom::session
