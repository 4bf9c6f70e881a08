// The run of a PhraseSet over an answer. Every junction remembers where it was last reached; since a gap has a longest
// length and no shortest one, the latest place is the one that matters, and each word costs the edges of its term only.
#include <algorithm>
#include <array>
#include <utility>

#include "services/scoring/domain/phrase.h"
#include "services/scoring/domain/reading.h"

namespace greenroom::scoring {
namespace {

constexpr size_t kTokensKept = 12;  // of a match; what a longer phrase matched beyond them is not remembered
constexpr int kMostLiterals = 64;   // occurrences of one literal

}  // namespace

// Tokens [begin, end) that an edge consumes.
struct PhraseSet::Span {
  int32_t begin;
  int32_t end;
};

struct PhraseSet::Record {
  int32_t end = -1;  // one past the last matched token; -1: unused
  int32_t start = 0;
  int32_t last_word = 0;
  int32_t sentence = 0;
  bool gap_after = false;
  uint8_t count = 0;
  std::array<int32_t, kTokensKept> tokens;

  void Push(Span span) {
    if (count < kTokensKept) tokens[count++] = span.begin;
    if (span.end - 1 > span.begin && count < kTokensKept) tokens[count++] = span.end - 1;
  }
};

// Places are told apart by where they end, and whether a gap may follow; of two that end alike the shorter is kept. Six are
// enough: a word of two tokens is reached before the second of them is read, so that places at the current word and the
// two after it are alive at once, each with and without a gap.
struct PhraseSet::Junction {
  std::array<Record, 6> records;
  uint8_t next = 0;

  void Add(const Record& record) {
    for (Record& known : records) {
      if (known.end != record.end || known.gap_after != record.gap_after) continue;
      if (record.start >= known.start) known = record;
      return;
    }
    records[next] = record;
    next = static_cast<uint8_t>((next + 1) % records.size());
  }
};

class PhraseSet::Run {
 public:
  Run(const PhraseSet& set, const Reading& reading)
      : set_(set),
        reading_(reading),
        tokens_(reading.text().tokens()),
        junctions_(static_cast<size_t>(set.junctions_)),
        matches_of_phrase_(set.phrases_.size(), 0) {
    // Fillers are no words: they may stand anywhere and do not widen a gap.
    int32_t fillers = 0;
    for (size_t i = 0; i < tokens_.size(); ++i) {
      places_.push_back(tokens_[i].word - fillers);
      fillers += reading.words()[i].filler ? 1 : 0;
    }
  }

  std::vector<PhraseMatch> Match() {
    FindLiterals();
    std::stable_sort(literals_.begin(), literals_.end(),
                     [](const auto& a, const auto& b) { return a.first.begin < b.first.begin; });
    size_t join = 0;
    size_t literal = 0;
    int32_t reach = 0;  // tokens [reach, i) may stand between the words of a phrase
    for (int32_t i = 0; i < static_cast<int32_t>(tokens_.size()); ++i) {
      const Word& word = reading_.words()[static_cast<size_t>(i)];
      reach_ = reach;
      if (word.entry != nullptr) Fire(*word.entry, {i, i + 1});
      if (word.negative && reading_.not_entry() != nullptr) Fire(*reading_.not_entry(), {i, i + 1});
      for (; join < reading_.joins().size() && reading_.joins()[join].begin <= i; ++join) {
        if (reading_.joins()[join].begin == i)
          Fire(*reading_.joins()[join].entry, {i, reading_.joins()[join].end});
      }
      for (; literal < literals_.size() && literals_[literal].first.begin <= i; ++literal) {
        FireTerm(literals_[literal].second, literals_[literal].first);
      }
      const bool between =
          word.info.word_class == WordClass::kArticle || word.info.Has(kLinks) || word.filler;
      if (!between) reach = i + 1;
    }
    return std::move(matches_);
  }

 private:
  void Fire(const VocabularyEntry& entry, Span span) {
    for (TermId term : entry.terms) FireTerm(term, span);
  }

  void FireTerm(TermId term, Span span) {
    const size_t t = static_cast<size_t>(term);
    for (int32_t e = set_.edges_of_term_[t]; e < set_.edges_of_term_[t + 1]; ++e) {
      FireEdge(set_.edges_[static_cast<size_t>(e)], span);
    }
  }

  void FireEdge(const Edge& edge, Span span) {
    const Bounds& bounds = set_.phrases_[static_cast<size_t>(edge.phrase)];
    if (matches_of_phrase_[static_cast<size_t>(edge.phrase)] >= kMaxMatches) return;
    const bool first = edge.from == bounds.start;
    const Record* before = first ? nullptr : Reached(edge, span.begin);
    if (!first && before == nullptr && !MayOpen(edge, span.begin)) return;
    Record record;
    if (before != nullptr) {
      record = *before;
    } else {
      record.start = span.begin;
    }
    const Token& last = tokens_[static_cast<size_t>(span.end - 1)];
    record.end = span.end;
    record.last_word = places_[static_cast<size_t>(span.end - 1)];
    record.sentence = last.sentence;
    record.gap_after = edge.gap_after;
    record.Push(span);
    if (edge.to == bounds.accept) {
      Accept(edge.phrase, record);
    } else {
      junctions_[static_cast<size_t>(edge.to)].Add(record);
    }
  }

  // "rebuilt the data" for "I rebuilt the data".
  bool MayOpen(const Edge& edge, int32_t token) const {
    return set_.after_subject_[static_cast<size_t>(edge.from)] && !edge.gap_before && OpensSentence(token);
  }

  bool OpensSentence(int32_t token) const {
    const int32_t sentence = tokens_[static_cast<size_t>(token)].sentence;
    return reading_.text().sentences()[static_cast<size_t>(sentence)].first == token;
  }

  // The latest place from which `edge` may be taken at token `at`, or null.
  const Record* Reached(const Edge& edge, int32_t at) const {
    const Junction& junction = junctions_[static_cast<size_t>(edge.from)];
    const Token& token = tokens_[static_cast<size_t>(at)];
    const Record* best = nullptr;
    for (const Record& record : junction.records) {
      if (record.end < 0 || record.end > at || record.sentence != token.sentence) continue;
      const bool gap = edge.gap_before || record.gap_after;
      const bool near = gap ? places_[static_cast<size_t>(at)] - record.last_word - 1 <= kMaxGapWords
                            : record.end >= reach_;
      if (near && (best == nullptr || record.end > best->end)) best = &record;
    }
    return best;
  }

  void Accept(int32_t phrase, const Record& record) {
    // A word with two forms of the same term would be found twice.
    if (!matches_.empty() && matches_.back().phrase == phrase &&
        matches_.back().tokens.front() == record.tokens[0] &&
        matches_.back().end == tokens_[static_cast<size_t>(record.end - 1)].end) {
      return;
    }
    ++matches_of_phrase_[static_cast<size_t>(phrase)];
    PhraseMatch match;
    match.phrase = phrase;
    match.begin = tokens_[static_cast<size_t>(record.start)].begin;
    match.end = tokens_[static_cast<size_t>(record.end - 1)].end;
    match.tokens.assign(record.tokens.begin(), record.tokens.begin() + record.count);
    matches_.push_back(std::move(match));
  }

  // Literals are looked for in the answer without its spaces, and stand for the tokens they touch.
  void FindLiterals() {
    if (set_.literals_.empty() || tokens_.empty()) return;
    std::string squeezed;
    std::vector<int32_t> offsets;  // of each byte of `squeezed` in the answer
    const absl::string_view source = reading_.text().source();
    for (size_t i = 0; i < source.size();) {
      size_t size = 1;
      while (i + size < source.size() && (static_cast<unsigned char>(source[i + size]) & 0xc0) == 0x80)
        ++size;
      const std::string folded = SqueezeLiteral(source.substr(i, size));
      squeezed += folded;
      offsets.insert(offsets.end(), folded.size(), static_cast<int32_t>(i));
      i += size;
    }
    for (const Literal& literal : set_.literals_) {
      size_t at = squeezed.find(literal.squeezed);
      for (int n = 0; at != std::string::npos && n < kMostLiterals; ++n) {
        AddLiteral(literal, offsets[at], offsets[at + literal.squeezed.size() - 1]);
        at = squeezed.find(literal.squeezed, at + literal.squeezed.size());
      }
    }
  }

  // From the byte at `first` to the character that begins at `last`. Words are not cut: "L1" is not in "L12".
  void AddLiteral(const Literal& literal, int32_t first, int32_t last) {
    const auto begin =
        std::upper_bound(tokens_.begin(), tokens_.end(), first,
                         [](int32_t offset, const Token& token) { return offset < token.end; });
    const auto end = std::upper_bound(
        begin, tokens_.end(), last, [](int32_t offset, const Token& token) { return offset < token.begin; });
    if (begin == end || begin->begin < first) return;
    const absl::string_view rest = Bytes(last, (end - 1)->end);
    // Of a word that ends behind `last`, nothing but that last character may remain.
    for (size_t i = 1; i < rest.size(); ++i) {
      if ((static_cast<unsigned char>(rest[i]) & 0xc0) != 0x80) return;
    }
    literals_.push_back(
        {{static_cast<int32_t>(begin - tokens_.begin()), static_cast<int32_t>(end - tokens_.begin())},
         literal.term});
  }

  // Empty where `end` does not lie behind `begin`.
  absl::string_view Bytes(int32_t begin, int32_t end) const {
    if (end <= begin) return {};
    return reading_.text().source().substr(static_cast<size_t>(begin), static_cast<size_t>(end - begin));
  }

  const PhraseSet& set_;
  const Reading& reading_;
  const std::vector<Token>& tokens_;
  std::vector<Junction> junctions_;
  std::vector<int> matches_of_phrase_;
  std::vector<std::pair<Span, TermId>> literals_;
  std::vector<PhraseMatch> matches_;
  std::vector<int32_t> places_;  // of each token among the words that count
  int32_t reach_ = 0;
};

std::vector<PhraseMatch> PhraseSet::Match(const Reading& reading) const {
  if (phrases_.empty()) return {};
  return Run(*this, reading).Match();
}

}  // namespace greenroom::scoring
