// What every text of a pack must be.
#ifndef GREENROOM_SERVICES_CONTENT_DOMAIN_TEXT_RULES_H_
#define GREENROOM_SERVICES_CONTENT_DOMAIN_TEXT_RULES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace greenroom::content {

// Decodes the code point that begins at `offset` and moves past it. nullopt, and `offset` one further, where the bytes
// there are not UTF-8 (overlong forms, surrogates and values above U+10FFFF are not). Needs offset < text.size().
std::optional<char32_t> NextCodePoint(absl::string_view text, size_t& offset);

// The first byte that is not part of valid UTF-8; nullopt where all is valid.
std::optional<size_t> FirstInvalidUtf8(absl::string_view text);

// Code points in valid UTF-8.
size_t CodePointCount(absl::string_view text);

// C0 and C1 controls and DEL.
inline bool IsControl(char32_t c) { return c < 0x20 || (c >= 0x7f && c < 0xa0); }

// `[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?`
bool IsId(absl::string_view text);

// A BCP 47 tag as the pack format wants it: `[a-z]{2,3}(-[A-Za-z0-9]{2,8})*`
bool IsLanguageTag(absl::string_view text);

// `text` made an id: letters in lower case, anything else between words one `-`; cut to `most` characters, between words
// where that is possible; empty where nothing is left.
std::string Slug(absl::string_view text, size_t most = 63);

}  // namespace greenroom::content

#endif  // GREENROOM_SERVICES_CONTENT_DOMAIN_TEXT_RULES_H_
