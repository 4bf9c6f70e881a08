#include "clients/cli/session_text.h"

#include <google/protobuf/timestamp.pb.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "clients/cli/layout.h"
#include "clients/cli/report_text.h"

namespace greenroom::cli {
namespace {

using session::v1::Answer;
using session::v1::QuestionReport;
using session::v1::Reveal;
using session::v1::RevealedPoint;
using session::v1::SessionQuestion;

void Append(std::vector<std::string>& lines, std::vector<std::string> more) {
  std::move(more.begin(), more.end(), std::back_inserter(lines));
}

void Title(std::vector<std::string>& lines, absl::string_view title, const Page& page) {
  if (!lines.empty()) lines.emplace_back();
  Append(lines, {Paint(page, Ink::kStrong, title)});
}

std::vector<std::string> Strong(std::vector<std::string> lines, const Page& page) {
  for (std::string& line : lines) line = Paint(page, Ink::kStrong, line);
  return lines;
}

std::string Plural(int64_t count, absl::string_view one) {
  return absl::StrCat(count, " ", one, count == 1 ? "" : "s");
}

std::string StateWord(session::v1::QuestionState state) {
  switch (state) {
    case session::v1::QUESTION_STATE_OPEN:
      return "open";
    case session::v1::QUESTION_STATE_ANSWERED:
      return "answered";
    case session::v1::QUESTION_STATE_REVEALED:
      return "revealed";
    case session::v1::QUESTION_STATE_SKIPPED:
      return "skipped";
    case session::v1::QUESTION_STATE_RATED:
      return "rated";
    default:
      return "?";
  }
}

Ink InkOfScore(int score) { return score >= 60 ? Ink::kGood : score >= 35 ? Ink::kPartly : Ink::kBad; }

void AppendPoints(std::vector<std::string>& lines,
                  const google::protobuf::RepeatedPtrField<RevealedPoint>& points, size_t depth,
                  const Page& page) {
  for (const RevealedPoint& point : points) {
    const std::string lead = absl::StrCat(std::string(2 * depth + 2, ' '), "- ");
    Append(lines, Wrap(point.point().empty() ? point.id() : point.point(), page.width, lead));
    AppendPoints(lines, point.members(), depth + 1, page);
  }
}

// Ids of items and members that earned at least half their credit.
void CollectMade(const google::protobuf::RepeatedPtrField<scoring::v1::ItemResult>& items,
                 std::set<std::string>& made) {
  for (const auto& item : items) {
    if (item.credit() >= 0.5 && item.members().empty()) made.insert(item.id());
    CollectMade(item.members(), made);
  }
}

void CollectClaimable(const google::protobuf::RepeatedPtrField<RevealedPoint>& points,
                      const std::set<std::string>& made, std::vector<ClaimablePoint>& claimable) {
  for (const RevealedPoint& point : points) {
    if (point.members().empty()) {
      if (!made.contains(point.id())) claimable.push_back({point.id(), point.point()});
    } else {
      CollectClaimable(point.members(), made, claimable);
    }
  }
}

}  // namespace

std::vector<std::string> RenderQuestion(const session::v1::PresentedQuestion& question, const Page& page) {
  std::vector<std::string> about = {KindWord(question.kind())};
  if (question.difficulty() > 0) about.push_back(absl::StrCat("difficulty ", question.difficulty(), " of 5"));
  if (question.minutes() > 0) about.push_back(absl::StrCat("about ", Plural(question.minutes(), "minute")));
  if (question.attempts() > 0)
    about.push_back(absl::StrCat(Plural(question.attempts(), "answer"), " so far"));
  std::vector<std::string> lines = Strong(
      Wrap(absl::StrCat("Question ", question.number(), " of ", question.total(), ": ", question.question()),
           page.width),
      page);
  Append(lines, Wrap(absl::StrJoin(about, ", "), page.width));
  if (!question.follow_up_of().empty()) {
    Append(lines,
           Wrap(absl::StrCat("A follow-up on ", question.follow_up_of(), ", because of what was missing."),
                page.width));
  }
  lines.emplace_back();
  Append(lines, Wrap(Unwrap(question.prompt()), page.width, "  "));
  if (question.tips_size() > 0) Title(lines, "Tips", page);
  for (const auto& tip : question.tips()) Append(lines, Wrap(Unwrap(tip.text()), page.width, "  - "));
  if (question.hints_size() > 0) Title(lines, "Hints", page);
  for (int i = 0; i < question.hints_size(); ++i) {
    Append(lines, Wrap(question.hints(i), page.width, absl::StrCat("  ", i + 1, ". ")));
  }
  return lines;
}

std::vector<std::string> RenderGrade(const Answer& answer, absl::string_view text, const Page& page) {
  std::vector<std::string> lines;
  switch (answer.grade().state()) {
    case session::v1::GRADE_STATE_PENDING:
      Append(lines, Wrap("PENDING: your answer is kept; its grade comes by itself in a while.", page.width));
      break;
    case session::v1::GRADE_STATE_NEEDS_REVIEW:
      Append(lines, Wrap("IN REVIEW: your answer is kept; a person will look at it.", page.width));
      break;
    case session::v1::GRADE_STATE_OVERRIDDEN:
      Append(lines, Wrap("Decided by a person.", page.width));
      if (!answer.grade().comment().empty()) {
        Append(lines, Wrap(answer.grade().comment(), page.width, "  "));
      }
      break;
    default:
      break;
  }
  if (answer.after_reveal()) {
    Append(lines,
           Wrap("Given after the model answer was shown: practice only, it does not count.", page.width));
  }
  if (answer.grade().has_gained()) {
    const int gained = answer.grade().gained();
    Append(lines, Wrap(absl::StrCat("Attempt ", answer.attempt(), ": ", gained >= 0 ? "+" : "", gained,
                                    " against your best before"),
                       page.width));
  }
  if (answer.grade().has_report()) Append(lines, RenderReport(answer.grade().report(), text, page));
  if (answer.follow_ups_size() > 0) {
    lines.emplace_back();
    Append(lines, Wrap(answer.follow_ups_size() == 1
                           ? std::string("A follow-up comes next, because of what was missing.")
                           : absl::StrCat(answer.follow_ups_size(),
                                          " follow-ups come next, because of what was missing."),
                       page.width));
  }
  return lines;
}

std::vector<std::string> RenderReveal(const Reveal& reveal, const Page& page) {
  std::vector<std::string> lines;
  Title(lines, "Model answer", page);
  Append(lines, Wrap(Unwrap(reveal.model_answer()), page.width, "  "));
  if (!reveal.guidance().empty()) {
    Title(lines, "What a good answer covers", page);
    Append(lines, Wrap(Unwrap(reveal.guidance()), page.width, "  "));
  }
  if (reveal.points_size() > 0) Title(lines, "Its points", page);
  AppendPoints(lines, reveal.points(), 0, page);
  const auto list = [&](absl::string_view title,
                        const google::protobuf::RepeatedPtrField<std::string>& texts) {
    if (!texts.empty()) Title(lines, title, page);
    for (const std::string& text : texts) Append(lines, Wrap(Unwrap(text), page.width, "  - "));
  };
  list("Keep away from", reveal.pitfalls());
  list("Think about next", reveal.follow_ups());
  if (reveal.read_more_size() > 0) Title(lines, "Read more", page);
  for (const auto& link : reveal.read_more()) {
    Append(lines, Wrap(absl::StrCat(link.title(), ": ", link.url()), page.width, "  - "));
  }
  return lines;
}

std::vector<ClaimablePoint> ClaimablePoints(const Reveal& reveal, const Answer& answer) {
  std::set<std::string> made;
  CollectMade(answer.grade().report().items(), made);
  std::vector<ClaimablePoint> claimable;
  CollectClaimable(reveal.points(), made, claimable);
  return claimable;
}

std::vector<std::string> RenderClaimable(const std::vector<ClaimablePoint>& points, const Page& page) {
  std::vector<std::string> lines;
  Title(lines, "Did you say any of these?", page);
  for (size_t i = 0; i < points.size(); ++i) {
    Append(lines, Wrap(points[i].text.empty() ? points[i].id : points[i].text, page.width,
                       absl::StrCat("  ", i + 1, ". ")));
  }
  return lines;
}

std::vector<std::string> RenderSessionReport(const session::v1::SessionReport& report, const Page& page) {
  std::vector<std::string> lines;
  if (report.has_score()) {
    for (const std::string& line : Wrap(absl::StrCat(BandWord(report.band()), ": ", report.score(),
                                                     " of 100 over the questions with a grade"),
                                        page.width)) {
      lines.push_back(Paint(page, InkOfScore(report.score()), line));
    }
  } else {
    lines.push_back("No score yet.");
  }
  std::string counts = absl::StrCat(report.answered(), " answered, ", report.skipped(), " skipped, of ",
                                    Plural(report.questions_size(), "question"));
  if (report.pending_grades() > 0)
    absl::StrAppend(&counts, "; ", Plural(report.pending_grades(), "grade"), " to come");
  Append(lines, Wrap(counts, page.width));
  lines.emplace_back();
  for (const QuestionReport& question : report.questions()) {
    std::string text = absl::StrCat(question.question(), ": ", StateWord(question.state()));
    if (!question.follow_up_of().empty()) absl::StrAppend(&text, ", a follow-up");
    if (question.answers_size() > 1) absl::StrAppend(&text, ", ", question.answers_size(), " attempts");
    if (question.hints_taken() > 0) absl::StrAppend(&text, ", ", Plural(question.hints_taken(), "hint"));
    if (const std::string rating = RatingWord(question.rating()); !rating.empty()) {
      absl::StrAppend(&text, ", rated ", rating);
    }
    const std::string score = question.has_score() ? absl::StrCat(question.score()) : "-";
    std::vector<std::string> row =
        Wrap(text, page.width,
             absl::StrCat("  ", std::string(3 - std::min<size_t>(3, score.size()), ' '), score, "  "));
    Append(lines, std::move(row));
  }
  return lines;
}

std::string When(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d %H:%M", absl::FromUnixSeconds(time.seconds()), absl::LocalTimeZone());
}

std::vector<std::string> RenderSession(const session::v1::Session& session, const Page& page) {
  int left = 0;
  for (const SessionQuestion& question : session.questions()) {
    left += question.state() == session::v1::QUESTION_STATE_OPEN ? 1 : 0;
  }
  std::string text =
      absl::StrCat(IdIn(session.revision(), "packs"), ", ", When(session.create_time()), ", ",
                   session.state() == session::v1::SESSION_STATE_FINISHED
                       ? "finished"
                       : absl::StrCat(left, " of ", Plural(session.questions_size(), "question"), " open"));
  if (session.mode() == session::v1::SESSION_MODE_MOCK) text += ", a mock";
  if (session.mode() == session::v1::SESSION_MODE_EXAM) text += ", an exam";
  if (session.mode() == session::v1::SESSION_MODE_REVIEW) text += ", a review";
  if (session.state() == session::v1::SESSION_STATE_PAUSED) text += ", paused";
  if (session.has_score()) absl::StrAppend(&text, ", score ", session.score());
  std::vector<std::string> lines = {IdIn(session.name(), "sessions")};
  Append(lines, Wrap(text, page.width, "  "));
  if (!session.newer_revision().empty()) {
    Append(lines, Wrap("The pack has a newer revision; a new session takes it.", page.width, "  "));
  }
  return lines;
}

std::vector<std::string> RenderPack(const content::v1::Pack& pack, const Page& page) {
  std::vector<std::string> lines = {Paint(page, Ink::kStrong, IdIn(pack.name(), "packs"))};
  Append(lines, Wrap(pack.role(), page.width, "  "));
  if (!pack.tagline().empty()) Append(lines, Wrap(pack.tagline(), page.width, "  "));
  std::string state = Plural(pack.question_count(), "question");
  if (pack.revision().empty()) absl::StrAppend(&state, ", not published");
  if (pack.has_draft()) absl::StrAppend(&state, ", with a draft");
  if (pack.has_delete_time()) absl::StrAppend(&state, ", deleted");
  Append(lines, Wrap(state, page.width, "  "));
  return lines;
}

std::vector<std::string> RenderPackInFull(const content::v1::Pack& pack,
                                          const std::vector<content::v1::Question>& questions,
                                          const Page& page) {
  std::vector<std::string> lines = RenderPack(pack, page);
  if (!pack.revision().empty())
    Append(lines, Wrap(absl::StrCat("revision ", IdIn(pack.revision(), "revisions")), page.width, "  "));
  if (pack.tips_size() > 0) Title(lines, "Tips", page);
  for (const auto& tip : pack.tips()) Append(lines, Wrap(Unwrap(tip.text()), page.width, "  - "));
  if (!questions.empty()) Title(lines, "Questions", page);
  for (const content::v1::Question& question : questions) {
    std::string about = absl::StrCat(question.id(), " (", KindWord(question.kind()));
    if (question.minutes() > 0) absl::StrAppend(&about, ", ", Plural(question.minutes(), "minute"));
    Append(lines, Wrap(absl::StrCat(about, ")"), page.width, "  "));
    Append(lines, Wrap(Unwrap(question.prompt()), page.width, "    "));
  }
  return lines;
}

std::string KindWord(content::v1::QuestionKind kind) {
  switch (kind) {
    case content::v1::QUESTION_KIND_CONCEPT:
      return "concept";
    case content::v1::QUESTION_KIND_SYSTEM_DESIGN:
      return "system design";
    case content::v1::QUESTION_KIND_BEHAVIOURAL:
      return "behavioural";
    case content::v1::QUESTION_KIND_PRODUCTION:
      return "production";
    default:
      return "question";
  }
}

std::string RatingWord(session::v1::Rating rating) {
  switch (rating) {
    case session::v1::RATING_AGAIN:
      return "again";
    case session::v1::RATING_HARD:
      return "hard";
    case session::v1::RATING_GOOD:
      return "good";
    case session::v1::RATING_EASY:
      return "easy";
    default:
      return "";
  }
}

std::string DayOf(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d", absl::FromUnixSeconds(time.seconds()), absl::LocalTimeZone());
}

std::string IdIn(absl::string_view name, absl::string_view collection) {
  const std::vector<absl::string_view> parts = absl::StrSplit(name, '/');
  for (size_t i = 0; i + 1 < parts.size(); i += 2) {
    if (parts[i] == collection) return std::string(parts[i + 1]);
  }
  return "";
}

}  // namespace greenroom::cli
