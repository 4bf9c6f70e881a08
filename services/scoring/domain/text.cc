#include "services/scoring/domain/text.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace greenroom::scoring {
namespace {

constexpr int32_t kReplacement = 0xfffd;
constexpr size_t kLongestQuote = 2000;  // bytes; a longer one is taken for stray marks

bool IsAscii(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Superscript and circled digits read as words of their own, so that "bias²" is still "bias".
bool IsOtherNumber(int32_t c) { return c >= 0x80 && u_charType(c) == U_OTHER_NUMBER; }

// Invisible inside words: soft hyphen, zero-width space and joiners, byte order mark.
bool IsInvisible(int32_t c) {
  return c == 0xad || (c >= 0x200b && c <= 0x200d) || c == 0x2060 || c == 0xfeff;
}

bool IsApostrophe(int32_t c) { return c == '\'' || c == 0x2019 || c == 0x02bc || c == 0x2018; }

bool IsDash(int32_t c) { return c == 0x2013 || c == 0x2014 || c == 0x2015 || c == 0x2212; }

bool IsSpace(int32_t c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || (c >= 0x80 && u_isUWhiteSpace(c));
}

bool IsDigit(int32_t c) { return c >= '0' && c <= '9'; }

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

bool IsWordCodePoint(int32_t c) {
  if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || IsDigit(c);
  if (c == kReplacement) return false;
  const int type = u_charType(c);
  return u_isalnum(c) || type == U_NON_SPACING_MARK || type == U_COMBINING_SPACING_MARK ||
         type == U_OTHER_NUMBER || type == U_LETTER_NUMBER;
}

std::string FoldCase(absl::string_view text) {
  if (IsAscii(text)) return absl::AsciiStrToLower(text);
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* casefold = icu::Normalizer2::getNFKCCasefoldInstance(status);
  const icu::Normalizer2* decompose = icu::Normalizer2::getNFDInstance(status);
  if (U_FAILURE(status)) return absl::AsciiStrToLower(text);
  const icu::UnicodeString source =
      icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
  const icu::UnicodeString decomposed = decompose->normalize(casefold->normalize(source, status), status);
  if (U_FAILURE(status)) return absl::AsciiStrToLower(text);
  icu::UnicodeString bare;
  for (int32_t i = 0; i < decomposed.length(); i = decomposed.moveIndex32(i, 1)) {
    const UChar32 c = decomposed.char32At(i);
    // Marks of Latin, Greek and Cyrillic letters only: in other scripts they are vowels.
    if (c < 0x300 || c > 0x36f) bare.append(c);
  }
  std::string folded;
  decompose->normalize(bare, status).toUTF8String(folded);
  return folded;
}

// Reads the source once, left to right.
class TextReader {
 public:
  TextReader(absl::string_view source, Text& text) : source_(source), text_(text) {}

  void Read() {
    MarkQuotes();
    BeginLine();
    while (at_ < Size() && text_.tokens_.size() < Text::kMaxTokens) Step();
    EndSentence(false);
    if (!text_.sentences_.empty()) text_.sentences_.front().paragraph = true;
  }

 private:
  int32_t Size() const { return static_cast<int32_t>(source_.size()); }

  // The code point at `offset`, U+FFFD for bad bytes and -1 at the end; `next` is set to the offset after it.
  int32_t CodePoint(int32_t offset, int32_t* next) const {
    if (offset >= Size()) {
      *next = offset;
      return -1;
    }
    int32_t c;
    const auto* bytes = reinterpret_cast<const uint8_t*>(source_.data());
    U8_NEXT(bytes, offset, Size(), c);
    *next = offset;
    return c < 0 ? kReplacement : c;
  }
  int32_t Peek(int32_t offset) const {
    int32_t next;
    return CodePoint(offset, &next);
  }

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
    if (dots >= 3 && c >= 0 && u_islower(c)) {
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
      } else if (IsInvisible(c)) {
        // part of the word
      } else if (IsApostrophe(c) && !IsQuoteByte(at_) && IsWordCodePoint(Peek(next)) && !digits) {
        // don't
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
    AddToken(begin, begin_utf16, std::move(folded), number);
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

  void AddToken(int32_t begin, int32_t begin_utf16, std::string folded, bool number) {
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
    const int32_t after = AfterMarker(i);
    if (after < 0) {
      if (!IsLabel(i)) return;
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

  // At most four words and a colon.
  bool IsLabel(int32_t i) const {
    int32_t spaces = 0;
    for (int32_t limit = i + 60; i < Size() && i < limit; ++i) {
      const char c = source_[static_cast<size_t>(i)];
      if (c == ':') return i + 1 >= Size() || IsSpace(Peek(i + 1));
      if (c == ' ' && ++spaces > 3) return false;
      if (c == '\n' || c == '.' || c == ',' || c == ';') return false;
    }
    return false;
  }

  // The offset after a list marker at `i` and the space behind it, or -1.
  int32_t AfterMarker(int32_t i) const {
    int32_t next;
    const int32_t c = CodePoint(i, &next);
    const bool bullet = c == '-' || c == '*' || c == '+' || c == 0x2022 || c == 0x2023 || c == 0xb7 ||
                        c == 0x25cf || c == 0x25aa || c == 0x2013 || c == 0x2014 || c == '#' || c == 0x25e6;
    if (bullet) {
      if (c == '#') {
        while (Peek(next) == '#') ++next;
      }
      const bool spaced = IsSpace(Peek(next));
      const bool plain =
          c == 0x2022 || c == 0x25cf || (c == '-' && !IsDigit(Peek(next)) && Peek(next) != '-');
      return (spaced || plain) && Peek(next) != '>' ? next : -1;
    }
    return AfterNumber(i);
  }

  // 1. 1) (1) a) (a): the offset behind it where a space or letter follows, or -1.
  int32_t AfterNumber(int32_t i) const {
    const bool open = Peek(i) == '(';
    if (open) ++i;
    const int32_t digits = i;
    while (IsDigit(Peek(i)) && i - digits < 3) ++i;
    if (i == digits) {
      if (!absl::ascii_isalpha(static_cast<unsigned char>(Peek(i) < 0x80 && Peek(i) > 0 ? Peek(i) : 0)))
        return -1;
      ++i;
      if (Peek(i) != ')') return -1;
    }
    const int32_t close = Peek(i);
    if (close != ')' && (open || close != '.')) return -1;
    return IsSpace(Peek(i + 1)) || (close == ')' && IsWordCodePoint(Peek(i + 1))) ? i + 1 : -1;
  }

  // "(1)" in the middle of a line begins an item as well.
  bool InlineMarker() {
    const int32_t after = AfterNumber(at_);
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
    const int32_t after = AfterNumber(i);
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

  // Pairs quotation marks within a paragraph; only paired ones count.
  void MarkQuotes() {
    int32_t open = -1;
    int32_t open_mark = 0;
    int32_t before = ' ';
    for (int32_t i = 0; i < Size();) {
      int32_t next;
      const int32_t c = CodePoint(i, &next);
      const int32_t after = Peek(next);
      if (c == '\n' && after == '\n') open = -1;
      if (open >= 0 && static_cast<size_t>(i - open) > kLongestQuote) open = -1;
      if (open >= 0 && Closes(open_mark, c, before, after)) {
        quotes_.push_back(open);
        quotes_.push_back(i);
        open = -1;
      } else if (open < 0 && Opens(c, before, after)) {
        open = i;
        open_mark = c;
      }
      before = c;
      i = next;
    }
  }

  static bool Opens(int32_t c, int32_t before, int32_t after) {
    if (c == 0x201c || c == 0xab || c == 0x201e) return true;
    if (c == '"') return !IsWordCodePoint(before) && !IsSpace(after);
    return (c == '\'' || c == 0x2018) && !IsWordCodePoint(before) && IsWordCodePoint(after);
  }
  static bool Closes(int32_t open, int32_t c, int32_t before, int32_t after) {
    if (open == '"') return c == '"';
    if (open == 0xab) return c == 0xbb;
    if (open == '\'' || open == 0x2018) {
      return (c == '\'' || c == 0x2019) && !IsSpace(before) && !IsWordCodePoint(after);
    }
    return c == 0x201d || c == 0x201c || c == '"';
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
  const auto* bytes = reinterpret_cast<const uint8_t*>(source_.data());
  while (at < offset) {
    int32_t c;
    U8_NEXT(bytes, at, static_cast<int32_t>(source_.size()), c);
    units += c > 0xffff ? 2 : 1;
  }
  return units;
}

}  // namespace greenroom::scoring
