#include "services/content/domain/page_reader.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/content/domain/answer_points.h"
#include "services/content/domain/damage.h"
#include "services/content/domain/pack_writer.h"
#include "services/content/domain/revision.h"
#include "services/content/domain/text_rules.h"
#include "services/content/domain/value_reader.h"
#include "services/content/domain/yaml_tree.h"

namespace greenroom::content {
namespace {

constexpr int kDerivedDifficulty = 3;
constexpr double kStarWeight = 4;   // one for each of its parts
constexpr double kFlagPenalty = 2;  // more than a point
constexpr int kMaxTips = 32;
constexpr int kMaxQuestions = 500;
constexpr size_t kMaxFlags = 16;
constexpr size_t kMaxNoteBytes = 1000;
constexpr size_t kIdCharacters = 40;

struct Line {
  int number;  // from 1
  absl::string_view raw;
  absl::string_view text;  // without white space around it
};

bool IsReveal(absl::string_view line) { return absl::EqualsIgnoreCase(line, "Show model answer"); }

// What follows a bullet; nullopt where the line begins with none.
std::optional<absl::string_view> Bulleted(absl::string_view line) {
  for (absl::string_view bullet : {"- ", "* ", "\u2022", "\u2013 "}) {
    if (absl::StartsWith(line, bullet)) return absl::StripAsciiWhitespace(line.substr(bullet.size()));
  }
  return std::nullopt;
}

// The words between quotation marks in `line`; an apostrophe inside a word is none.
std::string QuotedWords(absl::string_view line) {
  static constexpr std::pair<absl::string_view, absl::string_view> kMarks[] = {
      {"'", "'"}, {"\"", "\""}, {"\u2018", "\u2019"}, {"\u201c", "\u201d"}};
  for (const auto& [open, close] : kMarks) {
    for (size_t start = line.find(open); start != absl::string_view::npos;
         start = line.find(open, start + 1)) {
      if (start > 0 && absl::ascii_isalnum(static_cast<unsigned char>(line[start - 1]))) continue;
      const size_t begin = start + open.size();
      for (size_t end = line.find(close, begin); end != absl::string_view::npos;
           end = line.find(close, end + 1)) {
        const size_t after = end + close.size();
        if (after < line.size() && absl::ascii_isalnum(static_cast<unsigned char>(line[after]))) continue;
        return std::string(absl::StripAsciiWhitespace(line.substr(begin, end - begin)));
      }
    }
  }
  return "";
}

// `words` as a phrase: without what the phrase language has a meaning for.
std::string AsPhrase(absl::string_view words) {
  std::string phrase;
  for (size_t i = 0; i < words.size(); ++i) {
    const bool gap = words.substr(i, 3) == "...";
    if (gap || absl::string_view("()|=.").find(words[i]) != absl::string_view::npos) {
      phrase += ' ';
    } else {
      phrase += words[i];
    }
  }
  absl::RemoveExtraAsciiWhitespace(&phrase);
  return phrase.size() <= kMaxPhraseCharacters ? phrase : "";
}

bool IsFlagNote(absl::string_view line) {
  return line.size() <= kMaxNoteBytes && absl::StrContains(absl::AsciiStrToLower(line), "red flag") &&
         !AsPhrase(QuotedWords(line)).empty();
}

// The last sentence of `text`, where another stands before it.
absl::string_view LastSentence(absl::string_view text) {
  const absl::string_view body = absl::StripTrailingAsciiWhitespace(text);
  const size_t end = body.size() < 2 ? absl::string_view::npos : body.rfind(". ", body.size() - 2);
  return end == absl::string_view::npos ? absl::string_view() : body.substr(end + 2);
}

// `line` without control characters, which no pack may hold; each becomes a space.
std::string WithoutControls(absl::string_view line) {
  std::string clean;
  for (size_t offset = 0; offset < line.size();) {
    const size_t start = offset;
    const std::optional<char32_t> c = NextCodePoint(line, offset);
    absl::StrAppend(&clean,
                    c && !IsControl(*c) ? line.substr(start, offset - start) : absl::string_view(" "));
  }
  return clean;
}

class PageParts {
 public:
  PageParts(absl::string_view page, ReadResult& result, IssueList& issues)
      : result_(result), issues_(issues) {
    int number = 0;
    for (absl::string_view line : absl::StrSplit(page, '\n')) {
      lines_.push_back({++number, line, absl::StripAsciiWhitespace(line)});
    }
  }

  void Read(absl::string_view pack_id) {
    v1::PackContent& pack = result_.pack;
    pack.set_language("en");
    size_t next = ReadHead();
    while (next < lines_.size()) next = ReadQuestion(next);
    if (pack.role().empty()) pack.set_role("Imported page");
    pack.set_pack(pack_id.empty() ? Slug(pack.role()) : std::string(pack_id));
    if (pack.pack().empty()) pack.set_pack("imported-page");
    if (pack.questions().empty()) {
      Error("no-question", lines_.front(), "", "the page has no question",
            "a line is a question when \"Show model answer\" follows");
    }
  }

 private:
  void Error(const char* code, const Line& line, absl::string_view path, absl::string_view message,
             absl::string_view suggestion = "") {
    issues_.Error(code, Place{0, line.number, 1}, path, message, suggestion);
  }

  // Enters the line as the place of the part at `path` and reports what is damaged in it.
  void Enter(const Line& line, const std::string& path) {
    result_.places.Set(path, Place{0, line.number, 1});
    for (const Damage& damage : FindDamage(line.raw)) {
      issues_.Warning("damaged-character", Place{0, line.number, damage.column}, path,
                      absl::StrCat("this looks like a damaged character: \"",
                                   WithoutControls(line.raw.substr(damage.offset, damage.length)), "\""),
                      damage.suggestion);
    }
  }

  // A text of the pack that is one line.
  std::string OneLine(const Line& line, absl::string_view text, const std::string& path) {
    bool cut = false;
    std::string fitted = FittedLine(WithoutControls(text), cut);
    if (cut)
      issues_.Warning("shortened", Place{0, line.number, 1}, path, "this line is longer than a pack allows");
    return fitted;
  }

  size_t NextText(size_t i) const {
    while (i < lines_.size() && lines_[i].text.empty()) ++i;
    return i;
  }

  bool IsQuestion(size_t i) const {
    if (lines_[i].text.empty() || IsReveal(lines_[i].text)) return false;
    const size_t next = NextText(i + 1);
    return next < lines_.size() && IsReveal(lines_[next].text);
  }

  // Everything before the first question; where that is.
  size_t ReadHead() {
    v1::PackContent& pack = result_.pack;
    size_t i = 0;
    for (; i < lines_.size() && !IsQuestion(i); ++i) {
      const Line& line = lines_[i];
      if (line.text.empty() || IsReveal(line.text)) continue;
      const std::optional<absl::string_view> bulleted = Bulleted(line.text);
      const size_t next = NextText(i + 1);
      const bool heads_a_list = next < lines_.size() && Bulleted(lines_[next].text).has_value();
      if (bulleted) {
        ReadTip(line, *bulleted);
      } else if (pack.role().empty()) {
        Enter(line, "role");
        pack.set_role(OneLine(line, Role(line.text), "role"));
      } else if (pack.tagline().empty() && pack.tips().empty() && !heads_a_list) {
        Enter(line, "tagline");
        pack.set_tagline(OneLine(line, line.text, "tagline"));
      }
    }
    return i;
  }

  // A title without the words that say what kind of page it is.
  static absl::string_view Role(absl::string_view title) {
    for (absl::string_view end : {"interview prep", "interview preparation",
                                  "interview questions and answers", "interview questions", "interview"}) {
      if (title.size() > end.size() && absl::EndsWithIgnoreCase(title, end)) {
        const absl::string_view role =
            absl::StripTrailingAsciiWhitespace(title.substr(0, title.size() - end.size()));
        if (!role.empty()) return role;
      }
    }
    return title;
  }

  void ReadTip(const Line& line, absl::string_view text) {
    const int index = result_.pack.tips_size();
    const std::string path = absl::StrCat("tips[", index, "]");
    if (text.empty()) return;
    if (index == kMaxTips)
      return Error("too-many", line, "tips", absl::StrCat("a pack has ", kMaxTips, " tips at most"));
    Enter(line, path);
    v1::Tip& tip = *result_.pack.add_tips();
    tip.set_text(OneLine(line, text, path));
    tip.set_id(NewId(text, "tip"));
  }

  // The question at line `i`; where the next one is.
  size_t ReadQuestion(size_t i) {
    const Line& asked = lines_[i];
    std::vector<const Line*> answer;
    size_t next = NextText(i + 1) + 1;
    for (; next < lines_.size() && !IsQuestion(next); ++next) {
      if (!IsReveal(lines_[next].text)) answer.push_back(&lines_[next]);
    }
    const int index = result_.pack.questions_size();
    const std::string path = absl::StrCat("questions[", index, "]");
    if (index == kMaxQuestions) {
      Error("too-many", asked, "questions", absl::StrCat("a pack has ", kMaxQuestions, " questions at most"));
      return lines_.size();
    }
    Enter(asked, path + ".prompt");
    result_.places.Set(path, Place{0, asked.number, 1});
    v1::Question& question = *result_.pack.add_questions();
    question.set_id(NewId(asked.text, "question"));
    question.set_kind(v1::QUESTION_KIND_CONCEPT);
    question.set_difficulty(kDerivedDifficulty);
    question.set_prompt(WithoutControls(asked.text));
    question.set_derived(true);
    if (question.prompt().size() > kMaxTextBytes)
      Error("too-long", asked, path + ".prompt", "this question is too long");
    ReadAnswer(asked, std::move(answer), path, question);
    return next;
  }

  void ReadAnswer(const Line& asked, std::vector<const Line*> lines, const std::string& path,
                  v1::Question& question) {
    auto drop_blank = [&] {
      while (!lines.empty() && lines.back()->text.empty()) lines.pop_back();
    };
    drop_blank();
    std::vector<absl::string_view> notes;  // last first
    while (lines.size() > 1 && IsFlagNote(lines.back()->text) && notes.size() < kMaxFlags) {
      Enter(*lines.back(), path + ".red_flags");
      notes.push_back(lines.back()->text);
      lines.pop_back();
      drop_blank();
    }
    std::string text;
    for (const Line* line : lines) {
      Enter(*line, path + ".model_answer");
      absl::StrAppend(&text, text.empty() ? "" : "\n", WithoutControls(line->text));
    }
    const std::string last(notes.empty() ? LastSentence(text) : absl::string_view());
    if (IsFlagNote(last)) {
      text.resize(text.rfind(last));
      notes.push_back(last);
    }
    text = std::string(absl::StripAsciiWhitespace(text));
    if (text.empty())
      return Error("missing-answer", asked, path + ".model_answer", "no answer follows this question");
    if (text.size() > kMaxTextBytes)
      return Error("too-long", asked, path + ".model_answer", "this answer is too long");
    question.set_model_answer(text);
    for (auto note = notes.rbegin(); note != notes.rend(); ++note) AddFlag(asked, *note, path, question);
    AddRubric(asked, Repaired(text), path, question);
  }

  void AddFlag(const Line& asked, absl::string_view note, const std::string& path, v1::Question& question) {
    const std::string text = WithoutControls(note);
    const std::string phrase = AsPhrase(QuotedWords(text));
    std::string id = Slug(phrase, kIdCharacters);
    if (id.empty()) id = "red-flag";
    for (const v1::RedFlag& other : question.red_flags()) {
      if (other.id() == id) id = absl::StrCat("red-flag-", question.red_flags_size() + 1);
    }
    v1::RedFlag& flag = *question.add_red_flags();
    flag.set_id(id);
    flag.set_point(OneLine(asked, text, path + ".red_flags"));
    flag.set_penalty(kFlagPenalty);
    flag.add_match(phrase);
    flag.set_say(flag.point());
  }

  void AddRubric(const Line& asked, const std::string& answer, const std::string& path,
                 v1::Question& question) {
    absl::string_view told = answer;
    const bool star = absl::ConsumePrefix(&told, "STAR") &&
                      (told.empty() || !absl::ascii_isalnum(static_cast<unsigned char>(told.front())));
    if (star) {
      question.set_kind(v1::QUESTION_KIND_BEHAVIOURAL);
      question.mutable_star()->set_weight(kStarWeight);
      while (!told.empty() &&
             absl::string_view(".:,-() \t\n").find(told.front()) != absl::string_view::npos) {
        told.remove_prefix(1);
      }
    }
    bool cut = false;
    for (v1::RubricItem& item : PointsOfAnswer(star ? told : absl::string_view(answer), cut)) {
      *question.add_rubric() = std::move(item);
    }
    if (cut) {
      issues_.Warning("left-out", Place{0, asked.number, 1}, path + ".rubric",
                      "a rubric does not hold all of this answer");
    }
    if (!question.rubric().empty()) return;
    if (!star) return Error("missing-answer", asked, path + ".model_answer", "the answer has no words");
    v1::RubricItem& own = *question.add_rubric();
    own.set_id("own-story");
    own.set_point("Tells of something of one's own");
    own.set_detect(v1::DETECT_EXAMPLE);
  }

  std::string NewId(absl::string_view text, absl::string_view fallback) {
    std::string id = Slug(text, kIdCharacters);
    if (id.empty()) id = std::string(fallback);
    std::string unique = id;
    for (int n = 2; !ids_.insert(unique).second; ++n) unique = absl::StrCat(id, "-", n);
    return unique;
  }

  ReadResult& result_;
  IssueList& issues_;
  std::vector<Line> lines_;
  std::set<std::string> ids_;
};

}  // namespace

ReadResult ReadPage(absl::string_view page, absl::string_view pack) {
  IssueList issues;
  ReadResult result;
  if (page.substr(0, 3) == "\xEF\xBB\xBF") page.remove_prefix(3);
  const std::optional<size_t> invalid =
      page.size() > static_cast<size_t>(kMaxYamlBytes) ? std::nullopt : FirstInvalidUtf8(page);
  if (page.size() > static_cast<size_t>(kMaxYamlBytes)) {
    issues.Error("too-large", Place{0, 1, 1}, "",
                 absl::StrCat("a page is at most ", kMaxYamlBytes, " bytes"));
  } else if (invalid || absl::StrContains(page, '\0')) {
    const absl::string_view before = page.substr(0, invalid ? *invalid : page.find('\0'));
    const size_t line_start = before.rfind('\n') + 1;  // 0 on the first line
    const Place place{0, static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1,
                      static_cast<int>(CodePointCount(before.substr(line_start))) + 1};
    issues.Error(invalid ? "not-utf8" : "nul", place, "",
                 invalid ? "the page is not valid UTF-8 from here on" : "the page holds a NUL character");
  } else {
    PageParts(page, result, issues).Read(pack);
  }
  if (!issues.has_errors()) {
    Canonicalise(result.pack);
    // What the rules above let through and a pack does not allow.
    for (const v1::Issue& issue : ReadPack(WritePack(result.pack)).issues) {
      if (issue.severity() != v1::SEVERITY_ERROR) continue;
      issues.Error(issue.code().c_str(), result.places.Find(issue.path()), issue.path(), issue.message(),
                   issue.suggestion());
    }
  }
  result.issues = issues.TakeSorted();
  return result;
}

}  // namespace greenroom::content
