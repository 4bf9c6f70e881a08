#include "services/base/text.h"

#include <cstdint>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/base/uuid.h"

namespace greenroom {
namespace {

// The bytes of the well-formed code point at the start of `text`, or 0 (Unicode 15, table 3-7).
size_t CodePointBytes(absl::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const auto within = [&](size_t i, uint8_t low, uint8_t high) {
    return i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  const uint8_t first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return within(1, 0x80, 0xbf) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const uint8_t low = first == 0xe0 ? 0xa0 : 0x80;
    const uint8_t high = first == 0xed ? 0x9f : 0xbf;
    return within(1, low, high) && within(2, 0x80, 0xbf) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const uint8_t low = first == 0xf0 ? 0x90 : 0x80;
    const uint8_t high = first == 0xf4 ? 0x8f : 0xbf;
    return within(1, low, high) && within(2, 0x80, 0xbf) && within(3, 0x80, 0xbf) ? 4 : 0;
  }
  return 0;
}

}  // namespace

bool IsValidUtf8(absl::string_view text) {
  while (!text.empty()) {
    const size_t bytes = CodePointBytes(text);
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

absl::string_view TruncateUtf8(absl::string_view text, size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  size_t end = max_bytes;
  while (end > 0 && (static_cast<uint8_t>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

bool IsId(absl::string_view text) {
  if (text.empty() || text.size() > 63 || text.front() == '-' || text.back() == '-') return false;
  for (const char c : text) {
    if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-') return false;
  }
  return true;
}

std::string IdProblem(absl::string_view text) {
  if (text.empty()) return "must be set";
  if (IsId(text)) return "";
  return "must be an id: 1 to 63 lower-case letters, digits and dashes, with no dash first or last";
}

std::string UuidProblem(absl::string_view text) {
  if (text.empty()) return "must be set";
  if (IsUuid(text)) return "";
  return "must be a UUID: 8-4-4-4-12 hexadecimal digits";
}

std::string TextProblem(absl::string_view text, size_t max_bytes) {
  if (text.size() > max_bytes) {
    return absl::StrCat("must have at most ", max_bytes, " bytes, has ", text.size());
  }
  if (absl::StrContains(text, '\0')) return "must not contain NUL";
  if (!IsValidUtf8(text)) return "must be valid UTF-8";
  return "";
}

std::string RequiredTextProblem(absl::string_view text, size_t max_bytes) {
  return text.empty() ? "must be set" : TextProblem(text, max_bytes);
}

}  // namespace greenroom
