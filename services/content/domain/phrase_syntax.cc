#include "services/content/domain/phrase_syntax.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/content/domain/text_rules.h"

namespace greenroom::content {
namespace {

constexpr size_t kMaxDepth = 16;

// Letters, digits and other numbers, none that a comparison of texts ignores (the Hangul fillers).
bool IsLetterOrDigit(char32_t code_point) {
  const auto c = static_cast<UChar32>(code_point);
  return (U_GET_GC_MASK(c) & (U_GC_L_MASK | U_GC_N_MASK)) != 0 &&
         !u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT);
}

bool HasLetterOrDigit(absl::string_view text) {
  for (size_t at = 0; at < text.size();) {
    if (const std::optional<char32_t> c = NextCodePoint(text, at); c && IsLetterOrDigit(*c)) return true;
  }
  return false;
}

// The code point that begins at `offset`, as text.
absl::string_view Character(absl::string_view text, size_t offset) {
  size_t end = offset;
  NextCodePoint(text, end);
  return text.substr(offset, end - offset);
}

// Counts stop here, so that they cannot overflow.
constexpr int kCountLimit = kMaxPhraseExpansions + 1;

// What has been read of one level of parentheses.
struct Level {
  size_t open = 0;         // where its parenthesis stands
  int finished = 0;        // expansions of the alternatives before this one
  int current = 1;         // of this alternative so far
  bool has_words = false;  // whether this alternative says something
};

PhraseProblem Problem(absl::string_view phrase, size_t offset, absl::string_view message) {
  return {"phrase-syntax", std::string(message),
          static_cast<int>(CodePointCount(phrase.substr(0, offset))) + 1};
}

}  // namespace

PhraseProblem CheckPhrase(absl::string_view phrase) {
  std::vector<Level> levels(1);
  for (size_t i = 0; i < phrase.size(); ++i) {
    const char c = phrase[i];
    if (c == '(') {
      levels.push_back(Level{.open = i});
      if (levels.size() > kMaxDepth + 1) return Problem(phrase, i, "parentheses are nested too deeply");
    } else if (c == '|' || c == ')') {
      if (levels.size() == 1) {
        return Problem(phrase, i, c == ')' ? "this ) closes nothing" : "| stands only between parentheses");
      }
      Level& level = levels.back();
      if (!level.has_words) return Problem(phrase, i, "the alternative before this is empty");
      level.finished = std::min(level.finished + level.current, kCountLimit);
      level.current = 1;
      level.has_words = false;
      if (c == ')') {
        const int count = level.finished;
        if (count > kMaxPhraseExpansions) {
          return {"phrase-expansions",
                  absl::StrCat("these alternatives stand for more than ", kMaxPhraseExpansions, " wordings"),
                  Problem(phrase, level.open, "").column};
        }
        levels.pop_back();
        levels.back().current = std::min(levels.back().current * count, kCountLimit);
        levels.back().has_words = true;
      }
    } else if (c == '=') {
      const size_t end = phrase.find('=', i + 1);
      if (end == absl::string_view::npos)
        return Problem(phrase, i, "this literal is not closed by another =");
      if (!HasLetterOrDigit(phrase.substr(i + 1, end - i - 1))) {
        return Problem(phrase, i, "this literal has neither letter nor digit");
      }
      levels.back().has_words = true;
      i = end;
    } else if (phrase.substr(i, 3) == "\u2026") {
      i += 2;  // a gap too
    } else if (HasLetterOrDigit(Character(phrase, i))) {
      levels.back().has_words = true;
    }
  }
  if (levels.size() > 1) return Problem(phrase, levels.back().open, "this ( is not closed");
  if (!levels.back().has_words) return Problem(phrase, 0, "the phrase has no words");
  return {};
}

}  // namespace greenroom::content
