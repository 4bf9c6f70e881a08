#include "clients/cli/layout.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace greenroom::cli {
namespace {

constexpr char kReplacement[] = "\xEF\xBF\xBD";

int CellsOfCodePoint(UChar32 c) {
  switch (u_charType(c)) {
    case U_NON_SPACING_MARK:
    case U_ENCLOSING_MARK:
    case U_FORMAT_CHAR:
      return 0;
    default:
      break;
  }
  const int width = u_getIntPropertyValue(c, UCHAR_EAST_ASIAN_WIDTH);
  return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

// Bidirectional controls can make a line read as something that it does not say.
bool IsPrintable(UChar32 c) {
  return !u_iscntrl(c) && c != 0x2028 && c != 0x2029 && !(c >= 0x202A && c <= 0x202E) &&
         !(c >= 0x2066 && c <= 0x2069);
}

// Whether `line` must stand on a line of its own.
bool BeginsALine(absl::string_view line) {
  if (line.empty() || line.front() == ' ' || line.front() == '\t') return true;
  const size_t digits = std::min(line.find_first_not_of("0123456789"), line.size());
  if (digits > 0) {
    return absl::StartsWith(line.substr(digits), ". ") || absl::StartsWith(line.substr(digits), ") ");
  }
  return absl::StartsWith(line, "- ") || absl::StartsWith(line, "* ");
}

}  // namespace

Glyph GlyphAt(absl::string_view text, size_t at) {
  Glyph glyph{.begin = at, .end = at + 1, .cells = 1, .shown = kReplacement};
  const auto* const bytes = reinterpret_cast<const uint8_t*>(text.data());
  // No character has more than four bytes: the rest of a long text need not be looked at.
  const int32_t length = static_cast<int32_t>(std::min<size_t>(text.size() - at, 4));
  int32_t offset = 0;
  UChar32 c;
  U8_NEXT(bytes + at, offset, length, c);
  if (c < 0) return glyph;
  glyph.end = at + static_cast<size_t>(offset);
  if (c == '\t') {
    glyph.shown = " ";
  } else if (IsPrintable(c)) {
    glyph.shown = std::string(text.substr(at, glyph.end - at));
    glyph.cells = CellsOfCodePoint(c);
  }
  return glyph;
}

std::string Printable(absl::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const Glyph glyph = GlyphAt(text, at);
    absl::StrAppend(&out, text[at] == '\n' ? "\n" : glyph.shown);
    at = glyph.end;
  }
  return out;
}

int CellsOf(absl::string_view text) {
  int cells = 0;
  for (size_t at = 0; at < text.size();) {
    const Glyph glyph = GlyphAt(text, at);
    cells += glyph.cells;
    at = glyph.end;
  }
  return cells;
}

std::vector<TextLine> BreakLines(absl::string_view text, int width) {
  width = std::max(width, 2);
  std::vector<TextLine> lines;
  size_t begin = 0;           // of the line
  size_t word = 0;            // of the word that the line ends with, where it is not the line's first
  int cells = 0;              // of the line
  int cells_before_word = 0;  // of the line up to the space before that word
  for (size_t at = 0; at < text.size();) {
    if (text[at] == '\n') {
      lines.push_back({begin, at});
      begin = word = ++at;
      cells = 0;
      continue;
    }
    const Glyph glyph = GlyphAt(text, at);
    if (glyph.shown == " ") {
      if (cells >= width) {  // the space that does not fit is where the line breaks
        lines.push_back({begin, at});
        begin = word = at = glyph.end;
        cells = 0;
        continue;
      }
      cells_before_word = cells;
      word = glyph.end;
    } else if (cells + glyph.cells > width) {
      // Words of spaces only in front (an indented line) are no place to break at.
      const bool has_break = word > begin && cells_before_word > 0;
      lines.push_back({begin, has_break ? word - 1 : at});
      begin = has_break ? word : at;
      cells = CellsOf(text.substr(begin, at - begin));
      word = begin;
    }
    cells += glyph.cells;
    at = glyph.end;
  }
  lines.push_back({begin, text.size()});
  return lines;
}

std::vector<std::string> Wrap(absl::string_view text, int width, absl::string_view first) {
  const int indent = CellsOf(first);
  std::vector<std::string> lines;
  for (const TextLine& line : BreakLines(text, std::max(width - indent, kMinWidth / 2))) {
    const std::string shown = Printable(text.substr(line.begin, line.end - line.begin));
    lines.push_back(absl::StrCat(
        lines.empty() ? std::string(first) : std::string(static_cast<size_t>(indent), ' '), shown));
    while (!lines.back().empty() && lines.back().back() == ' ') lines.back().pop_back();
  }
  return lines;
}

std::string Unwrap(absl::string_view text) {
  std::string out;
  bool joins = false;  // the line before is no empty one
  for (const absl::string_view line : absl::StrSplit(absl::StripAsciiWhitespace(text), '\n')) {
    const absl::string_view stripped = absl::StripTrailingAsciiWhitespace(line);
    if (!out.empty()) out += joins && !BeginsALine(stripped) ? ' ' : '\n';
    absl::StrAppend(&out, stripped);
    joins = !stripped.empty();
  }
  return out;
}

}  // namespace greenroom::cli
