#include "services/scoring/domain/coverage.h"

#include <algorithm>
#include <array>

#include "services/scoring/domain/wordnet.h"

namespace greenroom::scoring {
namespace {

constexpr size_t kMostOccurrences = 400;  // of one concept's words
constexpr size_t kMostWords = 64;         // of one concept
constexpr double kContradicted =
    0.25;  // share of the weight whose polarity differs from which on a place is void

constexpr double kDeniable =
    0.85;  // least weight of a word that takes the rest with it where it is denied outright

struct Occurrence {
  int32_t token;
  int16_t word;
  double weight;
  bool opposite;
  bool synonym;
};

void Add(std::vector<std::vector<Occurrence>>& occurrences, const VocabularyEntry& entry, int32_t token,
         bool negated) {
  for (const Posting& posting : entry.postings) {
    auto& list = occurrences[static_cast<size_t>(posting.point)];
    if (list.size() >= kMostOccurrences) continue;
    list.push_back(
        {token, posting.word, posting.weight / 100.0, posting.opposite != negated, posting.weight < 100});
  }
}

// Reads a window of `list` from `begin` on.
Coverage Window(const Concept& target, const std::vector<Occurrence>& list, size_t begin,
                const Reading& reading, bool anywhere) {
  const int32_t longest = std::max<int32_t>(12, 3 * static_cast<int32_t>(target.words.size()));
  const auto& tokens = reading.text().tokens();
  const auto sentence_of = [&](int32_t token) { return tokens[static_cast<size_t>(token)].sentence; };
  std::array<double, kMostWords> best{};
  std::array<int32_t, kMostWords> at;
  at.fill(-1);
  double contradicted = 0;
  bool reversed = false;  // a word that the point denies is affirmed
  std::array<bool, kMostWords> against{};
  std::array<bool, kMostWords> denied{};
  Coverage result;
  for (size_t i = begin; i < list.size(); ++i) {
    const Occurrence& occurrence = list[i];
    if (!anywhere && occurrence.token - list[begin].token > longest) break;
    if (!anywhere && sentence_of(occurrence.token) != sentence_of(list[begin].token)) break;
    const size_t word = static_cast<size_t>(occurrence.word);
    if (occurrence.opposite != target.words[word].negated) {
      if (!against[word]) contradicted += target.words[word].weight * occurrence.weight;
      against[word] = true;
      denied[word] = denied[word] || (occurrence.weight >= kDeniable && !target.words[word].negated &&
                                      reading.words()[static_cast<size_t>(occurrence.token)].denied_verb);
      reversed = reversed || (target.words[word].negated && best[word] <= 0 && occurrence.weight > 0.8);
      continue;
    }
    if (occurrence.weight <= best[word]) continue;
    best[word] = occurrence.weight;
    at[word] = occurrence.token;
    result.synonyms = result.synonyms || occurrence.synonym;
  }
  double covered = 0;
  bool unasked = false;
  for (size_t word = 0; word < target.words.size(); ++word) {
    if (best[word] <= 0) {
      reversed = reversed || denied[word];
      continue;
    }
    if (against[word]) contradicted -= target.words[word].weight;  // said both ways: nothing is contradicted
    covered += target.words[word].weight * best[word];
    unasked = unasked || !target.words[word].asked;
    ++result.matched;
    result.tokens.push_back(at[word]);
  }
  std::sort(result.tokens.begin(), result.tokens.end());
  result.tokens.erase(std::unique(result.tokens.begin(), result.tokens.end()), result.tokens.end());
  const bool all_asked = std::all_of(target.words.begin(), target.words.end(),
                                     [](const ConceptWord& word) { return word.asked; });
  if (target.total > 0 && !reversed && (unasked || all_asked) &&
      contradicted <= kContradicted * target.total) {
    result.share = covered / target.total;
  }
  return result;
}

}  // namespace

double Rarity(absl::string_view folded_word) {
  constexpr double kBits = 17.8;  // log2 of SemCor's tagged words
  const double bits = WordNet::Get().Frequency(folded_word) / 16.0;
  return std::clamp((kBits - 1.3 * bits) / kBits, 0.15, 1.0);
}

std::vector<std::vector<Coverage>> Cover(const std::vector<Concept>& concepts, const Reading& reading,
                                         bool anywhere) {
  std::vector<std::vector<Occurrence>> occurrences(concepts.size());
  size_t join = 0;
  for (int32_t i = 0; i < static_cast<int32_t>(reading.size()); ++i) {
    const Word& word = reading.words()[static_cast<size_t>(i)];
    const bool negated = word.negated;
    if (word.entry != nullptr && !word.parroted) Add(occurrences, *word.entry, i, negated);
    for (; join < reading.joins().size() && reading.joins()[join].begin <= i; ++join) {
      if (reading.joins()[join].entry != nullptr && !word.parroted)
        Add(occurrences, *reading.joins()[join].entry, i, negated);
    }
  }
  std::vector<std::vector<Coverage>> places(concepts.size());
  for (size_t c = 0; c < concepts.size(); ++c) {
    std::vector<Coverage>& found = places[c];
    int32_t previous = -1;
    for (size_t begin = 0;
         begin < (anywhere ? std::min<size_t>(1, occurrences[c].size()) : occurrences[c].size()); ++begin) {
      if (occurrences[c][begin].token == previous) continue;
      previous = occurrences[c][begin].token;
      Coverage place = Window(concepts[c], occurrences[c], begin, reading, anywhere);
      if (place.share <= 0) continue;
      const bool known = std::any_of(found.begin(), found.end(),
                                     [&](const Coverage& other) { return other.tokens == place.tokens; });
      if (known) continue;
      found.push_back(std::move(place));
      std::stable_sort(found.begin(), found.end(),
                       [](const Coverage& a, const Coverage& b) { return a.share > b.share; });
      if (found.size() > kMostPlaces) found.pop_back();
    }
  }
  return places;
}

}  // namespace greenroom::scoring
