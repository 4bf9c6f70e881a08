#include "services/scoring/domain/text.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "services/scoring/domain/code_points.h"
#include "services/scoring/domain/text_marks.h"

namespace greenroom::scoring {
namespace {

bool IsApostrophe(int32_t c) { return c == '\'' || c == 0x2019 || c == 0x02bc || c == 0x2018; }

bool IsDash(int32_t c) { return c == 0x2013 || c == 0x2014 || c == 0x2015 || c == 0x2212; }

// Words whose dot ends no sentence.
bool IsAbbreviation(absl::string_view word) {
  static constexpr std::array<absl::string_view, 10> kWords = {"vs", "cf",  "approx", "fig", "dr",
                                                               "mr", "mrs", "eg",     "ie",  "incl"};
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

bool IsFiller(absl::string_view word) {
  static constexpr std::array<absl::string_view, 7> kWords = {"um", "uh", "uhm", "umm", "erm", "hmm", "mhm"};
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

}  // namespace

// Reads the source once, left to right.
class TextReader {
 public:
  TextReader(absl::string_view source, Text& text) : source_(source), text_(text) {}

  void Read() {
    quotes_ = PairQuotationMarks(source_);
    BeginLine();
    while (at_ < Size() && text_.tokens_.size() < Text::kMaxTokens) Step();
    EndSentence(false);
    if (!text_.sentences_.empty()) text_.sentences_.front().paragraph = true;
  }

 private:
  int32_t Size() const { return static_cast<int32_t>(source_.size()); }

  int32_t CodePoint(int32_t offset, int32_t* next) const { return CodePointAt(source_, offset, next); }
  int32_t Peek(int32_t offset) const { return CodePointAt(source_, offset); }

  // Moves over one code point, counting UTF-16 units.
  void Advance(int32_t c, int32_t next) {
    at_ = next;
    utf16_ += c > 0xffff ? 2 : 1;
    previous_ = c;
  }

  void Step() {
    int32_t next;
    const int32_t c = CodePoint(at_, &next);
    if (IsWordCodePoint(c)) {
      ReadWord();
      return;
    }
    if (IsQuoteByte(at_)) {
      quoted_ = quote_at_ % 2 == 0;  // opening and closing marks alternate
      glue_ = false;
      Advance(c, next);
      return;
    }
    switch (c) {
      case '\n':
        Advance(c, next);
        BeginLine();
        return;
      case '.':
      case '!':
      case '?':
      case 0x2026:  // …
      case 0x3002:  // 。
      case 0xff01:
      case 0xff1f:
        Stop(c, next);
        return;
      case '%':
        AddSymbol("percent", c, next);
        return;
      case '&':
        AddSymbol("and", c, next);
        return;
      case '-':
      case 0x2010:
      case 0x2011:
        Hyphen(c, next);
        return;
      case '/':
      case '_':
      case '@':
        glue_ = IsWordCodePoint(previous_);
        Advance(c, next);
        return;
      case '(':
        if (InlineMarker()) return;
        EndClause(false);
        Advance(c, next);
        return;
      case ':':
        EndClause(true);
        Advance(c, next);
        return;
      case '{':
      case '}':  // markup, not prose
        EndSentence(false);
        Advance(c, next);
        return;
      case ',':
      case ';':
      case ')':
      case '[':
      case ']':
      case '|':
      case '>':
      case 0x2192:  // →
      case 0x21d2:  // ⇒
        EndClause(false);
        Advance(c, next);
        return;
      default:
        if (IsDash(c)) EndClause(false);
        if (!IsInvisible(c)) glue_ = false;
        Advance(c, next);
        return;
    }
  }

  // . ! ? ends a sentence where a space, a bracket, a quotation mark or the end follows.
  void Stop(int32_t c, int32_t next) {
    const int32_t after = Peek(next);
    if (c == '.' && IsWordCodePoint(after)) {
      glue_ = IsWordCodePoint(previous_);
      Advance(c, next);
      return;
    }
    if (c == 0x2026 || (c == '.' && after == '.')) {
      Ellipsis();
      return;
    }
    const bool abbreviation = c == '.' && AfterAbbreviation();
    Advance(c, next);
    if (!abbreviation) EndSentence(c == '?' || c == 0xff1f);
    if (!abbreviation) InlineNumber();
  }

  // Three dots before a small letter are a pause in a sentence; else they end it.
  void Ellipsis() {
    int32_t dots = 0;
    int32_t next;
    int32_t c = CodePoint(at_, &next);
    while (c == '.' || c == 0x2026) {
      dots += c == '.' ? 1 : 3;
      Advance(c, next);
      c = CodePoint(at_, &next);
    }
    while (c == ' ') c = CodePoint(next, &next);
    if (dots >= 3 && IsSmallLetter(c)) {
      EndClause(false);
    } else {
      EndSentence(false);
    }
  }

  bool AfterAbbreviation() const {
    if (text_.tokens_.empty() || text_.tokens_.back().end != at_) return false;
    const Token& last = text_.tokens_.back();
    if (last.fold_size == 1 && last.glued && !last.number) return true;  // e.g., i.e.
    return IsAbbreviation(text_.Fold(last));
  }

  // A hyphen inside a word glues, one between spaces ends a clause; "->" is an arrow.
  void Hyphen(int32_t c, int32_t next) {
    const int32_t after = Peek(next);
    if (IsWordCodePoint(previous_) && IsWordCodePoint(after)) {
      glue_ = true;
    } else if (IsWordCodePoint(previous_) && after == '\n') {
      glue_ = false;
    } else {
      EndClause(false);
    }
    Advance(c, next);
  }

  void AddSymbol(absl::string_view word, int32_t c, int32_t next) {
    const int32_t begin = at_;
    const int32_t begin_utf16 = utf16_;
    Advance(c, next);
    AddToken(begin, begin_utf16, std::string(word), false);
    previous_ = ' ';
  }

  void ReadWord() {
    const int32_t begin = at_;
    const int32_t begin_utf16 = utf16_;
    int32_t next;
    int32_t c = CodePoint(at_, &next);
    const bool other_number = IsOtherNumber(c);
    bool digits = true;
    bool separators = false;
    while (true) {
      if (IsWordCodePoint(c) && IsOtherNumber(c) == other_number) {
        digits = digits && IsDigit(c);
      } else if (IsInvisible(c) ||
                 (IsApostrophe(c) && !IsQuoteByte(at_) && IsWordCodePoint(Peek(next)) && !digits)) {
        // part of the word: a soft hyphen, don't
      } else if (digits && (c == '.' || c == ',') && IsDigit(Peek(next))) {
        separators = true;  // 3.5, 10,000
      } else if ((c == '+' || c == '#') && IsLanguageName(begin, next, c)) {
        Advance(c, next);
        if (c == '+') Advance('+', at_ + 1);
        break;
      } else {
        break;
      }
      Advance(c, next);
      c = CodePoint(at_, &next);
    }
    const bool number = digits && !other_number;
    std::string folded =
        FoldWord(source_.substr(static_cast<size_t>(begin), static_cast<size_t>(at_ - begin)));
    if (separators) folded.erase(std::remove(folded.begin(), folded.end(), ','), folded.end());
    AddToken(begin, begin_utf16, folded, number);
  }

  // C++, C#, F#: one letter, then ++ or #.
  bool IsLanguageName(int32_t begin, int32_t next, int32_t c) const {
    if (at_ != begin + 1 ||
        !absl::ascii_isalpha(static_cast<unsigned char>(source_[static_cast<size_t>(begin)]))) {
      return false;
    }
    return c == '#' ? !IsWordCodePoint(Peek(next)) : Peek(next) == '+';
  }

  static std::string FoldWord(absl::string_view word) {
    std::string folded = FoldCase(word);
    if (!IsAscii(word)) {
      for (absl::string_view mark : {"\u2019", "\u2018", "\u02bc"}) {
        for (size_t at = folded.find(mark.data(), 0, mark.size()); at != std::string::npos;
             at = folded.find(mark.data(), at, mark.size())) {
          folded.replace(at, mark.size(), "'");
        }
      }
    }
    if (absl::EndsWith(folded, "'s")) folded.resize(folded.size() - 2);
    return folded;
  }

  void AddToken(int32_t begin, int32_t begin_utf16, const std::string& folded, bool number) {
    if (folded.empty() || IsFiller(folded)) return;
    Token token;
    token.begin = begin;
    token.end = at_;
    token.begin_utf16 = begin_utf16;
    token.end_utf16 = utf16_;
    token.fold_begin = static_cast<uint32_t>(text_.folded_.size());
    token.fold_size = static_cast<uint32_t>(folded.size());
    token.glued = glue_ && !text_.tokens_.empty() && First() != TokenCount();
    if (!token.glued) ++word_;
    token.word = word_;
    token.sentence = static_cast<int32_t>(text_.sentences_.size());
    token.clause = static_cast<int32_t>(text_.clauses_.size());
    token.quoted = quoted_;
    token.number = number;
    text_.folded_ += folded;
    text_.tokens_.push_back(token);
    glue_ = false;
  }

  int32_t TokenCount() const { return static_cast<int32_t>(text_.tokens_.size()); }
  int32_t First() const { return text_.sentences_.empty() ? 0 : text_.sentences_.back().last; }

  void EndClause(bool label) {
    glue_ = false;
    const int32_t first = text_.clauses_.empty() ? 0 : text_.clauses_.back().last;
    if (first == TokenCount()) return;
    text_.clauses_.push_back({first, TokenCount(), label});
  }

  void EndSentence(bool question) {
    EndClause(false);
    if (First() == TokenCount()) return;
    text_.sentences_.push_back({First(), TokenCount(), question, item_, paragraph_});
    item_ = false;
    paragraph_ = false;
  }

  // At the start of a line: an empty line ends the sentence, a bullet or number begins an item.
  void BeginLine() {
    glue_ = false;
    int32_t i = at_;
    while (i < Size() && (source_[static_cast<size_t>(i)] == ' ' || source_[static_cast<size_t>(i)] == '\t' ||
                          source_[static_cast<size_t>(i)] == '\r')) {
      ++i;
    }
    if (i >= Size()) return;
    if (source_[static_cast<size_t>(i)] == '\n') {
      EndSentence(false);
      paragraph_ = true;
      quoted_ = false;
      return;
    }
    if (at_ == 0) paragraph_ = true;
    const int32_t after = AfterListMarker(source_, i);
    if (after < 0) {
      if (!BeginsWithLabel(source_, i)) return;
      // "Unsupervised: ..." on a line of its own belongs to nothing before it; after a list it ends the last item.
      if (item_) {
        EndSentence(false);
      } else {
        EndClause(false);
      }
      return;
    }
    EndSentence(false);
    item_ = true;
    SkipTo(after);
  }

  // "(1)" in the middle of a line begins an item as well.
  bool InlineMarker() {
    if (IsWordCodePoint(previous_) || !IsDigit(Peek(at_ + 1))) return false;  // f(1), (a)
    const int32_t after = AfterListNumber(source_, at_);
    if (after < 0) return false;
    EndSentence(false);
    item_ = true;
    SkipTo(after);
    return true;
  }

  // ". 2. Next": a number that begins a sentence and is followed by a dot.
  void InlineNumber() {
    int32_t i = at_;
    while (i < Size() && source_[static_cast<size_t>(i)] == ' ') ++i;
    if (!IsDigit(Peek(i))) return;
    const int32_t after = AfterListNumber(source_, i);
    if (after < 0) return;
    item_ = true;
    SkipTo(after);
  }

  void SkipTo(int32_t offset) {
    while (at_ < offset) {
      int32_t next;
      const int32_t c = CodePoint(at_, &next);
      Advance(c, next);
    }
    glue_ = false;
    previous_ = ' ';
  }

  bool IsQuoteByte(int32_t offset) {
    while (quote_at_ < quotes_.size() && quotes_[quote_at_] < offset) ++quote_at_;
    return quote_at_ < quotes_.size() && quotes_[quote_at_] == offset;
  }

  const absl::string_view source_;
  Text& text_;
  std::vector<int32_t> quotes_;  // offsets, opening and closing in turn
  size_t quote_at_ = 0;
  int32_t at_ = 0;
  int32_t utf16_ = 0;
  int32_t previous_ = ' ';
  int32_t word_ = -1;
  bool glue_ = false;
  bool quoted_ = false;
  bool item_ = false;
  bool paragraph_ = false;
};

Text::Text(absl::string_view source) : source_(source) {
  folded_.reserve(source.size());
  tokens_.reserve(std::min(source.size() / 4 + 1, kMaxTokens));
  TextReader(source, *this).Read();
}

int32_t Text::Utf16(int32_t offset) const {
  // Count from the last word that begins at or before the offset.
  auto after = std::upper_bound(tokens_.begin(), tokens_.end(), offset,
                                [](int32_t at, const Token& token) { return at < token.begin; });
  int32_t at = 0;
  int32_t units = 0;
  if (after != tokens_.begin()) {
    --after;
    at = after->begin;
    units = after->begin_utf16;
  }
  while (at < offset) units += CodePointAt(source_, at, &at) > 0xffff ? 2 : 1;
  return units;
}

}  // namespace greenroom::scoring
