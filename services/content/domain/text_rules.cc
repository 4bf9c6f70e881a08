#include "services/content/domain/text_rules.h"

#include "absl/strings/ascii.h"

namespace greenroom::content {
namespace {

unsigned char Byte(absl::string_view text, size_t i) { return static_cast<unsigned char>(text[i]); }

bool IsIdCharacter(char c) {
  return absl::ascii_islower(static_cast<unsigned char>(c)) ||
         absl::ascii_isdigit(static_cast<unsigned char>(c));
}

}  // namespace

std::optional<char32_t> NextCodePoint(absl::string_view text, size_t& offset) {
  const unsigned char lead = Byte(text, offset);
  if (lead < 0x80) {
    ++offset;
    return lead;
  }
  const size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  static constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (lead < 0xc2 || lead > 0xf4 || text.size() - offset < length) {
    ++offset;
    return std::nullopt;
  }
  char32_t c = lead & (0xffu >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    const unsigned char next = Byte(text, offset + i);
    if ((next & 0xc0) != 0x80) {
      ++offset;
      return std::nullopt;
    }
    c = (c << 6) | (next & 0x3fu);
  }
  if (c < kSmallest[length] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) {
    ++offset;
    return std::nullopt;
  }
  offset += length;
  return c;
}

std::optional<size_t> FirstInvalidUtf8(absl::string_view text) {
  for (size_t offset = 0; offset < text.size();) {
    const size_t start = offset;
    if (!NextCodePoint(text, offset)) return start;
  }
  return std::nullopt;
}

size_t CodePointCount(absl::string_view text) {
  size_t count = 0;
  for (char c : text) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
  return count;
}

bool IsId(absl::string_view text) {
  if (text.empty() || text.size() > 63 || text.front() == '-' || text.back() == '-') return false;
  for (char c : text) {
    if (!IsIdCharacter(c) && c != '-') return false;
  }
  return true;
}

bool IsLanguageTag(absl::string_view text) {
  size_t part = 0;
  bool first = true;
  for (size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] != '-') {
      const unsigned char c = Byte(text, i);
      if (first ? !absl::ascii_islower(c) : !absl::ascii_isalnum(c)) return false;
      ++part;
      continue;
    }
    if (part < 2 || part > (first ? 3u : 8u)) return false;
    first = false;
    part = 0;
  }
  return text.size() <= 35;
}

std::string Slug(absl::string_view text, size_t most) {
  std::string slug;
  for (char c : text) {
    const char lower = absl::ascii_tolower(static_cast<unsigned char>(c));
    if (IsIdCharacter(lower)) {
      slug += lower;
    } else if (!slug.empty() && slug.back() != '-') {
      slug += '-';
    }
    if (slug.size() > most) break;
  }
  if (slug.size() > most) {
    const size_t word_end = slug.rfind('-', most);
    slug.resize(word_end == std::string::npos ? most : word_end);
  }
  while (!slug.empty() && slug.back() == '-') slug.pop_back();
  return slug;
}

}  // namespace greenroom::content
