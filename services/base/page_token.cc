#include "services/base/page_token.h"

#include <openssl/sha.h>

#include <array>
#include <cstddef>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "services/base/check.h"
#include "services/base/status.h"

namespace greenroom {
namespace {

constexpr char kVersion = 1;
constexpr size_t kDigestBytes = 12;
constexpr size_t kMaxCursorBytes = 1024;

// Version and digest: what every token of this binding begins with. Parts are length-prefixed, so that no two
// bindings read the same.
std::string Prefix(const std::vector<std::string>& binding) {
  std::string text;
  for (const std::string& part : binding) absl::StrAppend(&text, part.size(), ":", part);
  std::array<uint8_t, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const uint8_t*>(text.data()), text.size(), digest.data());
  std::string prefix(1, kVersion);
  prefix.append(reinterpret_cast<const char*>(digest.data()), kDigestBytes);
  return prefix;
}

absl::Status Refused() {
  return ErrorBuilder(absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID",
                      "page_token: not a token of this list")
      .Field("page_token", "must be a next_page_token of the same method, parent and filter")
      .Build();
}

}  // namespace

std::string EncodePageToken(const std::vector<std::string>& binding, absl::string_view cursor) {
  CHECK_THAT(cursor.size() <= kMaxCursorBytes, "page cursor too long");
  return absl::WebSafeBase64Escape(absl::StrCat(Prefix(binding), cursor));
}

absl::StatusOr<std::string> DecodePageToken(const std::vector<std::string>& binding,
                                            absl::string_view token) {
  if (token.empty()) return "";
  if (token.size() > 2 * kMaxCursorBytes) return Refused();
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(token, &bytes)) return Refused();
  const std::string prefix = Prefix(binding);
  if (bytes.size() < prefix.size() || bytes.compare(0, prefix.size(), prefix) != 0) return Refused();
  return bytes.substr(prefix.size());
}

absl::StatusOr<int> PageSize(int32_t requested, int default_size, int max_size) {
  if (requested < 0) return InvalidField("page_size", "must not be negative");
  if (requested == 0) return default_size;
  return requested < max_size ? requested : max_size;
}

}  // namespace greenroom
