#include "services/scoring/domain/language.h"

#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_split.h"
#include "services/scoring/domain/stem.h"

namespace greenroom::scoring {
namespace {

constexpr int kFewestForeignWords = 4;  // commonest words that must be of another language
constexpr int kFewestLetters = 12;      // of another script

struct Language {
  absl::string_view code;
  absl::string_view words;  // folded, without diacritics; those that are common English words are left out
};

// The commonest words of the languages written in Latin script that learners are likely to answer in.
constexpr std::array<Language, 12> kLanguages = {{
    {"en",
     "the of and to is in that it for with as are this be on by not or from at which you we have can will "
     "would when "
     "they but an was has their its if so than then there into because these more does do how what"},
    {"de",
     "der die das und ist nicht ein eine einen einem einer den dem des mit auf fur von zu wird werden sich "
     "auch bei "
     "aus nach wie wenn dass oder aber sind haben ich wir sie es im zum zur uber durch kann man"},
    {"fr",
     "le la les des une un est et dans pour que qui sur avec par pas plus sont au aux ce cette ces il elle "
     "nous vous "
     "je ne du en ou mais comme leur sans etre avoir peut fait"},
    {"es",
     "el la los las una un es y en de que por para con del se no su al lo como mas pero sus le ya este esta "
     "porque "
     "cuando muy sin sobre tambien hay son datos nos yo"},
    {"it",
     "il lo la gli le una uno un e di che per con del della dei delle nel nella sono non si su al alla come "
     "piu ma "
     "anche da questo questa quando perche essere ha hanno io noi dati"},
    {"pt",
     "o os as uma um e de que para com do da dos das no na nos nas em por se nao mais como mas ao ou ser sao "
     "foi "
     "quando muito tambem pelo pela ele ela eu dados isso"},
    {"nl",
     "de het een en van is dat die niet op te zijn met voor er aan door als ook maar om bij nog wordt worden "
     "naar uit "
     "dan ze wij ik je deze heeft hebben kan veel"},
    {"sv",
     "och det att som en ett av for med till inte den har de om ar pa vi jag kan nar fran eller men sig "
     "efter vid ska"},
    {"da",
     "og det at som en et af for med til ikke den har de om er pa vi jeg kan nar fra eller men sig efter ved "
     "skal"},
    {"pl",
     "i w na z do nie sie to jest ze o jak ale po co tak za od przez przy oraz dla gdy jego tym sa byc ma "
     "mozna"},
    {"fi",
     "ja on ei se etta oli ovat joka mutta kun niin myos ole han mita tai kuin jos vain voi sen ne olla "
     "tama"},
    {"tr",
     "ve bir bu da de icin ile cok daha olarak olan gibi kadar sonra ama ne her en veya ancak degil var ise"},
}};

const absl::flat_hash_map<absl::string_view, uint32_t>& WordTable() {
  static const auto& table = *[] {
    auto* words = new absl::flat_hash_map<absl::string_view, uint32_t>();
    for (size_t i = 0; i < kLanguages.size(); ++i) {
      for (absl::string_view word : absl::StrSplit(kLanguages[i].words, ' ')) (*words)[word] |= 1u << i;
    }
    return words;
  }();
  return table;
}

absl::string_view Primary(absl::string_view language) { return language.substr(0, language.find('-')); }

UScriptCode ScriptOf(absl::string_view language) {
  static constexpr std::array<std::pair<absl::string_view, UScriptCode>, 8> kScripts = {
      {{"ru", USCRIPT_CYRILLIC},
       {"sr", USCRIPT_CYRILLIC},
       {"el", USCRIPT_GREEK},
       {"ar", USCRIPT_ARABIC},
       {"hi", USCRIPT_DEVANAGARI},
       {"ne", USCRIPT_DEVANAGARI},
       {"hy", USCRIPT_ARMENIAN},
       {"ta", USCRIPT_TAMIL}}};
  for (const auto& [code, script] : kScripts) {
    if (code == Primary(language)) return script;
  }
  return USCRIPT_LATIN;
}

// Most of the letters are of another script than the language's.
bool IsInAnotherScript(absl::string_view text, absl::string_view language) {
  const UScriptCode expected = ScriptOf(language);
  const bool serbian = Primary(language) == "sr";  // written in both
  int own = 0;
  int other = 0;
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  const int32_t size = static_cast<int32_t>(text.size());
  for (int32_t i = 0; i < size;) {
    if (bytes[i] < 0x80) {  // most answers
      const bool letter = (bytes[i] | 0x20) >= 'a' && (bytes[i] | 0x20) <= 'z';
      if (letter) ++(expected == USCRIPT_LATIN || serbian ? own : other);
      ++i;
      continue;
    }
    int32_t c;
    U8_NEXT(bytes, i, size, c);
    if (c < 0) continue;
    UErrorCode status = U_ZERO_ERROR;
    const UScriptCode script = uscript_getScript(c, &status);
    if (U_FAILURE(status) || script == USCRIPT_COMMON || script == USCRIPT_INHERITED ||
        script == USCRIPT_UNKNOWN)
      continue;
    ++(script == expected || (serbian && script == USCRIPT_LATIN) ? own : other);
  }
  return other >= kFewestLetters && other > 2 * own;
}

}  // namespace

LanguageSupport SupportOf(absl::string_view language) {
  if (language.empty() || Stemmer::IsEnglish(language)) return LanguageSupport::kFull;
  return Stemmer::Supports(language) ? LanguageSupport::kLimited : LanguageSupport::kNone;
}

std::vector<absl::string_view> LimitedLanguages() {
  std::vector<absl::string_view> languages = Stemmer::Languages();
  languages.erase(std::remove_if(languages.begin(), languages.end(), Stemmer::IsEnglish), languages.end());
  return languages;
}

bool IsInAnotherLanguage(const Text& answer, absl::string_view language) {
  if (IsInAnotherScript(answer.source(), language)) return true;
  const absl::string_view code = language.empty() ? absl::string_view("en") : Primary(language);
  size_t own = kLanguages.size();
  for (size_t i = 0; i < kLanguages.size(); ++i) {
    if (kLanguages[i].code == code) own = i;
  }
  if (own == kLanguages.size()) return false;  // its commonest words are not known here
  std::array<int, kLanguages.size()> counts{};
  for (const Token& token : answer.tokens()) {
    const auto found = WordTable().find(answer.Fold(token));
    if (found == WordTable().end()) continue;
    for (size_t i = 0; i < counts.size(); ++i) counts[i] += static_cast<int>(found->second >> i & 1u);
  }
  for (size_t i = 0; i < counts.size(); ++i) {
    if (i == own || counts[i] < kFewestForeignWords) continue;
    const double share = counts[i] / static_cast<double>(answer.tokens().size());
    if (counts[i] > 3 * counts[own] && share > 0.15) return true;
  }
  return false;
}

}  // namespace greenroom::scoring
