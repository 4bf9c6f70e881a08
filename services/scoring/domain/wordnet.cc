#include "services/scoring/domain/wordnet.h"

#include <cstdlib>
#include <cstring>
#include <string>

#include "absl/strings/match.h"

namespace greenroom::scoring {

// Defined in wordnet_data.cc.
extern "C" const unsigned char greenroom_wordnet_begin[];
extern "C" const unsigned char greenroom_wordnet_end[];

namespace {

struct Ending {
  absl::string_view suffix;
  absl::string_view base;
  uint8_t part;
};
// The detachment rules of morphy(7WN).
constexpr Ending kEndings[] = {
    {"s", "", kPosNoun},          {"ses", "s", kPosNoun},      {"xes", "x", kPosNoun},
    {"zes", "z", kPosNoun},       {"ches", "ch", kPosNoun},    {"shes", "sh", kPosNoun},
    {"ies", "y", kPosNoun},       {"s", "", kPosVerb},         {"ies", "y", kPosVerb},
    {"es", "e", kPosVerb},        {"es", "", kPosVerb},        {"ed", "e", kPosVerb},
    {"ed", "", kPosVerb},         {"ing", "e", kPosVerb},      {"ing", "", kPosVerb},
    {"ied", "y", kPosVerb},       {"er", "", kPosAdjective},   {"est", "", kPosAdjective},
    {"er", "e", kPosAdjective},   {"est", "e", kPosAdjective}, {"ier", "y", kPosAdjective},
    {"iest", "y", kPosAdjective},
};

bool IsVowel(char c) { return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u'; }

}  // namespace

const WordNet& WordNet::Get() {
  static const WordNet instance(greenroom_wordnet_begin,
                                static_cast<size_t>(greenroom_wordnet_end - greenroom_wordnet_begin));
  return instance;
}

WordNet::WordNet(const unsigned char* table, size_t size) {
  WordNetHeader header;
  if (size < sizeof header) std::abort();
  std::memcpy(&header, table, sizeof header);
  words_ = header.words;
  const size_t expected = sizeof header +
                          (size_t{3} * words_ + 3 + header.relations + header.meanings) * sizeof(uint32_t) +
                          size_t{2} * words_ + header.text_bytes;
  if (header.magic != kWordNetMagic || size < expected) std::abort();
  // The section is aligned to 16 bytes, so the arrays are aligned too.
  text_offset_ = reinterpret_cast<const uint32_t*>(table + sizeof header);
  relation_offset_ = text_offset_ + words_ + 1;
  relations_ = relation_offset_ + words_ + 1;
  meaning_offset_ = relations_ + header.relations;
  meanings_ = meaning_offset_ + words_ + 1;
  frequency_ = reinterpret_cast<const uint8_t*>(meanings_ + header.meanings);
  parts_ = frequency_ + words_;
  text_ = reinterpret_cast<const char*>(parts_ + words_);
}

absl::string_view WordNet::Text(WordId id) const {
  return absl::string_view(text_ + text_offset_[id], text_offset_[id + 1] - text_offset_[id]);
}

std::optional<WordNet::WordId> WordNet::Find(absl::string_view word) const {
  uint32_t low = 0;
  uint32_t high = words_;
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    const int order = Text(middle).compare(word);
    if (order == 0) return middle;
    if (order < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return std::nullopt;
}

void WordNet::ForEachLemma(absl::string_view word, absl::FunctionRef<void(WordId)> visit) const {
  if (const std::optional<WordId> id = Find(word)) {
    if ((parts_[*id] & ~kPosIrregular) != 0) visit(*id);
    ForEachRelation(*id, [&](WordRelation kind, uint32_t, WordId other) {
      if (kind == WordRelation::kBaseForm) visit(other);
    });
  }
  const auto try_base = [&](const std::string& base, uint8_t part) {
    if (const std::optional<WordId> id = Find(base); id && (parts_[*id] & part) != 0) visit(*id);
  };
  for (const Ending& ending : kEndings) {
    if (word.size() < ending.suffix.size() + 2 || !absl::EndsWith(word, ending.suffix)) continue;
    const std::string base(word.substr(0, word.size() - ending.suffix.size()));
    try_base(base + std::string(ending.base), ending.part);
    // stopped, fitting, bigger: the doubled consonant goes.
    const size_t n = base.size();
    const bool short_vowel = n > 3 && IsVowel(base[n - 3]) && !IsVowel(base[n - 4]);
    if (ending.base.empty() && short_vowel && base[n - 1] == base[n - 2] && ending.suffix != "s") {
      try_base(base.substr(0, n - 1), ending.part);
    }
  }
}

bool WordNet::IsWord(absl::string_view word) const {
  if (Find(word)) return true;
  bool found = false;
  ForEachLemma(word, [&](WordId) { found = true; });
  return found;
}

int WordNet::Frequency(absl::string_view word) const {
  int best = 0;
  ForEachLemma(word, [&](WordId id) { best = frequency_[id] > best ? frequency_[id] : best; });
  return best;
}

void WordNet::ForEachRelation(WordId id,
                              absl::FunctionRef<void(WordRelation, uint32_t, WordId)> visit) const {
  for (uint32_t i = relation_offset_[id]; i < relation_offset_[id + 1]; ++i) {
    const uint32_t relation = relations_[i];
    visit(static_cast<WordRelation>(relation >> 28), relation >> 24 & 15u, relation & 0xffffffu);
  }
}

absl::Span<const uint32_t> WordNet::Meanings(WordId id) const {
  return absl::MakeConstSpan(meanings_ + meaning_offset_[id], meaning_offset_[id + 1] - meaning_offset_[id]);
}

}  // namespace greenroom::scoring
