#include "services/scoring/domain/code_points.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <algorithm>

#include "absl/strings/ascii.h"

namespace greenroom::scoring {
namespace {

constexpr int32_t kReplacement = 0xfffd;

}  // namespace

int32_t CodePointAt(absl::string_view text, int32_t offset, int32_t* next) {
  const int32_t size = static_cast<int32_t>(text.size());
  int32_t c = -1;
  if (offset < size) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
    U8_NEXT(bytes, offset, size, c);
    if (c < 0) c = kReplacement;
  }
  if (next != nullptr) *next = offset;
  return c;
}

bool IsWordCodePoint(int32_t c) {
  if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || IsDigit(c);
  if (c == kReplacement) return false;
  const int type = u_charType(c);
  return u_isalnum(c) || type == U_NON_SPACING_MARK || type == U_COMBINING_SPACING_MARK ||
         type == U_OTHER_NUMBER || type == U_LETTER_NUMBER;
}

bool IsOtherNumber(int32_t c) { return c >= 0x80 && u_charType(c) == U_OTHER_NUMBER; }

bool IsSpace(int32_t c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || (c >= 0x80 && u_isUWhiteSpace(c));
}

bool IsInvisible(int32_t c) {
  return c == 0xad || (c >= 0x200b && c <= 0x200d) || c == 0x2060 || c == 0xfeff;
}

bool IsSmallLetter(int32_t c) { return c >= 0 && u_islower(c); }

bool IsAscii(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

int32_t CodePointCount(absl::string_view text) {
  int32_t count = 0;
  for (int32_t at = 0; CodePointAt(text, at, &at) >= 0;) ++count;
  return count;
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
    // In other scripts marks are vowels.
    if (c < 0x300 || c > 0x36f) bare.append(c);
  }
  std::string folded;
  decompose->normalize(bare, status).toUTF8String(folded);
  return folded;
}

}  // namespace greenroom::scoring
