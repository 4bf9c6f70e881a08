#include "services/base/auth/jose.h"

#include <openssl/sha.h>

#include <cstdlib>

#include "absl/strings/escaping.h"

namespace greenroom::auth {

JsonHandle ParseObject(absl::string_view text) {
  // Without JSON_ALLOW_NUL jansson refuses \u0000, and without JSON_DISABLE_EOF_CHECK what follows the value.
  JsonHandle json(json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES, nullptr));
  if (!json_is_object(json.get())) return nullptr;
  return json;
}

std::string DumpJson(const json_t* json) {
  const std::unique_ptr<char, decltype(&std::free)> text(json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS),
                                                         &std::free);
  return text == nullptr ? std::string() : std::string(text.get());
}

std::optional<std::string> StringAt(const json_t* object, const char* key) {
  const json_t* const value = json_object_get(object, key);
  if (!json_is_string(value)) return std::nullopt;
  return std::string(json_string_value(value), json_string_length(value));
}

std::string Base64UrlEncode(absl::string_view bytes) { return absl::WebSafeBase64Escape(bytes); }

std::optional<std::string> Base64UrlDecode(absl::string_view text) {
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(text, &bytes)) return std::nullopt;
  if (Base64UrlEncode(bytes) != text) return std::nullopt;
  return bytes;
}

std::string Sha256(absl::string_view bytes) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

}  // namespace greenroom::auth
