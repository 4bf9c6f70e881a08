#include <algorithm>
#include <array>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "services/scoring/domain/word_order.h"
#include "services/scoring/domain/wordnet.h"

namespace greenroom::scoring {
namespace {

constexpr std::array<absl::string_view, 52> kOwnKinds = {
    "the",  "a",    "of",  "to",   "is",   "are",   "in",   "and", "or",    "it",   "that", "for",   "with",
    "by",   "as",   "be",  "can",  "not",  "from",  "on",   "at",  "which", "this", "its",  "into",  "if",
    "when", "than", "has", "have", "will", "would", "i",    "we",  "they",  "you",  "was",  "he",    "she",
    "who",  "but",  "do",  "does", "one",  "all",   "each", "so",  "more",  "most", "less", "other", "same"};

// Kinds behind those of kOwnKinds.
constexpr WordKind kFirstClass = 1 + kOwnKinds.size();  // by WordClass
constexpr WordKind kNumberKind = kFirstClass + 9;
constexpr WordKind kUnknown = kNumberKind + 1;
constexpr WordKind kPast = kUnknown + 1;   // ends with -ed
constexpr WordKind kGerund = kPast + 1;    // -ing
constexpr WordKind kManner = kGerund + 1;  // -ly, not in WordNet
constexpr WordKind kIrregularForm = kManner + 1;
constexpr WordKind kEndsWithS = kIrregularForm + 1;  // and three behind it: of nouns, of verbs, of either
constexpr WordKind kFirstParts = kEndsWithS + 4;     // by the bits of the parts of speech
static_assert(kFirstParts + 16 <= kWordKinds);

constexpr uint8_t kParts = kPosNoun | kPosVerb | kPosAdjective | kPosAdverb;

uint8_t PartsOf(absl::string_view word) {
  const WordNet& wordnet = WordNet::Get();
  const auto id = wordnet.Find(word);
  return id ? wordnet.PartsOfSpeech(*id) : uint8_t{0};
}

WordKind ContentKind(absl::string_view word) {
  const uint8_t parts = PartsOf(word);
  if (parts == 0 || (parts & kParts) != 0) {
    if (absl::EndsWith(word, "ing")) return kGerund;
    if (absl::EndsWith(word, "ed")) return kPast;
  }
  if ((parts & kPosIrregular) != 0) return kIrregularForm;
  if (parts != 0) return static_cast<WordKind>(kFirstParts + (parts & kParts));
  if (absl::EndsWith(word, "ly")) return kManner;
  if (!absl::EndsWith(word, "s")) return kUnknown;
  uint8_t base = PartsOf(word.substr(0, word.size() - 1));
  if ((base & kParts) == 0 && absl::EndsWith(word, "es")) base = PartsOf(word.substr(0, word.size() - 2));
  const int noun = (base & kPosNoun) != 0 ? 1 : 0;
  const int verb = (base & kPosVerb) != 0 ? 2 : 0;
  return static_cast<WordKind>(kEndsWithS + noun + verb);
}

WordKind KindOf(absl::string_view word, WordInfo info) {
  if (!info.IsFunction()) return ContentKind(word);
  static const auto& own = *[] {
    auto* kinds = new absl::flat_hash_map<absl::string_view, WordKind>();
    for (size_t i = 0; i < kOwnKinds.size(); ++i) kinds->emplace(kOwnKinds[i], static_cast<WordKind>(i + 1));
    kinds->emplace("an", kinds->at("a"));
    return kinds;
  }();
  const auto found = own.find(word);
  if (found != own.end()) return found->second;
  return static_cast<WordKind>(kFirstClass + static_cast<size_t>(info.word_class));
}

WordKind KindOf(absl::string_view word) { return KindOf(word, LookUpWord(word)); }

}  // namespace

bool IsContent(WordKind kind) { return kind >= kNumberKind; }

WordKinds KindsOf(absl::string_view folded_word, WordInfo info, bool number) {
  if (number) return {{kNumberKind}, 1};
  if (info.word_class == WordClass::kNegation &&
      (absl::EndsWith(folded_word, "n't") || (absl::EndsWith(folded_word, "nt") && folded_word.size() > 3) ||
       folded_word == "cannot")) {
    const WordKind auxiliary =
        static_cast<WordKind>(kFirstClass + static_cast<size_t>(WordClass::kAuxiliary));
    return {{auxiliary, KindOf("not")}, 2};
  }
  const size_t apostrophe = folded_word.find('\'');
  if (apostrophe != absl::string_view::npos && apostrophe > 0) {
    static const auto& tails = *new absl::flat_hash_map<absl::string_view, absl::string_view>{
        {"s", "is"}, {"d", "would"}, {"ll", "will"}, {"ve", "have"}, {"re", "are"}, {"m", "are"}};
    const auto tail = tails.find(folded_word.substr(apostrophe + 1));
    if (tail != tails.end()) return {{KindOf(folded_word.substr(0, apostrophe)), KindOf(tail->second)}, 2};
  }
  return {{KindOf(folded_word, info)}, 1};
}

}  // namespace greenroom::scoring
