// Code points of UTF-8 text and their classes, as the grader's reader needs them.
#ifndef GREENROOM_SERVICES_SCORING_DOMAIN_CODE_POINTS_H_
#define GREENROOM_SERVICES_SCORING_DOMAIN_CODE_POINTS_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace greenroom::scoring {

// The code point at byte `offset`, U+FFFD for bytes that are not UTF-8, -1 at the end. `next`, where given, is set to
// the offset behind it.
int32_t CodePointAt(absl::string_view text, int32_t offset, int32_t* next = nullptr);

// A letter, digit or mark: part of a word.
bool IsWordCodePoint(int32_t code_point);
// Superscript and circled digits, which read as words of their own: "bias²" is still "bias".
bool IsOtherNumber(int32_t code_point);
bool IsSpace(int32_t code_point);
inline bool IsDigit(int32_t code_point) { return code_point >= '0' && code_point <= '9'; }
// Invisible inside words: soft hyphen, zero-width space and joiners, byte order mark.
bool IsInvisible(int32_t code_point);
bool IsSmallLetter(int32_t code_point);

bool IsAscii(absl::string_view text);

// Code points in `text`; bytes that are not UTF-8 count as U+FFFD does.
int32_t CodePointCount(absl::string_view text);

// NFKC and case folded, diacritics of Latin, Greek and Cyrillic letters removed. Bytes that are not UTF-8 become U+FFFD.
std::string FoldCase(absl::string_view text);

}  // namespace greenroom::scoring

#endif  // GREENROOM_SERVICES_SCORING_DOMAIN_CODE_POINTS_H_
