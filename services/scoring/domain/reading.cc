#include "services/scoring/domain/reading.h"

#include <algorithm>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace greenroom::scoring {
namespace {

// Unknown words whose spelling is looked at, so that 32 KiB of noise costs no more than an answer.
constexpr int kMostCorrections = 200;

// FNV-1a: the same on every machine and in every run.
uint64_t HashBytes(absl::string_view text) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3u;
  }
  return hash;
}

bool IsNegativeContraction(absl::string_view word, const WordInfo& info) {
  if (info.word_class != WordClass::kNegation) return false;
  return absl::EndsWith(word, "n't") || (absl::EndsWith(word, "nt") && word.size() > 3) || word == "cannot";
}

}  // namespace

Reading::Reading(const Text& text, const Vocabulary& vocabulary) : text_(text), vocabulary_(vocabulary) {
  Stemmer stemmer(vocabulary.language());
  const bool english = vocabulary.english();
  not_entry_ = vocabulary.Find("not");
  words_.resize(text.tokens().size());
  absl::flat_hash_map<absl::string_view, const VocabularyEntry*> corrected;
  int corrections = 0;
  std::string joined;
  for (size_t i = 0; i < words_.size(); ++i) {
    Word& word = words_[i];
    const absl::string_view folded = text.Fold(i);
    if (english) word.info = LookUpWord(folded);
    word.negative = english && IsNegativeContraction(folded, word.info);
    const absl::string_view stem = stemmer.Stem(folded);
    word.hash = HashBytes(stem);
    word.entry = vocabulary.Find(stem);
    if (word.entry == nullptr && !word.info.IsFunction() && !text.tokens()[i].number && folded.size() >= 5) {
      const auto known = corrected.find(folded);
      if (known != corrected.end()) {
        word.entry = known->second;
      } else if (corrections < kMostCorrections) {
        ++corrections;
        word.entry = vocabulary.Correct(folded, stem);
        corrected.emplace(folded, word.entry);
      }
    }
    if (i + 1 < words_.size() && text.tokens()[i].sentence == text.tokens()[i + 1].sentence &&
        vocabulary.BeginsLonger(folded)) {
      joined.assign(folded.data(), folded.size());
      joined.append(text.Fold(i + 1).data(), text.Fold(i + 1).size());
      if (const VocabularyEntry* entry = vocabulary.Find(stemmer.Stem(joined))) {
        joins_.push_back({static_cast<int32_t>(i), static_cast<int32_t>(i) + 2, entry, -1});
      }
    }
  }
  if (english) MarkFillers();
}

// What people say between their words.
void Reading::MarkFillers() {
  const auto is = [&](size_t i, absl::string_view word) {
    return i < words_.size() && text_.Fold(i) == word;
  };
  for (size_t i = 0; i < words_.size(); ++i) {
    const bool pair = (is(i, "you") && is(i + 1, "know")) || (is(i, "i") && is(i + 1, "mean")) ||
                      ((is(i, "sort") || is(i, "kind")) && is(i + 1, "of"));
    if (pair) words_[i].filler = words_[i + 1].filler = true;
    if (is(i, "basically") || is(i, "actually") || is(i, "literally") || is(i, "honestly") || is(i, "like")) {
      words_[i].filler = true;
    }
  }
}

void Reading::SortJoins() {
  std::stable_sort(joins_.begin(), joins_.end(),
                   [](const Join& a, const Join& b) { return a.begin < b.begin; });
}

uint64_t Reading::ShingleAt(size_t first, size_t size) const {
  uint64_t hash = 0;
  for (size_t i = first; i < first + size; ++i)
    hash = (hash ^ words_[i].hash) * 0x9e3779b97f4a7c15u + (hash >> 29);
  return hash;
}

Shingles Reading::MakeShingles(size_t size, const std::vector<bool>* left_out) const {
  Shingles shingles;
  size_t from = 0;  // behind the last word that is left out
  for (size_t i = 0; i < words_.size(); ++i) {
    if (left_out != nullptr && (*left_out)[i]) from = i + 1;
    if (i + 1 >= from + size) shingles.insert(ShingleAt(i + 1 - size, size));
  }
  return shingles;
}

void Reading::MarkParroted(const Shingles& prompt) {
  if (prompt.empty()) return;
  for (size_t i = 0; i + kPromptShingle <= words_.size(); ++i) {
    if (!prompt.contains(ShingleAt(i, kPromptShingle))) continue;
    for (size_t k = i; k < i + kPromptShingle; ++k) words_[k].parroted = true;
  }
}

}  // namespace greenroom::scoring
