#include "services/scoring/domain/text_marks.h"

#include "services/scoring/domain/code_points.h"

namespace greenroom::scoring {
namespace {

constexpr size_t kLongestQuote = 2000;  // bytes; a longer one is taken for stray marks

bool Opens(int32_t c, int32_t before, int32_t after) {
  if (c == 0x201c || c == 0xab || c == 0x201e) return true;
  if (c == '"') return !IsWordCodePoint(before) && !IsSpace(after);
  return (c == '\'' || c == 0x2018) && !IsWordCodePoint(before) && IsWordCodePoint(after);
}
bool Closes(int32_t open, int32_t c, int32_t before, int32_t after) {
  if (open == '"') return c == '"';
  if (open == 0xab) return c == 0xbb;
  if (open == '\'' || open == 0x2018) {
    return (c == '\'' || c == 0x2019) && !IsSpace(before) && !IsWordCodePoint(after);
  }
  return c == 0x201d || c == 0x201c || c == '"';
}

}  // namespace

std::vector<int32_t> PairQuotationMarks(absl::string_view text) {
  std::vector<int32_t> quotes;
  int32_t open = -1;
  int32_t open_mark = 0;
  int32_t before = ' ';
  for (int32_t i = 0; i < static_cast<int32_t>(text.size());) {
    int32_t next;
    const int32_t c = CodePointAt(text, i, &next);
    const int32_t after = CodePointAt(text, next);
    if (c == '\n' && after == '\n') open = -1;
    if (open >= 0 && static_cast<size_t>(i - open) > kLongestQuote) open = -1;
    if (open >= 0 && Closes(open_mark, c, before, after)) {
      quotes.push_back(open);
      quotes.push_back(i);
      open = -1;
    } else if (open < 0 && Opens(c, before, after)) {
      open = i;
      open_mark = c;
    }
    before = c;
    i = next;
  }
  return quotes;
}

int32_t AfterListMarker(absl::string_view text, int32_t i) {
  int32_t next;
  const int32_t c = CodePointAt(text, i, &next);
  const bool bullet = c == '-' || c == '*' || c == '+' || c == 0x2022 || c == 0x2023 || c == 0xb7 ||
                      c == 0x25cf || c == 0x25aa || c == 0x2013 || c == 0x2014 || c == '#' || c == 0x25e6;
  if (bullet) {
    if (c == '#') {
      while (CodePointAt(text, next) == '#') ++next;
    }
    const bool spaced = IsSpace(CodePointAt(text, next));
    const bool plain = c == 0x2022 || c == 0x25cf ||
                       (c == '-' && !IsDigit(CodePointAt(text, next)) && CodePointAt(text, next) != '-');
    return (spaced || plain) && CodePointAt(text, next) != '>' ? next : -1;
  }
  return AfterListNumber(text, i);
}

int32_t AfterListNumber(absl::string_view text, int32_t i) {
  const bool open = CodePointAt(text, i) == '(';
  if (open) ++i;
  const int32_t digits = i;
  while (IsDigit(CodePointAt(text, i)) && i - digits < 3) ++i;
  if (i == digits) {
    const int32_t letter = CodePointAt(text, i) | 0x20;
    if (letter < 'a' || letter > 'z') return -1;
    ++i;
    if (CodePointAt(text, i) != ')') return -1;
  }
  const int32_t close = CodePointAt(text, i);
  if (close != ')' && (open || close != '.')) return -1;
  return IsSpace(CodePointAt(text, i + 1)) || (close == ')' && IsWordCodePoint(CodePointAt(text, i + 1)))
             ? i + 1
             : -1;
}

bool BeginsWithLabel(absl::string_view text, int32_t i) {
  const int32_t size = static_cast<int32_t>(text.size());
  int32_t spaces = 0;
  for (int32_t limit = i + 60; i < size && i < limit; ++i) {
    const char c = text[static_cast<size_t>(i)];
    if (c == ':') return i + 1 >= size || IsSpace(CodePointAt(text, i + 1));
    if (c == ' ' && ++spaces > 3) return false;
    if (c == '\n' || c == '.' || c == ',' || c == ';') return false;
  }
  return false;
}

}  // namespace greenroom::scoring
