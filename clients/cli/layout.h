// Text on a terminal: how many cells it takes, what of it may be printed, where lines break. Pure.
#ifndef GREENROOM_CLIENTS_CLI_LAYOUT_H_
#define GREENROOM_CLIENTS_CLI_LAYOUT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace greenroom::cli {

// The least width that is laid out for; narrower terminals wrap by themselves.
inline constexpr int kMinWidth = 20;

// One character of `text`, for walking over it: never fails, never stands still.
struct Glyph {
  size_t begin = 0;  // bytes of the text
  size_t end = 0;
  int cells = 1;  // 0 for combining marks, 2 for wide characters
  std::string
      shown;  // what to print: control characters and bytes that are not UTF-8 become U+FFFD, tabs a space
};
// The character at byte `at`, which is below text.size().
Glyph GlyphAt(absl::string_view text, size_t at);

// `text` as it may be printed: no control character of it (but newlines) reaches the terminal.
std::string Printable(absl::string_view text);

// The cells that `text` takes on one line.
int CellsOf(absl::string_view text);

// A range of bytes that is printed on one line.
struct TextLine {
  size_t begin = 0;
  size_t end = 0;
};

// Breaks `text` at its newlines, and lines wider than `width` (at least 2) cells before a word, or inside one that is
// wider than the line. The space that a line breaks at belongs to no line; newlines neither; all other bytes do.
std::vector<TextLine> BreakLines(absl::string_view text, int width);

// `text` in lines of at most `width` cells, printable, the first preceded by `first`, the others by as many spaces.
std::vector<std::string> Wrap(absl::string_view text, int width, absl::string_view first = "");

// Prose as an author wrapped it, with each paragraph on one line: a line joins the one before it unless one of them is
// empty, or it begins with space or a bullet ("- ", "* ", "1. "). Without empty lines at either end.
std::string Unwrap(absl::string_view text);

}  // namespace greenroom::cli

#endif  // GREENROOM_CLIENTS_CLI_LAYOUT_H_
