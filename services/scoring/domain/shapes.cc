#include "services/scoring/domain/shapes.h"

#include <algorithm>
#include <array>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "services/scoring/domain/wordnet.h"

namespace greenroom::scoring {
namespace {

constexpr size_t kMostShapes = 4;
constexpr int32_t kLongestSpan = 14;  // words shown as evidence

// Sequences of words that announce a shape.
constexpr std::array<absl::string_view, 24> kExampleCues = {
    "for example",   "for instance",   "e g",         "such as",       "an example",     "as an example",
    "one example",   "imagine",        "in my last",  "in my project", "in my previous", "in my thesis",
    "in my team",    "in our project", "in our team", "once i",        "once we",        "when i worked",
    "when we built", "i once",         "we once",     "last year",     "suppose",        "my example"};
constexpr std::array<absl::string_view, 30> kTradeOffCues = {"trade off",       "tradeoff",
                                                             "trade offs",      "tradeoffs",
                                                             "at the cost of",  "at the expense of",
                                                             "at the price of", "in exchange for",
                                                             "in return for",   "depends on",
                                                             "depend on",       "on the other hand",
                                                             "versus",          "vs",
                                                             "the price is",    "comes at a",
                                                             "pay for",         "pays for",
                                                             "paid for",        "worth the",
                                                             "not worth",       "the downside",
                                                             "the drawback",    "but it costs",
                                                             "but costs",       "but slower",
                                                             "sacrifice",       "sacrificing",
                                                             "balance between", "give up"};
constexpr std::array<absl::string_view, 16> kFigureWords = {
    "percent", "hundred", "thousand", "million", "billion", "dozen", "twice", "doubled",
    "halved",  "tripled", "half",     "twenty",  "thirty",  "forty", "fifty", "ninety"};

// Whether `cue` stands at token `at`, in one sentence; sets `end` behind it.
bool StandsAt(const Reading& reading, int32_t at, absl::string_view cue, int32_t* end) {
  int32_t token = at;
  for (absl::string_view word : absl::StrSplit(cue, ' ')) {
    if (token >= static_cast<int32_t>(reading.size()) || !reading.SameSentence(at, token)) return false;
    if (reading.text().Fold(static_cast<size_t>(token)) != word) return false;
    ++token;
  }
  *end = token;
  return true;
}

int32_t SentenceEnd(const Reading& reading, int32_t token) {
  const Text& text = reading.text();
  return text.sentences()[static_cast<size_t>(text.tokens()[static_cast<size_t>(token)].sentence)].last;
}

std::vector<int32_t> Range(int32_t begin, int32_t end) {
  std::vector<int32_t> tokens;
  for (int32_t i = begin; i < std::min(end, begin + kLongestSpan); ++i) tokens.push_back(i);
  return tokens;
}

int ContentWords(const Reading& reading, int32_t begin, int32_t end) {
  int count = 0;
  for (int32_t i = begin; i < end; ++i) {
    const Word& word = reading.words()[static_cast<size_t>(i)];
    count += !word.info.IsFunction() && !word.parroted ? 1 : 0;
  }
  return count;
}

// A verb in the past somewhere in the sentence; at its beginning it may be an imperative ("set", "put").
bool TellsThePast(const Reading& reading, int32_t token) {
  const Text& text = reading.text();
  const Sentence& sentence =
      text.sentences()[static_cast<size_t>(text.tokens()[static_cast<size_t>(token)].sentence)];
  for (int32_t i = sentence.first; i < sentence.last; ++i) {
    const absl::string_view word = text.Fold(static_cast<size_t>(i));
    const bool imperative =
        i == sentence.first && (word == "set" || word == "put" || word == "cut" || word == "let" ||
                                word == "read" || word == "split" || word == "hit");
    if (!imperative && IsPastVerb(reading, i)) return true;
  }
  return false;
}

template <size_t N>
void FindCues(const Reading& reading, const std::array<absl::string_view, N>& cues, bool after_only,
              std::vector<std::vector<int32_t>>& found) {
  for (int32_t i = 0; i < static_cast<int32_t>(reading.size()) && found.size() < kMostShapes; ++i) {
    if (reading.words()[static_cast<size_t>(i)].parroted) continue;
    for (absl::string_view cue : cues) {
      int32_t end = 0;
      if (!StandsAt(reading, i, cue, &end)) continue;
      const Text& text = reading.text();
      const int32_t sentence_end = SentenceEnd(reading, i);
      const int32_t begin =
          text.sentences()[static_cast<size_t>(text.tokens()[static_cast<size_t>(i)].sentence)].first;
      // An example follows its cue; what is weighed may stand on both sides.
      const int said =
          ContentWords(reading, end, sentence_end) + (after_only ? 0 : ContentWords(reading, begin, i));
      if (said < 2) continue;
      if (after_only) {
        found.push_back(Range(i, sentence_end));
      } else {
        found.push_back(Range(std::max(begin, i - kLongestSpan / 2), sentence_end));
      }
      i = found.back().back();
      break;
    }
  }
}

// Whether WordNet knows `word` as an inflected form of a verb.
bool IsFormOfVerb(absl::string_view word) {
  bool verb = false;
  const WordNet& wordnet = WordNet::Get();
  wordnet.ForEachLemma(word, [&](WordNet::WordId id) {
    verb = verb || ((wordnet.PartsOfSpeech(id) & kPosVerb) != 0 && wordnet.Text(id) != word);
  });
  return verb;
}

}  // namespace

bool IsPastVerb(const Reading& reading, int32_t token) {
  const Word& known = reading.words()[static_cast<size_t>(token)];
  if (known.info.Has(kPastVerb)) return true;
  const absl::string_view word = reading.text().Fold(static_cast<size_t>(token));
  if (word == "had" || word == "did" || word == "was" || word == "were") return true;
  if (word.size() < 5 || !absl::EndsWith(word, "ed")) return word == "used";
  if (IsFormOfVerb(word)) return true;
  // WordNet has few of the verbs that a prefix makes: "relabelled", "overfitted".
  constexpr std::array<absl::string_view, 6> kPrefixes = {"re", "over", "under", "mis", "pre", "de"};
  return std::any_of(kPrefixes.begin(), kPrefixes.end(), [&](absl::string_view prefix) {
    return absl::StartsWith(word, prefix) && word.size() >= prefix.size() + 5 &&
           IsFormOfVerb(word.substr(prefix.size()));
  });
}

std::vector<std::vector<int32_t>> FindShape(content::v1::Detect shape, const Reading& reading, bool story) {
  std::vector<std::vector<int32_t>> found;
  const Text& text = reading.text();
  switch (shape) {
    case content::v1::DETECT_EXAMPLE:
      FindCues(reading, kExampleCues, true, found);
      break;
    case content::v1::DETECT_TRADE_OFF:
      FindCues(reading, kTradeOffCues, false, found);
      break;
    case content::v1::DETECT_FIGURE:
      for (size_t i = 0; i < reading.size() && found.size() < kMostShapes; ++i) {
        if (reading.words()[i].parroted) continue;
        const absl::string_view folded = text.Fold(i);
        const bool word = std::find(kFigureWords.begin(), kFigureWords.end(), folded) != kFigureWords.end();
        if (!text.tokens()[i].number && !word) continue;
        const int32_t at = static_cast<int32_t>(i);
        if (story && !TellsThePast(reading, at)) continue;
        found.push_back(Range(at, std::min(at + 2, SentenceEnd(reading, at))));
      }
      break;
    case content::v1::DETECT_QUESTION:
      for (const Sentence& sentence : text.sentences()) {
        if (found.size() >= kMostShapes) break;
        if (!sentence.question || ContentWords(reading, sentence.first, sentence.last) < 2) continue;
        found.push_back(Range(sentence.first, sentence.last));
      }
      break;
    default:
      break;
  }
  return found;
}

}  // namespace greenroom::scoring
