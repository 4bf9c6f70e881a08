#include "services/content/domain/search_words.h"

#include <libstemmer.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <cstdint>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace greenroom::content {
namespace {

icu::UnicodeString Folded(absl::string_view text) {
  icu::UnicodeString raw =
      icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* fold = icu::Normalizer2::getNFKCCasefoldInstance(error);
  if (U_FAILURE(error)) return raw;
  icu::UnicodeString folded = fold->normalize(raw, error);
  return U_FAILURE(error) ? raw : folded;
}

bool IsWordPart(UChar32 c) { return u_isalnum(c) || (U_GET_GC_MASK(c) & U_GC_M_MASK) != 0; }
bool IsIdeograph(UChar32 c) { return u_hasBinaryProperty(c, UCHAR_IDEOGRAPHIC); }
bool IsApostrophe(UChar32 c) { return c == '\'' || c == 0x2019; }
bool IsSuffix(UChar32 c) { return c == '+' || c == '#'; }

// A word while it is read.
class WordCollector {
 public:
  void Add(UChar32 c) { word_.append(c); }
  bool empty() const { return word_.isEmpty(); }
  void End() {
    if (word_.isEmpty()) return;
    word_.toUTF8String(words_.emplace_back());
    word_.remove();
  }
  std::vector<std::string> Take() {
    End();
    return std::move(words_);
  }

 private:
  icu::UnicodeString word_;
  std::vector<std::string> words_;
};

absl::string_view PrimaryTag(absl::string_view language) { return language.substr(0, language.find('-')); }

// regularise and regularize, behaviour and behavior: one spelling for both. Bends some words needlessly (exercise), but
// on both sides alike.
std::string AmericanSpelling(const std::string& word) {
  std::string american = word;
  constexpr size_t kRoot = 3;  // what comes before the ending: not of "wise", "hour"
  for (absl::string_view ending : {"ise", "ised", "ises", "iser", "isers", "ising", "isation", "isations"}) {
    if (word.size() >= ending.size() + kRoot && absl::EndsWith(word, ending)) {
      american[word.size() - ending.size() + 1] = 'z';
      break;
    }
  }
  const size_t our = american.find("our", kRoot);
  if (our != std::string::npos) american.erase(our + 1, 1);
  return american;
}

}  // namespace

std::vector<std::string> SearchWords(absl::string_view text) {
  const icu::UnicodeString folded = Folded(text);
  WordCollector words;
  for (int32_t at = 0; at < folded.length(); at = folded.moveIndex32(at, 1)) {
    const UChar32 c = folded.char32At(at);
    const int32_t after = folded.moveIndex32(at, 1);
    const UChar32 next = after < folded.length() ? folded.char32At(after) : UChar32{' '};
    if (IsIdeograph(c)) {
      words.End();
      words.Add(c);
      words.End();
    } else if (IsWordPart(c) || (!words.empty() && IsSuffix(c) && !IsWordPart(next))) {
      words.Add(c);
    } else if (!words.empty() && IsApostrophe(c) && IsWordPart(next)) {
      words.Add('\'');
    } else {
      words.End();
    }
  }
  return words.Take();
}

SearchStemmer::SearchStemmer(absl::string_view language) {
  const std::string tag(PrimaryTag(language));
  english_ = tag == "en";
  // libstemmer also takes names of algorithms; a language's tag has two or three letters.
  if (tag.size() <= 3) stemmer_ = sb_stemmer_new(tag.c_str(), "UTF_8");
}

SearchStemmer::~SearchStemmer() {
  if (stemmer_ != nullptr) sb_stemmer_delete(stemmer_);
}

std::string SearchStemmer::Stem(const std::string& word) const {
  if (stemmer_ == nullptr) return word;
  std::string spelled = english_ ? AmericanSpelling(word) : word;
  const sb_symbol* stem = sb_stemmer_stem(stemmer_, reinterpret_cast<const sb_symbol*>(spelled.data()),
                                          static_cast<int>(spelled.size()));
  if (stem == nullptr) return spelled;  // no memory
  return std::string(reinterpret_cast<const char*>(stem), static_cast<size_t>(sb_stemmer_length(stemmer_)));
}

}  // namespace greenroom::content
