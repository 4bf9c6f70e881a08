#include "services/content/domain/answer_points.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/content/domain/text_rules.h"
#include "services/content/domain/value_reader.h"

namespace greenroom::content {
namespace {

constexpr size_t kMaxItems = 40;
constexpr size_t kMaxMembers = 24;
constexpr size_t kIdCharacters = 40;

bool IsSpace(char c) { return absl::ascii_isspace(static_cast<unsigned char>(c)); }
bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

bool HasLetterOrDigit(absl::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const unsigned char byte = static_cast<unsigned char>(c);
    return absl::ascii_isalnum(byte) || byte >= 0x80;
  });
}

// Whether the . ! or ? at `i` ends a sentence.
bool EndsSentence(absl::string_view text, size_t i) {
  if (text[i] != '.' && text[i] != '!' && text[i] != '?') return false;
  size_t next = i + 1;
  while (next < text.size() && (text[next] == '\'' || text[next] == '"' || text[next] == ')')) ++next;
  if (next == text.size()) return true;
  if (!IsSpace(text[next])) return false;
  while (next < text.size() && IsSpace(text[next])) ++next;
  return next == text.size() || !absl::ascii_islower(static_cast<unsigned char>(text[next]));
}

// The length of the separator between clauses at `i`; 0 where there is none.
size_t SeparatorLength(absl::string_view text, size_t i) {
  const absl::string_view rest = text.substr(i);
  if (rest[0] == '\n' || rest[0] == ';') return 1;
  for (absl::string_view dash : {" \u2013 ", " \u2014 ", " - ", "\u2014"}) {
    if (absl::StartsWith(rest, dash)) return dash.size();
  }
  return 0;
}

// A number that may begin a member.
struct Marker {
  size_t begin;  // of the marker
  size_t end;    // of what belongs to it
  int number;
  char style;  // '(', ')' or '.'
};

std::optional<Marker> MarkerAt(absl::string_view text, size_t i) {
  if (i > 0 && !IsSpace(text[i - 1])) return std::nullopt;
  const bool open = text[i] == '(';
  size_t end = i + (open ? 1 : 0);
  const size_t digits = end;
  while (end < text.size() && IsDigit(text[end])) ++end;
  Marker marker{i, end + 1, 0, '('};
  if (end == digits || end - digits > 2 || end == text.size()) return std::nullopt;
  if (!absl::SimpleAtoi(text.substr(digits, end - digits), &marker.number)) return std::nullopt;
  if (open) return text[end] == ')' ? std::optional<Marker>(marker) : std::nullopt;
  if (text[end] != ')' && text[end] != '.') return std::nullopt;
  if (end + 1 < text.size() && !IsSpace(text[end + 1])) return std::nullopt;
  marker.style = text[end];
  return marker;
}

// An id from the first words of `text` that `used` does not hold yet.
std::string NewId(absl::string_view text, absl::string_view fallback, std::set<std::string>& used) {
  std::string id = Slug(text, kIdCharacters);
  if (id.empty()) id = std::string(fallback);
  std::string unique = id;
  for (int n = 2; !used.insert(unique).second; ++n) unique = absl::StrCat(id, "-", n);
  return unique;
}

std::string Trimmed(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  while (!text.empty() && (text.back() == '.' || IsSpace(text.back()))) text.remove_suffix(1);
  return std::string(text);
}

// One line out of several.
std::string OneLine(absl::string_view text) {
  std::string line(text);
  std::replace_if(line.begin(), line.end(), IsSpace, ' ');
  absl::RemoveExtraAsciiWhitespace(&line);
  return line;
}

class Points {
 public:
  explicit Points(bool& cut) : cut_(cut) {}

  void AddClauses(absl::string_view text) {
    for (const std::string& clause : Clauses(text)) AddPoint(clause);
  }

  void AddGroup(const Enumeration& enumeration) {
    std::vector<std::string> before = Clauses(enumeration.before);
    std::string title;
    if (!before.empty() && absl::EndsWith(before.back(), ":")) {
      title = before.back().substr(0, before.back().size() - 1);
      before.pop_back();
    }
    for (const std::string& clause : before) AddPoint(clause);
    if (items_.size() < kMaxItems) {
      v1::RubricItem& group = items_.emplace_back();
      group.set_id(NewId(title.empty() ? "enumeration" : title, "enumeration", used_));
      if (HasLetterOrDigit(title)) group.set_point(FittedLine(title, cut_));
      for (const std::string& member : enumeration.members) {
        if (group.of_size() == static_cast<int>(kMaxMembers)) {
          cut_ = true;
          break;
        }
        Fill(member, *group.add_of());
      }
      const int wanted = (group.of_size() * 3 + 4) / 5;
      group.set_any(wanted);
      if (wanted > 1) group.set_weight(wanted);  // a member that is wanted weighs like a point
    } else {
      cut_ = true;
    }
    AddClauses(enumeration.after);
  }

  std::vector<v1::RubricItem> Take() { return std::move(items_); }

 private:
  void AddPoint(const std::string& clause) {
    if (items_.size() == kMaxItems) {
      cut_ = true;
      return;
    }
    Fill(clause, items_.emplace_back());
  }

  void Fill(const std::string& clause, v1::RubricItem& point) {
    point.set_id(NewId(clause, "point", used_));
    point.set_point(FittedLine(clause, cut_));
  }

  bool& cut_;
  std::vector<v1::RubricItem> items_;
  std::set<std::string> used_;
};

}  // namespace

std::string FittedLine(absl::string_view line, bool& cut) {
  size_t end = 0;
  for (size_t count = 0; end < line.size() && count < kMaxLineCharacters; ++count) NextCodePoint(line, end);
  if (end < line.size()) cut = true;
  return std::string(line.substr(0, end));
}

std::vector<std::string> Clauses(absl::string_view text) {
  std::vector<std::string> clauses;
  auto add = [&](absl::string_view clause) {
    std::string line = OneLine(Trimmed(clause));
    if (HasLetterOrDigit(line)) clauses.push_back(std::move(line));
  };
  size_t start = 0;
  for (size_t i = 0; i < text.size();) {
    const size_t separator = SeparatorLength(text, i);
    if (separator > 0) {
      add(text.substr(start, i - start));
      start = i += separator;
    } else if (EndsSentence(text, i)) {
      while (i + 1 < text.size() && !IsSpace(text[i + 1])) ++i;  // what closes a quotation or a parenthesis
      add(text.substr(start, ++i - start));
      start = i;
    } else {
      ++i;
    }
  }
  add(text.substr(start));
  return clauses;
}

bool FindEnumeration(absl::string_view text, Enumeration& found) {
  std::vector<Marker> markers;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '(' && !IsDigit(text[i])) continue;
    const std::optional<Marker> marker = MarkerAt(text, i);
    if (!marker) continue;
    const bool next = !markers.empty() && marker->number == static_cast<int>(markers.size()) + 1 &&
                      marker->style == markers[0].style;
    if (next) {
      markers.push_back(*marker);
    } else if (marker->number == 1 && markers.size() < 2) {
      markers.assign(1, *marker);
    }
  }
  if (markers.size() < 2) return false;
  found.before = std::string(text.substr(0, markers[0].begin));
  for (size_t k = 0; k < markers.size(); ++k) {
    const size_t end = k + 1 < markers.size() ? markers[k + 1].begin : text.size();
    absl::string_view member = text.substr(markers[k].end, end - markers[k].end);
    if (k + 1 == markers.size()) {
      size_t stop = 0;
      while (stop < member.size() && !EndsSentence(member, stop) && (member[stop] != '\n' || stop == 0))
        ++stop;
      found.after = std::string(member.substr(std::min(stop + 1, member.size())));
      member = member.substr(0, stop);
    }
    std::string line = OneLine(Trimmed(member));
    if (HasLetterOrDigit(line)) found.members.push_back(std::move(line));
  }
  return found.members.size() >= 2;
}

std::vector<v1::RubricItem> PointsOfAnswer(absl::string_view answer, bool& cut) {
  Points points(cut);
  Enumeration enumeration;
  if (FindEnumeration(answer, enumeration)) {
    points.AddGroup(enumeration);
  } else {
    points.AddClauses(answer);
  }
  return points.Take();
}

}  // namespace greenroom::content
