#include "clients/cli/report_text.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/evidence.h"
#include "clients/cli/layout.h"

namespace greenroom::cli {
namespace {

using scoring::v1::CapResult;
using scoring::v1::FlagResult;
using scoring::v1::ItemResult;
using scoring::v1::Report;
using scoring::v1::RowStatus;

// From this width on a row's text stands beside its numbers, under it below them.
constexpr int kWideRows = 60;
constexpr absl::string_view kLabels = "123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

int64_t Hundredths(double value) { return std::llround(value * 100); }

// A number of ten-thousandths with two to four decimals.
std::string Number(int64_t ten_thousandths) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.4f", static_cast<double>(ten_thousandths) / 10000);
  std::string number = text;
  for (int i = 0; i < 2 && number.back() == '0'; ++i) number.pop_back();
  return number;
}

std::string Word(RowStatus status) {
  switch (status) {
    case scoring::v1::ROW_STATUS_COVERED:
      return "covered";
    case scoring::v1::ROW_STATUS_PARTLY:
      return "partly";
    default:
      return "missed";
  }
}

Ink InkOf(RowStatus status) {
  switch (status) {
    case scoring::v1::ROW_STATUS_COVERED:
      return Ink::kGood;
    case scoring::v1::ROW_STATUS_PARTLY:
      return Ink::kPartly;
    default:
      return Ink::kBad;
  }
}

std::string StarPartWord(scoring::v1::StarPart part) {
  switch (part) {
    case scoring::v1::STAR_PART_SITUATION:
      return "situation or task";
    case scoring::v1::STAR_PART_ACTION:
      return "action";
    case scoring::v1::STAR_PART_RESULT:
      return "result";
    case scoring::v1::STAR_PART_LESSON:
      return "lesson";
    default:
      return "part";
  }
}

// `text` and then `more`, as sentences of their own.
void AddSentence(std::string& text, absl::string_view more) {
  if (!text.empty())
    absl::StrAppend(&text, absl::ascii_ispunct(static_cast<unsigned char>(text.back())) ? " " : ". ");
  absl::StrAppend(&text, more);
}

// Writes a report from top to bottom.
class Writer {
 public:
  Writer(const Report& report, absl::string_view answer, const Page& page)
      : report_(report), answer_(answer), page_{std::max(page.width, kMinWidth), page.colour} {}

  std::vector<std::string> Write() {
    Head();
    Rows();  // gives out the labels, so it is laid out before what stands above it
    std::vector<std::string> rows = std::exchange(lines_, std::move(head_));
    if (!answer_.empty()) {
      Title("Your answer");
      Append(RenderEvidence(answer_, marks_, page_));
    }
    Append(std::move(rows));
    return std::move(lines_);
  }

 private:
  void Append(std::vector<std::string> lines) {
    for (std::string& line : lines) lines_.push_back(std::move(line));
  }
  void Title(absl::string_view title) {
    lines_.emplace_back();
    lines_.push_back(Paint(page_, Ink::kStrong, title));
  }

  void Head() {
    if (!report_.has_score()) {
      Append(Wrap(report_.ungraded_language()
                      ? "NO SCORE: there is no grader for the language of this answer. Compare it "
                        "with the model answer and rate it yourself."
                      : "NO SCORE",
                  page_.width));
    } else {
      std::string head = absl::StrCat(BandWord(report_.band()), ": ", report_.score(), " of 100");
      if (report_.score_high() > 0) {
        absl::StrAppend(&head, ", probably ", report_.score_low(), " to ", report_.score_high());
      }
      absl::StrAppend(&head, Confidence());
      const Ink ink = report_.band() == scoring::v1::BAND_WEAK      ? Ink::kBad
                      : report_.band() == scoring::v1::BAND_PARTIAL ? Ink::kPartly
                                                                    : Ink::kGood;
      for (const std::string& line : Wrap(head, page_.width)) lines_.push_back(Paint(page_, ink, line));
    }
    if (report_.limited())
      Append(Wrap("Graded by phrases only: this language is not graded in full.", page_.width));
    if (report_.calibrated_with() > 0) {
      Append(Wrap(absl::StrCat("Credits are corrected by what people gave for ", report_.calibrated_with(),
                               report_.calibrated_with() == 1 ? " answer." : " answers."),
                  page_.width));
    }
    if (report_.recited()) {
      Append(Wrap("This is the model answer, nearly word for word: it does not count as your own.",
                  page_.width));
    }
    head_ = std::exchange(lines_, {});
  }

  std::string Confidence() const {
    switch (report_.confidence()) {
      case scoring::v1::GRADE_CONFIDENCE_LOW:
        return " (low confidence: something may have been missed)";
      case scoring::v1::GRADE_CONFIDENCE_MEDIUM:
        return " (medium confidence)";
      case scoring::v1::GRADE_CONFIDENCE_HIGH:
        return " (high confidence)";
      default:
        return "";
    }
  }

  // A label for the spans, or a space where there are none.
  template <typename Spans>
  char LabelFor(const Spans& spans, char line, Ink ink) {
    if (spans.empty()) return ' ';
    const char label = next_label_ < kLabels.size() ? kLabels[next_label_++] : line;
    for (const auto& span : spans) {
      if (span.start() < 0 || span.end() <= span.start()) continue;
      marks_.push_back({.begin = static_cast<size_t>(span.start()),
                        .end = std::min(static_cast<size_t>(span.end()), answer_.size()),
                        .label = label,
                        .line = line,
                        .ink = ink});
    }
    return label;
  }

  // "1 covered  3.00 x 0.50 = 1.50  What it is about"
  void Row(int depth, char label, Ink ink, absl::string_view word, absl::string_view numbers,
           absl::string_view text) {
    const std::string indent(static_cast<size_t>(2 * depth + 2), ' ');
    const std::string padded = absl::StrCat(word, std::string(word.size() < 7 ? 7 - word.size() : 0, ' '));
    std::string lead = absl::StrCat(indent, std::string(1, label), " ", padded);
    const size_t plain = lead.size();  // what is painted
    const std::string painted = absl::StrCat(indent, std::string(1, label), " ", Paint(page_, ink, padded));
    if (!numbers.empty()) absl::StrAppend(&lead, "  ", numbers);
    if (page_.width >= kWideRows || numbers.empty()) {
      std::vector<std::string> lines = Wrap(text, page_.width, absl::StrCat(lead, "  "));
      lines[0] = painted + (lines[0].size() > plain ? lines[0].substr(plain) : "");
      Append(std::move(lines));
    } else {
      lines_.push_back(painted + lead.substr(plain));
      Append(Wrap(text, page_.width, absl::StrCat(indent, "    ")));
    }
  }

  std::string TextOf(const ItemResult& item) const {
    std::string text = item.point();
    if ((item.status() == scoring::v1::ROW_STATUS_MISSED || text.empty()) && !item.cue().empty()) {
      AddSentence(text, absl::StrCat("Cue: ", item.cue()));
    }
    for (int i = 0; i < item.cancelled_by_size(); ++i) {
      absl::StrAppend(&text, " (does not count: ", item.cancelled_by(i), ")");
    }
    if (text.empty()) text = item.id().empty() ? "Something is missing here." : item.id();
    return text;
  }

  void Item(const ItemResult& item, int depth, absl::string_view prefix) {
    const int64_t weight = Hundredths(item.weight()), credit = Hundredths(item.credit());
    std::string numbers;
    if (depth == 0) {
      numbers =
          absl::StrCat(Number(weight * 100), " x ", Number(credit * 100), " = ", Number(weight * credit));
      weights_ += weight;
      raw_ += weight * credit;
    }
    const char label = LabelFor(item.spans(), '^', InkOf(item.status()));
    Row(depth, label, InkOf(item.status()), Word(item.status()), numbers, absl::StrCat(prefix, TextOf(item)));
    int unnamed = 0;
    for (const ItemResult& member : item.members()) {
      if (member.id().empty() && member.point().empty() && member.cue().empty() && member.members().empty()) {
        ++unnamed;
      } else {
        Item(member, depth + 1, "");
      }
    }
    if (unnamed > 0 && item.members_size() > unnamed) {
      Row(depth + 1, ' ', Ink::kBad, "missed", "", absl::StrCat(unnamed, " more"));
    }
  }

  void Star() {
    const int64_t weight = Hundredths(report_.star().weight()), credit = Hundredths(report_.star().credit());
    weights_ += weight;
    raw_ += weight * credit;
    Row(0, ' ', InkOf(report_.star().status()), Word(report_.star().status()),
        absl::StrCat(Number(weight * 100), " x ", Number(credit * 100), " = ", Number(weight * credit)),
        "STAR: situation or task, action, result, lesson");
    for (const auto& part : report_.star().parts()) {
      Row(1, LabelFor(part.spans(), '-', Ink::kGood), Ink::kGood, "found", "", StarPartWord(part.part()));
    }
  }

  void Flag(const FlagResult& flag) {
    std::string text = flag.point();
    if (!flag.say().empty()) AddSentence(text, flag.say());
    const int64_t penalty = Hundredths(flag.penalty());
    penalties_ += penalty;
    Row(0, LabelFor(flag.spans(), '!', Ink::kBad), Ink::kBad, flag.misconception() ? "mistake" : "redflag",
        absl::StrCat("less ", Number(penalty * 100)), text.empty() ? flag.id() : text);
  }

  void Cap(const CapResult& cap) {
    std::string why = cap.text();
    if (why.empty()) {
      why = cap.cause_case() == CapResult::kStarWithoutResult ? "the story has no result"
            : cap.cue().empty()                               ? "a part that it cannot do without is missing"
                                                              : absl::StrCat("Cue: ", cap.cue());
    }
    Row(0, ' ', Ink::kBad, "limit", absl::StrCat("at most ", cap.limit()), why);
  }

  void Rows() {
    if (report_.items_size() > 0 || report_.tips_size() > 0 || report_.has_star())
      Title("What makes the score");
    for (const ItemResult& item : report_.items()) Item(item, 0, "");
    if (report_.has_star()) Star();
    for (const ItemResult& tip : report_.tips()) Item(tip, 0, "Tip: ");
    if (report_.flags_size() > 0) Title("What counts against it");
    for (const FlagResult& flag : report_.flags()) Flag(flag);
    for (const CapResult& cap : report_.caps()) Cap(cap);
    if (weights_ > 0 && report_.has_score()) Sum();
    std::vector<std::string> next;
    for (const auto& feedback : report_.feedback()) {
      // Gaps and flags stand in the rows above.
      if (feedback.kind() == scoring::v1::FEEDBACK_KIND_MADE ||
          feedback.kind() == scoring::v1::FEEDBACK_KIND_NEXT_STEP) {
        for (std::string& line : Wrap(feedback.text(), page_.width, "  ")) next.push_back(std::move(line));
      }
    }
    if (!next.empty()) {
      Title("In short");
      Append(std::move(next));
    }
    if (!report_.grader().empty()) {
      lines_.emplace_back();
      for (const std::string& line : Wrap(absl::StrCat("Graded by ", report_.grader()), page_.width)) {
        lines_.push_back(Paint(page_, Ink::kFaint, line));
      }
    }
  }

  // The arithmetic of the report's rows, as its proto defines it.
  void Sum() {
    const int64_t whole = weights_ * 100;  // ten-thousandths, as raw_
    const int64_t penalties = std::min(penalties_ * 100, whole / 2);
    std::string text = absl::StrCat("Sum: ", Number(raw_));
    if (penalties > 0) {
      absl::StrAppend(&text, " less ", Number(penalties),
                      penalties < penalties_ * 100 ? " (half of all at most)" : "");
    }
    const int64_t raw = std::clamp<int64_t>(raw_ - penalties, 0, whole);
    const int64_t score = (200 * raw + whole) / (2 * whole);
    absl::StrAppend(&text, " of ", Number(whole), " is ", score, " of 100");
    int64_t limited = score;
    for (const CapResult& cap : report_.caps()) limited = std::min<int64_t>(limited, cap.limit());
    if (limited < score) absl::StrAppend(&text, ", limited to ", limited);
    lines_.emplace_back();
    Append(Wrap(text, page_.width, "  "));
  }

  const Report& report_;
  const absl::string_view answer_;
  const Page page_;
  std::vector<std::string> head_;
  std::vector<std::string> lines_;
  std::vector<Mark> marks_;
  size_t next_label_ = 0;
  int64_t weights_ = 0;    // hundredths
  int64_t raw_ = 0;        // ten-thousandths
  int64_t penalties_ = 0;  // hundredths
};

}  // namespace

absl::string_view BandWord(scoring::v1::Band band) {
  switch (band) {
    case scoring::v1::BAND_STRONG:
      return "STRONG";
    case scoring::v1::BAND_GOOD:
      return "GOOD";
    case scoring::v1::BAND_PARTIAL:
      return "PARTIAL";
    case scoring::v1::BAND_WEAK:
      return "WEAK";
    default:
      return "";
  }
}

std::vector<std::string> RenderReport(const Report& report, absl::string_view answer, const Page& page) {
  return Writer(report, answer, page).Write();
}

}  // namespace greenroom::cli
