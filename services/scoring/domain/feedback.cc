#include "services/scoring/domain/feedback.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "services/scoring/domain/arithmetic.h"

namespace greenroom::scoring {
namespace {

// Standard deviations of a row's credit by what it rests on; estimates until a trained model replaces them.
constexpr double kSureError = 0.08;     // an accepted phrase
constexpr double kMissedError = 0.12;   // nothing near was found
constexpr double kWordsError = 0.20;    // the point's own words
constexpr double kSynonymError = 0.28;  // words of the same meaning
constexpr double kShapeError = 0.30;    // a shape
constexpr int kWide = 50;               // points of an interval that tells little
constexpr double kEighty = 1.2816;      // the normal distribution's 90th percentile

double ErrorOf(v1::MatchKind match) {
  switch (match) {
    case v1::MATCH_KIND_ACCEPTED_PHRASE:
      return kSureError;
    case v1::MATCH_KIND_SAME_WORDS:
      return kWordsError;
    case v1::MATCH_KIND_SYNONYM:
      return kSynonymError;
    default:
      return kShapeError;
  }
}

double ErrorOf(const v1::ItemResult& item) {
  if (!item.members().empty()) {
    double sum = 0;
    for (const v1::ItemResult& member : item.members()) sum += ErrorOf(member);
    return sum / item.members_size();
  }
  if (item.spans().empty()) return kMissedError;
  const bool partly = Hundredths(item.credit()) < 80;
  return std::max(partly ? kWordsError : 0, ErrorOf(item.spans(0).match()));
}

bool Made(double credit) { return Hundredths(credit) >= 50; }

v1::Feedback& Add(v1::Report& report, v1::FeedbackKind kind, std::string text) {
  v1::Feedback& feedback = *report.add_feedback();
  feedback.set_kind(kind);
  feedback.set_text(std::move(text));
  return feedback;
}

// The missed item whose credit would add most.
const v1::ItemResult* HeaviestGap(const v1::Report& report) {
  const v1::ItemResult* heaviest = nullptr;
  int64_t most = 0;
  const auto look = [&](const v1::ItemResult& item) {
    if (Made(item.credit())) return;
    const int64_t lost = Hundredths(item.weight()) * (100 - Hundredths(item.credit()));
    if (lost > most) {
      most = lost;
      heaviest = &item;
    }
  };
  for (const v1::ItemResult& item : report.items()) look(item);
  for (const v1::ItemResult& tip : report.tips()) look(tip);
  return heaviest;
}

bool HasPart(const v1::StarResult& star, v1::StarPart part) {
  return std::any_of(star.parts().begin(), star.parts().end(),
                     [part](const v1::StarPartResult& found) { return found.part() == part; });
}

std::string NextStep(const v1::Report& report, const v1::ItemResult* gap) {
  if (report.has_star()) {
    if (!HasPart(report.star(), v1::STAR_PART_RESULT))
      return "Next, say what came of it, with a figure if you have one.";
    if (!HasPart(report.star(), v1::STAR_PART_ACTION)) return "Next, say what you yourself did about it.";
    if (!HasPart(report.star(), v1::STAR_PART_LESSON))
      return "Next, say what you took from it and do since then.";
    if (!HasPart(report.star(), v1::STAR_PART_SITUATION))
      return "Next, set the scene in a sentence: where it was and what was asked.";
  }
  if (!report.flags().empty()) return "Next, put the point above right in a sentence of your own.";
  if (gap != nullptr) return "Next, add a sentence on this and read the answer aloud once.";
  return "Next, try the same answer in half the time.";
}

}  // namespace

void SetConfidence(v1::Report& report) {
  double variance = 0;
  double weights = 0;
  double unsure = 0;
  const auto add = [&](double weight, double error) {
    weights += weight;
    variance += weight * weight * error * error;
    if (error > kWordsError - 1e-9) unsure += weight;
  };
  for (const v1::ItemResult& item : report.items()) add(item.weight(), ErrorOf(item));
  for (const v1::ItemResult& tip : report.tips()) add(tip.weight(), ErrorOf(tip));
  if (report.has_star())
    add(report.star().weight(), report.star().parts().empty() ? kMissedError : kShapeError);
  const double error = weights > 0 ? 100 * std::sqrt(variance) / weights : 50;
  const int reach = static_cast<int>(std::lround(kEighty * error));
  report.set_score_low(std::max(0, report.score() - reach));
  int high = std::min(100, report.score() + reach);
  // A cap that is in force holds for the interval too.
  for (const v1::CapResult& cap : report.caps()) high = std::min(high, std::max(cap.limit(), report.score()));
  report.set_score_high(high);
  const double share = weights > 0 ? unsure / weights : 1;
  report.set_confidence(share > 0.5    ? v1::GRADE_CONFIDENCE_LOW
                        : share > 0.15 ? v1::GRADE_CONFIDENCE_MEDIUM
                                       : v1::GRADE_CONFIDENCE_HIGH);
  if (report.limited() && report.confidence() == v1::GRADE_CONFIDENCE_HIGH) {
    report.set_confidence(v1::GRADE_CONFIDENCE_MEDIUM);
  }
}

void SetDerivedConfidence(const CreditModel& model, v1::Report& report) {
  const CreditModel::Interval interval = model.IntervalOf(report.score() / 100.0);
  report.set_score_low(static_cast<int>(std::floor(100 * interval.low)));
  report.set_score_high(static_cast<int>(std::ceil(100 * interval.high)));
  report.set_confidence(report.score_high() - report.score_low() > kWide ? v1::GRADE_CONFIDENCE_LOW
                                                                         : v1::GRADE_CONFIDENCE_MEDIUM);
}

void SetFeedback(v1::Report& report) {
  report.clear_feedback();
  int made = 0;
  const v1::ItemResult* best = nullptr;
  for (const v1::ItemResult& item : report.items()) {
    if (!Made(item.credit())) continue;
    ++made;
    if (best == nullptr || item.weight() > best->weight()) best = &item;
  }
  const bool unsure = report.confidence() == v1::GRADE_CONFIDENCE_LOW;
  if (made > 0) {
    std::string text = made == report.items_size()
                           ? absl::StrCat("Your answer makes all ", made, " points")
                           : absl::StrCat("Your answer makes ", made, " of ", report.items_size(), " points");
    if (report.items_size() == 1) text = "Your answer makes the point";
    if (!best->point().empty() && report.items_size() > 1)
      absl::StrAppend(&text, ", above all: ", best->point());
    v1::Feedback& feedback = Add(report, v1::FEEDBACK_KIND_MADE, absl::StrCat(text, "."));
    feedback.set_item(best->id());
    (*feedback.mutable_parameters())["count"] = absl::StrCat(made);
    (*feedback.mutable_parameters())["of"] = absl::StrCat(report.items_size());
  }
  const v1::ItemResult* gap = HeaviestGap(report);
  if (gap != nullptr) {
    const std::string cue = gap->cue().empty() ? "There is more to say to this question." : gap->cue();
    Add(report, v1::FEEDBACK_KIND_GAP, unsure ? absl::StrCat("I may have missed this: ", cue) : cue);
  }
  if (!report.flags().empty()) {
    const v1::FlagResult* heaviest = &report.flags(0);
    for (const v1::FlagResult& flag : report.flags()) {
      if (flag.penalty() > heaviest->penalty()) heaviest = &flag;
    }
    Add(report, v1::FEEDBACK_KIND_FLAG,
        heaviest->say().empty() ? "One thing in your answer works against it; look at it again."
                                : heaviest->say())
        .set_item(heaviest->id());
  }
  Add(report, v1::FEEDBACK_KIND_NEXT_STEP, NextStep(report, gap));
  if (unsure && gap == nullptr) {
    report.mutable_feedback(0)->set_text(absl::StrCat("I may have missed this: ", report.feedback(0).text()));
  }
}

}  // namespace greenroom::scoring
