#include "services/base/uuid.h"

#include <openssl/sha.h>

#include <array>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/base/check.h"

namespace greenroom {

bool IsUuid(absl::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !absl::ascii_isxdigit(static_cast<unsigned char>(text[i]))) return false;
  }
  return true;
}

std::optional<std::string> CanonicalUuid(absl::string_view text) {
  if (!IsUuid(text)) return std::nullopt;
  return absl::AsciiStrToLower(text);
}

std::string UuidV5(absl::string_view namespace_uuid, absl::string_view name) {
  CHECK_THAT(IsUuid(namespace_uuid), std::string(namespace_uuid));
  std::string input;
  for (const absl::string_view part : absl::StrSplit(namespace_uuid, '-')) {
    for (size_t i = 0; i < part.size(); i += 2) {
      uint32_t byte = 0;
      (void)absl::SimpleHexAtoi(part.substr(i, 2), &byte);
      input.push_back(static_cast<char>(byte));
    }
  }
  input.append(name.data(), name.size());
  std::array<uint8_t, SHA_DIGEST_LENGTH> digest;
  SHA1(reinterpret_cast<const uint8_t*>(input.data()), input.size(), digest.data());
  digest[6] = static_cast<uint8_t>((digest[6] & 0x0f) | 0x50);
  digest[8] = static_cast<uint8_t>((digest[8] & 0x3f) | 0x80);
  const std::string hex =
      absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest.data()), 16));
  const absl::string_view view = hex;
  return absl::StrCat(view.substr(0, 8), "-", view.substr(8, 4), "-", view.substr(12, 4), "-",
                      view.substr(16, 4), "-", view.substr(20));
}

}  // namespace greenroom
