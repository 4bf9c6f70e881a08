#include "services/scoring/domain/stem.h"

#include <libstemmer.h>

#include <array>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace greenroom::scoring {
namespace {

constexpr std::array<std::pair<absl::string_view, const char*>, 29> kLanguages = {{
    {"ar", "arabic"},    {"ca", "catalan"},    {"da", "danish"},     {"de", "german"},   {"el", "greek"},
    {"en", "english"},   {"es", "spanish"},    {"eu", "basque"},     {"fi", "finnish"},  {"fr", "french"},
    {"ga", "irish"},     {"hi", "hindi"},      {"hu", "hungarian"},  {"hy", "armenian"}, {"id", "indonesian"},
    {"it", "italian"},   {"lt", "lithuanian"}, {"nb", "norwegian"},  {"ne", "nepali"},   {"nl", "dutch"},
    {"nn", "norwegian"}, {"no", "norwegian"},  {"pt", "portuguese"}, {"ro", "romanian"}, {"ru", "russian"},
    {"sr", "serbian"},   {"sv", "swedish"},    {"ta", "tamil"},      {"tr", "turkish"},
}};

absl::string_view Primary(absl::string_view language) { return language.substr(0, language.find('-')); }

const char* Algorithm(absl::string_view language) {
  for (const auto& [code, name] : kLanguages) {
    if (code == Primary(language)) return name;
  }
  return nullptr;
}

bool IsVowel(char c) { return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' || c == 'y'; }

int VowelGroups(absl::string_view word) {
  int groups = 0;
  bool before = false;
  for (char c : word) {
    if (IsVowel(c) && !before) ++groups;
    before = IsVowel(c);
  }
  return groups;
}

// Words in -ise that no spelling writes with -ize, by what stands before the ending.
bool KeepsIse(absl::string_view head) {
  static constexpr std::array<absl::string_view, 33> kHeads = {
      "superv", "rev",   "adv",     "dev",     "prec",   "conc",   "exerc",    "prom",   "compr",
      "prem",   "surpr", "enterpr", "expert",  "franch", "improv", "merchand", "otherw", "likew",
      "parad",  "desp",  "disgu",   "exc",     "telev",  "advert", "appr",     "chast",  "surm",
      "treat",  "inc",   "circumc", "comprom", "pra",    "appra"};
  for (absl::string_view kept : kHeads) {
    if (absl::EndsWith(head, kept)) return true;
  }
  return false;
}

// Replaces a British stem in front of one of the usual endings.
bool FoldEnding(std::string& word, absl::string_view british, absl::string_view american, size_t shortest) {
  static constexpr std::array<absl::string_view, 19> kEndings = {
      "",     "s",    "d",     "ed",     "es", "r",    "er",  "ers",  "rs", "ing",
      "ings", "able", "ation", "ations", "al", "ally", "ite", "ites", "ful"};
  if (word.find(british.data(), shortest > 2 ? shortest - 2 : 1, british.size()) == std::string::npos)
    return false;
  for (absl::string_view ending : kEndings) {
    const size_t tail = british.size() + ending.size();
    if (word.size() < tail + shortest || !absl::EndsWith(word, ending)) continue;
    const size_t at = word.size() - tail;
    if (absl::string_view(word).substr(at, british.size()) != british) continue;
    if (british == "ise" && KeepsIse(absl::string_view(word).substr(0, at))) return false;
    word.replace(at, british.size(), american.data(), american.size());
    return true;
  }
  return false;
}

// modelling -> modeling, labelled -> labeled; not falling, called.
bool FoldDoubleL(std::string& word) {
  for (absl::string_view ending : {"lling", "lled", "ller", "llers", "llings"}) {
    if (!absl::EndsWith(word, ending)) continue;
    const absl::string_view head(word.data(), word.size() - ending.size());
    if (VowelGroups(head) < 2) return false;
    word.erase(head.size(), 1);
    return true;
  }
  return false;
}

bool FoldWhole(std::string& word) {
  static constexpr std::array<std::pair<absl::string_view, absl::string_view>, 22> kWords = {{
      {"learnt", "learned"},     {"burnt", "burned"},        {"spelt", "spelled"},
      {"dreamt", "dreamed"},     {"grey", "gray"},           {"ageing", "aging"},
      {"judgement", "judgment"}, {"artefact", "artifact"},   {"artefacts", "artifacts"},
      {"programme", "program"},  {"programmes", "programs"}, {"sceptical", "skeptical"},
      {"maths", "math"},         {"whilst", "while"},        {"amongst", "among"},
      {"towards", "toward"},     {"defence", "defense"},     {"offence", "offense"},
      {"licence", "license"},    {"practise", "practice"},   {"practised", "practiced"},
      {"cheque", "check"},
  }};
  for (const auto& [british, american] : kWords) {
    if (word == british) {
      word.assign(american.data(), american.size());
      return true;
    }
  }
  return false;
}

}  // namespace

std::string FoldSpelling(absl::string_view original) {
  std::string word(original);
  if (word.size() < 4 || FoldWhole(word)) return word;
  if (word.size() < 5) return word;
  if (FoldEnding(word, "isation", "ization", 3) || FoldEnding(word, "ise", "ize", 3) ||
      FoldEnding(word, "yse", "yze", 3)) {
    return word;
  }
  // "ing" and "ation" swallow the e of -ise, "able" too.
  for (const auto& [british, american] : {std::pair<absl::string_view, absl::string_view>{"ising", "izing"},
                                          {"isable", "izable"},
                                          {"ysing", "yzing"}}) {
    if (word.size() > british.size() + 2 && absl::EndsWith(word, british)) {
      if (KeepsIse(absl::string_view(word).substr(0, word.size() - british.size()))) return word;
      word.replace(word.size() - british.size(), british.size(), american.data(), american.size());
      return word;
    }
  }
  if (word.size() >= 6 && FoldEnding(word, "our", "or", 3)) return word;
  if (FoldEnding(word, "ogue", "og", 3) || FoldDoubleL(word)) return word;
  for (const auto& [british, american] :
       {std::pair<absl::string_view, absl::string_view>{"tre", "ter"}, {"tres", "ters"}, {"tred", "tered"}}) {
    if (word.size() > british.size() + 2 && absl::EndsWith(word, british)) {
      word.replace(word.size() - british.size(), british.size(), american.data(), american.size());
      return word;
    }
  }
  return word;
}

bool Stemmer::Supports(absl::string_view language) { return Algorithm(language) != nullptr; }

std::vector<absl::string_view> Stemmer::Languages() {
  std::vector<absl::string_view> languages;
  languages.reserve(std::size(kLanguages));
  for (const auto& [code, name] : kLanguages) languages.push_back(code);
  return languages;
}

bool Stemmer::IsEnglish(absl::string_view language) { return Primary(language) == "en"; }

Stemmer::Stemmer(absl::string_view language) : english_(IsEnglish(language)), stemmer_(nullptr) {
  if (const char* algorithm = Algorithm(language)) stemmer_ = sb_stemmer_new(algorithm, "UTF_8");
}

Stemmer::~Stemmer() {
  if (stemmer_ != nullptr) sb_stemmer_delete(stemmer_);
}

absl::string_view Stemmer::Run(absl::string_view word) {
  if (stemmer_ == nullptr) {
    buffer_.assign(word.data(), word.size());
    return buffer_;
  }
  const sb_symbol* stem = sb_stemmer_stem(stemmer_, reinterpret_cast<const sb_symbol*>(word.data()),
                                          static_cast<int>(word.size()));
  if (stem == nullptr) return word;
  return absl::string_view(reinterpret_cast<const char*>(stem),
                           static_cast<size_t>(sb_stemmer_length(stemmer_)));
}

absl::string_view Stemmer::Stem(absl::string_view word) {
  if (!english_) return Run(word);
  const std::string folded = FoldSpelling(word);
  // The family of -ize keeps its ending: Porter2 would make regularize and regular one word.
  for (absl::string_view ending :
       {"ize", "izes", "ized", "izing", "ization", "izations", "izer", "izers", "izable"}) {
    if (folded.size() >= ending.size() + 3 && absl::EndsWith(folded, ending)) {
      buffer_.assign(folded, 0, folded.size() - ending.size());
      buffer_ += "ize";
      return buffer_;
    }
  }
  if (folded.size() == word.size() && folded == word) return Run(word);
  buffer_ = folded;
  return Run(buffer_);
}

}  // namespace greenroom::scoring
