#include "clients/cli/gradebook_text.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "clients/cli/layout.h"
#include "clients/cli/session_text.h"

namespace greenroom::cli {
namespace {

using session::v1::PointRate;
using session::v1::QuestionStats;
using session::v1::Regrade;
using session::v1::RegradeChange;
using session::v1::ReviewItem;

void Append(std::vector<std::string>& lines, std::vector<std::string> more) {
  std::move(more.begin(), more.end(), std::back_inserter(lines));
}

std::string Plural(int64_t count, absl::string_view one) {
  return absl::StrCat(count, " ", one, count == 1 ? "" : "s");
}

std::string StateText(const Regrade& regrade) {
  const std::string id = IdIn(regrade.name(), "regrades");
  switch (regrade.state()) {
    case session::v1::REGRADE_STATE_COMPUTING:
      return "looking at answers; nothing has changed yet";
    case session::v1::REGRADE_STATE_READY:
      return absl::StrCat("ready; look at it, then make it count:\ngreenroom regrade changes ", id,
                          "\ngreenroom regrade apply ", id);
    case session::v1::REGRADE_STATE_APPLYING:
      return absl::StrCat("recording: ", regrade.applied(), " of ", Plural(regrade.changes(), "new grade"));
    case session::v1::REGRADE_STATE_APPLIED:
      return absl::StrCat("done: ", Plural(regrade.applied(), "new grade"), " recorded");
    case session::v1::REGRADE_STATE_CANCELLED:
      return "given up; nothing has changed";
    default:
      return "in a state that this program does not know";
  }
}

std::string StateWord(const Regrade& regrade) {
  switch (regrade.state()) {
    case session::v1::REGRADE_STATE_COMPUTING:
      return "looking at answers";
    case session::v1::REGRADE_STATE_READY:
      return "ready";
    case session::v1::REGRADE_STATE_APPLYING:
      return "being recorded";
    case session::v1::REGRADE_STATE_APPLIED:
      return "recorded";
    case session::v1::REGRADE_STATE_CANCELLED:
      return "given up";
    default:
      return "in a state that this program does not know";
  }
}

// "ml-engineer, overfitting, against revision r2"
std::string AboutText(const Regrade& regrade) {
  std::string about = IdIn(regrade.pack(), "packs");
  if (!regrade.questions().empty()) absl::StrAppend(&about, ", ", absl::StrJoin(regrade.questions(), ", "));
  absl::StrAppend(&about, ", against ",
                  regrade.against().empty()
                      ? "each answer's own revision"
                      : absl::StrCat("revision ", IdIn(regrade.against(), "revisions")));
  return about;
}

std::string Score(bool has, int32_t score) { return has ? absl::StrCat(score) : "-"; }

std::string Padded(const std::string& text, size_t width) {
  return std::string(width - std::min(width, text.size()), ' ') + text;
}

}  // namespace

std::string WithoutTenant(absl::string_view name) {
  const size_t at = name.find("/learners/");
  return std::string(at == absl::string_view::npos ? name : name.substr(at + 1));
}

std::vector<std::string> RenderRegrade(const Regrade& regrade, const Page& page) {
  std::vector<std::string> lines = {
      Paint(page, Ink::kStrong, absl::StrCat("Regrade ", IdIn(regrade.name(), "regrades")))};
  Append(lines, Wrap(absl::StrCat("of ", AboutText(regrade)), page.width, "  "));
  if (regrade.calibrate()) {
    Append(lines,
           Wrap(regrade.calibration().empty() ? "corrected by what people decided"
                                              : absl::StrCat("corrected by what people decided about ",
                                                             Plural(regrade.graded_answers(), "answer")),
                page.width, "  "));
  }
  std::string counts =
      absl::StrCat(Plural(regrade.answers(), "answer"), " looked at: ", Plural(regrade.changes(), "change"),
                   " (", regrade.raised(), " up, ", regrade.lowered(), " down)");
  Append(lines, Wrap(counts, page.width, "  "));
  if (regrade.overridden() > 0) {
    Append(lines, Wrap(absl::StrCat("of them decided by a person, which stays: ", regrade.overridden()),
                       page.width, "  "));
  }
  if (regrade.failures() > 0) {
    Append(lines, Wrap(absl::StrCat("answers that cannot be graded so, which keep their grade: ",
                                    regrade.failures()),
                       page.width, "  "));
  }
  Append(lines, Wrap(StateText(regrade), page.width, "  "));
  return lines;
}

std::vector<std::string> RenderListedRegrade(const Regrade& regrade, const Page& page) {
  std::vector<std::string> lines = {Printable(IdIn(regrade.name(), "regrades"))};  // whole, to be copied
  std::string text =
      absl::StrCat(When(regrade.create_time()), ", ", StateWord(regrade), ": ", AboutText(regrade), "; ",
                   Plural(regrade.answers(), "answer"), ", ", Plural(regrade.changes(), "change"));
  if (regrade.number() > 0) absl::StrAppend(&text, "; number ", regrade.number());
  Append(lines, Wrap(text, page.width, "  "));
  return lines;
}

std::vector<std::string> RenderChange(const RegradeChange& change, const Page& page) {
  std::string text = absl::StrCat(change.question(), "  ", WithoutTenant(change.answer()));
  if (change.overridden()) absl::StrAppend(&text, "  (decided by a person: stays)");
  if (!change.failure().empty()) absl::StrAppend(&text, "  (cannot be graded: ", change.failure(), ")");
  const std::string scores =
      absl::StrCat(Padded(Score(change.has_old_score(), change.old_score()), 3), " -> ",
                   Padded(Score(change.has_new_score(), change.new_score()), 3), "  ");
  return Wrap(text, page.width, scores);
}

std::vector<std::string> RenderReviewItem(const ReviewItem& item, const Page& page) {
  std::string why;
  switch (item.reason()) {
    case session::v1::REVIEW_REASON_FAILED:
      why = "could not be graded";
      break;
    case session::v1::REVIEW_REASON_CLAIMED:
      why = absl::StrCat("claims \"", item.point(), "\", as ", Plural(item.claimants(), "learner"),
                         item.claimants() == 1 ? " does" : " do");
      break;
    case session::v1::REVIEW_REASON_LOW_CONFIDENCE:
      why = "the grader is not sure";
      break;
    default:
      why = "to be looked at";
  }
  std::vector<std::string> lines =
      Wrap(absl::StrCat(item.question(), " of ", IdIn(item.pack(), "packs"), ": ", why,
                        item.has_score() ? absl::StrCat(", score ", item.score()) : ""),
           page.width);
  lines.push_back(absl::StrCat("  ", Printable(WithoutTenant(item.answer()))));  // whole, to be copied
  return lines;
}

std::vector<std::string> RenderStats(const QuestionStats& stats, const Page& page) {
  std::vector<std::string> lines = {Paint(
      page, Ink::kStrong, Printable(absl::StrCat(stats.question(), " of ", IdIn(stats.pack(), "packs"))))};
  if (stats.withheld()) {
    Append(lines,
           Wrap("Fewer than 5 learners have an answer to it that counts, so nothing is told: it would be "
                "told about one of them. Answers after a reveal do not count, and new ones come in within "
                "half a minute.",
                page.width, "  "));
    return lines;
  }
  Append(lines, Wrap(absl::StrCat(Plural(stats.attempts(), "answer"), " of ",
                                  Plural(stats.learners(), "learner"), ", answers after a reveal left out"),
                     page.width, "  "));
  std::string means = absl::StrFormat("mean score %.0f", stats.mean_score());
  if (stats.has_mean_first_score()) {
    absl::StrAppendFormat(&means, ", of first attempts %.0f", stats.mean_first_score());
  }
  Append(lines, Wrap(means, page.width, "  "));
  if (!stats.points().empty()) Append(lines, Wrap("How many made each point:", page.width, "  "));
  for (const PointRate& point : stats.points()) {
    const std::string made = Padded(absl::StrFormat("%.0f", 100 * point.made()), 3);
    Append(lines, Wrap(point.item(), page.width, absl::StrCat("  ", made, " %  ")));
  }
  return lines;
}

}  // namespace greenroom::cli
