#include "services/scoring/domain/derive.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "services/scoring/domain/closed_words.h"
#include "services/scoring/domain/text.h"

namespace greenroom::scoring {
namespace {

constexpr int kMostItems = 40;
constexpr int kMostMembers = 24;
constexpr int32_t kShortItem = 6;  // words; a shorter item of an enumeration needs only to be named

struct Piece {
  std::string text;
  int32_t words = 0;
  bool item = false;
};

bool HasContent(const Text& text, int32_t first, int32_t last) {
  for (int32_t i = first; i < last; ++i) {
    if (!LookUpWord(text.Fold(static_cast<size_t>(i))).IsFunction()) return true;
  }
  return false;
}

// Sentences, parted at semicolons.
std::vector<Piece> Split(const Text& text) {
  std::vector<Piece> pieces;
  const auto add = [&](int32_t first, int32_t last, bool item) {
    if (first >= last || !HasContent(text, first, last)) return;
    const int32_t begin = text.tokens()[static_cast<size_t>(first)].begin;
    const int32_t end = text.tokens()[static_cast<size_t>(last) - 1].end;
    pieces.push_back(
        {std::string(text.source().substr(static_cast<size_t>(begin), static_cast<size_t>(end - begin))),
         last - first, item});
  };
  for (const Sentence& sentence : text.sentences()) {
    int32_t first = sentence.first;
    for (int32_t i = sentence.first; i + 1 < sentence.last; ++i) {
      const int32_t end = text.tokens()[static_cast<size_t>(i)].end;
      const int32_t next = text.tokens()[static_cast<size_t>(i) + 1].begin;
      const absl::string_view between =
          text.source().substr(static_cast<size_t>(end), static_cast<size_t>(next - end));
      if (between.find(';') == absl::string_view::npos) continue;
      add(first, i + 1, sentence.item);
      first = i + 1;
    }
    add(first, sentence.last, sentence.item);
  }
  return pieces;
}

content::v1::RubricItem Point(std::string id, const Piece& piece, bool mention) {
  content::v1::RubricItem item;
  item.set_id(std::move(id));
  item.set_point(piece.text);
  if (mention) item.set_need(content::v1::NEED_MENTION);
  return item;
}

}  // namespace

std::vector<content::v1::RubricItem> DeriveRubric(absl::string_view model_answer) {
  const Text text(model_answer);
  const std::vector<Piece> pieces = Split(text);
  std::vector<content::v1::RubricItem> items;
  for (size_t i = 0; i < pieces.size() && items.size() < kMostItems;) {
    const std::string id = absl::StrCat("p", items.size() + 1);
    size_t end = i;
    while (end < pieces.size() && pieces[end].item && end - i < kMostMembers) ++end;
    if (end - i < 2) {
      items.push_back(Point(id, pieces[i], false));
      ++i;
      continue;
    }
    content::v1::RubricItem group;
    group.set_id(id);
    const int count = static_cast<int>(end - i);
    group.set_any((count * 6 + 9) / 10);
    group.set_weight(std::max(1, group.any()));
    for (size_t k = i; k < end; ++k) {
      *group.add_of() = Point(absl::StrCat(id, "-", k - i + 1), pieces[k], pieces[k].words <= kShortItem);
    }
    items.push_back(std::move(group));
    i = end;
  }
  return items;
}

}  // namespace greenroom::scoring
