#include "clients/cli/evidence.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "clients/cli/layout.h"

namespace greenroom::cli {
namespace {

constexpr int kIndent = 2;

// A mark as it falls on one line: cells [begin, end).
struct Stroke {
  size_t begin;
  size_t end;
  const Mark* mark;
};

// The strokes of one row, in order, none overlapping.
using Row = std::vector<Stroke>;

// Characters that the range touches count whole.
Stroke StrokeOf(absl::string_view answer, const TextLine& line, size_t begin, size_t end, const Mark& mark) {
  Stroke stroke{0, 0, &mark};
  size_t cell = 0;
  for (size_t at = line.begin; at < end;) {
    const Glyph glyph = GlyphAt(answer, at);
    if (glyph.end <= begin) stroke.begin = cell + static_cast<size_t>(glyph.cells);
    cell += static_cast<size_t>(glyph.cells);
    at = glyph.end;
  }
  stroke.end = cell;
  return stroke;
}

std::vector<Row> Rows(absl::string_view answer, const TextLine& line, const std::vector<Mark>& marks) {
  std::vector<Row> rows;
  for (const Mark& mark : marks) {
    const size_t begin = std::max(mark.begin, line.begin), end = std::min(mark.end, line.end);
    if (begin >= end) continue;
    const Stroke stroke = StrokeOf(answer, line, begin, end, mark);
    if (stroke.begin == stroke.end) continue;
    auto row = std::find_if(rows.begin(), rows.end(), [&](const Row& taken) {
      return std::none_of(taken.begin(), taken.end(), [&](const Stroke& other) {
        return stroke.begin < other.end && other.begin < stroke.end;
      });
    });
    if (row == rows.end()) row = rows.insert(row, Row());
    row->push_back(stroke);
  }
  for (Row& row : rows) {
    std::sort(row.begin(), row.end(), [](const Stroke& a, const Stroke& b) { return a.begin < b.begin; });
  }
  return rows;
}

}  // namespace

std::vector<std::string> RenderEvidence(absl::string_view answer, const std::vector<Mark>& marks,
                                        const Page& page) {
  const std::string indent(kIndent, ' ');
  std::vector<std::string> out;
  for (const TextLine& line : BreakLines(answer, std::max(page.width, kMinWidth) - kIndent)) {
    const std::string text = Printable(answer.substr(line.begin, line.end - line.begin));
    out.push_back(text.empty() ? "" : indent + text);
    for (const Row& row : Rows(answer, line, marks)) {
      std::string drawn = indent;
      size_t at = 0;
      for (const Stroke& stroke : row) {
        drawn.append(stroke.begin - at, ' ');
        absl::StrAppend(&drawn,
                        Paint(page, stroke.mark->ink,
                              absl::StrCat(std::string(1, stroke.mark->label),
                                           std::string(stroke.end - stroke.begin - 1, stroke.mark->line))));
        at = stroke.end;
      }
      out.push_back(std::move(drawn));
    }
  }
  return out;
}

}  // namespace greenroom::cli
