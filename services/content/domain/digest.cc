#include "services/content/domain/digest.h"

#include <openssl/sha.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace greenroom::content {

std::string Sha256Hex(absl::string_view text) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest), sizeof(digest)));
}

std::string DigestOf(std::initializer_list<absl::string_view> parts) {
  std::string all;
  for (absl::string_view part : parts) absl::StrAppend(&all, part.size(), ":", part);
  return Sha256Hex(all);
}

}  // namespace greenroom::content
