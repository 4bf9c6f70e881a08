#include "services/scoring/domain/vocabulary.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/scoring/domain/closed_words.h"
#include "services/scoring/domain/wordnet.h"

namespace greenroom::scoring {
namespace {

constexpr size_t kLongestCorrected = 32;

using Pair = std::pair<absl::string_view, absl::string_view>;

// What people type on a phone for a longer word. One that is a word of the vocabulary itself stays itself.
constexpr std::array<Pair, 42> kAbbreviations = {{
    {"acc", "accuracy"},
    {"val", "validation"},
    {"eval", "evaluation"},
    {"prod", "production"},
    {"config", "configuration"},
    {"env", "environment"},
    {"info", "information"},
    {"stats", "statistics"},
    {"param", "parameter"},
    {"params", "parameters"},
    {"hyperparam", "hyperparameter"},
    {"hyperparams", "hyperparameters"},
    {"perf", "performance"},
    {"preds", "predictions"},
    {"pred", "prediction"},
    {"prob", "probability"},
    {"probs", "probabilities"},
    {"reg", "regularization"},
    {"req", "request"},
    {"reqs", "requests"},
    {"avg", "average"},
    {"max", "maximum"},
    {"min", "minimum"},
    {"diff", "difference"},
    {"dist", "distribution"},
    {"freq", "frequency"},
    {"repo", "repository"},
    {"impl", "implementation"},
    {"approx", "approximately"},
    {"infra", "infrastructure"},
    {"auth", "authentication"},
    {"db", "database"},
    {"dbs", "databases"},
    {"docs", "documentation"},
    {"spec", "specification"},
    {"var", "variance"},
    {"rec", "recommendation"},
    {"recs", "recommendations"},
    {"exp", "experiment"},
    {"feat", "feature"},
    {"feats", "features"},
    {"ppl", "people"},
}};

constexpr std::array<Pair, 11> kNumbers = {{{"two", "2"},
                                            {"three", "3"},
                                            {"four", "4"},
                                            {"five", "5"},
                                            {"six", "6"},
                                            {"seven", "7"},
                                            {"eight", "8"},
                                            {"nine", "9"},
                                            {"ten", "10"},
                                            {"hundred", "100"},
                                            {"thousand", "1000"}}};

// Percent of the same word's weight. A later sense is less likely to be the one that is meant.
int WeightOf(WordRelation kind, uint32_t rank) {
  static constexpr int kSynonyms[] = {85, 75, 65, 55};
  switch (kind) {
    case WordRelation::kSynonym:
      return rank < 4 ? kSynonyms[rank] : 0;
    case WordRelation::kDerived:
      return 90;
    case WordRelation::kSimilar:
      return rank < 2 ? 60 : 0;
    case WordRelation::kBroader:
      return 50;
    case WordRelation::kAntonym:
      return 90;
    case WordRelation::kBaseForm:
    case WordRelation::kIrregular:
      return 100;
  }
  return 0;
}

}  // namespace

bool WithinEdits(absl::string_view a, absl::string_view b, int limit) {
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > static_cast<size_t>(limit)) return false;
  size_t head = 0;
  while (head < a.size() && a[head] == b[head]) ++head;
  a.remove_prefix(head);
  b.remove_prefix(head);
  size_t tail = 0;
  while (tail < a.size() && a[a.size() - 1 - tail] == b[b.size() - 1 - tail]) ++tail;
  a.remove_suffix(tail);
  b.remove_suffix(tail);
  if (a.empty()) return b.size() <= static_cast<size_t>(limit);
  if (limit == 0) return false;
  if (a.size() > kLongestCorrected) return false;
  // Both differ in their first and last characters now.
  if (a.size() > 1 && a[0] == b[1] && a[1] == b[0] && WithinEdits(a.substr(2), b.substr(2), limit - 1))
    return true;
  return WithinEdits(a.substr(1), b.substr(1), limit - 1) || WithinEdits(a, b.substr(1), limit - 1) ||
         WithinEdits(a.substr(1), b, limit - 1);
}

Vocabulary::Vocabulary(absl::string_view language)
    : language_(language), english_(Stemmer::IsEnglish(language)), stemmer_(language) {}

void Vocabulary::AddAlias(absl::string_view folded_word, TermId term) {
  auto& terms = entries_[std::string(stemmer_.Stem(folded_word))].terms;
  if (std::find(terms.begin(), terms.end(), term) == terms.end()) terms.push_back(term);
}

TermId Vocabulary::AddTerm(absl::string_view folded_word) {
  AddSurface(folded_word);
  const auto [at, inserted] = term_of_stem_.emplace(std::string(stemmer_.Stem(folded_word)), terms_);
  if (!inserted) return at->second;
  const TermId term = terms_++;
  AddAlias(folded_word, term);
  if (!english_) return term;
  const WordNet& wordnet = WordNet::Get();
  const auto add_irregular = [&](WordNet::WordId base) {
    wordnet.ForEachRelation(base, [&](WordRelation kind, uint32_t, WordNet::WordId other) {
      if (kind == WordRelation::kIrregular) AddAlias(wordnet.Text(other), term);
    });
  };
  if (const auto id = wordnet.Find(folded_word)) {
    wordnet.ForEachRelation(*id, [&](WordRelation kind, uint32_t, WordNet::WordId other) {
      if (kind != WordRelation::kBaseForm) return;
      AddAlias(wordnet.Text(other), term);
      add_irregular(other);
    });
  }
  wordnet.ForEachLemma(folded_word, add_irregular);
  for (const auto& [name, digits] : kNumbers) {
    if (folded_word == name) AddAlias(digits, term);
    if (folded_word == digits) AddAlias(name, term);
  }
  return term;
}

void Vocabulary::AddPosting(absl::string_view folded_word, const Posting& posting) {
  if (posting.weight == 0) return;
  auto& postings = entries_[std::string(stemmer_.Stem(folded_word))].postings;
  for (Posting& known : postings) {
    if (known.point == posting.point && known.word == posting.word) {
      if (posting.weight > known.weight) known = posting;
      return;
    }
  }
  postings.push_back(posting);
}

void Vocabulary::AddConcept(absl::string_view folded_word, int32_t point, int16_t word, int weight) {
  AddSurface(folded_word);
  const auto add = [&](absl::string_view other, int percent, bool opposite) {
    AddPosting(other, {point, word, static_cast<uint8_t>(percent * weight / 100), opposite});
  };
  add(folded_word, 100, false);
  if (!english_) return;
  const WordNet& wordnet = WordNet::Get();
  const auto add_relations = [&](WordNet::WordId lemma) {
    wordnet.ForEachRelation(lemma, [&](WordRelation kind, uint32_t rank, WordNet::WordId other) {
      const absl::string_view text = wordnet.Text(other);
      // A function word is no synonym of anything: "have" of "experience", "be" of "live".
      if (LookUpWord(text).IsFunction()) return;
      add(text, WeightOf(kind, rank), kind == WordRelation::kAntonym);
    });
  };
  wordnet.ForEachLemma(folded_word, [&](WordNet::WordId lemma) {
    add(wordnet.Text(lemma), 100, false);
    add_relations(lemma);
  });
  if (const std::string american = FoldSpelling(folded_word); american != folded_word) {
    wordnet.ForEachLemma(american, add_relations);
  }
  for (absl::string_view prefix : {"un", "non", "in", "im", "dis"}) {
    if (absl::StartsWith(folded_word, prefix) && folded_word.size() > prefix.size() + 3) {
      const absl::string_view rest = folded_word.substr(prefix.size());
      if (wordnet.IsWord(rest)) add(rest, 90, true);
    }
    const std::string longer = absl::StrCat(prefix, folded_word);
    if (prefix == "un" || prefix == "non" || wordnet.Find(longer)) add(longer, 90, true);
  }
}

void Vocabulary::AddSurface(absl::string_view folded_word) {
  if (folded_word.size() >= 4) surfaces_.emplace_back(folded_word);
}

void Vocabulary::Finish() {
  if (english_) {
    for (const auto& [brief, whole] : kAbbreviations) {
      const std::string brief_stem(stemmer_.Stem(brief));
      const std::string whole_stem(stemmer_.Stem(whole));
      const VocabularyEntry* entry = Find(whole_stem);
      if (entry == nullptr || Find(brief_stem) != nullptr) continue;
      const VocabularyEntry copy = *entry;
      entries_.emplace(brief_stem, copy);
    }
  }
  term_of_stem_.clear();
  std::sort(surfaces_.begin(), surfaces_.end());
  surfaces_.erase(std::unique(surfaces_.begin(), surfaces_.end()), surfaces_.end());
  for (const std::string& surface : surfaces_) {
    const std::string stem(stemmer_.Stem(surface));
    AddSpelling(words_by_size_, surface, stem);
    AddSpelling(stems_by_size_, stem, stem);
  }
  Sort(words_by_size_);
  Sort(stems_by_size_);
}

bool Vocabulary::BeginsLonger(absl::string_view folded_word) const {
  const auto at =
      std::upper_bound(surfaces_.begin(), surfaces_.end(), folded_word,
                       [](absl::string_view word, const std::string& surface) { return word < surface; });
  return at != surfaces_.end() && absl::StartsWith(*at, folded_word);
}

void Vocabulary::AddSpelling(Spellings& spellings, absl::string_view text, absl::string_view stem) {
  if (text.size() < 5 || text.size() > kLongestCorrected) return;
  if (spellings.size() <= text.size()) spellings.resize(text.size() + 1);
  spellings[text.size()].push_back({std::string(text), std::string(stem)});
}

void Vocabulary::Sort(Spellings& spellings) {
  for (std::vector<Spelling>& list : spellings) {
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
    list.shrink_to_fit();
  }
}

const std::string* Vocabulary::Nearest(const Spellings& spellings, absl::string_view word, int edits) {
  const size_t reach = static_cast<size_t>(edits);
  for (size_t size = word.size() - reach; size <= word.size() + reach && size < spellings.size(); ++size) {
    for (const Spelling& spelling : spellings[size]) {
      // The first letter is rarely the wrong one.
      if (spelling.text[0] == word[0] && WithinEdits(word, spelling.text, edits)) return &spelling.stem;
    }
  }
  return nullptr;
}

const VocabularyEntry* Vocabulary::Correct(absl::string_view word, absl::string_view stem) const {
  if (word.size() < 5 || word.size() > kLongestCorrected) return nullptr;
  if (english_ && WordNet::Get().IsWord(word)) return nullptr;
  const int limit = word.size() >= 8 ? 2 : 1;
  for (int edits = 1; edits <= limit; ++edits) {
    const std::string* found = Nearest(words_by_size_, word, edits);
    // A typing mistake in an inflected form: "reshpaing" for "reshape".
    if (found == nullptr && stem.size() >= 5) found = Nearest(stems_by_size_, stem, edits);
    if (found != nullptr) return Find(*found);
  }
  return nullptr;
}

size_t Vocabulary::MemoryBytes() const {
  size_t bytes = 0;
  for (const auto& [stem, entry] : entries_) {
    bytes += sizeof(std::pair<std::string, VocabularyEntry>) + (stem.size() > 15 ? stem.capacity() : 0) + 1;
    if (entry.terms.size() > 2) bytes += entry.terms.capacity() * sizeof(TermId);
    if (entry.postings.size() > 2) bytes += entry.postings.capacity() * sizeof(Posting);
  }
  bytes += term_of_stem_.size() * (sizeof(std::string) + 8);
  bytes += surfaces_.size() * (3 * sizeof(Spelling) + 16);
  return bytes;
}

}  // namespace greenroom::scoring
