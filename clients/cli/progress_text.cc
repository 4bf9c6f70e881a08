#include "clients/cli/progress_text.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "clients/cli/layout.h"
#include "clients/cli/session_text.h"

namespace greenroom::cli {
namespace {

using session::v1::ForecastDay;
using session::v1::MasteryReasonLine;
using session::v1::Progress;
using session::v1::QuestionProgress;
using session::v1::TopicMastery;

void Append(std::vector<std::string>& lines, std::vector<std::string> more) {
  std::move(more.begin(), more.end(), std::back_inserter(lines));
}

void Title(std::vector<std::string>& lines, absl::string_view title, const Page& page) {
  if (!lines.empty()) lines.emplace_back();
  lines.push_back(Paint(page, Ink::kStrong, title));
}

std::string Plural(int64_t count, absl::string_view one) {
  return absl::StrCat(count, " ", one, count == 1 ? "" : "s");
}

int Percent(double share) { return static_cast<int>(std::lround(100 * share)); }

Ink InkOf(session::v1::MasteryLevel level) {
  switch (level) {
    case session::v1::MASTERY_LEVEL_STRONG:
    case session::v1::MASTERY_LEVEL_GOOD:
      return Ink::kGood;
    case session::v1::MASTERY_LEVEL_PARTIAL:
      return Ink::kPartly;
    case session::v1::MASTERY_LEVEL_WEAK:
      return Ink::kBad;
    default:
      return Ink::kFaint;
  }
}

std::string LevelWord(session::v1::MasteryLevel level) {
  switch (level) {
    case session::v1::MASTERY_LEVEL_STRONG:
      return "strong";
    case session::v1::MASTERY_LEVEL_GOOD:
      return "good";
    case session::v1::MASTERY_LEVEL_PARTIAL:
      return "partial";
    case session::v1::MASTERY_LEVEL_WEAK:
      return "weak";
    default:
      return "unknown";
  }
}

std::string ReasonText(const MasteryReasonLine& reason) {
  constexpr int kMostNamed = 5;
  std::string text;
  switch (reason.reason()) {
    case session::v1::MASTERY_REASON_UNSEEN:
      text = absl::StrCat(reason.count(), " not answered yet");
      break;
    case session::v1::MASTERY_REASON_FORGOTTEN:
      text = absl::StrCat(reason.count(), " being forgotten");
      break;
    case session::v1::MASTERY_REASON_LOW_CREDIT:
      text = absl::StrCat(reason.count(), " answered in part");
      break;
    case session::v1::MASTERY_REASON_FEW_ATTEMPTS:
      return absl::StrCat("only ", Plural(reason.count(), "answer"), " so far: your other topics count too");
    default:
      return "";
  }
  const auto& questions = reason.questions();
  if (questions.empty()) return text;
  const int named = std::min(questions.size(), kMostNamed);
  absl::StrAppend(&text, ": ", absl::StrJoin(questions.begin(), questions.begin() + named, ", "));
  if (reason.count() > named) absl::StrAppend(&text, " and ", reason.count() - named, " more");
  return text;
}

void AppendReadiness(std::vector<std::string>& lines, const session::v1::Readiness& readiness,
                     const Page& page) {
  if (readiness.has_expected()) {
    Append(lines, Wrap(absl::StrCat("Asked today, you would make ", Percent(readiness.expected()),
                                    " % of what a good answer says, probably ", Percent(readiness.low()),
                                    " to ", Percent(readiness.high()), " % (", readiness.attempts(),
                                    " answers count). It is no chance of passing."),
                       page.width, "  "));
    return;
  }
  std::string text =
      absl::StrCat("Too little is known to say how ready you are: ", Plural(readiness.attempts(), "answer"),
                   readiness.attempts() == 1 ? " counts" : " count");
  if (readiness.unseen_share() > 0) {
    absl::StrAppend(&text, ", and topics of ", Percent(readiness.unseen_share()),
                    " % of the weight have none");
  }
  Append(lines, Wrap(absl::StrCat(text, "."), page.width, "  "));
  if (readiness.answer_next_size() > 0) {
    Append(lines, Wrap(absl::StrCat("Answer next: ", absl::StrJoin(readiness.answer_next(), ", ")),
                       page.width, "  "));
  }
}

void AppendTopic(std::vector<std::string>& lines, const TopicMastery& topic, const Page& page) {
  const std::string title = !topic.title().empty()   ? topic.title()
                            : !topic.topic().empty() ? topic.topic()
                                                     : "(no topic)";
  Append(lines, Wrap(title, page.width, "  "));
  const bool known = topic.level() != session::v1::MASTERY_LEVEL_UNSPECIFIED;
  std::string text = known ? absl::StrFormat("%3d %%  %s", Percent(topic.mastery()), LevelWord(topic.level()))
                           : "  ?    unknown";
  absl::StrAppend(&text, ", ", topic.seen(), " of ", topic.questions(), " answered");
  if (topic.due() > 0) absl::StrAppend(&text, ", ", topic.due(), " due");
  const int cells = std::clamp(page.width / 4, 5, 24);
  const std::string bar = Paint(page, InkOf(topic.level()), Bar(known ? topic.mastery() : 0, cells));
  // The bar is painted, so the line is laid out without it.
  std::vector<std::string> wrapped = Wrap(text, page.width, std::string(static_cast<size_t>(cells) + 5, ' '));
  wrapped[0] = absl::StrCat("    ", bar, " ", wrapped[0].substr(static_cast<size_t>(cells) + 5));
  Append(lines, std::move(wrapped));
  for (const MasteryReasonLine& reason : topic.reasons()) {
    const std::string why = ReasonText(reason);
    if (!why.empty()) Append(lines, Wrap(why, page.width, "      "));
  }
}

// A row a week, Monday to Sunday: the day of the month and how many questions are due.
void AppendCalendar(std::vector<std::string>& lines, const Progress& progress, const Page& page) {
  constexpr int kCell = 9, kMargin = 4, kMostWeeks = 5;
  const bool fits = page.width >= kMargin + 7 * kCell;
  std::string row;
  int weeks = 0;
  if (fits) {
    lines.push_back(
        Paint(page, Ink::kFaint, "       Mon      Tue      Wed      Thu      Fri      Sat      Sun"));
  }
  for (const ForecastDay& day : progress.forecast()) {
    absl::CivilDay date;
    if (!absl::ParseCivilTime(day.date(), &date)) continue;
    if (!fits) {  // a list says the same
      if (day.questions() > 0) {
        Append(lines,
               Wrap(absl::StrCat(day.date(), "  ", Plural(day.questions(), "question")), page.width, "  "));
      }
      continue;
    }
    const int column = static_cast<int>(absl::GetWeekday(date));
    if (row.empty()) row = std::string(static_cast<size_t>(kMargin + column * kCell), ' ');
    absl::StrAppend(&row, day.questions() > 0 ? absl::StrFormat("%2d:%-5d ", date.day(), day.questions())
                                              : absl::StrFormat("%2d  .    ", date.day()));
    if (column == 6) {
      lines.push_back(std::exchange(row, ""));
      if (++weeks == kMostWeeks) break;
    }
  }
  if (!row.empty()) lines.push_back(row);
  for (std::string& line : lines) line.resize(line.find_last_not_of(' ') + 1);
}

std::string ForecastText(const Progress& progress) {
  int week = 0, minutes = 0, all = 0;
  for (int i = 0; i < progress.forecast_size(); ++i) {
    const ForecastDay& day = progress.forecast(i);
    all += day.questions();
    if (i >= 7) continue;
    week += day.questions();
    minutes += day.minutes();
  }
  return absl::StrCat("In the next 7 days ", Plural(week, "question"), ", about ", Plural(minutes, "minute"),
                      "; in ", Plural(progress.forecast_size(), "day"), " ", Plural(all, "question"), ".");
}

std::string StreakText(const session::v1::Streak& streak) {
  if (streak.longest() == 0) return "No day with an answer yet.";
  std::string text = absl::StrCat(Plural(streak.days(), "day"), " in a row, the longest ", streak.longest());
  if (streak.days() > 0 && !streak.today()) absl::StrAppend(&text, "; today has no answer yet");
  return absl::StrCat(text, ".");
}

std::string ScoreText(const QuestionProgress& question) {
  if (!question.has_first_score()) return "no score";
  std::string text = absl::StrCat("score ", question.first_score());
  if (question.has_best_score() && question.best_score() != question.first_score()) {
    absl::StrAppend(&text, ", best ", question.best_score());
  }
  if (question.gained() > 0) absl::StrAppend(&text, " (", question.gained(), " gained)");
  return text;
}

}  // namespace

std::string Bar(double share, int cells) {
  const int full = std::clamp(static_cast<int>(std::lround(share * cells)), 0, cells);
  return std::string(static_cast<size_t>(full), '#') + std::string(static_cast<size_t>(cells - full), '.');
}

std::vector<std::string> RenderProgress(const Progress& progress, const Page& page) {
  std::vector<std::string> lines;
  if (progress.pack().empty()) {
    Append(lines, Wrap("Nothing was answered yet. `greenroom practice PACK` begins.", page.width));
  } else {
    Title(lines, IdIn(progress.pack(), "packs"), page);
    AppendReadiness(lines, progress.readiness(), page);
    Title(lines, "Topics", page);
    for (const TopicMastery& topic : progress.topics()) AppendTopic(lines, topic, page);
  }
  Title(lines, "Days", page);
  Append(lines, Wrap(StreakText(progress.streak()), page.width, "  "));
  Title(lines, "Due", page);
  Append(lines, Wrap(ForecastText(progress), page.width, "  "));
  std::vector<std::string> calendar;
  AppendCalendar(calendar, progress, page);
  Append(lines, std::move(calendar));
  return lines;
}

std::vector<std::string> RenderHistory(const Progress& progress, const Page& page) {
  std::vector<std::string> lines;
  for (const QuestionProgress& question : progress.questions()) {
    lines.push_back(Paint(page, Ink::kStrong, Printable(question.question())));
    std::string text = absl::StrCat(Plural(question.attempts(), "answer"), " in ",
                                    Plural(question.sessions(), "session"), ", ", ScoreText(question));
    if (question.has_recall()) {
      absl::StrAppend(&text, "; recall ", Percent(question.recall()), " %, due ", DayOf(question.due_time()),
                      ", ", Plural(question.reviews(), "review"));
      if (question.lapses() > 0) absl::StrAppend(&text, ", forgotten ", Plural(question.lapses(), "time"));
      const std::string rating = RatingWord(question.last_rating());
      if (!rating.empty()) absl::StrAppend(&text, ", last ", rating);
    }
    Append(lines, Wrap(text, page.width, "  "));
  }
  return lines;
}

std::vector<std::string> RenderCalibration(const session::v1::Calibration& calibration, const Page& page) {
  if (calibration.predictions() == 0) return {};
  std::vector<std::string> lines;
  Title(lines, "How well recall was predicted", page);
  Append(lines, Wrap(absl::StrFormat("%s, %d %% recalled, %d %% expected",
                                     Plural(calibration.predictions(), "review"),
                                     Percent(calibration.recalled()), Percent(calibration.mean_predicted())),
                     page.width, "  "));
  const auto figures = [](absl::string_view name, const session::v1::CalibrationFigures& of) {
    std::string text =
        absl::StrFormat("%-15s log loss %.3f, RMSE of bins %.3f", name, of.log_loss(), of.rmse_bins());
    if (of.has_auc()) absl::StrAppendFormat(&text, ", AUC %.2f", of.auc());
    return text;
  };
  Append(lines, Wrap(figures("memory", calibration.memory()), page.width, "  "));
  Append(lines, Wrap(figures("moving average", calibration.moving_average()), page.width, "  "));
  return lines;
}

std::vector<std::string> RenderDueQuestion(const session::v1::DueQuestion& question, const Page& page) {
  std::string text = absl::StrCat(IdIn(question.pack(), "packs"), " ", question.question(), "  ");
  if (question.recall() > 0) absl::StrAppend(&text, "recall ", Percent(question.recall()), " %, ");
  absl::StrAppend(&text, question.reason() == session::v1::DUE_REASON_GOAL ? "for your goal" : "due since ",
                  question.reason() == session::v1::DUE_REASON_GOAL ? "" : DayOf(question.due_time()), ", ",
                  Plural(question.minutes(), "minute"));
  return Wrap(text, page.width);
}

std::vector<std::string> RenderDueTotals(const session::v1::ListDueQuestionsResponse& due, const Page& page) {
  std::string text = due.total() == 0 ? "Nothing is due today."
                                      : absl::StrCat(Plural(due.total(), "question"), ", about ",
                                                     Plural(due.total_minutes(), "minute"), ".");
  if (due.done_minutes() > 0) {
    absl::StrAppend(&text, " ", Plural(due.done_minutes(), "minute"), " of today are done.");
  }
  if (due.left_out() > 0) {
    absl::StrAppend(&text, " Beyond your daily minutes: ", Plural(due.left_out(), "question"), ", about ",
                    Plural(due.left_out_minutes(), "minute"), ".");
  }
  if (due.has_next_due_time()) {
    absl::StrAppend(&text, " The next is due on ", DayOf(due.next_due_time()), ".");
  }
  return Wrap(text, page.width);
}

std::vector<std::string> RenderSettings(const session::v1::LearnerSettings& settings, const Page& page) {
  const auto line = [&](absl::string_view name, absl::string_view value) {
    return Wrap(absl::StrFormat("%-14s %s", name, value), page.width);
  };
  std::vector<std::string> lines;
  Append(lines, line("time zone", settings.time_zone().empty() ? "UTC" : settings.time_zone()));
  Append(lines, line("new day at",
                     absl::StrCat(settings.has_rollover_hour() ? settings.rollover_hour() : 4, ":00")));
  Append(lines, line("daily minutes",
                     settings.daily_minutes() == 0 ? "no limit" : absl::StrCat(settings.daily_minutes())));
  const double retention = settings.desired_retention() == 0 ? 0.9 : settings.desired_retention();
  Append(lines, line("retention", absl::StrCat(Percent(retention), " %")));
  std::string goal = settings.goal_pack().empty() ? "none" : IdIn(settings.goal_pack(), "packs");
  if (!settings.goal_date().empty()) absl::StrAppend(&goal, " on ", settings.goal_date());
  Append(lines, line("goal", goal));
  Append(lines, line("language", settings.language().empty() ? "the pack's" : settings.language()));
  Append(lines, line("memory",
                     absl::StrCat(settings.memory_version().empty() ? "fsrs-6" : settings.memory_version(),
                                  settings.memory_parameters().empty() ? "" : ", parameters of your own")));
  return lines;
}

}  // namespace greenroom::cli
