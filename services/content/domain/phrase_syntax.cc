#include "services/content/domain/phrase_syntax.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/content/domain/text_rules.h"

namespace greenroom::content {
namespace {

constexpr size_t kMaxDepth = 16;

// Bytes above ASCII belong to letters as far as this check goes.
bool HasLetterOrDigit(absl::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || static_cast<unsigned char>(c) >= 0x80;
  });
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
    } else if (HasLetterOrDigit(phrase.substr(i, 1))) {
      levels.back().has_words = true;
    }
  }
  if (levels.size() > 1) return Problem(phrase, levels.back().open, "this ( is not closed");
  if (!levels.back().has_words) return Problem(phrase, 0, "the phrase has no words");
  return {};
}

}  // namespace greenroom::content
