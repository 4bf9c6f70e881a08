#include "services/scoring/domain/word_meaning.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "services/scoring/domain/wordnet.h"

namespace greenroom::scoring {

WordMeaning::WordMeaning(absl::string_view folded_word) {
  const WordNet& wordnet = WordNet::Get();
  wordnet.ForEachLemma(folded_word, [&](WordNet::WordId id) {
    const auto meanings = wordnet.Meanings(id);
    near_.insert(near_.end(), meanings.begin(), meanings.end());
  });
  std::sort(near_.begin(), near_.end());
  // Of several ways to a synset the shortest, which is first.
  const auto same = [](uint32_t a, uint32_t b) { return a >> 8 == b >> 8; };
  near_.erase(std::unique(near_.begin(), near_.end(), same), near_.end());
}

double WordMeaning::Likeness(const WordMeaning& other) const {
  uint32_t least = kFarthestMeaning + 1;
  for (auto a = near_.begin(), b = other.near_.begin(); a != near_.end() && b != other.near_.end();) {
    if (*a >> 8 == *b >> 8) {
      least = std::min(least, (*a & 255u) + (*b & 255u));
      ++a;
      ++b;
    } else if (*a >> 8 < *b >> 8) {
      ++a;
    } else {
      ++b;
    }
  }
  return least > kFarthestMeaning ? 0 : 100.0 / (100.0 + least);
}

absl::string_view RootOf(absl::string_view folded_word) {
  // Longest first, so that the first that fits is the one to take.
  static constexpr absl::string_view kEndings[] = {
      "abilities", "ibilities", "izations", "isations", "ability", "ibility", "ization", "isation",
      "ations",    "itions",    "ments",    "ation",    "ition",   "ances",   "ences",   "ities",
      "ively",     "ingly",     "ally",     "able",     "ible",    "ment",    "ness",    "ance",
      "ence",      "ings",      "ions",     "ator",     "izer",    "ized",    "izes",    "ised",
      "ises",      "ity",       "ing",      "ion",      "ive",     "ors",     "ers",     "ant",
      "ent",       "ize",       "ise",      "ate",      "ies",     "or",      "er",      "ed",
      "es",        "al",        "ly",       "ic",       "s",       "e",       "y"};
  for (absl::string_view ending : kEndings) {
    if (folded_word.size() >= ending.size() + 4 && absl::EndsWith(folded_word, ending)) {
      folded_word.remove_suffix(ending.size());
      break;
    }
  }
  return folded_word;
}

}  // namespace greenroom::scoring
